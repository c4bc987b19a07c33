"""No file can hurt the night, the other files or the machine, whatever is in it."""

from __future__ import annotations

import errno
import gzip
import io
import os
import zipfile
from collections.abc import Sequence
from random import Random

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.lib.ingest import parse_file
from orchestration.lib.ingest.problems import Limits
from tests.unit.lab import DAY, Lab, closes, refused

HEAD = "customer_id,customer_kind,name\n"
GOOD = HEAD + "c1,account,Acme\nc2,person,Zoë\n"
FILE = "native/2024-03-01/customers.csv"
JSONL = "native/2024-03-01/customers.jsonl"
LOW = Limits(
    file_bytes=2 << 20,
    expansion_from_bytes=1 << 20,
    rows=1000,
    record_bytes=64 << 10,
    columns=200,
    unreadable_rows=1000,
)
WORKBOOK = """
description: Workbook
files:
  people:
    path: "people.xlsx"
    format: xlsx
    columns:
      "Nr": {as: customer_id, type: text, required: true}
      "Name": {as: name, type: text, optional: true}
mappings:
  people: {from: people, to: customers, constants: {customer_kind: account}}
"""


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (HEAD + 'c1,person,"' + "x" * 200_000 + '"\n', FILE, "record longer than 65,536 bytes"),
        ("".join(f"h{i}," for i in range(300)) + "h\n", FILE, "301 columns; 200 are allowed"),
        ("x" * 200_000, FILE, "heading line without end"),
        (gzip.compress(GOOD.encode() * 30_000), f"{FILE}.gz", "unpacks to over 100 times its size"),
        (GOOD * 60_000, FILE, "larger than 2,097,152 bytes"),
        (
            '{"customer_id":"1"}\n{"a":"' + "x" * 70_000 + '"}\n',
            JSONL,
            "line longer than 65,536",
        ),
        (
            "".join(f'{{"customer_id":"1","k{i}":1}}\n' for i in range(300)),
            JSONL,
            "more than 200 different keys by row 200",
        ),
        (HEAD + "x\n" * 2000, FILE, "more than 1,000 rows that cannot be read"),
    ],
)
def test_limits_stop_what_no_export_holds(
    lab: Lab, content: str | bytes, name: str, words: str
) -> None:
    lab.limits = LOW
    assert words in refused(lab, content, name)


def test_links_and_odd_names_stay_outside(lab: Lab) -> None:
    """Nothing outside the landing folder is read, whatever its files are called."""
    secret = lab.root / "secret.csv"
    secret.write_text(GOOD, encoding="utf-8")
    folder = lab.landing / "native" / "2024-03-01"
    folder.mkdir(parents=True)
    (folder / "customers.csv").symlink_to(secret)
    (folder / "customers_\n.csv").write_text(GOOD, encoding="utf-8")
    (lab.landing / "native" / "2024-02-31").mkdir()
    (lab.landing / "native" / "2024-02-31" / "customers.csv").write_text(GOOD, encoding="utf-8")
    os.mkfifo(folder / "customers_pipe.csv")
    (lab.landing / "linked").symlink_to(lab.root)
    report = lab.run()
    assert report.read == ()
    assert {i.file_name: i.reason.split(",")[0] for i in report.ignored} == {
        "native/2024-03-01/customers.csv": "is a symbolic link",
        "native/2024-03-01/customers_\\n.csv": "has a name with characters that cannot be shown",
        "native/2024-02-31/customers.csv": "has a day in its path that is not in the calendar: "
        "2024-02-31",
        "native/2024-03-01/customers_pipe.csv": "is not a regular file",
        "linked": "is a symbolic link",
    }


def test_a_name_that_is_sql_is_only_a_name(lab: Lab) -> None:
    name = "native/2024-03-01/customers_'); drop table x; --*[a-z]{{ }}<b>.csv"
    lab.drop(name, GOOD)
    lab.run()
    assert lab.entry()["file_name"] == name
    assert lab.rows("customers", "file_name") == [(name,), (name,)]


def test_a_heading_that_is_sql_is_only_a_heading(lab: Lab) -> None:
    lab.drop(
        FILE, 'customer_id,customer_kind,is_deleted,"x\') ; drop table good; --"\nc1,person,a,b\n'
    )
    lab.run()
    [row] = lab.quarantine()
    assert "drop table good" in row["raw_line"]


def test_a_small_parquet_file_does_not_hold_a_million_rows(lab: Lab) -> None:
    """Equal values pack without end: 40,000 rows in under 2 KB."""
    lab.limits = LOW
    path = lab.root / "bomb.parquet"
    pq.write_table(pa.table({"customer_id": ["c"] * 40_000, "customer_kind": ["x"] * 40_000}), path)
    reason = refused(lab, path.read_bytes(), FILE.replace("csv", "parquet"))
    assert "holds 40,000 rows, more than one a byte" in reason


def _workbook(rows: Sequence[str], size: str | None = None) -> bytes:
    """A workbook whose rows are the given XML. `size`: what the sheet says it is."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.save(content)
    spoilt = io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(spoilt, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.endswith("sheet1.xml"):
                data = data.replace(b"<sheetData>", b"<sheetData>ROWS")
                data = data.replace(b"ROWS", "".join(rows).encode())
                data = data.replace(b'<dimension ref="A1:A1" />', (size or "").encode())
            target.writestr(item, data)
    return spoilt.getvalue()


def _row(number: int, *texts: str) -> str:
    cells = (
        f'<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, text in zip("AB", texts, strict=False)
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def test_cells_beyond_what_a_sheet_says_of_its_size_are_read(lab: Lab) -> None:
    lab.teach("desk", WORKBOOK)
    rows = [_row(1, "Nr", "Name"), _row(2, "a", "Ann"), _row(3, "b", "Bob")]
    lab.drop("desk/people.xlsx", _workbook(rows, '<dimension ref="A1:A2"/>'))
    lab.run()
    assert lab.rows("customers", "customer_id, name") == [("a", "Ann"), ("b", "Bob")]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([_row(1, "Nr"), _row(10**12, "a")], "numbers its rows beyond 1,048,576"),
        ([_row(1, "Nr"), _row(2, "a"), "<row><c>"], "mismatched tag"),
        ([_row(1, "Nr"), '<row r="2"><c r="A2" t="s"><v>99</v></c></row>'], "is damaged after row"),
    ],
)
def test_a_workbook_made_to_hurt_is_refused(lab: Lab, rows: list[str], words: str) -> None:
    lab.teach("desk", WORKBOOK)
    assert words in refused(lab, _workbook(rows), "desk/people.xlsx")


def test_a_workbook_that_is_none_is_refused(lab: Lab) -> None:
    lab.teach("desk", WORKBOOK)
    assert "no sound XLSX workbook" in refused(lab, b"PK\x03\x04 nothing", "desk/people.xlsx")


def test_half_a_character_refuses_its_row(lab: Lab) -> None:
    """Text that a program cut at a number of UTF-16 units ends in half of an emoji."""
    row = '{{"customer_id": "{}", "customer_kind": "person", "name": "{}"}}\n'
    lab.drop(
        f"native/{DAY}/customers.jsonl",
        row.format("a", "Ann \\ud83d\\ude00")
        + row.format("b", "Bob \\ud83d")
        + row.format("c", "Cy").replace("name", "na\\udc00me"),
    )
    lab.run()
    assert lab.rows("customers", "name") == [("Ann \U0001f600",)]
    reasons = [(q["row_number"], q["reason"]) for q in lab.quarantine()]
    assert reasons == [(2, "holds half a character"), (3, "holds half a character")]


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bits_of_a_parquet_file_refuse_it_or_nothing(seed: int, lab: Lab) -> None:
    """Whatever the library raises, the file is refused as a whole or read; the night goes on."""
    names = [f"c{i}" for i in range(300)]
    table = pa.table({"customer_id": names, "customer_kind": ["person"] * 300, "name": names})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none")
    content = bytearray(sink.getvalue().to_pybytes())
    random = Random(seed)
    for _ in range(3):
        content[random.randrange(4, len(content) - 8)] ^= 1 << random.randrange(8)
    lab.drop(f"native/{DAY}/customers.parquet", bytes(content))
    lab.run()
    assert lab.entry()["status"] in ("quarantined", "loaded")
    assert closes(lab.entry())


def test_an_error_nobody_foresaw_refuses_the_file(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a value of Ann's")

    monkeypatch.setitem(parse_file.READERS, "csv", fails)
    lab.drop(f"native/{DAY}/customers.csv", "customer_id,customer_kind\nc1,person\n")
    lab.run()
    assert "cannot be read (RuntimeError)" in lab.entry()["reason"]
    assert "Ann" not in lab.entry()["reason"]


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "disk full"), duckdb.IOException("disk full")]
)
def test_the_machines_own_faults_stop_the_run(
    error: Exception, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setitem(parse_file.READERS, "csv", fails)
    lab.drop(f"native/{DAY}/customers.csv", "customer_id,customer_kind\nc1,person\n")
    with pytest.raises(type(error)):
        lab.run()
