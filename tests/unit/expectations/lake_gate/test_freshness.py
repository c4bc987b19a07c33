"""Of which day the newest extract is, and what did not come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from expectations.checks.model import CheckResult
from expectations.lake_gate.freshness import freshness_checks, stale_sources

MakeRow = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("as_of", "status", "blocks"),
    [
        ("2025-03-03", "passed", False),  # tonight's extract
        ("2025-03-04", "failed", False),  # the first night without one: say so
        ("2025-03-10", "failed", False),  # seven days old
        ("2025-03-11", "failed", True),  # eight days old: nobody must take it for tonight's
    ],
)
def test_an_old_extract_warns_then_blocks(
    as_of: str, status: str, blocks: bool, ledger_row: MakeRow
) -> None:
    (result,) = freshness_checks([ledger_row()], date.fromisoformat(as_of), max_stale_days=7)
    assert (result.status, result.blocks) == (status, blocks)


def test_an_extract_equal_to_the_one_before_is_a_delivery(ledger_row: MakeRow) -> None:
    rows = [ledger_row(), ledger_row("2025-03-04", status="duplicate")]
    (result,) = freshness_checks(rows, date(2025, 3, 4), max_stale_days=7)
    assert result.status == "passed"


def test_a_source_without_dated_files_has_no_freshness(ledger_row: MakeRow) -> None:
    undated = ledger_row(file_name="crm/customers.csv")
    assert freshness_checks([undated], date(2026, 1, 1), max_stale_days=7) == []


def _late(make: MakeRow, days: list[int], as_of: int, **changes: Any) -> list[CheckResult]:
    rows = [make(f"2025-03-{day:02}", file_role="tickets", **changes) for day in days]
    others = [make(f"2025-03-{as_of:02}")]  # another kind goes on, so the source is fresh
    results = freshness_checks([*rows, *others], date(2025, 3, as_of), max_stale_days=7)
    return [r for r in results if r.check_name == "file_freshness"]


@pytest.mark.parametrize(
    ("days", "as_of", "status", "why"),
    [
        ([1, 2, 3], 3, "passed", "it came"),
        ([1, 2, 3], 4, "failed", "the first night without it"),
        ([1, 8, 15], 22, "passed", "weekly: due today"),
        ([1, 8, 15], 23, "failed", "weekly: a day late is forgiven, two are not"),
        ([1, 2, 3, 13], 14, "failed", "one long gap does not make a rhythm"),
    ],
)
def test_a_kind_of_file_that_stops_is_seen_beside_those_that_go_on(
    days: list[int], as_of: int, status: str, why: str, ledger_row: MakeRow
) -> None:
    (result,) = _late(ledger_row, days, as_of)
    assert (result.status, result.blocks) == (status, False), why
    assert result.table == "crm/tickets"


def test_two_deliveries_are_no_rhythm(ledger_row: MakeRow) -> None:
    assert _late(ledger_row, [1, 2], 31) == []


def test_the_first_missed_night_says_which_day_the_source_is_of(ledger_row: MakeRow) -> None:
    rows = [ledger_row(f"2025-03-0{day}") for day in (1, 2, 3)]
    results = freshness_checks(rows, date(2025, 3, 4), max_stale_days=3)
    said = "crm: nothing came for 2025-03-04; the newest is of 2025-03-03"
    assert stale_sources(results) == [said]  # of its kinds of files nothing is said beside
    assert stale_sources(freshness_checks(rows, date(2025, 3, 3), max_stale_days=3)) == []


def test_a_night_can_be_told_to_stop_without_an_extract(ledger_row: MakeRow) -> None:
    (result,) = freshness_checks([ledger_row()], date(2025, 3, 4), max_stale_days=0)
    assert result.blocks


def test_a_weekly_source_is_not_old_between_two_extracts(ledger_row: MakeRow) -> None:
    rows = [ledger_row(f"2025-03-{day:02}") for day in (1, 8, 15)]

    def source(day: int) -> CheckResult:
        return freshness_checks(rows, date(2025, 3, day), max_stale_days=3)[0]

    assert [source(day).status for day in (21, 22, 23)] == ["passed", "passed", "failed"]
    assert [source(day).blocks for day in (24, 25)] == [False, True]  # 3 and 4 days overdue
