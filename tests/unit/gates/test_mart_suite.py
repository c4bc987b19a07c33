"""What must not reach analysts is found in the file they would get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from expectations.checks import CheckResult, GateReport
from expectations.drift_checks import metric_drift, row_count_drift
from expectations.gate import Published, check_marts
from orchestration.lib.tables import shapes_of

GOOD = """
create table cx.fct_a as
select * from (values ('k1', 0.5, 1.5::double, 'home'), ('k2', null, 2.5::double, 'away'))
v (customer_key, churn_rate, roi_ratio, place)
"""


def _node(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "unique_id": f"model.cx_roi.{name}",
        "name": name,
        "resource_type": "model",
        "schema": "cx",
        "columns": {},
        "meta": {},
        "config": {},
        "depends_on": {"nodes": ["model.cx_roi.int_a"]},
    } | changes


KEY_TEST = {
    "resource_type": "test",
    "attached_node": "model.cx_roi.fct_a",
    "test_metadata": {"name": "unique_key", "kwargs": {"columns": ["customer_key"]}},
}
SHARE = {"churn_rate": {"name": "churn_rate", "description": "Lost ÷ all (share 0–1)"}}
MANIFEST = {
    "nodes": {"model.cx_roi.fct_a": _node("fct_a", columns=SHARE), "test.cx_roi.key": KEY_TEST}
}


def _check(
    path: Path,
    *,
    manifest: dict[str, Any] = MANIFEST,
    before: Published | None = None,
    parent_rows: int = 2,
) -> GateReport:
    found = shapes_of(path)
    return check_marts(
        path,
        manifest=manifest,
        tables={name: table.columns for name, table in found.items()},
        row_counts={"int_a": parent_rows, **{name: t.row_count for name, t in found.items()}},
        before=before,
        figures={},
        as_of_date=date(2025, 1, 2),
        accepted={},
    )


def _blocking(report: GateReport) -> dict[str, CheckResult]:
    assert report.passed != any(r.blocks for r in report.results)
    return {r.check_name: r for r in report.results if r.blocks}


@pytest.fixture
def candidate(database: Callable[..., Path]) -> Callable[..., Path]:
    return lambda *statements: database("create schema cx", GOOD, *statements)


def test_a_good_candidate_passes(candidate: Callable[..., Path]) -> None:
    report = _check(candidate())
    assert report.passed
    assert {r.check_name for r in report.results} == {
        "has_rows",
        "key",
        "range",
        "finite",
        "no_email",
        "tables_as_declared",
        "no_personal_columns",
    }


@pytest.mark.parametrize(
    ("statement", "check", "says"),
    [
        ("insert into cx.fct_a values ('k1', 0, 1, 'here')", "key", "2 of 3 rows"),
        ("update cx.fct_a set churn_rate = 1.1", "range", "2 of 2 rows"),
        ("update cx.fct_a set roi_ratio = 'nan'", "finite", "column_name=roi_ratio, row_count=2"),
        ("update cx.fct_a set roi_ratio = 'inf'", "finite", "column_name=roi_ratio, row_count=2"),
        ("delete from cx.fct_a", "has_rows", "0 rows"),
        (
            "update cx.fct_a set place = 'ask ann@example.com' where customer_key = 'k1'",
            "no_email",
            "column_name=place, row_count=1",
        ),
        ("drop table cx.fct_a", "has_rows", "not evaluated"),
        ("drop table cx.fct_a", "tables_as_declared", "fct_a is missing"),
        ("create table cx.fct_b as select 1 as x", "tables_as_declared", "fct_b belongs to no"),
        ("alter table cx.fct_a rename place to city", "no_personal_columns", "fct_a.city"),
        ("alter table cx.fct_a rename place to customer_id", "no_personal_columns", "customer_id"),
    ],
    ids=lambda text: text.split(" ")[0] if " " in text else text,
)
def test_each_fault_is_found_by_its_check(
    statement: str, check: str, says: str, candidate: Callable[..., Path]
) -> None:
    found = _blocking(_check(candidate(statement)))[check]
    assert says in f"{found.observed} {' '.join(found.sample)}"


@pytest.mark.parametrize(
    ("column", "is_refused"),
    [
        *((name, True) for name in ("requester_email", "customer_name", "contact_full_name")),
        *((name, True) for name in ("phone_number", "street_address", "birth_date", "surname")),
        *((name, False) for name in ("metric_name", "programme_name", "email_count", "segment")),
    ],
)
def test_a_column_that_sounds_personal_is_refused_whatever_it_is_called_exactly(
    column: str, is_refused: bool, candidate: Callable[..., Path]
) -> None:
    report = _check(candidate(f"alter table cx.fct_a rename place to {column}"))
    assert ("no_personal_columns" in _blocking(report)) is is_refused


def test_a_yes_or_no_about_an_address_is_no_address(candidate: Callable[..., Path]) -> None:
    assert _check(candidate("alter table cx.fct_a add column has_email boolean")).passed


def test_the_address_found_in_a_text_is_not_repeated(candidate: Callable[..., Path]) -> None:
    report = _check(candidate("update cx.fct_a set place = 'ann@example.com'"))
    assert "ann@" not in str(report)


def test_a_table_may_be_empty_if_what_it_is_made_of_is(candidate: Callable[..., Path]) -> None:
    path = candidate("delete from cx.fct_a")
    assert _check(path, parent_rows=0).passed
    optional = _node("fct_a", config={"meta": {"may_be_empty": True}})
    assert _check(path, manifest={"nodes": {"model.cx_roi.fct_a": optional}}).passed


def test_what_is_unique_among_some_rows_is_not_the_key(candidate: Callable[..., Path]) -> None:
    """Else a table would be held back for repeating what may be repeated (here: no place)."""
    kwargs = {"columns": ["place"]}
    partly = KEY_TEST | {
        "test_metadata": {"name": "unique_key", "kwargs": kwargs},
        "config": {"where": "place <> ''"},
    }
    manifest = {"nodes": {**MANIFEST["nodes"], "test.cx_roi.partly": partly}}
    assert _check(candidate("update cx.fct_a set place = ''"), manifest=manifest).passed


def test_a_column_may_declare_its_own_range(candidate: Callable[..., Path]) -> None:
    columns = {"churn_rate": {"name": "churn_rate", "config": {"meta": {"range": [-1, None]}}}}
    open_range = {"nodes": {"model.cx_roi.fct_a": _node("fct_a", columns=columns)}}
    assert _check(candidate("update cx.fct_a set churn_rate = 7"), manifest=open_range).passed
    low = candidate("update cx.fct_a set churn_rate = -2")
    assert "range" in _blocking(_check(low, manifest=open_range))


def test_free_text_may_be_published_once_its_docs_say_it_is_scrubbed(
    candidate: Callable[..., Path],
) -> None:
    path = candidate("alter table cx.fct_a rename place to comment")
    assert "no_personal_columns" in _blocking(_check(path))
    columns = {"comment": {"name": "comment", "meta": {"is_scrubbed": True}}}
    scrubbed = {"nodes": {"model.cx_roi.fct_a": _node("fct_a", columns=columns)}}
    assert _check(path, manifest=scrubbed).passed


def test_a_project_without_marts_does_not_pass(database: Callable[..., Path]) -> None:
    assert not _check(database("create schema cx"), manifest={"nodes": {}}).passed


def test_money_that_differs_between_two_tables_blocks(database: Callable[..., Path]) -> None:
    def path(billed: str) -> Path:
        months = (
            f"select {billed}::decimal(18,4) as net_revenue_amount, 1 as rateable_revenue_amount"
        )
        days = "(values (date '2025-01-02'), (date '2025-01-03')) v (business_date)"
        return database(
            "create schema cx",
            f"create table cx.fct_customer_months as {months}",
            f"create table cx.fct_transactions as select 10 as net_revenue_amount, * from {days}",
            name=f"money{billed}.duckdb",
        )

    nodes = {name: _node(name) for name in ("fct_customer_months", "fct_transactions")}
    assert _check(path("11"), manifest={"nodes": nodes}).passed  # 11 - 1 = 10 up to the day
    found = _blocking(_check(path("11.01"), manifest={"nodes": nodes}))
    assert found["billed_net_revenue"].sample == ("here=10.0100, there=10",)


def test_a_cost_booked_in_every_month_instead_of_once_blocks(database: Callable[..., Path]) -> None:
    path = database(
        "create schema cx",
        "create table cx.dim_customers (customer_key varchar, acquisition_cost_amount bigint)",
        "insert into cx.dim_customers values ('k', 50)",
        "create table cx.fct_customer_months as select * from cx.dim_customers, range(3)",
    )
    nodes = {name: _node(name) for name in ("fct_customer_months", "dim_customers")}
    found = _blocking(_check(path, manifest={"nodes": nodes}))
    assert found["acquisition_cost_booked_once"].sample == ("here=150, there=50",)


@pytest.mark.parametrize(
    ("now", "status", "blocks"),
    [
        (1000, "passed", False),
        (950, "passed", False),
        (949, "failed", False),  # 5 % fewer: look
        (1501, "failed", False),
        (399, "failed", True),  # 60 % fewer: no
        (4001, "failed", True),
    ],
)
def test_a_table_is_compared_with_the_published_one(now: int, status: str, blocks: bool) -> None:
    (result,) = row_count_drift({"fct_a": 1000}, {"fct_a": now})
    assert (result.status, result.blocks) == (status, blocks)


def test_small_tables_and_lists_do_not_block() -> None:
    assert row_count_drift({"fct_a": 3}, {"fct_a": 99}) == []
    (result,) = row_count_drift({"rpt_customers_at_risk": 500}, {"rpt_customers_at_risk": 5})
    assert (result.status, result.blocks) == ("failed", False)


def test_a_rerun_of_an_earlier_day_is_not_compared_with_a_later_one(
    candidate: Callable[..., Path],
) -> None:
    path = candidate("insert into cx.fct_a select 'x' || i, 0, 0, '' from range(200) t (i)")
    later = Published(date(2025, 1, 3), {"fct_a": 5000}, {})
    same = Published(date(2025, 1, 2), {"fct_a": 5000}, {})
    assert _check(path, before=later).passed
    assert "row_count_drift" in _blocking(_check(path, before=same))


def test_headline_figures_that_jump_or_vanish_warn() -> None:
    (result,) = metric_drift({"churn": 0.10, "nps": 40, "ltv": 5}, {"churn": 0.13, "nps": 41})
    assert result.sample == ("churn: 0.1, now 0.13", "ltv: 5, now unknown")
    assert not result.blocks
