"""Every published number of the metric definitions is the expected answer of an example here.

An overview: which example holds which number. That the models give these answers is tested where
the examples run (`test_models`); that nobody changes the number to suit a model is tested here.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
Row = dict[str, Any]

SCHEDULES = "business_minutes_of_the_published_two_schedule_ticket"
CHURN = "churn_is_the_share_of_those_there_at_the_start"
EFFORT = "published_effort_counts_and_scores_of_two_scales"
SURVIVAL = "published_remission_times_are_still_running"
MEDIAN = "half_of_the_waits_end_at_the_survival_median"
NPS = "test_half_promoters_a_third_passive_a_sixth_detractors"

# number, example, its row, the column; the number as published, to its last digit
EXAMPLES = [
    (1560.133, SCHEDULES, "changed", "first_reply_calendar_minutes"),
    (690.133, SCHEDULES, "changed", "first_reply_business_minutes"),
    (7.0, CHURN, "all", "churn_rate %"),
    (2.3981, CHURN, "all", "monthly_equivalent_churn_rate %"),
    (33.3, "published_nps_its_error_and_empty_denominators", "2025-01-01", "nps"),
    (4.08, EFFORT, "v2", "mean_score"),
    (460, EFFORT, "v2", "ces_low_effort_count"),
    (1000, EFFORT, "v2", "ces_answer_count"),
    (10.0, "earned_growth_of_the_literature", "vector", "earned_growth_rate %"),
    (33, "earned_growth_of_the_literature", "vector", "earned_growth_ratio %"),
    (74.87, "health_is_the_weighted_mean_of_the_components_that_are_there", "A", "health_score"),
    (0.8571, SURVIVAL, 6, "waiting_share"),
    (0.7529, SURVIVAL, 10, "waiting_share"),
    (0.4482, SURVIVAL, 23, "waiting_share"),
    (23, MEDIAN, "email", "full_resolution_median_calendar_minutes"),
]  # fmt: skip
# Numbers no table of the product holds: file, test, number as it stands there.
ELSEWHERE = [
    ("dbt/test_satisfaction_macros.py", NPS, 33.3),
    ("dbt/test_satisfaction_macros.py", NPS, 7.45),
    ("golden/test_survival.py", "test_log_rank_gives_the_published_statistic", 16.793),
    ("golden/test_survival.py", "test_kaplan_meier_gives_the_published_curve", 0.8571),
]  # fmt: skip


def expected(manifest: dict[str, Any], example: str) -> list[Row]:
    """The answers an example expects."""
    [found] = [u for u in manifest["unit_tests"].values() if u["name"] == example]
    rows: list[Row] = found["expect"]["rows"]
    return rows


def row_of(rows: list[Row], name: object) -> Row:
    """The first row that has this value in one of its cells."""
    return next(r for r in rows if name in r.values() or name in map(str, r.values()))


def decimals(number: float) -> int:
    return len(str(number).partition(".")[2])


@pytest.mark.parametrize(("number", "example", "row", "column"), EXAMPLES)
def test_a_published_number_is_the_answer_of_an_example(
    manifest: dict[str, Any], number: float, example: str, row: object, column: str
) -> None:
    name, _, percent = column.partition(" ")
    value = row_of(expected(manifest, example), row)[name]
    assert round(value * (100 if percent else 1), decimals(number)) == number


def test_all_schedules_of_a_ticket_would_give_another_number(manifest: dict[str, Any]) -> None:
    """What the best-known open package adds up: 959.783 before the change and 0.350 after it."""
    rows = expected(manifest, SCHEDULES)
    tickets = ("before_change", "after_change")
    parts = [row_of(rows, t)["first_reply_business_minutes"] for t in tickets]
    assert round(sum(parts), 3) == 960.133


def test_other_conventions_of_churn_from_the_same_counts(manifest: dict[str, Any]) -> None:
    """Start 100, 20 new, lost 7 old and 3 new: what others would call churn."""
    row = row_of(expected(manifest, CHURN), "all")
    start, new = row["customers_at_start_count"], row["new_count"]
    lost = row["lost_count"] + row["new_and_gone_count"]
    end = row["customers_at_end_count"] - row["reactivated_count"]
    shares = [
        lost / start,
        lost / (start + new),
        lost / ((start + end) / 2),
        (start - end) / start,
    ]
    assert [round(100 * share, 2) for share in shares] == [10.0, 8.33, 9.52, -10.0]


@pytest.mark.parametrize(("file", "test", "number"), ELSEWHERE)
def test_a_published_number_stands_in_a_test_of_python(file: str, test: str, number: float) -> None:
    module = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    [function] = [n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == test]
    literals = {n.value for n in ast.walk(function) if isinstance(n, ast.Constant)}
    assert number in literals
