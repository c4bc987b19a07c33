"""Gate 2: what changed against the version analysts read now.

Here: row counts and headline figures side by side. Not here: today's rows by themselves
(`mart_suite`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from expectations.checks.model import CheckResult, Severity, verdict
from expectations.checks.thresholds import HISTORY, MOST_LOST, is_cut
from expectations.mart_gate.mart_suite import GATE

# Seen: marts grow by a fraction of a percent a night and lose rows only when records merge. Lists
# of a few dozen rows swing by themselves and are left out.
USUAL = (0.95, 1.5)
BEARABLE = (0.4, 4.0)
SMALL_TABLE = 100
MAX_METRIC_CHANGE = 0.25  # seen: under 3 % a night, under 15 % at a month's turn
# Revenue of closed months is over: it is corrected by single bills, never by a quarter of it.
MUST_STAY = frozenset({"net_revenue_12m_amount"})


def row_count_drift(
    before: Mapping[str, int], now: Mapping[str, int], may_be_empty: Collection[str] = ()
) -> list[CheckResult]:
    """One check per table in both versions: its rows tonight against the published ones.

    However small it is, a table analysts read rows in does not become empty unnoticed, unless it is
    one of those that `may_be_empty`. A table of things that happened must not shrink, small or not.
    """
    return [
        _drift(table, before[table], now[table])
        for table in sorted(before.keys() & now.keys())
        if max(before[table], now[table]) >= SMALL_TABLE
        or (table in HISTORY and is_cut(before[table], now[table]))
        or (before[table] and table not in may_be_empty and not now[table])
    ]


def metric_drift(before: Mapping[str, float], now: Mapping[str, float]) -> list[CheckResult]:
    """One verdict on all headline figures that moved a lot, or are gone: a warning, but for those
    that must stay what they are and fell.
    """
    moved = {
        name: f"{before[name]:g}, now {now[name]:g}"
        for name in sorted(before.keys() & now.keys())
        if abs(now[name] - before[name]) > MAX_METRIC_CHANGE * abs(before[name])
    }
    moved |= {name: f"{before[name]:g}, now unknown" for name in sorted(before.keys() - now.keys())}
    fell = [n for n in moved if n in MUST_STAY and now.get(n, -inf) < before[n]]
    return [
        verdict(
            GATE,
            "candidate",
            "metric_drift",
            [f"{name}: {text}" for name, text in moved.items()],
            checked=f"{len(before)} figures",
            expected=f"within {MAX_METRIC_CHANGE:.0%} of the published ones",
            description="A headline figure that jumps overnight is looked at before it is believed",
            severity="error" if fell else "warning",
        )
    ]


def _drift(table: str, before: int, now: int) -> CheckResult:
    is_history = table in HISTORY
    lowest = 1 - MOST_LOST if is_history else BEARABLE[0]
    bearable = BEARABLE[0] * before <= now <= BEARABLE[1] * before
    bearable = bearable and not (is_history and is_cut(before, now))
    usual = bearable and USUAL[0] * before <= now <= USUAL[1] * before
    odd: Severity = "warning" if bearable or table.startswith("rpt_") else "error"
    return verdict(
        GATE,
        table,
        "row_count_drift",
        [] if usual else [f"{before} rows published, now {now}"],
        checked=f"{now} rows",
        expected=f"{USUAL[0]:.0%} to {USUAL[1]:.0%} of the published rows, "
        f"never outside {lowest:.0%} to {BEARABLE[1]:.0%}",
        description="What happened stays; a table of it that shrinks has lost part of a file"
        if is_history
        else "A table much smaller or larger than yesterday's",
        severity="error" if usual else odd,
    )
