"""How many rows are usual: too few stop a night, and what ordinary years bring does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from expectations.checks.model import CheckResult
from expectations.lake_gate.volume import distance, usual_rows, volume_checks
from orchestration.lib.lake.load_summary import file_id

MakeRow = Callable[..., dict[str, Any]]
MONDAY = date(2025, 3, 3)
WEEK = [100] * 5 + [10, 10]


def said(result: CheckResult) -> str:
    return result.severity if result.status == "failed" else "nothing"


def judged(
    make: MakeRow, counts: list[int], first: date = MONDAY, holidays: frozenset[date] = frozenset()
) -> CheckResult:
    """The last of so many days in a row."""
    rows = [
        make((first + timedelta(days=i)).isoformat(), row_count=n) for i, n in enumerate(counts)
    ]
    (result,) = volume_checks(rows, {file_id(row) for row in rows[:-1]}, holidays)
    return result


@pytest.mark.parametrize(
    ("counts", "outcome", "why"),
    [
        ([9000] + [500] * 7 + [205], "error", "59 % less than usual"),
        ([9000] + [500] * 7 + [250], "warning", "half"),
        ([9000] + [500] * 7 + [400], "nothing", "a fifth less"),
        ([900] + [49] * 14 + [5], "error", "5 rows where 49 are usual"),
        ([90] + [9] * 14 + [3], "nothing", "so few rows that chance alone does that"),
        ([9000] + [500] * 7 + [2100], "error", "more than four times as much"),
        ([900] + [9] * 14 + [40], "warning", "four times as much, as chance makes of a campaign"),
        ([9000] + [500] * 7 + [1250], "warning", "a campaign"),
        ([9000] + [500] * 7, "nothing", "the first night is a full export"),
        ([9000, 500, 500, 50], "error", "a tenth, on the fourth day"),
        ([9000, 500, 500, 350], "nothing", "a third less: Thursdays may be so"),
        ([9000, 500, 500, 500, 20], "nothing", "the first Friday: a week-end in some countries"),
        ([9000] + [500] * 4 + [20], "nothing", "the first Saturday"),
        ([9000, 50], "nothing", "one day before it is a full export"),
        (WEEK + WEEK[:5] + [10], "nothing", "as quiet as the Saturday before"),
        ([9000, *[500] * 4, 250, 250] * 2 + [500] * 5 + [40], "error", "a sixth of a Saturday"),
        (WEEK * 3 + [10], "error", "a Monday like a Saturday"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_a_day_is_held_against_its_weekday(
    counts: list[int], outcome: str, why: str, ledger_row: MakeRow
) -> None:
    assert said(judged(ledger_row, counts)) == outcome, why


def test_what_is_odd_is_said_with_numbers(ledger_row: MakeRow) -> None:
    """2 · (√5.375 − √49.375) = −9.42; a deviation is √(1 + 49 · 0.15²) = 1.45."""
    result = judged(ledger_row, [900] + [49] * 14 + [5])
    assert result.observed == (
        "crm/customers, 2025-03-18: 5 rows, usually 49 (6.5 times as far off as such days are)"
    )


@pytest.mark.parametrize("after", [0, 1])
def test_a_holiday_warns_at_most_and_teaches_nothing(after: int, ledger_row: MakeRow) -> None:
    """On the day, or the day after, whose extract tells of it; a Monday later 100 are usual."""
    counts = [900] + [100] * 20 + [10]  # the fourth Monday
    day = MONDAY + timedelta(days=21)
    holidays = frozenset({day - timedelta(days=after)})
    assert said(judged(ledger_row, counts)) == "error"
    assert said(judged(ledger_row, counts, holidays=holidays)) == "warning"
    later = dict(enumerate(counts + [100] * 7))
    usual = usual_rows(
        {MONDAY + timedelta(days=i): n for i, n in later.items()},
        day + timedelta(days=7),
        holidays,
    )
    assert usual is not None and usual.rows == 100


def test_every_day_not_yet_published_is_judged_not_only_the_last(ledger_row: MakeRow) -> None:
    rows = [
        ledger_row((MONDAY + timedelta(days=i)).isoformat(), row_count=n)
        for i, n in enumerate([100] * 7 + [5, 100])
    ]
    (result,) = volume_checks(rows, {file_id(row) for row in rows[:7]})
    assert result.observed.startswith("crm/customers, 2025-03-10: 5 rows, usually 100 ")


def year(rng: np.random.Generator, usual: float) -> tuple[dict[date, int], set[date]]:
    """Week-ends of a third, growth by half, ten holidays, a week of campaign; days differ by 12 %
    more than chance, by a gamma and not the lognormal of the rule.
    """
    days = [MONDAY + timedelta(days=i) for i in range(400)]
    holidays = set(rng.choice(np.array(days[20:]), 10, replace=False).tolist())
    level = usual * 1.5 ** (np.arange(400) / 400)
    level *= [0.3 if day.weekday() >= 5 else 1 for day in days]
    level *= [0.15 if day in holidays else 1 for day in days]
    level[200:207] *= 2.5
    counts = rng.poisson(level * rng.gamma(70, 1 / 70, 400))
    return dict(zip(days, counts.tolist(), strict=True)), holidays


@pytest.mark.parametrize("usual", [1, 9, 50, 500, 5000])
def test_an_ordinary_year_stops_no_night(usual: float, ledger_row: MakeRow) -> None:
    """Ten years of one extract: one false stop at most. A company of twenty customers is one."""
    rng = np.random.default_rng(int(usual))
    stops = 0
    for _ in range(10):
        counts, holidays = year(rng, usual)
        rows = [ledger_row(day.isoformat(), row_count=n) for day, n in counts.items() if n]
        (result,) = volume_checks(rows, set(), holidays)
        stops += said(result) == "error"
    assert stops <= 1


@pytest.mark.parametrize(("usual", "least"), [(50, 0.9), (500, 0.99), (5000, 0.99)])
def test_a_tenth_of_the_rows_stops_the_night(usual: float, least: float) -> None:
    rng = np.random.default_rng(7)
    counts, holidays = year(rng, usual)
    caught = []
    for day in sorted(counts)[70:]:
        known = usual_rows(counts, day, holidays)
        if not {day, day - timedelta(days=1)} & holidays and known is not None:
            caught.append(distance(counts[day] // 10, known) < -4)
    assert np.mean(caught) >= least
