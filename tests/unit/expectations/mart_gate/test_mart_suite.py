"""What must not reach analysts is found in the file they would get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from expectations.gates import Published
from tests.unit.expectations.candidates import blocking, check_candidate, mart_node, reasons_against

GOOD = """
create table cx.fct_a as
select * from (values ('k1', 0.5, 1.5::double, 'home'), ('k2', null, 2.5::double, 'away'))
v (customer_key, churn_rate, roi_ratio, place)
"""


SHARE = {"churn_rate": {"name": "churn_rate", "description": "Lost ÷ all (share 0–1)"}}
SOURCES = ("tickets", "contracts", "run_parameters")
MADE_OF = {
    "model.cx_roi.int_a": {
        "resource_type": "model",
        "schema": "intermediate",
        "depends_on": {"nodes": [f"source.cx_roi.lake.{entity}" for entity in SOURCES]},
    },
}
MANIFEST = {"nodes": {"model.cx_roi.fct_a": mart_node("fct_a", columns=SHARE), **MADE_OF}}


@pytest.fixture
def candidate(database: Callable[..., Path]) -> Callable[..., Path]:
    return lambda *statements: database("create schema cx", GOOD, *statements)


def test_a_good_candidate_passes(candidate: Callable[..., Path]) -> None:
    report = check_candidate(candidate(), manifest=MANIFEST)
    assert reasons_against(report) == []
    assert {r.check_name for r in report.results} == {
        "has_rows",
        "range",
        "finite",
        "no_email",
        "tables_as_declared",
        "no_personal_columns",
        "valid_answers",
    }


@pytest.mark.parametrize(
    ("statement", "check", "says"),
    [
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
    found = blocking(check_candidate(candidate(statement), manifest=MANIFEST))[check]
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
    report = check_candidate(
        candidate(f"alter table cx.fct_a rename place to {column}"), manifest=MANIFEST
    )
    assert ("no_personal_columns" in blocking(report)) is is_refused


def test_a_yes_or_no_about_an_address_is_no_address(candidate: Callable[..., Path]) -> None:
    assert (
        reasons_against(
            check_candidate(
                candidate("alter table cx.fct_a add column has_email boolean"), manifest=MANIFEST
            )
        )
        == []
    )


def test_the_address_found_in_a_text_is_not_repeated(candidate: Callable[..., Path]) -> None:
    report = check_candidate(
        candidate("update cx.fct_a set place = 'ann@example.com'"), manifest=MANIFEST
    )
    assert "ann@" not in str(report)


@pytest.mark.parametrize(
    ("meta", "parent_rows", "delivered", "is_refused"),
    [
        ({}, 2, {"tickets", "contracts"}, True),  # made of all it draws on, and nothing there
        ({}, 0, {"tickets", "contracts"}, False),
        ({}, 2, {"tickets"}, False),  # a company without contracts
        ({"rows_from": ["tickets"]}, 2, {"tickets"}, True),  # which has nothing to do with it
        ({"rows_from": ["tickets"]}, 0, {"tickets"}, True),  # lost on the way to it
        ({"rows_from": ["tickets"]}, 2, {"contracts"}, False),
        ({"rows_from": []}, 2, set(), True),
        ({"may_be_empty": True}, 2, {"tickets", "contracts"}, False),
    ],
)
def test_a_table_may_be_empty_if_the_company_lacks_what_it_is_made_of(
    meta: dict[str, Any],
    parent_rows: int,
    delivered: set[str],
    is_refused: bool,
    candidate: Callable[..., Path],
) -> None:
    nodes = {"model.cx_roi.fct_a": mart_node("fct_a", config={"meta": meta}), **MADE_OF}
    report = check_candidate(
        candidate("delete from cx.fct_a"),
        manifest={"nodes": nodes},
        parent_rows=parent_rows,
        delivered=delivered,
    )
    assert ("has_rows" in blocking(report)) is is_refused


def test_a_table_analysts_read_rows_in_does_not_become_empty(
    candidate: Callable[..., Path],
) -> None:
    """Whoever has what: the published version shows that this company had rows for it."""
    path = candidate("delete from cx.fct_a")
    before = Published(date(2025, 1, 1), {"fct_a": 2}, {})
    found = blocking(check_candidate(path, before=before, delivered=(), manifest=MANIFEST))
    assert found["row_count_drift"].observed == "2 rows published, now 0"
    optional = {
        "model.cx_roi.fct_a": mart_node("fct_a", config={"meta": {"may_be_empty": True}}),
        **MADE_OF,
    }
    assert reasons_against(check_candidate(path, manifest={"nodes": optional}, before=before)) == []


def test_a_column_may_declare_its_own_range(candidate: Callable[..., Path]) -> None:
    columns = {"churn_rate": {"name": "churn_rate", "config": {"meta": {"range": [-1, None]}}}}
    open_range = {"nodes": {"model.cx_roi.fct_a": mart_node("fct_a", columns=columns)}}
    assert (
        reasons_against(
            check_candidate(candidate("update cx.fct_a set churn_rate = 7"), manifest=open_range)
        )
        == []
    )
    low = candidate("update cx.fct_a set churn_rate = -2")
    assert "range" in blocking(check_candidate(low, manifest=open_range))


def test_free_text_may_be_published_once_its_docs_say_it_is_scrubbed(
    candidate: Callable[..., Path],
) -> None:
    path = candidate("alter table cx.fct_a rename place to comment")
    assert "no_personal_columns" in blocking(check_candidate(path, manifest=MANIFEST))
    columns = {"comment": {"name": "comment", "meta": {"is_scrubbed": True}}}
    scrubbed = {"nodes": {"model.cx_roi.fct_a": mart_node("fct_a", columns=columns)}}
    assert reasons_against(check_candidate(path, manifest=scrubbed)) == []


def test_a_project_without_marts_does_not_pass(database: Callable[..., Path]) -> None:
    assert reasons_against(check_candidate(database("create schema cx"), manifest={"nodes": {}}))


def test_a_rerun_of_an_earlier_day_is_not_compared_with_a_later_one(
    candidate: Callable[..., Path],
) -> None:
    path = candidate("insert into cx.fct_a select 'x' || i, 0, 0, '' from range(200) t (i)")
    later = Published(date(2025, 1, 3), {"fct_a": 5000}, {})
    same = Published(date(2025, 1, 2), {"fct_a": 5000}, {})
    assert reasons_against(check_candidate(path, before=later, manifest=MANIFEST)) == []
    assert "row_count_drift" in blocking(check_candidate(path, before=same, manifest=MANIFEST))
