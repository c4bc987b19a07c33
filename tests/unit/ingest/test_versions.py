"""Landing files come twice, late, corrected, out of order, and ingestion dies in the middle."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from orchestration.lib.contracts import load_contracts
from orchestration.lib.ingest import NotIngested, files, replay, run, visible_files
from tests.unit.ingest.conftest import DAY, Lab

HEAD = "customer_id,customer_kind,name\n"
DAY_1, DAY_2, DAY_3 = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)


def dated(day: date) -> str:
    return f"native/{day}/customers.csv"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its content, but for the wall clock."""
    return {
        path.relative_to(folder).as_posix(): b""
        if path.parent.name == "ledger"
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


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


def test_a_changed_contract_maps_again_without_reading_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    lab.drop(dated(DAY_1), HEAD + "c1,person,a\nc2,robot,b\n")
    lab.run()
    assert lab.entry()["quarantined_count"] == 1
    contracts = load_contracts()
    customers = contracts["customers"]
    columns = tuple(
        replace(c, allowed=(*c.allowed, "robot")) if c.name == "customer_kind" else c
        for c in customers.columns
    )
    changed = {**contracts, "customers": replace(customers, columns=columns)}
    monkeypatch.setattr("orchestration.lib.ingest.mapping.load_contracts", lambda: changed)
    with pytest.raises(NotIngested):
        visible_files(lab.lake, lab.adapters, DAY)
    report = lab.run()
    assert (report.read, report.mapped_count) == ((), 1)
    assert (lab.entry()["loaded_count"], lab.entry()["quarantined_count"]) == (2, 0)


ADAPTER = """
description: Amounts
files:
  sales:
    path: "{{date}}/sales.csv"
    format: csv
    columns:
      "Id": {{as: transaction_id, type: text, required: true}}
      "Amount": {{as: amount, type: {kind}, required: true}}
      "At": {{as: occurred_at, type: timestamp, required: true}}
      "Who": {{as: who, type: text}}
  people:
    path: "{{date}}/people.csv"
    format: csv
    key: [who]
    columns:
      "Who": {{as: who, type: text, required: true}}
      "Mail": {{as: mail, type: text}}
mappings:
  sales: {{from: sales, to: transactions}}
"""
SALES = """
select row_number, transaction_id, amount, occurred_at, 'sale' as transaction_kind,
    'EUR' as currency, people.mail as customer_email
from sales left join people using (who)
"""


def test_a_corrected_adapter_reads_its_files_again(lab: Lab) -> None:
    """Replay: what was in quarantine for the adapter's sake comes out when the adapter is right."""
    lab.drop(
        "shop/2024-03-01/sales.csv", "Id,Amount,At,Who\n1,5.50,2024-02-01,a\n2,7,2024-02-01,b\n"
    )
    lab.teach("shop", ADAPTER.format(kind="integer"), sales=SALES)
    lab.run()
    assert (lab.entry()["loaded_count"], lab.entry()["quarantined_count"]) == (1, 1)
    lab.teach("shop", ADAPTER.format(kind="decimal"), sales=SALES)
    assert lab.run().read == ("shop/2024-03-01/sales.csv",)
    assert [r["status"] for r in lab.ledger()] == ["superseded", "loaded"]
    assert len(lab.rows("transactions")) == 2
    assert lab.quarantine() == []


def test_a_replay_says_what_it_could_not_read_again(lab: Lab) -> None:
    """The landing file is gone: its bad row cannot come out, its good one stays."""
    lines = "Id,Amount,At,Who\n1,5.50,2024-02-01,a\n2,7,2024-02-01,b\n"
    path = lab.drop("shop/2024-03-01/sales.csv", lines)
    lab.teach("shop", ADAPTER.format(kind="integer"), sales=SALES)
    lab.run()
    path.unlink()
    lab.teach("shop", ADAPTER.format(kind="decimal"), sales=SALES)
    folders = (lab.landing, lab.lake, lab.root / "tmp")
    report = replay(*folders, lab.adapters, DAY, lambda _: None)
    assert report.missing == ("shop/2024-03-01/sales.csv",)
    assert (report.rows_in_quarantine, report.files_in_quarantine) == (1, ())
    assert lab.rows("transactions", "transaction_id") == [("2",)]
    lab.drop("shop/2024-03-01/sales.csv", lines)
    report = replay(*folders, lab.adapters, DAY, lambda _: None)
    assert (report.missing, report.rows_in_quarantine) == ((), 0)
    assert report.ingested.read == ("shop/2024-03-01/sales.csv",)


def test_a_late_or_corrected_look_up_reaches_rows_already_loaded(lab: Lab) -> None:
    lab.teach("shop", ADAPTER.format(kind="decimal"), sales=SALES)
    lab.drop("shop/2024-03-01/sales.csv", "Id,Amount,At,Who\n1,5,2024-02-01,a\n")
    lab.run(DAY_1)
    assert lab.rows("transactions", "customer_email") == [(None,)]
    lab.drop("shop/2024-03-01/people.csv", "Who,Mail\na,old@x.example\n")
    lab.drop("shop/2024-03-02/people.csv", "Who,Mail\na,new@x.example\n")
    lab.run(DAY_2)
    assert lab.rows("transactions", "customer_email", DAY_2) == [("new@x.example",)]
    lab.run(DAY_1)
    assert lab.rows("transactions", "customer_email", DAY_1) == [("old@x.example",)]


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it and tidy up."""


@pytest.mark.parametrize("moment", range(8))
def test_after_a_crash_at_any_write_the_same_command_converges(
    lab: Lab, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files, one with a row in quarantine: eight writes, a crash before each of them lands."""
    whole = Lab(lab.root / "whole")
    for one in (lab, whole):
        one.drop(dated(DAY_1), HEAD + "c1,person,a\nc2,robot,b\n")
        one.drop(
            "native/2024-03-01/programmes.csv",
            "programme_id,name,start_date,assignment\np,P,2024-01-01,rule\nq,Q,x,rule\n",
        )
    whole.run()
    writes = 0
    sync = files.sync_file

    def die(path: Path) -> None:
        nonlocal writes
        writes += 1
        if writes == moment + 1:
            raise Killed
        sync(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "sync_file", die)
        with pytest.raises(Killed):
            lab.run()
    leftovers = list(lab.lake.rglob("*.tmp"))
    assert len(leftovers) == 1
    assert {r["status"] for r in _ledger_or_nothing(lab)} <= {"loaded"}
    lab.run()
    left = {p for p in tree(lab.lake) if not p.endswith(".tmp")}
    assert left == tree(whole.lake).keys()
    assert lab.rows("customers") == whole.rows("customers")
    assert lab.rows("programmes") == whole.rows("programmes")
    assert len(lab.quarantine()) == 2


def _ledger_or_nothing(lab: Lab) -> list[dict[str, object]]:
    try:
        return lab.ledger()
    except NotIngested:
        return []


def test_a_full_disk_stops_the_run_and_is_nobodys_quarantine(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine's trouble must not be recorded as a fault of the file."""
    lab.drop(dated(DAY_1), HEAD + "c1,person,a\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(run, "read_source", full)
        with pytest.raises(OSError, match="No space left"):
            lab.run()
    assert lab.ledger() == []
    assert list((lab.root / "tmp").iterdir()) == []
    lab.run()
    assert len(lab.rows("customers")) == 1
