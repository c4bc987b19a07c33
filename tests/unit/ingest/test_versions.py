"""Landing files come twice, late, corrected, out of order, and ingestion dies in the middle."""

from __future__ import annotations

import os
from datetime import date

from tests.unit.lab import Lab, tree

HEAD = "customer_id,customer_kind,name\n"
DAY_1, DAY_2, DAY_3 = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)


def dated(day: date) -> str:
    return f"native/{day}/customers.csv"


def statuses(lab: Lab, day: date = DAY_3) -> list[tuple[str, str, int]]:
    return [(r["file_name"], r["status"], r["loaded_count"]) for r in lab.ledger(day)]


def test_running_again_changes_nothing(lab: Lab) -> None:
    lab.drop(dated(DAY_1), HEAD + "c1,person,a\n")
    first = lab.run()
    before = tree(lab.lake)
    again = lab.run()
    assert (first.read, first.mapped_count) == ((dated(DAY_1),), 1)
    assert (again.read, again.mapped_count, again.unchanged_count) == ((), 0, 1)
    assert tree(lab.lake) == before


def test_a_touched_file_is_not_news(lab: Lab) -> None:
    path = lab.drop(dated(DAY_1), HEAD + "c1,person,a\n")
    lab.run()
    os.utime(path, (1, 1))
    assert lab.run().unchanged_count == 1
    assert len(lab.ledger()) == 1


def test_the_same_content_under_another_name_counts_as_duplicates(lab: Lab) -> None:
    lab.drop(dated(DAY_1), HEAD + "c1,person,a\nc2,person,b\n")
    lab.drop("native/2024-03-01/customers_copy.csv", HEAD + "c1,person,a\nc2,person,b\n")
    lab.run()
    first, second = lab.ledger()
    assert (first["status"], first["loaded_count"], first["duplicate_count"]) == ("loaded", 2, 0)
    assert (second["status"], second["loaded_count"], second["duplicate_count"]) == (
        "duplicate",
        0,
        2,
    )
    assert len(lab.rows("customers")) == 2


def test_a_value_that_changes_back_is_no_duplicate(lab: Lab) -> None:
    """Day 3 equals day 1, but it takes back day 2: dropping it would leave a wrong name."""
    for day, name in ((DAY_1, "a"), (DAY_2, "b"), (DAY_3, "a")):
        lab.drop(dated(day), HEAD + f"c1,person,{name}\n")
    lab.run(DAY_3)
    assert [status for _, status, _ in statuses(lab)] == ["loaded"] * 3
    assert lab.rows("customers", "name", DAY_3) == [("a",), ("b",), ("a",)]


def test_a_correction_replaces_its_file_and_the_old_one_stays_on_record(lab: Lab) -> None:
    lab.drop(dated(DAY_1), HEAD + "c1,person,wrong\nc2,person,b\n")
    lab.drop(dated(DAY_2), HEAD + "c3,person,c\n")
    lab.run(DAY_2)
    old = next((lab.lake / "source").rglob("*.parquet"))
    lab.drop(dated(DAY_1), HEAD + "c1,person,right\n")
    assert lab.run(DAY_2).read == (dated(DAY_1),)
    assert lab.rows("customers", "customer_id, name", DAY_2) == [("c1", "right"), ("c3", "c")]
    assert statuses(lab) == [
        (dated(DAY_1), "superseded", 0),
        (dated(DAY_1), "loaded", 1),
        (dated(DAY_2), "loaded", 1),
    ]
    assert old.is_file()
    superseded = lab.ledger(DAY_2)[0]
    assert (superseded["file_row_count"], superseded["skipped_count"]) == (2, 2)


def test_a_correction_that_is_broken_leaves_the_last_good_version_in_force(lab: Lab) -> None:
    lab.drop(dated(DAY_1), HEAD + "c1,person,a\n")
    lab.run()
    lab.drop(dated(DAY_1), HEAD + "c1,per")
    lab.run()
    assert [status for _, status, _ in statuses(lab)] == ["loaded", "quarantined"]
    assert lab.rows("customers", "name") == [("a",)]
    lab.drop(dated(DAY_1), HEAD + "c1,person,b\n")
    lab.run()
    assert [status for _, status, _ in statuses(lab)] == ["superseded", "superseded", "loaded"]
    assert lab.rows("customers", "name") == [("b",)]


def test_a_correction_taken_back_is_a_third_version(lab: Lab) -> None:
    for name in ("a", "b", "a"):
        lab.drop(dated(DAY_1), HEAD + f"c1,person,{name}\n")
        lab.run()
    assert [status for _, status, _ in statuses(lab)] == ["superseded", "superseded", "loaded"]
    assert lab.rows("customers", "name") == [("a",)]


def test_files_out_of_order_give_the_same_as_in_order(lab: Lab) -> None:
    late = Lab(lab.root / "late")
    for one, order in ((lab, (DAY_1, DAY_2, DAY_3)), (late, (DAY_3, DAY_1, DAY_2))):
        for day in order:
            one.drop(dated(day), HEAD + f"c1,person,{day}\n")
            one.run(DAY_3)
    assert tree(lab.lake).keys() == tree(late.lake).keys()
    assert lab.rows("customers", day=DAY_3) == late.rows("customers", day=DAY_3)


def test_an_earlier_day_sees_nothing_later(lab: Lab) -> None:
    """Yesterday can be run again and gives yesterday's tables."""
    for day in (DAY_1, DAY_2):
        lab.drop(dated(day), HEAD + f"c1,person,{day}\n")
    assert lab.run(DAY_1).read == (dated(DAY_1),)
    yesterday = lab.rows("customers", day=DAY_1)
    assert lab.ledger(DAY_1)[0]["file_name"] == dated(DAY_1)
    lab.run(DAY_2)
    lab.run(DAY_1)
    assert lab.rows("customers", day=DAY_1) == yesterday
    assert len(lab.rows("customers", day=DAY_2)) == 2
    assert lab.run(day=None).as_of_date == DAY_2


def test_a_file_without_a_day_is_of_the_day_it_was_first_seen(lab: Lab) -> None:
    lab.drop("native/customers.csv", HEAD + "c1,person,a\n")
    lab.run(DAY_1)
    lab.run(DAY_2)
    assert lab.rows("customers", "extract_date", DAY_2) == [(DAY_1,)]
    lab.drop("native/customers.csv", HEAD + "c1,person,b\n")
    lab.run(DAY_3)
    assert lab.rows("customers", "name, extract_date", DAY_3) == [("a", DAY_1), ("b", DAY_3)]
    assert lab.run(DAY_1).read == ()  # what came later is no news to an earlier day
    assert lab.rows("customers", "name", DAY_1) == [("a",)]


def test_the_lake_outlives_the_landing_folder(lab: Lab) -> None:
    lab.drop(dated(DAY_1), HEAD + "c1,person,a\n")
    lab.run()
    (lab.landing / dated(DAY_1)).unlink()
    lab.run()
    assert lab.rows("customers", "name") == [("a",)]
