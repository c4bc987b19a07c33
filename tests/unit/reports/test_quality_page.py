"""The quality page says what happened, is one file, and gives nothing away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from expectations.checks.model import KINDS, MASK, CheckResult, GateReport
from orchestration.lib.base.home import Home
from orchestration.lib.ingest import lake_snapshot
from orchestration.lib.lake.load_summary import rows_of_files
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.run_record import end_run, note_counts, start_run
from orchestration.lib.reports.quality_page import write_quality_page
from orchestration.settings import Settings

CHECK = CheckResult(
    gate="lake",
    table="customers",
    check_name="allowed_values",
    column="email",
    severity="error",
    status="failed",
    observed="2 of 9 rows",
    expected="one of a, b",
    failed_count=2,
    description="an example",
    sample=(MASK,),
)
FILE = dict.fromkeys(lake_snapshot.LEDGER.names) | {
    "file_name": "crm/2025-01-01/<script>alert(1)</script>.csv",
    "source_system": "crm",
    "file_role": "customers",
    "is_first_mapping": True,
    "entity": "customers",
    "extract_date": date(2025, 1, 1),
    "status": "loaded",
    "file_row_count": 1200,
    "row_count": 1198,
    "loaded_count": 1188,
    "quarantined_count": 7,
    "duplicate_count": 3,
    "skipped_count": 2,
    "unknown_columns": ["Fax"],
    "absent_columns": ["Plan"],
}
OLD = FILE | {
    "file_name": "crm/2024-12-31/customers.csv",
    "extract_date": date(2024, 12, 31),
    "file_row_count": 100,
    "row_count": 100,
    "loaded_count": 100,
    "quarantined_count": 0,
    "duplicate_count": 0,
    "skipped_count": 0,
    "unknown_columns": [],
    "absent_columns": [],
}
REFUSED = {
    "source_system": "crm",
    "file_role": "customers",
    "column_name": "Created",
    "reason": "is no day",
}


def _quality(home: Home, *results: CheckResult, file: dict[str, Any] = FILE) -> str:
    evidence = Evidence(home.runs, "run1")
    settings = Settings("ci", home.root, home.root, pseudonym_key="secret")
    start_run(evidence, date(2025, 1, 1), settings, {"volume": "month end"})
    ledger = [file, OLD | {"mapping": "second", "is_first_mapping": False}, OLD]
    total, tonight = rows_of_files(ledger), rows_of_files(ledger, date(2025, 1, 1))
    note_counts(evidence, total | {f"{kind}_tonight": n for kind, n in tonight.items()})
    evidence.record_gate(GateReport("lake", len(results), results, KINDS))
    end_run(evidence, "refused", ("Gate lake: allowed_values on customers.email",))
    page = write_quality_page(
        home,
        evidence,
        pa.Table.from_pylist(ledger, schema=lake_snapshot.LEDGER),
        pa.Table.from_pylist([REFUSED] * 7),
    )
    return page.read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_quality_page_says_what_came_in_what_was_refused_and_why(home: Home) -> None:
    page = _quality(home, CHECK, replace(CHECK, status="passed", severity="warning"))
    assert "Not published. What analysts read is unchanged." in page
    assert "Gate lake: allowed_values on customers.email" in page
    for kind, tonight, total in (
        ("rows in them", "1,200", "1,300"),
        ("rows loaded", "1,188", "1,288"),
        ("quarantined", "7", "7"),
        ("duplicates", "3", "3"),
        ("skipped", "2", "2"),
    ):
        assert f"<b>{tonight}</b><span>{kind} tonight</span><span>{total} in all</span>" in page
    cells = [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in page.split("<tr>")]
    rows = [row for row in cells if "all sources" in row]
    assert [row[2:8] for row in rows] == [
        ["1", "1,200", "1,188", "7", "3", "2"],
        ["2", "1,300", "1,288", "7", "3", "2"],
    ]
    # The file of the day before feeds a second mapping: records of it, but no more rows.
    assert ["customers", "crm", "2025-01-01", "1,188", "1,388", "7", "3"] in cells
    assert "2 checks, 1 not passed" in page.replace("<b>2</b><span>", "2 ")
    assert re.search(r"is no day</td><td class=\"n\">7</td>", page)
    assert "ignored columns: Fax; columns it lacks: Plan" in page
    assert "<b>volume</b> (month end)" in page
    assert "(did not run)" in page  # neither dbt nor the second gate


def test_absent_columns_are_named_without_an_unknown_heading_beside_them(home: Home) -> None:
    page = _quality(home, CHECK, file=FILE | {"unknown_columns": [], "absent_columns": ["Plan"]})
    cells = [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in page.split("<tr>")]
    assert ["crm", "customers", "", "Plan"] in cells
    whole = _quality(home, CHECK, file=FILE | {"unknown_columns": [], "absent_columns": []})
    assert "columns absent" not in whole  # nor is there an empty table


def test_markup_in_the_data_is_inert_and_nothing_is_fetched_or_given_away(home: Home) -> None:
    page = _quality(home, CHECK)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(src|href)=|url\(|@import|https?:", page)
    assert "secret" not in page
    assert MASK in page
