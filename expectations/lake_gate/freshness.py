"""Gate 1: is it of today, or has something not come?

Here: freshness of each source and of each kind of its files, from the load ledger. Not here: how
much came (`delivery`).

A source or kind has a rhythm, the median of its own gaps: what comes every night is late on the
first night without it, what comes every month is not late after a week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from statistics import median

from expectations.checks.model import CheckResult, Severity, verdict
from expectations.lake_gate.contract_suite import GATE
from expectations.lake_gate.volume import DELIVERED
from orchestration.lib.lake.load_summary import LedgerRow

MIN_DAYS_OF_A_RHYTHM = 3
NIGHTLY = (
    1.0  # taken of a source too new to have a rhythm: then a missing night is said, not hidden
)
GRACE = 7  # a weekly file may be a day late, a monthly one four: a seventh of the rhythm
CHECKS = ("freshness", "file_freshness")


def freshness_checks(
    ledger: Sequence[LedgerRow], as_of_date: date, max_stale_days: int
) -> list[CheckResult]:
    """One check per source with dated files, and one per kind of file that has a rhythm."""
    sources: dict[str, set[date]] = defaultdict(set)
    kinds: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in ledger:
        if row["status"] in DELIVERED and is_dated(row):
            system = str(row["source_system"])
            sources[system].add(row["extract_date"])
            kinds[system, str(row["file_role"])].add(row["extract_date"])
    results = [
        _of_source(system, sorted(days), as_of_date, max_stale_days)
        for system, days in sorted(sources.items())
    ]
    # Beside the newest day of the source: that all of it is missing is said once, above.
    results += [
        _of_kind(f"{system}/{role}", sorted(days), max(sources[system]))
        for (system, role), days in sorted(kinds.items())
        if len(days) >= MIN_DAYS_OF_A_RHYTHM
    ]
    return results


def stale_sources(results: Sequence[CheckResult]) -> list[str]:
    """What did not come, in sentences: of the results of the first gate."""
    return [
        f"{result.table}: {result.observed}"
        for result in results
        if result.check_name in CHECKS and result.status == "failed"
    ]


def _of_source(
    system: str, days: Sequence[date], as_of_date: date, max_stale_days: int
) -> CheckResult:
    usual = _rhythm(days)
    overdue = _overdue(days[-1], as_of_date, usual)
    severity: Severity = "error" if overdue > max_stale_days else "warning"
    return verdict(
        GATE,
        system,
        "freshness",
        [f"nothing came for {as_of_date}; the newest is of {days[-1]}"]
        if _is_late(overdue, usual)
        else [],
        checked=f"newest extract of {days[-1]}",
        expected=f"an extract every {_days(usual)}, never over {_days(max_stale_days)} late",
        description="Old data must not pass for tonight's",
        severity=severity,
    )


def _of_kind(kind: str, days: Sequence[date], newest: date) -> CheckResult:
    usual = _rhythm(days)
    return verdict(
        GATE,
        kind,
        "file_freshness",
        [f"newest file of {days[-1]}, others of {newest}"]
        if _is_late(_overdue(days[-1], newest, usual), usual)
        else [],
        checked=f"newest file of {days[-1]}",
        expected=f"a file every {_days(usual)}",
        description="A kind of file that stopped coming is missing from the tables",
        severity="warning",
    )


def _rhythm(days: Sequence[date]) -> float:
    """Days from one delivery to the next."""
    if len(days) < MIN_DAYS_OF_A_RHYTHM:
        return NIGHTLY
    return float(median((b - a).days for a, b in pairwise(days)))


def _overdue(last: date, today: date, usual: float) -> float:
    """Deliveries are due one rhythm after the last; on that day they are 1 day overdue."""
    return (today - last).days - usual + 1


def _is_late(overdue: float, usual: float) -> bool:
    return overdue >= 1 and overdue > usual // GRACE


def _days(number: float) -> str:
    return "day" if number == 1 else f"{number:g} days"


def is_dated(row: LedgerRow) -> bool:
    """Whether the file lies in a folder named after a day (else its date is the run's)."""
    return str(row["extract_date"]) in str(row["file_name"]).split("/")
