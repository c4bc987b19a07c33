"""A contract, an adapter or a look-up is mended: what was refused for its sake comes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.ingest.lake_snapshot import NotIngested, snapshot_files
from orchestration.lib.ingest.replay import replay
from tests.unit.lab import DAY, Lab

DAY_1, DAY_2 = date(2024, 3, 1), date(2024, 3, 2)
HEAD = "customer_id,customer_kind,name\n"


def test_a_changed_contract_maps_again_without_reading_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.drop("native/2024-03-01/customers.csv", HEAD + "c1,person,a\nc2,robot,b\n")
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
        snapshot_files(lab.lake, lab.adapters, DAY)
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
