"""What came before and is gone now: rows of a file sent again, columns, whole lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from expectations.lake_gate.delivery import (
    columns_lost,
    corrections,
    empty_files,
    full_extract,
)
from orchestration.lib.lake.load_summary import Judged, file_id

MakeRow = Callable[..., dict[str, Any]]


def _again(make: MakeRow, rows: int, **changes: Any) -> list[dict[str, Any]]:
    """A whole export of 6,587 rows that was published, and the same file sent again."""
    name = "native/2025-03-03/transactions.csv"
    first = make(file_name=name, status="superseded", loaded_count=0, skipped_count=6587)
    counts = {"loaded_count": rows, "duplicate_count": 0, "quarantined_count": 0}
    again = make(file_name=name, version=2, content_sha256="again", **counts)
    return [first, again | changes]


def _published(make: MakeRow, rows: int = 6587) -> dict[Any, Judged]:
    first, _ = _again(make, rows)
    return {(*file_id(first), "customers"): Judged(rows, 0)}


@pytest.mark.parametrize(
    ("rows", "blocks", "why"),
    [
        (6587, False, "as many as before"),
        (7000, False, "more"),
        (6390, False, "197 rows, 2.99 %, taken back"),
        (6389, True, "198 rows, 3.01 %"),
        (2965, True, "the file was cut at 45 %"),
        (0, True, "headings alone"),
    ],
)
def test_a_file_sent_again_does_not_lose_what_it_replaces(
    rows: int, blocks: bool, why: str, ledger_row: MakeRow
) -> None:
    """One day is enough: the file of a first whole export has no usual days before it."""
    result = corrections(_again(ledger_row, rows), _published(ledger_row))
    assert result.blocks is blocks, why


def test_a_cut_correction_is_named_with_what_it_replaces(ledger_row: MakeRow) -> None:
    result = corrections(_again(ledger_row, 2965), _published(ledger_row))
    assert result.observed == ("native/2025-03-03/transactions.csv: 2,965 rows, 6,587 published")


@pytest.mark.parametrize(
    ("before", "now", "blocks", "why"),
    [
        (10, 5, False, "five rows may be withdrawn, however few there are"),
        (10, 4, True, "six of ten"),
        (2, 0, False, "two test orders withdrawn"),
        (3, 0, True, "nothing left of three"),
    ],
)
def test_a_small_file_may_lose_a_few_rows(
    before: int, now: int, blocks: bool, why: str, ledger_row: MakeRow
) -> None:
    result = corrections(_again(ledger_row, now), _published(ledger_row, before))
    assert result.blocks is blocks, why


def test_a_correction_is_compared_with_what_analysts_read(ledger_row: MakeRow) -> None:
    """Not with an attempt between, which was cut too and never published."""
    rows = _again(ledger_row, 2965)
    attempt = rows[0] | {"content_sha256": "attempt", "version": 2, "file_row_count": 2900}
    assert corrections([*rows, attempt], _published(ledger_row)).blocks
    assert not corrections(rows, {}).blocks  # nothing was published of it
    published = _published(ledger_row) | {(*file_id(rows[1]), "customers"): Judged(2965, 0)}
    assert not corrections(rows, published).blocks  # vouched for, and published since


def test_the_cut_content_back_again_is_judged_again(ledger_row: MakeRow) -> None:
    """It was published once, replaced, and comes back: then it is no longer what analysts read."""
    rows = _again(ledger_row, 2965)
    published = _published(ledger_row) | {(*file_id(rows[1]), "customers"): Judged(0, 0)}
    assert corrections(rows, published).blocks


def test_a_correction_equal_to_the_file_before_it_keeps_its_rows(ledger_row: MakeRow) -> None:
    same = {"status": "duplicate", "loaded_count": 0, "duplicate_count": 6587}
    assert not corrections(_again(ledger_row, 0, **same), _published(ledger_row)).blocks


@pytest.mark.parametrize(
    ("counts", "status", "blocks", "why"),
    [
        ([9, 0], "failed", False, "a quiet day of what had rows before"),
        ([0, 9], "failed", True, "the first of its kind"),
        ([0, 0], "failed", True, "there never was one with rows"),
        ([9, 3], "passed", False, "rows"),
    ],
)
def test_a_file_without_rows_is_said_and_blocks_if_it_is_the_first(
    counts: list[int], status: str, blocks: bool, why: str, ledger_row: MakeRow
) -> None:
    rows = [ledger_row(f"2025-03-0{day}", row_count=100) for day in (3, 4)]
    for row, count in zip(rows, counts, strict=True):
        row["file_row_count"] = count
    result = empty_files(rows, set())
    assert (result.status, result.blocks) == (status, blocks), why
    known = empty_files(rows, {file_id(row) for row in rows})
    assert known.status == "passed"  # judged when it was new


def test_an_empty_file_says_what_it_is(ledger_row: MakeRow) -> None:
    result = empty_files([ledger_row(file_row_count=0)], set())
    assert result.observed == (
        "crm/2025-03-03/customers.csv has no rows, nor had any of its kind before"
    )


@pytest.mark.parametrize(
    ("before", "now", "name", "blocks", "why"),
    [
        ([[]], ["Plan"], "customers.csv", True, "gone from the only file"),
        ([["Plan"]], ["Plan"], "customers.csv", False, "never there"),
        ([["Plan"], []], ["Plan"], "customers.csv", False, "one of two files had it"),
        ([None], ["Plan"], "customers.csv", False, "read before it was noted"),
        ([], ["Plan"], "customers.csv", False, "the first of its kind"),
        ([[]], ["Plan"], "customers.jsonl", False, "keys come and go"),
        ([[]], ["Plan"], "customers_extra.csv", False, "another file beside it"),
        ([["Plan"]], [], "customers.csv", False, "a new column"),
    ],
)
def test_a_column_the_day_before_had_is_missed(
    before: list[list[str] | None],
    now: list[str],
    name: str,
    blocks: bool,
    why: str,
    ledger_row: MakeRow,
) -> None:
    rows = [
        ledger_row(
            "2025-03-01",
            file_name=f"crm/{i}/{name.replace('_extra', '')}",
            absent_columns=absent,
        )
        for i, absent in enumerate(before)
    ]
    tonight = ledger_row(
        "2025-03-02", file_name=f"crm/9/{name}", absent_columns=now, unknown_columns=["Tariff"]
    )
    result = columns_lost([*rows, tonight], {file_id(row) for row in rows})
    assert result.blocks is blocks, why
    if blocks:
        assert "lacks Plan, there on 2025-03-01; it has the unknown Tariff" in str(result)
    assert not columns_lost([*rows, tonight], {file_id(r) for r in (*rows, tonight)}).blocks


@pytest.mark.parametrize(
    ("rows", "refused", "severity", "words"),
    [
        (98, 0, None, ""),
        (60, 0, "error", "crm/customers, 2025-03-04: 60 rows, 100 on 2025-03-03"),
        (60, 1, "warning", "2025-03-04: 1 rows or files refused, so nothing that is missing"),
    ],
)
def test_a_full_extract_that_shrank_stops_before_what_is_missing_is_gone(
    ledger_row: MakeRow, rows: int, refused: int, severity: str | None, words: str
) -> None:
    days = [
        ledger_row("2025-03-03", quarantined_count=0),
        ledger_row("2025-03-04", file_row_count=rows, quarantined_count=refused),
    ]
    result = full_extract(days, set(), {("crm", "customers")})
    assert (result.status == "failed") == bool(severity) and words in result.observed
    assert result.blocks == (severity == "error")
    assert full_extract(days, set(), set()).status == "passed"  # nobody says that it is whole
    assert full_extract(days, {file_id(d) for d in days}, {("crm", "customers")}).status == (
        "passed"  # vouched for, and published since
    )
