"""What is said of a file is published with the tables, so it must not name who is in it.

The canary is one person: Jane Doe, jane@x.example, +49 170 1234567.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.base.messages import of_dbt, without_values
from orchestration.lib.ingest.lake_snapshot import quarantine_rows
from orchestration.lib.transform.dbt import NodeResult
from tests.unit.lab import DAY, Lab

CANARY = ("jane", "doe", "x.example", "170", "1234567")
FILE = "native/2024-03-01/customers.csv"
PERSON = "Jane Doe,jane@x.example,+49 170 1234567"
DESK = """
description: people of a desk
files:
  people:
    path: "{date}/people.csv"
    format: csv
    columns:
      "Person Id": {as: customer_id, type: text, required: true}
      "Full Name": {as: name, type: text}
mappings:
  people: {from: people, to: customers, constants: {customer_kind: person}}
"""


def assert_unnamed(*said: object) -> None:
    text = repr(said).lower()
    assert [word for word in CANARY if word in text] == []


def said_of(lab: Lab) -> object:
    """Everything about the files that leaves the lake."""
    report = lab.run()
    published = quarantine_rows(lab.lake, lab.adapters, DAY).to_pylist()
    return report.quarantined, lab.ledger(), published


@pytest.mark.parametrize(
    "content",
    [
        f"{PERSON}\n{PERSON}\n",  # no headings at all
        f"customer_id,{PERSON}\nc1,a,b,c\n",  # a line that is half headings
        f"customer_id,customer_kind,{PERSON}\nc1,person,a,b,c\n",  # loaded, with unknown columns
    ],
)
def test_headings_that_are_a_person_are_counted_not_quoted(lab: Lab, content: str) -> None:
    lab.drop(FILE, content)
    assert_unnamed(said_of(lab))


def test_a_file_without_headings_still_says_what_is_missing(lab: Lab) -> None:
    lab.drop(FILE, f"{PERSON}\n")
    lab.run()
    assert "Expected but not found: 'customer_id', 'customer_kind'" in lab.entry()["reason"]
    assert "Found but not expected: 3 headings not shown here." in lab.entry()["reason"]


def test_a_first_name_like_a_heading_is_not_taken_for_one(lab: Lab) -> None:
    """Emil is one letter from email."""
    lab.drop(FILE, "Emil,c1,person\nEmil,c2,person\n")
    lab.run()
    assert "Emil" not in lab.entry()["reason"]


def test_new_headings_are_named_where_they_are_headings_beyond_doubt(lab: Lab) -> None:
    lab.teach("desk", DESK)
    lab.drop("desk/2024-03-01/people.csv", f"Person Id,Full Name,fax,Person Name,{PERSON}\n" * 2)
    lab.run()
    assert lab.entry()["unknown_columns"] == ["fax", "Person Name", "(3 not shown)"]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("cast(name as integer)::varchar", "Conversion Error in column name"),
        ("strptime(name, '%Y')::varchar", "Invalid Input Error"),
    ],
)
@pytest.mark.parametrize("cell", ["Jane Doe", "O'Brien 'Jane' Doe", '"Jane\nDoe"'])
def test_a_mapping_that_chokes_on_a_cell_names_the_column_not_the_cell(
    lab: Lab, sql: str, says: str, cell: str
) -> None:
    lab.teach("desk", DESK, people=f"select row_number, customer_id, {sql} as name from people")
    lab.drop("desk/2024-03-01/people.csv", f"Person Id,Full Name\nc1,{cell}\n")
    assert_unnamed(said_of(lab))
    assert lab.entry()["reason"] == f"mapping people of adapter desk fails: {says}"


@pytest.mark.parametrize(
    "message",
    [
        "Could not convert string 'Jane Doe' to INT64",
        "Could not convert string 'O'Brien (Jane Doe)' to INT64",
        "Could not convert string 'Jane\nDoe' to INT64",
        'date field value out of range: "Jane Doe"',
        "Type INT64 with value 491701234567 can't be cast",
        "Overflow in (+49 170 1234567 * 2)",
    ],
)
def test_messages_of_an_engine_lose_what_they_quote(message: str) -> None:
    assert_unnamed(without_values(message))


def test_what_dbt_says_keeps_the_node_and_the_kind_of_error() -> None:
    said = of_dbt(
        "Runtime Error in model stg_a (models/stg_a.sql)\n"
        "  Conversion Error: Could not convert string 'Jane Doe' to INT32"
    )
    assert said == "Runtime Error in model stg_a (models/stg_a.sql): Conversion Error"
    assert of_dbt("Got 3 results, configured to fail if != 0") == (
        "Got 3 results, configured to fail if != 0"
    )
    assert of_dbt(None) is None


def test_no_node_of_dbt_gets_past_that() -> None:
    """Evidence, run_log and the orchestrator's own messages are all made of NodeResult."""
    from types import SimpleNamespace

    from orchestration.lib.transform.dbt import _results

    node = SimpleNamespace(
        unique_id="model.cx.a", name="a", resource_type=SimpleNamespace(value="model")
    )
    raw = SimpleNamespace(
        node=node,
        status="error",
        execution_time=0.1,
        failures=None,
        message="Database Error in model a\n  Conversion Error: 'Jane Doe'",
    )
    [result] = _results(Home(Path()), {}, raw)
    assert isinstance(result, NodeResult)
    assert_unnamed(result.message)
