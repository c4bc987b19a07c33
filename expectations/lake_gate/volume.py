"""Gate 1: as many rows as usual?

Here: rows of each new day of a kind of file against its own days before. Not here: files without
rows, files sent again and whole lists (`delivery`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from math import log1p, sqrt
from statistics import median
from typing import NamedTuple

from expectations.checks.model import CheckResult, verdict
from expectations.lake_gate.contract_suite import GATE
from orchestration.lib.lake.load_summary import FileId, LedgerRow, file_id

DELIVERED = ("loaded", "duplicate")  # an extract equal to the one before is a delivery too
TRAILING_DAYS = 56  # eight of each weekday
FEWEST_DAYS = 2
# Seen: the same weekdays of a busy extract differ by 10 to 20 % (standard deviation of logarithms).
# Of a weekday not seen before only the other days speak, which differ more.
LEAST_SPREAD, UNSEEN_SPREAD = 0.15, 0.3
STOP, WARN = 4.0, 3.0  # standard deviations
# More than usual is a campaign as often as a fault, and is seen in what it does to the figures; a
# file exported twice with its history is four times as much and more.
MANY = 4.0
FRIDAY = 4  # from here on some week-end begins
Counts = Mapping[date, int]


class Usual(NamedTuple):
    """What a day is held against: rows, and by how much such days differ (logarithms).

    `is_of_weekday`: known of the weekday; else only what is far off is said.
    """

    rows: float
    spread: float
    is_of_weekday: bool


def volume_checks(
    ledger: Sequence[LedgerRow],
    published: Collection[FileId],
    holidays: Collection[date] = frozenset(),
) -> list[CheckResult]:
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
    return [_volume(*kind, counts[kind], new_days[kind], holidays) for kind in sorted(counts)]


def _volume(
    table: str, source: str, counts: Counts, days: Collection[date], holidays: Collection[date]
) -> CheckResult:
    stops, warnings = [], []
    for day in sorted(days):
        usual = usual_rows(counts, day, holidays)
        if usual is None:
            continue
        away = distance(counts[day], usual)
        said = (
            f"{source}, {day}: {counts[day]:,} rows, usually {usual.rows:,.0f} "
            f"({abs(away):.1f} times as far off as such days are)"
        )
        is_closed = closed(day, holidays)
        # Four times as much, and more than chance makes of so many.
        is_multiple = sqrt(counts[day]) - sqrt(MANY * usual.rows) > 1
        if (away < -STOP and not is_closed) or (away > STOP and is_multiple):
            stops.append(said)
        elif usual.is_of_weekday and abs(away) > (STOP if is_closed else WARN):
            warnings.append(said)
    return verdict(
        GATE,
        table,
        "volume",
        [*stops, *warnings],
        checked=f"{len(days)} days",
        expected=f"within {STOP:g} deviations of the same weekdays before, or up to {MANY:g} times",
        description="A file much smaller or larger than usual is seldom the whole truth",
        severity="error" if stops or not warnings else "warning",
    )


def closed(day: date, holidays: Collection[date]) -> bool:
    """A holiday, or the day after one, whose extract tells of it."""
    return day in holidays or day - timedelta(days=1) in holidays


def usual_rows(counts: Counts, day: date, holidays: Collection[date]) -> Usual | None:
    """The same weekday of the eight weeks before; None where too little is known.

    Days by holidays are left out, and so is the first of all, a full export as a rule. Before its
    weekday was seen once, a working day is held against all days, Fridays to Sundays against none.
    """
    first = day - timedelta(days=TRAILING_DAYS)
    known = sorted(d for d in counts if d < day and not closed(d, holidays))[1:]
    earlier = [d for d in known if d >= first]
    if len(earlier) < FEWEST_DAYS:
        return None
    by_weekday: dict[int, list[int]] = defaultdict(list)
    for d in earlier:
        by_weekday[d.weekday()].append(counts[d])
    same = by_weekday.get(day.weekday())
    if same is None:
        if day.weekday() >= FRIDAY:
            return None
        return Usual(median(counts[d] for d in earlier), UNSEEN_SPREAD, False)
    middles = {weekday: median(rows) for weekday, rows in by_weekday.items()}
    apart = median(abs(log1p(counts[d]) - log1p(middles[d.weekday()])) for d in earlier)
    chance = 1 / max(median(middles.values()), 1)  # what counting alone makes of it, squared
    spread = sqrt(max((1.4826 * apart) ** 2 - chance, 0))
    return Usual(middles[day.weekday()], max(LEAST_SPREAD, spread), True)


def distance(rows: int, usual: Usual) -> float:
    """How far off in standard deviations.

    Square roots of counts deviate by chance by a half, however many there are (Anscombe 1948);
    beside chance, days differ by `spread` × their number.
    """
    deviation = sqrt(1 + usual.rows * usual.spread**2)
    return 2 * (sqrt(rows + 0.375) - sqrt(usual.rows + 0.375)) / deviation
