"""Of a full extract what is missing is gone from that day on; nothing else says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.adapters.model import AdapterError
from orchestration.lib.ingest.lake_snapshot import gone_batches
from tests.unit.lab import Lab

HEAD = "customer_id,customer_kind,name\n"
DAYS = [date(2024, 3, day) for day in range(1, 6)]


@pytest.fixture
def full(lab: Lab) -> Lab:
    lab.adapters = load_adapters(full_extracts=["native/customers"])
    return lab


def drop(lab: Lab, day: date, *rows: str, name: str = "customers") -> None:
    lab.drop(f"native/{day}/{name}.csv", HEAD + "".join(f"{row}\n" for row in rows))


def gone(lab: Lab, day: date = DAYS[-1]) -> dict[str, date]:
    """The day since when the rows of a file may be gone, by its day and name."""
    lab.run(day)
    names = {row["batch_id"]: row["file_name"].removeprefix("native/") for row in lab.ledger(day)}
    return {names[b]: d for b, d in gone_batches(lab.lake, lab.adapters, day).items()}


def test_rows_of_a_file_are_gone_from_the_next_full_extract_on(full: Lab) -> None:
    drop(full, DAYS[0], "a,person,A", "b,person,B")
    drop(full, DAYS[2], "a,person,A")
    assert gone(full, DAYS[1]) == {}
    assert gone(full) == {"2024-03-01/customers.csv": DAYS[2]}


def test_the_files_of_a_day_are_one_list(full: Lab) -> None:
    for day in DAYS[:2]:
        drop(full, day, f"a,person,A{day.day}", name="customers_1")
        drop(full, day, f"b,person,B{day.day}", name="customers_2")
    assert set(gone(full).values()) == {DAYS[1]} and len(gone(full)) == 2


def test_the_same_content_again_takes_nothing_away(full: Lab) -> None:
    """It is a duplicate, and loaded by nobody; its rows are there all the same."""
    drop(full, DAYS[0], "a,person,A", "b,person,B")
    drop(full, DAYS[1], "a,person,A", "b,person,B")
    assert gone(full, DAYS[1]) == {}
    drop(full, DAYS[2], "a,person,A")
    assert gone(full) == {"2024-03-01/customers.csv": DAYS[2]}


@pytest.mark.parametrize(
    "broken",
    [HEAD + "a,person,A\nb,robot,B\n", HEAD + "a,person,A\nb,person\n", "customer_id\na\n"],
    ids=["a row the contract refuses", "a row that cannot be read", "a file of another form"],
)
def test_a_list_of_which_something_was_refused_takes_nothing_away(full: Lab, broken: str) -> None:
    """What is missing may be what was refused."""
    drop(full, DAYS[0], "a,person,A", "b,person,B")
    full.drop(f"native/{DAYS[1]}/customers.csv", broken)
    assert gone(full, DAYS[1]) == {}
    drop(full, DAYS[2], "a,person,A")
    assert gone(full)["2024-03-01/customers.csv"] == DAYS[2]


def test_nothing_is_gone_where_nobody_says_that_extracts_are_whole(lab: Lab) -> None:
    drop(lab, DAYS[0], "a,person,A", "b,person,B")
    drop(lab, DAYS[1], "a,person,A")
    assert gone(lab) == {}


def test_declaring_it_reads_no_file_again(lab: Lab) -> None:
    drop(lab, DAYS[0], "a,person,A")
    lab.run()
    lab.adapters = load_adapters(full_extracts=["native/customers"])
    assert lab.run().unchanged_count == 1


def test_an_adapter_says_it_itself(lab: Lab) -> None:
    lab.teach(
        "crm",
        """description: whole lists
files:
  people:
    path: "{date}/people.csv"
    format: csv
    full_extract: true
    columns:
      customer_id: {type: text}
      customer_kind: {type: text}
      name: {type: text}
mappings:
  people: {from: people, to: customers}
""",
    )
    for day, rows in ((DAYS[0], "a,person,A\nb,person,B\n"), (DAYS[1], "a,person,A\n")):
        lab.drop(f"crm/{day}/people.csv", HEAD + rows)
    lab.run(DAYS[1])
    assert list(gone_batches(lab.lake, lab.adapters, DAYS[1]).values()) == [DAYS[1]]
    [crm] = [a for a in lab.adapters if a.system == "crm"]
    partial = replace(crm, files=(replace(crm.files[0], full_extract=False),))
    assert gone_batches(lab.lake, [partial], DAYS[1]) == {}


def test_a_kind_of_file_nobody_knows_is_named() -> None:
    with pytest.raises(AdapterError, match="CX_FULL_EXTRACTS names native/contract, which is no"):
        load_adapters(full_extracts=["native/contract"])
