"""Gate 1: is it as much as usual, and is it of today.

Here: volume and freshness, from the load ledger. Not here: whether its rows add up
(`ledger_checks`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from expectations.checks import CheckResult, Severity, verdict
from expectations.lake_suite import GATE
from orchestration.lib.load_ledger import FileId, LedgerRow, file_id

# Seen: nightly extracts move by a factor of two around month ends and campaigns; the faults that
# mattered (a filter left on, a page limit, a double export) moved them by three and more.
LOWEST_SHARE, HIGHEST_SHARE = 0.4, 4.0
MIN_EARLIER_DAYS = 5  # fewer say nothing: the first night is a full export, the next ones are not
TRAILING_DAYS = 28
FEW_ROWS = 50  # seen: 3 answers where 9 are usual; below some fifty, chance alone does that
DELIVERED = ("loaded", "duplicate")  # an extract equal to the one before is a delivery too
WARN_AFTER_DAYS = 1
MIN_DAYS_OF_A_RHYTHM = 3
Counts = Mapping[date, int]


def volume_checks(ledger: Sequence[LedgerRow], published: Collection[FileId]) -> list[CheckResult]:
    """One check per kind of file: rows of each new day against the days before it."""
    counts: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    new_days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in ledger:
        if row["status"] not in DELIVERED or not row["entity"]:
            continue
        kind = (str(row["entity"]), f"{row['source_system']}/{row['file_role']}")
        counts[kind][row["extract_date"]] += row["row_count"]
        if file_id(row) not in published:
            new_days[kind].add(row["extract_date"])
    return [_volume(*kind, counts[kind], new_days[kind]) for kind in sorted(counts)]


def _volume(table: str, source: str, counts: Counts, days: Collection[date]) -> CheckResult:
    odd = [text for day in sorted(days) if (text := _out_of_line(counts, day))]
    return verdict(
        GATE,
        table,
        "volume",
        [f"{source}, {text}" for text in odd],
        checked=f"{len(days)} days",
        expected=f"{LOWEST_SHARE:.0%} to {HIGHEST_SHARE:.0%} of the days before",
        description="A file much smaller or larger than usual is seldom the whole truth",
    )


def _out_of_line(counts: Counts, day: date) -> str | None:
    """What is odd about a day, or None. It must stand out from the trailing median and from the
    same weekday before: a quiet Sunday after five working days is no fault.
    """
    first = day - timedelta(days=TRAILING_DAYS)
    earlier = {d: n for d, n in counts.items() if first <= d < day}
    if len(earlier) < MIN_EARLIER_DAYS or day - min(earlier) < timedelta(days=7):
        return None
    usual = median(earlier.values())
    if max(usual, counts[day]) < FEW_ROWS:
        return None
    same_weekday = [n for d, n in sorted(earlier.items()) if d.weekday() == day.weekday()]
    references = [usual, *same_weekday[-1:]]
    low = all(counts[day] < LOWEST_SHARE * n for n in references)
    high = all(counts[day] > HIGHEST_SHARE * n for n in references)
    return f"{day}: {counts[day]} rows, usually {usual:g}" if low or high else None


def freshness_checks(
    ledger: Sequence[LedgerRow], as_of_date: date, max_stale_days: int
) -> list[CheckResult]:
    """How old the newest extract is: of each source with dated files, and of each kind of file."""
    newest: dict[str, date] = {}
    for row in ledger:
        if row["status"] in DELIVERED and is_dated(row):
            system = str(row["source_system"])
            newest[system] = max(newest.get(system, date.min), row["extract_date"])
    results = []
    for system, day in sorted(newest.items()):
        age = (as_of_date - day).days
        severity: Severity = "error" if age > max_stale_days else "warning"
        results.append(
            verdict(
                GATE,
                system,
                "freshness",
                [f"newest extract is of {day}, {age} days before {as_of_date}"]
                if age > WARN_AFTER_DAYS
                else [],
                checked=f"newest extract of {day}",
                expected=f"at most {WARN_AFTER_DAYS} day old, never over {max_stale_days}",
                description="Old data must not pass for tonight's",
                severity=severity,
            )
        )
    return [*results, *_file_freshness(ledger, as_of_date)]


def _file_freshness(ledger: Sequence[LedgerRow], as_of_date: date) -> list[CheckResult]:
    """One check per kind of file with a rhythm: a kind that stops hides behind those that go on.

    Its rhythm is the median of its own gaps, so a monthly file is not late after a week.
    """
    days: dict[str, set[date]] = defaultdict(set)
    for row in ledger:
        if row["status"] in DELIVERED and is_dated(row):
            days[f"{row['source_system']}/{row['file_role']}"].add(row["extract_date"])
    results = []
    for kind, delivered in sorted(days.items()):
        ordered = sorted(delivered)
        if len(ordered) < MIN_DAYS_OF_A_RHYTHM:
            continue
        usual = median((b - a).days for a, b in pairwise(ordered))
        age, limit = (as_of_date - ordered[-1]).days, 2 * usual + 1
        results.append(
            verdict(
                GATE,
                kind,
                "file_freshness",
                [f"newest file is of {ordered[-1]}, {age} days before {as_of_date}"]
                if age > limit
                else [],
                checked=f"newest file of {ordered[-1]}",
                expected=f"at most {limit:g} days old, as one comes every {usual:g} days",
                description="A kind of file that stopped coming is missing from the tables",
                severity="warning",
            )
        )
    return results


def is_dated(row: LedgerRow) -> bool:
    """Whether the file lies in a folder named after a day (else its date is the run's)."""
    return str(row["extract_date"]) in str(row["file_name"]).split("/")
