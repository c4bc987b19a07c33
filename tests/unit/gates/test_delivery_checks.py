"""How much came, and of which day: odd once, then the new usual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from expectations.checks import CheckResult
from expectations.delivery_checks import freshness_checks, volume_checks
from orchestration.lib.load_ledger import file_id

MakeRow = Callable[..., dict[str, Any]]


def _days(make: MakeRow, counts: list[int], first: str = "2025-03-03") -> list[dict[str, Any]]:
    start = date.fromisoformat(first)  # 2025-03-03 is a Monday
    return [
        make((start + timedelta(days=i)).isoformat(), row_count=n) for i, n in enumerate(counts)
    ]


@pytest.mark.parametrize(
    ("counts", "blocks", "why"),
    [
        ([100] * 7 + [39], True, "39 % of usual"),
        ([100] * 7 + [41], False, "41 % of usual"),
        ([100] * 7 + [401], True, "four times as much and more"),
        ([100] * 7 + [399], False, "just under four times as much"),
        ([100] * 5 + [10], False, "the first Saturday: no weekend seen before"),
        ([100] * 5 + [10, 10] + [100] * 5 + [10], False, "as quiet as the Saturday before"),
        ([100] * 5 + [50, 50] + [100] * 5 + [10], True, "a fifth of the Saturday before"),
        ([9000] + [100] * 7, False, "the first night is a full export"),
        ([9] * 7 + [3], False, "so few rows that chance alone does that"),
        ([100] * 4, False, "too few days to judge"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_volume_is_judged_by_the_days_before(
    counts: list[int], blocks: bool, why: str, ledger_row: MakeRow
) -> None:
    rows = _days(ledger_row, counts)
    published = {file_id(row) for row in rows[:-1]}
    (result,) = volume_checks(rows, published)
    assert result.blocks is blocks, why


def test_every_day_not_yet_published_is_judged_not_only_the_last(ledger_row: MakeRow) -> None:
    rows = _days(ledger_row, [100] * 7 + [5, 100])
    (result,) = volume_checks(rows, {file_id(row) for row in rows[:7]})
    assert result.observed == "crm/customers, 2025-03-10: 5 rows, usually 100"


@pytest.mark.parametrize(
    ("as_of", "status", "blocks"),
    [
        ("2025-03-04", "passed", False),  # yesterday's extract
        ("2025-03-05", "failed", False),  # two days old: say so
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
    (result,) = freshness_checks(rows, date(2025, 3, 5), max_stale_days=7)
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
        ([1, 2, 3], 6, "passed", "3 days old where 2 x 1 + 1 are allowed"),
        ([1, 2, 3], 7, "failed", "4 days old"),
        ([1, 8, 15], 30, "passed", "weekly: 15 days, 2 x 7 + 1 allowed"),
        ([1, 8, 15], 31, "failed", "weekly: 16 days"),
        ([1, 2, 3, 13], 16, "passed", "one long gap does not make a rhythm: 3 days"),
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
