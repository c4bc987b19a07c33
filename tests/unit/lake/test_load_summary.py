"""One definition of how many rows there were, for the screen, the log, the page and Dagster."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from orchestration.lib.lake.load_summary import per_source, records, rows_of_files
from tests.unit.lab import DAY, Lab

NEXT = date(2024, 3, 2)
SHOP = """
description: A shop whose one file feeds three entities
files:
  sales:
    path: "{date}/sales.csv"
    format: csv
    columns:
      "Sale": {as: transaction_id, type: text, required: true}
      "Who": {as: customer_id, type: text}
      "At": {as: occurred_at, type: timestamp}
      "Amount": {as: amount, type: decimal}
      "Kind": {as: kind, type: text}
mappings:
  sales:
    from: sales
    to: transactions
    when: "kind <> 'preview'"
    constants: {currency: EUR, transaction_kind: sale}
  buyers: {from: sales, to: customers, constants: {customer_kind: person}}
"""
HEAD = "Sale,Who,At,Amount,Kind\n"


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """Two nights: 6 rows (one preview, one unreadable, one twice), then 2."""
    lab.teach("shop", SHOP)
    lab.drop(
        f"shop/{DAY}/sales.csv",
        HEAD + "s1,c1,2024-02-01,10,new\ns2,c1,2024-02-02,11,new\ns2,c1,2024-02-02,11,new\n"
        "s3,c2,2024-02-02,x,new\ns4,c3,2024-02-03,12,preview\ns5,c3,2024-02-03,12,new\n",
    )
    lab.drop(f"shop/{NEXT}/sales.csv", HEAD + "s6,c1,2024-03-01,9,new\ns7,c4,2024-03-02,8,new\n")
    lab.run(DAY)
    lab.run(NEXT)
    return lab


def test_every_row_of_a_file_counts_once_and_the_parts_add_up(shop: Lab) -> None:
    """8 rows lie in the two files, though they feed two entities."""
    ledger = shop.ledger(NEXT)
    assert len(ledger) == 4
    counted = rows_of_files(ledger)
    assert counted == {
        "file": 2, "row": 8, "loaded": 5, "quarantined": 1, "duplicate": 1, "skipped": 1,
    }  # fmt: skip
    assert rows_of_files(ledger, NEXT) == {
        "file": 1, "row": 2, "loaded": 2, "quarantined": 0, "duplicate": 0, "skipped": 0,
    }  # fmt: skip
    assert rows_of_files(ledger, date(2024, 3, 3))["row"] == 0


def test_sources_stand_with_tonight_beside_all(shop: Lab) -> None:
    [source] = per_source(shop.ledger(NEXT), NEXT)
    assert source["source_system"] == "shop"
    assert (source["tonight"]["row"], source["total"]["row"]) == (2, 8)


def test_records_are_counted_for_each_entity_by_itself(shop: Lab) -> None:
    """A file that feeds two entities gives records of both; no sum over entities is a row count."""
    counted = records(shop.ledger(NEXT), NEXT)
    assert counted["transactions"] == {
        "files_tonight": 1, "loaded_rows_tonight": 2, "quarantined_rows_tonight": 0,
        "duplicate_rows_tonight": 0,
        "files_total": 2, "loaded_rows_total": 5, "quarantined_rows_total": 1,
        "duplicate_rows_total": 1,
    }  # fmt: skip
    # Customers c1, c3 of the first night (c2's row cannot be read), c1 again and c4 of the second.
    assert counted["customers"]["loaded_rows_total"] == 4
    assert counted["customers"]["loaded_rows_tonight"] == 2


@pytest.mark.parametrize("again", ["same content", "corrected"])
def test_a_file_that_came_again_counts_as_what_it_is_now(shop: Lab, again: str) -> None:
    """A correction replaces its file; the same content under another day is duplicates."""
    if again == "corrected":
        shop.drop(f"shop/{NEXT}/sales.csv", HEAD + "s6,c1,2024-03-01,9,new\n")
        shop.run(NEXT)
        assert rows_of_files(shop.ledger(NEXT), NEXT)["row"] == 1
    else:
        text = (shop.landing / f"shop/{NEXT}/sales.csv").read_bytes()
        shop.drop("shop/2024-03-03/sales.csv", text)
        shop.run(date(2024, 3, 3))
        found = rows_of_files(shop.ledger(date(2024, 3, 3)), date(2024, 3, 3))
        assert (found["row"], found["duplicate"], found["loaded"]) == (2, 2, 0)


def test_a_refused_file_is_a_file_of_no_known_rows(lab: Lab) -> None:
    lab.drop(f"native/{DAY}/customers.csv", "<html></html>\n")
    lab.run()
    found: dict[str, Any] = rows_of_files(lab.ledger())
    assert (found["file"], found["row"]) == (1, 0)
