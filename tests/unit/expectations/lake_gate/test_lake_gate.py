"""The first gate as a whole: every kind of check has its say, and a person can vouch for some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from expectations.checks.model import GateReport
from expectations.gates import check_lake
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import lake_columns
from orchestration.lib.lake.load_summary import Judged, file_id
from tests.unit.expectations.candidates import blocking, reasons_against

MakeRow = Callable[..., dict[str, Any]]
Make = Callable[..., Path]
DAY = date(2025, 3, 3)


def _check(
    make: Make,
    *ledger: dict[str, Any],
    published: Mapping[Any, Judged] | None = None,
    accepted: Mapping[str, str] | None = None,
    as_of_date: date = DAY,
) -> GateReport:
    """A lake that holds the customers the ledger says were loaded."""
    columns = lake_columns(load_contracts()["customers"])
    create = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    rows = sum(row["record_count"] for row in ledger if row["entity"] == "customers")
    database = make(
        f"create table customers ({create})",
        "insert into customers (customer_id, customer_kind) "
        f"select 'c' || range, 'person' from range({rows})",
    )
    return check_lake(
        database,
        ledger=ledger,
        published=published or {},
        unread=[],
        refusals={"b-2025-03-03": "name is missing"},
        lookups=[],
        full_extracts=set(),
        holidays=set(),
        marking=set(),
        as_of_date=as_of_date,
        max_stale_days=3,
        accepted=accepted or {},
    )


def test_a_lake_in_order_passes(database: Make, ledger_row: MakeRow) -> None:
    report = _check(database, ledger_row())
    assert reasons_against(report) == []
    names = {r.check_name for r in report.results}
    assert names >= {"volume", "empty_file", "correction", "freshness", "rows_accounted", "range"}


def test_a_row_that_became_several_is_counted_by_its_records(
    database: Make, ledger_row: MakeRow
) -> None:
    """98 rows made 150 records, and 150 are in the lake; the file still had 100 rows."""
    assert reasons_against(_check(database, ledger_row(record_count=150))) == []


def test_a_cut_correction_blocks_until_a_person_vouches_for_it(
    database: Make, ledger_row: MakeRow
) -> None:
    cut = {"row_count": 46, "loaded_count": 44, "file_row_count": 46}
    rows = [
        ledger_row(status="superseded", loaded_count=0, content_sha256="whole"),
        ledger_row(version=2, content_sha256="cut", **cut),
    ]
    published = {(*file_id(rows[0]), "customers"): Judged(98, 1)}
    report = _check(database, *rows, published=published)
    assert set(blocking(report)) == {"correction"}
    report = _check(database, *rows, published=published, accepted={"correction": "a test file"})
    assert reasons_against(report) == []


def test_a_missed_night_is_published_and_said(database: Make, ledger_row: MakeRow) -> None:
    report = _check(database, ledger_row(), as_of_date=date(2025, 3, 4))
    assert reasons_against(report) == []
    assert [r.check_name for r in report.results if r.status != "passed"] == ["freshness"]


def test_an_entity_that_only_ever_sent_headings_can_be_lived_with(
    database: Make, ledger_row: MakeRow
) -> None:
    """A company without programmes: vouched for once, and published from then on."""
    nothing = dict.fromkeys(("row_count", "loaded_count", "quarantined_count"), 0)
    empty = ledger_row(
        entity="programmes",
        file_role="programmes",
        file_name="crm/2025-03-03/programmes.csv",
        mapping="programmes",
        file_row_count=0,
        duplicate_count=0,
        **nothing,
    )
    assert set(blocking(_check(database, ledger_row(), empty))) == {"empty_file"}
    published = {(*file_id(empty), "programmes"): Judged(0, 0)}
    assert reasons_against(_check(database, ledger_row(), empty, published=published)) == []


def test_a_night_on_which_nobody_rated_a_ticket_passes(database: Make, ledger_row: MakeRow) -> None:
    """The second mapping of a file may concern none of its rows, as often as that happens."""
    ratings = ledger_row(
        entity="survey_responses",
        mapping="ratings",
        is_first_mapping=False,
        **dict.fromkeys(("row_count", "loaded_count", "quarantined_count", "duplicate_count"), 0),
        skipped_count=100,
    )
    assert reasons_against(_check(database, ledger_row(), ratings)) == []
    first = ledger_row() | dict.fromkeys(("row_count", "loaded_count", "quarantined_count"), 0)
    first |= {"duplicate_count": 0, "skipped_count": 100}
    assert "rows_left_out" in blocking(_check(database, first))


def test_a_column_that_is_gone_blocks_until_a_person_vouches_for_it(
    database: Make, ledger_row: MakeRow
) -> None:
    before = ledger_row("2025-03-02", absent_columns=[])
    tonight = ledger_row(absent_columns=["Plan"])
    report = _check(database, before, tonight)
    assert set(blocking(report)) == {"column_lost"}
    report = _check(database, before, tonight, accepted={"column_lost": "sold no plans"})
    assert reasons_against(report) == []


def test_a_refused_file_says_why(database: Make, ledger_row: MakeRow) -> None:
    report = _check(database, ledger_row(loaded_count=89, quarantined_count=10))
    assert blocking(report)["quarantine_rate"].observed.endswith(
        "the first because name is missing"
    )
