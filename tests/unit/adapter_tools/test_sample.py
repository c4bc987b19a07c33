"""A sample file shows what an adapter would make of it, and leaves nothing behind."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestration.cli import screen
from orchestration.lib.adapter_tools.advice import line_to_write
from orchestration.lib.adapter_tools.check import check_adapter
from orchestration.lib.adapter_tools.sample import NoSample, try_sample
from orchestration.lib.adapters.load import BUILT_IN, read_adapter
from orchestration.lib.adapters.model import Adapter, SourceColumn
from orchestration.lib.adapters.native import native_adapter
from tests.unit.adapter_tools.test_check import GOOD, SQL

HEAD = "Id,Amount,At,Who\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adapter:
    """The adapter of the test beside this one, and a scratch folder to look into."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "adapter.yml").write_text(GOOD, encoding="utf-8")
    (folder / "sales.sql").write_text(SQL, encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    adapter, problems = read_adapter(folder)
    assert adapter, problems
    return adapter


def sample(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_what_would_load_and_the_first_reasons_why_not(shop: Adapter, tmp_path: Path) -> None:
    path = sample(
        tmp_path,
        "sales_2.csv",
        HEAD + "s1,10,2024-01-01,x\ns2,ten,2024-01-02,x\ns3,10,,x\ns4,nine,2024-01-03,x\n"
        "s1,11,2024-01-04,x\n",
    )
    before = sorted(p.name for p in tmp_path.iterdir())
    found: dict[str, Any] = try_sample(shop, path)
    assert (found["file"], found["rows"], found["refused"]) == ("sales", 5, None)
    [load] = found["loads"]
    assert load == {
        "mapping": "sales", "entity": "transactions", "reason": None,
        "loaded": 1, "quarantined": 3, "duplicate": 1, "skipped": 0,
    }  # fmt: skip
    assert found["reasons"] == [
        {"rows": 2, "first_row": 2, "column": "Amount", "value": "ten", "line": None,
         "reason": "is no plain decimal number of at most 4 decimal places"},
        {"rows": 1, "first_row": 3, "column": "occurred_at", "value": None, "line": None,
         "reason": "is missing"},
    ]  # fmt: skip
    assert found["empty_lookups"] == ["people"]
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert list((tmp_path / "scratch").iterdir()) == []
    text = screen.sample(found)
    assert "5 rows, read as file sales" in text and "Amount" in text and "people" in text


def test_what_was_mapped_is_shown_with_its_dates_and_ids_without_partner(tmp_path: Path) -> None:
    """Three rows of a table, months of each date; p is nobody, c2 has bought nothing."""
    folder = tmp_path / "native" / "2024-03-01"
    folder.mkdir(parents=True)
    sample(folder, "customers.csv", "customer_id,customer_kind\nc1,person\nc2,person\n")
    rows = [("t1", "c1", "2024-01-31 10:00"), ("t2", "c1", "2024-02-01"), ("t3", "p", "2024-02-02"),
            ("t4", "c1", "2024-02-03")]  # fmt: skip
    sample(
        folder,
        "transactions.csv",
        "transaction_id,customer_id,occurred_at,transaction_kind,amount,currency\n"
        + "".join(f"{i},{c},{day},sale,5,EUR\n" for i, c, day in rows),
    )
    sample(folder, "notes.txt", "x")
    found = try_sample(native_adapter(), tmp_path)
    assert [file["loads"][0]["loaded"] for file in found["files"]] == [2, 4]
    assert found["unread"] == ["native/2024-03-01/notes.txt"]
    [transactions] = [e for e in found["entities"] if e["entity"] == "transactions"]
    assert [row["transaction_id"] for row in transactions["rows"]] == ["t1", "t2", "t3"]
    assert transactions["dates"] == [
        {"column": "occurred_at", "first": "2024-01-31", "last": "2024-02-03",
         "months": {"2024-01": 1, "2024-02": 3}},
    ]  # fmt: skip
    assert transactions["references"] == [
        {"column": "customer_id", "entity": "customers", "ids": 2, "without_partner": 1,
         "such_as": ["p"], "unused": 1, "unused_such_as": ["c2"]},
    ]  # fmt: skip
    text = screen.sample(found)
    assert "occurred_at: 2024-01-31 to 2024-02-03; rows a month: 2024-01 1, 2024-02 3" in text
    assert "2 ids, 1 of them no customers (such as p); 1 of those are named by none" in text
    alone = try_sample(native_adapter(), folder / "transactions.csv")
    assert "customer_id: 2 ids; customers are not in the sample" in screen.sample(alone)


def test_what_a_look_up_lacks_is_said(shop: Adapter, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    sample(folder, "people.csv", "Who,Mail\nx,x@x.example\n")
    sample(folder, "sales_1.csv", HEAD + "s1,10,2024-01-01,x\ns2,10,2024-01-01,y\n")
    text = screen.sample(try_sample(shop, folder))
    assert "sales: 1 of 2 rows name what look-up people lacks" in text
    assert "Look-ups found nothing" not in text


@pytest.mark.parametrize(
    ("kind", "cell", "line"),
    [
        ("date", "31.12.2024", 'formats: ["%d.%m.%Y"]'),
        ("date", "01/02/2024", 'formats: ["%d/%m/%Y"] or formats: ["%m/%d/%Y"]'),
        ("timestamp", "1/31/2024 2:30 PM", 'formats: ["%m/%d/%Y %I:%M %p"]'),
        ("timestamp", "0:00:00", 'null_markers: ["0:00:00"]'),
        ("decimal", "1.234,50", 'number: {decimal: ",", thousands: "."}'),
        ("integer", "1,234", 'number: {decimal: ".", thousands: ","}'),
        (
            "decimal",
            "1,234",
            'number: {decimal: ",", thousands: "."} or number: {decimal: ".", thousands: ","}',
        ),
        ("decimal", "0.123456", "round: true, or type: rate"),
        ("integer", "1.5", "type: decimal"),
        ("integer", "n/a", 'null_markers: ["n/a"]'),
        ("duration_minutes", "90", "unit: seconds (or minutes, hours, days)"),
        ("date", "soon", None),
    ],
)
def test_a_refused_cell_says_the_line_to_write(kind: str, cell: str, line: str | None) -> None:
    assert line_to_write(SourceColumn("X", "x", kind), cell) == line


def test_the_line_to_write_stands_under_the_refused_rows(shop: Adapter, tmp_path: Path) -> None:
    found = try_sample(shop, sample(tmp_path, "sales.csv", HEAD + "s1,10,31.01.2024,x\n"))
    [refused] = found["reasons"]
    assert (refused["value"], refused["line"]) == ("31.01.2024", 'formats: ["%d.%m.%Y"]')
    assert """to read '31.01.2024' in At, write formats: ["%d.%m.%Y"]""" in screen.sample(found)


def test_a_file_refused_as_a_whole_says_why(shop: Adapter, tmp_path: Path) -> None:
    found = try_sample(shop, sample(tmp_path, "sales.csv", "Id,Amount\n1,2\n"))
    assert "At" in found["refused"]
    assert found["loads"] == []
    assert found["refused"] in screen.sample(found)


def test_a_name_no_file_of_the_adapter_has(shop: Adapter, tmp_path: Path) -> None:
    with pytest.raises(NoSample, match=r"export\.csv.*sales\*\.csv, people\.csv"):
        try_sample(shop, sample(tmp_path, "export.csv", HEAD))
    with pytest.raises(NoSample, match="no file"):
        try_sample(shop, tmp_path / "sales.csv")


def test_columns_not_read_are_said_beside_those_it_lacks(shop: Adapter, tmp_path: Path) -> None:
    [sales, people] = shop.files
    columns = tuple(replace(c, optional=c.label == "Who") for c in sales.columns)
    adapter = replace(shop, files=(replace(sales, columns=columns), people))
    path = sample(tmp_path, "sales.csv", "Id,Amount,At,Whom\ns1,10,2024-01-01,x\n")
    found = try_sample(adapter, path)
    assert (found["unknown_columns"], found["absent_columns"]) == (["Whom"], ["Who"])
    text = screen.sample(found)
    assert "not read: Whom." in text and "without value in every row: Who." in text


def test_a_name_that_two_kinds_of_files_have_or_without_a_day(
    shop: Adapter, tmp_path: Path
) -> None:
    [sales, people] = shop.files
    both = replace(shop, files=(sales, replace(people, paths=("people/sales_*.csv",))))
    with pytest.raises(NoSample, match="may be any of sales, people"):
        try_sample(both, sample(tmp_path, "sales_1.csv", HEAD))
    dated = replace(shop, files=(replace(sales, paths=("{date}.csv",)),))
    with pytest.raises(NoSample, match="2024-02-30 in the name"):
        try_sample(dated, sample(tmp_path, "2024-02-30.csv", HEAD))


def test_a_built_in_adapter_takes_a_sample(tmp_path: Path) -> None:
    adapter, _ = read_adapter(BUILT_IN / "zendesk")
    assert adapter
    path = sample(
        tmp_path,
        "ticket_events.jsonl",
        '{"event_id": "1", "ticket_id": "t", "created_at": "2024-01-01T00:00:00Z", '
        '"type": "comment", "author_role": "agent"}\n',
    )
    found = try_sample(adapter, path)
    assert found["file"] == "ticket_events" and found["rows"] == 1


def test_the_example_of_the_manual_does_what_it_says(tmp_path: Path) -> None:
    manual = (BUILT_IN / "README.md").read_text(encoding="utf-8")
    (tmp_path / "pulse").mkdir()
    for name, text in re.findall(r"```\w+ pulse/(\S+)\n(.*?)```", manual, re.DOTALL):
        (tmp_path / "pulse" / name).write_text(text, encoding="utf-8")
    assert check_adapter(tmp_path / "pulse") == []
    adapter, _ = read_adapter(tmp_path / "pulse")
    assert adapter
    found = try_sample(adapter, tmp_path / "pulse" / "pulse.csv")
    [load] = found["loads"]
    assert [load[k] for k in ("loaded", "quarantined", "duplicate", "skipped")] == [2, 1, 0, 0]
    assert [(r["first_row"], r["column"]) for r in found["reasons"]] == [(3, "Submitted")]


def test_the_survey_declared_in_the_manual_is_one(tmp_path: Path) -> None:
    manual = (BUILT_IN / "README.md").read_text(encoding="utf-8")
    declared = manual.split("## Surveys")[1].split("```")[1].lstrip()
    assert declared.startswith("survey_id,")
    found = try_sample(native_adapter(), sample(tmp_path, "surveys.csv", declared))
    assert [load["loaded"] for load in found["loads"]] == [1]
    assert found["reasons"] == []
