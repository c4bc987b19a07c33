"""Pages are one file, show what happened, and give nothing away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from expectations.checks import KINDS, MASK, CheckResult, GateReport
from orchestration.lib.evidence import Evidence
from orchestration.lib.home import Home
from orchestration.lib.ingest import visible
from orchestration.lib.load_ledger import rows_of_files
from orchestration.lib.reports.charts import Point, bars, line
from orchestration.lib.reports.page import NBSP
from orchestration.lib.reports.quality import write_quality_page
from orchestration.lib.reports.scorecard import quarter_name, write_scorecard
from orchestration.lib.run_record import end_run, note_counts, start_run
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
FILE = dict.fromkeys(visible.LEDGER.names) | {
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
}
REFUSED = {
    "source_system": "crm",
    "file_role": "customers",
    "column_name": "Created",
    "reason": "is no day",
}


def _quality(home: Home, *results: CheckResult) -> str:
    evidence = Evidence(home.runs, "run1")
    settings = Settings("ci", home.root, home.root, pseudonym_key="secret")
    start_run(evidence, date(2025, 1, 1), settings, {"volume": "month end"})
    ledger = [FILE, OLD | {"mapping": "second", "is_first_mapping": False}, OLD]
    total, tonight = rows_of_files(ledger), rows_of_files(ledger, date(2025, 1, 1))
    note_counts(evidence, total | {f"{kind}_tonight": n for kind, n in tonight.items()})
    evidence.record_gate(GateReport("lake", len(results), results, KINDS))
    end_run(evidence, "refused", ("Gate lake: allowed_values on customers.email",))
    page = write_quality_page(
        home,
        evidence,
        pa.Table.from_pylist(ledger, schema=visible.LEDGER),
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
    assert "ignored columns: Fax" in page
    assert "<b>volume</b> (month end)" in page
    assert "(did not run)" in page  # neither dbt nor the second gate


def test_markup_in_the_data_is_inert_and_nothing_is_fetched_or_given_away(home: Home) -> None:
    page = _quality(home, CHECK)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(src|href)=|url\(|@import|https?:", page)
    assert "secret" not in page
    assert MASK in page


ROW = {
    "segmentation": "all",
    "segment": "all",
    "period_kind": "quarter",
    "period_date": date(2025, 10, 1),
    "customers_at_start_count": 100,
    "new_count": 20,
    "lost_count": 7,
    "customers_at_end_count": 110,
    "churn_rate": 0.07,
    "churn_rate_low": 0.034,
    "churn_rate_high": 0.137,
    "previous_churn_rate": None,
    "net_revenue_amount": 12345.0,
    "net_revenue_change_rate": -0.05,
    "support_cost_amount": 600.0,
    "customer_roi": 2.5,
    "previous_customer_roi": 2.0,
    "ticket_count": 40,
    "nps": 33.3,
    "nps_standard_error": 7.45,
    "nps_answer_count": 100,
    "nps_change": None,
    "csat_rate": 0.5,
    "csat_answer_count": 10,
    "ces_low_effort_rate": None,
    "ces_answer_count": 0,
}


PROGRAMME = {
    "programme_id": "P1",
    "programme_name": "Guided start",
    "segmentation": "all",
    "verdict": "not_proven",
    "verdict_reason": "interval_includes_zero",
    "treated_customer_count": 61,
    "matched_customer_count": 47,
    "effect_amount": 13.91,
    "effect_low_amount": -3.03,
    "effect_high_amount": 30.86,
    "benefit_amount": 12397.0,
    "cost_amount": 6444.0,
    "roi_rate": 0.92,
    "roi_low_rate": -1.42,
    "roi_high_rate": 3.27,
}


def _published(home: Home, *rows: dict[str, object]) -> str:
    home.versions.mkdir(parents=True)
    path = home.versions / "v.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", pa.Table.from_pylist(list(rows)))
        connection.register("programmes", pa.Table.from_pylist([PROGRAMME]))
        connection.execute("create schema cx")
        connection.execute("create table cx.fct_segment_roi as select * from rows")
        connection.execute(
            "create table cx.dim_segments as select segmentation, segment, "
            "'how it is made' as segmentation_description from rows"
        )
        connection.execute("create table cx.fct_programme_roi as select * from programmes")
        connection.execute(
            "create table cx.fct_customer_roi as select date '2025-12-31' as as_of_date"
        )
    home.current.symlink_to(path)
    return write_scorecard(home, "EUR").read_text(encoding="utf-8").replace(NBSP, " ")


def test_the_scorecard_shows_the_last_closed_quarter_with_how_sure_it_is(home: Home) -> None:
    segments = [
        ROW | {"segmentation": "country", "segment": name, "net_revenue_amount": amount}
        for name, amount in (("Japan", 9000.0), ("Brazil", 3000.0))
    ]
    month = ROW | {"period_kind": "month"}
    page = _published(home, ROW, month, *segments)
    assert "Q4 2025" in page and "EUR" in page
    assert "<b>7.0 %</b>" in page and "3.4 % to 13.7 %; – the quarter before" in page
    assert "± 14.6, n = 100" in page  # 1.96 × 7.45
    assert "−5.0 % on the quarter before" in page
    assert "<b>5.00</b>support cost per customer" in page  # 600 over 100 there and 20 new
    assert page.index("Japan") < page.index("Brazil")
    assert 'style="width: 75.0%"' in page  # 9000 of 12000
    assert not re.search(r"(src|href)=|url\(|@import|https?:", page)


def test_a_programme_stands_with_its_verdict_the_reason_and_how_sure_it_is(home: Home) -> None:
    page = _published(home, ROW)
    assert 'class="warn">not proven<div class="soft">interval includes zero</div>' in page
    assert "−3.03 to 30.86" in page and "−1.42 to 3.27" in page
    assert '47 <span class="soft">of 61</span>' in page


def test_a_company_without_a_closed_quarter_gets_a_page_all_the_same(home: Home) -> None:
    page = _published(home, ROW | {"period_kind": "month"})
    assert "No quarter is closed yet." in page


def test_charts_keep_zero_in_sight_and_break_where_nothing_is_known() -> None:
    points = [Point("a", 10), Point("b", None), Point("c", -5), Point("d", 5)]
    drawn = line(points, "T & T", str)
    assert drawn.count("<polyline") == 2  # a, then c to d
    assert 'aria-label="T &amp; T: a 10; b –; c -5; d 5"' in drawn
    assert bars(points, "T", str).count("<rect") == 3
    assert "<svg" in line([], "nothing yet", str)


def test_quarters_have_names() -> None:
    assert [quarter_name(date(2025, m, 1)) for m in (1, 4, 12)] == ["Q1 2025", "Q2 2025", "Q4 2025"]
