"""A first adapter for files nobody has seen: told by values, guessed by headings, or asked for."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from orchestration.cli.app import app
from orchestration.cli.common import Stop
from orchestration.lib.adapter_tools.cells import Cells, cells_of
from orchestration.lib.adapter_tools.check import check_adapter
from orchestration.lib.adapter_tools.draft import NoDraft, draft
from orchestration.lib.adapters.load import read_adapter
from orchestration.lib.ingest.lake_snapshot import snapshot_files
from orchestration.lib.ingest.run import ingest

KUNDEN = """KundenNr;Firma;Branche;Kunde seit
1001;Müller GmbH;Handel;03.02.2021
1002;Österreich AG;Bau;15.11.2022
1003;Weiß KG;Handel;28.01.2023
"""
VERTRAEGE = """VertragNr;KundenNr;Tarif;Beginn;Ende;Monatsbetrag;Zahlweise
1;1001;Basis;01.03.2021;;1.250,50;monatlich
2;1002;Profi;01.12.2022;30.11.2023;99,00;jährlich
3;1003;Basis;13.02.2023;;1.250,50;monatlich
"""
ANFRAGEN = """TicketNr;KundenNr;Eingang;Monat des Eingangs;Gelöst am;Status;Priorität;Betreff
1;1001;03/04/2025 09:10;4;03/04/2025;gelöst;hoch;Rechnung
2;1003;05/04/2025 11:00;4;;offen;mittel;Zugang
3;1003;01/05/2025 11:00;5;04/05/2025;abgelehnt;mittel;Zugang
"""


def columns(*cells: str) -> Cells:
    with duckdb.connect() as engine:
        engine.execute("create table t (c varchar)")
        engine.executemany("insert into t values (?)", [[cell] for cell in cells])
        return cells_of(engine, "t", "c")


@pytest.mark.parametrize(
    ("cells", "kind", "days"),
    [
        (("2025-01-31", "2025-02-28 10:00"), "timestamp", [("%Y-%m-%d", "%Y-%m-%d %H:%M")]),
        (("31.01.2025", "03.02.2025"), "date", [("%d.%m.%Y",)]),
        (("01/02/2025", "03/04/2025"), "date", [("%d/%m/%Y",), ("%m/%d/%Y",)]),
        (("01/02/2025", "13/04/2025"), "date", [("%d/%m/%Y",)]),
        (("20250131", "20250228"), "date", [("%Y%m%d",)]),
        (("20250131", "12345678"), "integer", []),
        (("007", "010"), "text", []),
        (("0", "1"), "boolean", []),
        (("", ""), "text", []),
    ],
)
def test_every_reading_that_fits_all_cells(
    cells: tuple[str, ...], kind: str, days: list[tuple[str, ...]]
) -> None:
    found = columns(*cells)
    assert (found.kind, list(found.days)) == (kind, days)


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (("1.250,50", "99,00"), ("comma",)),
        (("1,250.50", "99.00"), ("point",)),
        (("1.250", "3.400"), ("point", "comma")),
        (("€ 12,50", "-3,00 €"), ("comma",)),
    ],
)
def test_marks_of_numbers(cells: tuple[str, ...], marks: tuple[str, ...]) -> None:
    found = columns(*cells)
    assert (found.kind, found.marks) == ("decimal", marks)


def test_one_odd_cell_of_many_does_not_hide_what_a_column_is() -> None:
    found = columns(*[f"{day:02}.01.2025" for day in range(1, 20)], "31.02.2025")
    assert (found.kind, found.days, found.odd) == ("date", (("%d.%m.%Y",),), "31.02.2025")
    assert columns("A-1", "B-2", "7").odd is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Exports of a German desk: a code page, commas, days first, a month as witness, a workbook."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "Kunden_2025-11-30.csv").write_text(KUNDEN, encoding="cp1252")
    (folder / "Verträge_2025-11-30.csv").write_text(VERTRAEGE, encoding="utf-8")
    book = openpyxl.Workbook()
    for line in ANFRAGEN.splitlines():
        book.active.append(line.split(";"))
    book.save(folder / "Anfragen_2025-11-30.xlsx")
    return folder


def written(folder: Path, to: Path) -> list[str]:
    found = draft(folder, to.name, ())
    to.mkdir()
    for name, text in found.files.items():
        (to / name).write_text(text, encoding="utf-8")
    return found.questions


def answer(file: Path, **answers: str) -> None:
    text = file.read_text(encoding="utf-8")
    for what, given in answers.items():
        asked = [line for line in text.splitlines() if what in line and "?" in line]
        assert len(asked) == 1, (what, asked)
        text = text.replace(asked[0], asked[0].replace("?", given, 1))
    file.write_text(text, encoding="utf-8")


def test_what_is_told_and_what_is_asked(folder: Path, tmp_path: Path) -> None:
    """The month of the ticket says that days come first; the day it was solved has no witness.

    Of bytes that fit two encodings, of times without a zone and of values that mean nothing to the
    contract a person is asked.
    """
    questions = written(folder, tmp_path / "pult")
    asked = sorted(re.sub(", line [0-9]+|  (--|#).*", "", q) for q in questions)
    assert asked == [
        'adapter.yml: "Gelöst am": {type: date, formats: ["?"]}',
        'adapter.yml: description: "?"',
        'adapter.yml: encoding: "?"',
        'adapter.yml: time_zone: "?"',
        "anfragen.sql: when 'abgelehnt' then '?'",
        "kunden.sql: '?' as customer_kind,",
        "vertrage.sql: '?' as contract_kind,",
        "vertrage.sql: '?' as currency",
    ]
    yml = (tmp_path / "pult" / "adapter.yml").read_text(encoding="utf-8")
    assert '"Eingang": {type: timestamp, formats: ["%d/%m/%Y %H:%M"]}' in yml
    assert 'path: "Kunden_{date}.csv"' in yml
    assert 'number: {decimal: ",", thousands: "."}' in yml
    problems = check_adapter(tmp_path / "pult")
    assert len(problems) == len(questions)
    assert all(problem.endswith("answer the ?.") for problem in problems)


def test_answered_it_loads_every_row_as_a_hand_would(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "pult"
    written(folder, home)
    answer(home / "adapter.yml", description="Our desk", time_zone="Europe/Berlin")
    answer(home / "adapter.yml", **{"Gelöst am": "%d/%m/%Y", "encoding": "cp1252"})
    answer(home / "anfragen.sql", abgelehnt="closed")
    answer(home / "kunden.sql", customer_kind="account")
    answer(home / "vertrage.sql", contract_kind="subscription", currency="EUR")
    assert check_adapter(home) == []
    adapter, _ = read_adapter(home)
    assert adapter is not None
    landing, lake = tmp_path / "landing", tmp_path / "lake"
    (landing / "pult").parent.mkdir()
    folder.rename(landing / "pult")
    day = date(2025, 11, 30)
    ingest(landing, lake, tmp_path / "tmp", [adapter], day, lambda _: None, settle_seconds=0)
    files = snapshot_files(lake, [adapter], day)

    def rows(entity: str, *names: str) -> list[tuple[object, ...]]:
        read = duckdb.read_parquet([str(f) for f in files[entity]])
        return read.select(*names).order(names[0]).fetchall()

    assert rows("customers", "customer_id", "name", "customer_kind") == [
        ("1001", "Müller GmbH", "account"),
        ("1002", "Österreich AG", "account"),
        ("1003", "Weiß KG", "account"),
    ]
    assert rows(
        "contracts", "contract_id", "customer_id", "start_date", "end_date", "recurring_amount",
        "billing_period",
    ) == [
        ("1", "1001", date(2021, 3, 1), None, Decimal("1250.5"), "month"),
        ("2", "1002", date(2022, 12, 1), date(2023, 11, 30), Decimal("99"), "month"),
        ("3", "1003", date(2023, 2, 13), None, Decimal("1250.5"), "month"),
    ]  # fmt: skip
    assert rows("tickets", "ticket_id", "created_at", "solved_at", "status", "priority") == [
        ("1", datetime(2025, 4, 3, 7, 10), datetime(2025, 4, 2, 22), "solved", "high"),
        ("2", datetime(2025, 4, 5, 9, 0), None, "open", "normal"),
        ("3", datetime(2025, 5, 1, 9, 0), datetime(2025, 5, 3, 22), "closed", "normal"),
    ]


def test_ids_that_two_files_of_customers_share_are_kept_apart(tmp_path: Path) -> None:
    folder = tmp_path / "crm"
    folder.mkdir()
    (folder / "companies.csv").write_text("id,company_name\n1,Acme\n2,Bolt\n")
    (folder / "people.csv").write_text("id,full_name,email\n2,Ann,a@x.org\n3,Bob,b@x.org\n")
    found = draft(folder, "crm", ())
    assert "'companies-' || companies.id as customer_id" in found.files["companies.sql"]
    assert "'people-' || people.id as customer_id" in found.files["people.sql"]


def test_a_date_and_a_customer_may_stand_in_the_record_a_row_refers_to(tmp_path: Path) -> None:
    """Payments have an order, the order has a customer: both are joined, and the key is of two."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shop_customers.csv").write_text("customer_id,city\nc1,Lyon\nc2,Nice\n")
    (folder / "shop_orders.csv").write_text(
        "order_id,customer_id,ordered_on\no1,c1,2025-01-05\no2,c2,2025-01-07\n"
    )
    (folder / "shop_payments.csv").write_text(
        "order_id,part,payment_value\no1,1,10.50\no1,2,9.50\no2,1,3.00\n"
    )
    (folder / "shop_items.csv").write_text(
        "order_id,item,price,sold_date\no1,1,9.50,2025-01-05\no1,2,9.50,2025-01-05\no2,1,3.00,2025-01-07\n"
    )
    files = draft(folder, "shop", ()).files
    sql = files["payments.sql"]
    # Both are transactions, and o1-1 is an id of either.
    assert "'items-' || items.order_id || '-' || items.item as transaction_id" in files["items.sql"]
    assert "'payments-' || payments.order_id || '-' || payments.part as transaction_id" in sql
    assert "orders.customer_id as customer_id" in sql
    assert "orders.ordered_on as occurred_at" in sql
    assert "left join orders on orders.order_id = payments.order_id" in sql


def test_files_of_a_known_tool_are_told_and_not_drafted(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "c.csv").write_text("customer_id,customer_kind,name,email\nc1,account,Acme,\n")
    found = draft(folder, "x")
    assert found.files == {}
    assert found.told == [
        "c.csv has the columns of the contract customers: put it into "
        "landing/native/<day>/customers.csv"
    ]


def test_the_command_writes_a_folder_once(folder: Path, tmp_path: Path) -> None:
    to = tmp_path / "pult"
    run = CliRunner().invoke(app, ["adapters", "draft", str(folder), "--to", str(to)])
    assert run.exit_code == 0, run.output
    assert "To be answered:" in run.output and f"adapters check {to}" in run.output
    again = CliRunner().invoke(app, ["adapters", "draft", str(folder), "--to", str(to)])
    assert isinstance(again.exception, Stop) and "is there already" in str(again.exception)
    with pytest.raises(NoDraft, match="holds no"):
        draft(to, "pult")
