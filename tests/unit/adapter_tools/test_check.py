"""A mistake in an adapter is said in a sentence before the first file lands."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.adapter_tools.check import adapter_problems, check_adapter
from orchestration.lib.adapters.load import BUILT_IN, load_adapters
from orchestration.lib.adapters.model import AdapterError
from orchestration.lib.contracts.contract import load_contracts

GOOD = """
system: shop
description: A shop
time_zone: Europe/Paris
files:
  sales:
    path: "{date}/sales*.csv"
    format: csv
    columns:
      "Id": {as: transaction_id, type: text, required: true}
      "Amount": {as: amount, type: decimal}
      "At": {as: occurred_at, type: timestamp}
      "Who": {as: who, type: text}
  people:
    path: "people.csv"
    format: csv
    key: [who]
    columns:
      "Who": {as: who, type: text}
      "Mail": {as: mail, type: text}
mappings:
  sales: {from: sales, to: transactions, constants: {currency: EUR}}
"""
SQL = """
select row_number, transaction_id, amount, occurred_at, 'sale' as transaction_kind,
    people.mail as customer_email
from sales left join people using (who)
"""


def problems(folder: Path, text: str = GOOD, sql: str | None = SQL) -> str:
    home = folder / "shop"
    home.mkdir()
    (home / "adapter.yml").write_text(text, encoding="utf-8")
    if sql:
        (home / "sales.sql").write_text(sql, encoding="utf-8")
    return "\n".join(check_adapter(home))


def test_a_sound_adapter_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path) == ""
    [mine] = [a for a in load_adapters([tmp_path]) if a.system == "shop"]
    assert [f.role for f in mine.files] == ["sales", "people"]
    assert load_adapters([tmp_path / "shop"]) == load_adapters([tmp_path])


@pytest.mark.parametrize("system", sorted(p.name for p in BUILT_IN.iterdir() if p.is_dir()))
def test_built_in_adapters_are_sound(system: str) -> None:
    assert check_adapter(BUILT_IN / system) == []


def test_the_native_adapter_covers_every_entity() -> None:
    [native] = [a for a in load_adapters() if a.system == "native"]
    assert adapter_problems(native) == []
    assert {m.entity for m in native.mappings} == load_contracts().keys()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("time_zone:", "timezone:", "key 'timezone' is unknown; known are system, description"),
        ("system: shop", "system: store", "'store' must be in a folder of that name"),
        (
            '    format: csv\n    columns:\n      "Id"',
            '    columns:\n      "Id"',
            "'format' is missing",
        ),
        ("format: csv", "format: ods", "format 'ods' is none of csv, jsonl, parquet, xlsx"),
        ("type: decimal", "type: money", "type 'money' is none of text, integer, decimal"),
        ("Europe/Paris", "Europe/Pari", "'Europe/Pari' is no IANA time zone"),
        ("type: decimal}", "type: decimal, formats: ['%d']}", "formats belong to dates"),
        ("type: timestamp}", "type: timestamp, formats: ['%Q']}", "column 'At': "),
        (
            "type: timestamp}",
            "type: timestamp, formats: ['%d.%m.%Y', 'DD.MM.YYYY']}",
            "column 'At': format 'DD.MM.YYYY' does not say year, month and day, as %d.%m.%Y does",
        ),
        ("type: timestamp}", "type: date, formats: ['%d.%m']}", "'%d.%m' does not say year"),
        (
            "type: timestamp}",
            "type: date, formats: ['%m.%d.%Y', '%d.%m.%Y']}",
            "'03.02.2004' is one day in format '%m.%d.%Y' and another in '%d.%m.%Y'",
        ),
        ('"{date}/sales*.csv"', '"(date)/sales*.csv"', "the day of the extract is written {date}"),
        (
            '"{date}/sales*.csv"',
            '"YYYY-MM-DD/sales.csv"',
            "the day of the extract is written {date}",
        ),
        (
            "constants: {currency: EUR}",
            "constants: {currency: EUR, transaction_kind: sail}",
            "'transaction_kind' is given 'sail', which is none of sale, ",
        ),
        ("type: decimal}", "type: decimal, unit: hours}", "a unit belongs to duration_minutes"),
        ("type: decimal}", "type: duration_minutes, unit: eons}", "unit 'eons' is none of"),
        (
            '"Amount": {as: amount, ',
            '"金額": {',
            "column '金額': its heading makes no name; add one, as: some_name",
        ),
        ("type: decimal}", "type: decimal, place: 0}", "place 0 must be 1 or more"),
        ("    format: csv", "    format: jsonl\n    header_rows: 0", "jsonl has no heading rows"),
        ("    format: csv", "    format: csv\n    header_rows: 0", "add place: 1 (or another) to"),
        ("    format: csv", "    format: csv\n    sheet: A", "'A' belongs to workbooks; write"),
        (
            "    format: csv",
            "    format: csv\n    forms: [{header_rows: 2}]",
            "two of its forms take their names from the same row",
        ),
        (
            "    format: csv",
            "    format: csv\n    forms: {header_rows: 2}",
            "forms must be a list such as [{header_rows: 2, name_row: 2}]",
        ),
        (
            "constants: {currency: EUR}}",
            "several: yes please}",
            "'yes please' must be a bool",
        ),
        ("as: amount", "as: Amount", "'Amount' must be lower_snake_case"),
        ("as: amount", "as: file_name", "cannot be called 'file_name'"),
        ("as: amount", "as: who", "2 columns are called 'who'"),
        ("required: true", "required: 1", "1 must be a bool"),
        ("    key: [who]\n", "", "look-up 'people' declares no key"),
        ("key: [who]", "key: [id]", "key 'id' is no column of it"),
        ('path: "people.csv"', 'path: "../people.csv"', "leads out of the landing folder"),
        ('path: "people.csv"', 'path: "{day}.csv"', "nothing else in braces"),
        ("    format: csv", "    format: csv\n    footer: '(x'", "footer is no regular expression"),
        (
            "    format: csv",
            "    format: csv\n    encoding: latin-99",
            "encoding 'latin-99' is unknown",
        ),
        ("    format: csv", "    format: csv\n    delimiter: '||'", "must be one character"),
        (
            "    format: csv",
            "    format: csv\n    name_row: 2",
            "name_row 2 must be one of the 1 header_rows",
        ),
        ("    format: csv", "    format: csv\n    time_zone_row: 2", "time_zone_row 2 must be one"),
        ("    format: csv", "    format: csv\n    unknown_columns: drop", "none of warn, fail"),
        ("from: sales", "from: sale", "from 'sale' is no file of this adapter"),
        ("to: transactions", "to: sales", "to 'sales' is no entity"),
        ("to: transactions", 'to: transactions, when: "paid"', "when does not fit"),
        ("{currency: EUR}", "{fax: x}", "column 'fax' is not in the contract"),
        ("{currency: EUR}", "{}", "required column 'currency' is not mapped"),
        ("{currency: EUR}", "{currency: EUR, amount: x}", "both in the SQL and a constant"),
        ("  sales: {from", "  sells: {from", "no mapping is called 'sales'"),
        ("mappings:", "mappings: [", "cannot be read as YAML"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert words in problems(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("amount,", "amuont,", "does not fit: Binder Error"),
        ("people.mail", "persons.mail", "does not fit: Binder Error"),
        ("select row_number,", "select", "row_number is not selected"),
        ("amount,", "amount / 3 as amount,", "'amount' is a floating-point number"),
        (
            "mail as customer_email",
            "mail as customer_mail",
            "'customer_mail' is not in the contract",
        ),
        ("select", "selekt", "Parser Error"),
        ("'sale'", "'sail'", "'transaction_kind' is given 'sail', which is none of sale, "),
        (
            "'sale'",
            "case who when 'x' then coalesce(who, 'refnd') else cast('sale' as varchar) end",
            "'transaction_kind' is given 'refnd', which is none of sale, ",
        ),
    ],
)
def test_sql_that_does_not_bind_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SQL
    found = problems(tmp_path, sql=SQL.replace(old, new, 1))
    assert words in found
    assert all(line.startswith(f"{tmp_path}/shop/sales.sql: ") for line in found.splitlines())


def test_literals_that_only_compare_are_nobody_s_business(tmp_path: Path) -> None:
    sql = SQL.replace("'sale'", "case who when 'Verkauf' then 'sale' else 'refund' end", 1)
    assert problems(tmp_path, sql=sql) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [("{currency: EUR}", "{fax: x}"), ("to: transactions", 'to: transactions, when: "paid"')],
)
def test_a_fault_of_the_declaration_names_the_declaration(
    tmp_path: Path, old: str, new: str
) -> None:
    first = problems(tmp_path, GOOD.replace(old, new, 1)).splitlines()[0]
    assert first.startswith(f"{tmp_path}/shop/adapter.yml: ")


def test_a_broken_adapter_is_not_loaded(tmp_path: Path) -> None:
    problems(tmp_path, GOOD.replace("type: decimal", "type: money"))
    with pytest.raises(AdapterError, match="type 'money' is none of"):
        load_adapters([tmp_path])


def test_an_extra_adapter_replaces_the_built_in_one(tmp_path: Path) -> None:
    folder = tmp_path / "hubspot"
    folder.mkdir()
    text = GOOD.replace("shop", "hubspot", 1)
    (folder / "adapter.yml").write_text(text, encoding="utf-8")
    [mine] = [a for a in load_adapters([tmp_path]) if a.system == "hubspot"]
    assert mine.description == "A shop" or mine.files[0].role == "sales"


def test_local_times_are_in_the_zone_of_the_company_unless_declared() -> None:
    """A HubSpot or Zendesk account is as a rule set to the zone the company works in."""
    zones = {
        f"{a.system}.{f.role}": f.time_zone
        for a in load_adapters(time_zone="Asia/Tokyo")
        for f in a.files
    }
    assert zones["hubspot.contacts"] == zones["zendesk.tickets"] == "Asia/Tokyo"
    assert zones["zendesk.ticket_events"] == zones["native.tickets"] == "UTC"
