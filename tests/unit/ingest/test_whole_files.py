"""A file is loaded whole or not at all, and what is wrong with it is said so that one can act."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.lib.ingest.scan import SourceMissing
from tests.unit.lab import DAY, Lab, refused

HEAD = "customer_id,customer_kind,name\n"
GOOD = HEAD + "c1,account,Acme\nc2,person,Zoë\n"
FILE = "native/2024-03-01/customers.csv"


def test_a_good_file_is_loaded_row_by_row(lab: Lab) -> None:
    lab.drop(FILE, GOOD)
    lab.run()
    columns = "customer_id, name, source_system, extract_date::varchar, file_name, row_number"
    assert lab.rows("customers", columns) == [
        ("c1", "Acme", "native", "2024-03-01", FILE, 1),
        ("c2", "Zoë", "native", "2024-03-01", FILE, 2),
    ]
    assert lab.entry()["loaded_count"] == 2


@pytest.mark.parametrize(
    "cut",
    [
        GOOD + 'c3,person,"Ann',  # inside a quoted cell
        GOOD + 'c3,person,"Ann\n',  # the quote is never closed
        GOOD + "c3,per",  # before the last column
        GOOD + "c3,person,An",  # in the last cell: only the missing line break shows it
    ],
)
def test_a_truncated_csv_is_not_loaded_in_part(lab: Lab, cut: str) -> None:
    assert "cut off" in refused(lab, cut)


def test_a_truncated_json_lines_file_is_not_loaded_in_part(lab: Lab) -> None:
    lines = '{"customer_id": "c1", "customer_kind": "person"}\n{"customer_id": "c'
    reason = refused(lab, lines, "native/2024-03-01/customers.jsonl")
    assert "cut off in row 2" in reason


def test_a_truncated_gzip_or_parquet_is_not_loaded_in_part(lab: Lab) -> None:
    packed = gzip.compress(GOOD.encode() * 50)
    assert "gzip stream has no end" in refused(lab, packed[:-9], f"{FILE}.gz")
    path = lab.root / "whole.parquet"
    pq.write_table(pa.table({"customer_id": ["c1"], "customer_kind": ["person"]}), path)
    lab.landing.joinpath(f"{FILE}.gz").unlink()
    (lab.lake / "ledger").rename(lab.root / "forgotten")
    reason = refused(lab, path.read_bytes()[:-7], "native/2024-03-01/customers.parquet")
    assert "no sound Parquet file" in reason


def test_no_rows_is_no_success(lab: Lab) -> None:
    """An export that silently became empty must not look like a quiet day."""
    name = "native/2024-03-01/exchange_rates.csv"
    assert "is empty" in refused(lab, "", name)
    (lab.lake / "ledger").rename(lab.root / "forgotten")
    headings = "rate_date,from_currency,to_currency,rate\n"
    assert "has 0 rows where at least 1" in refused(lab, headings, name)


def test_a_web_page_is_no_csv(lab: Lab) -> None:
    reason = refused(lab, "<!DOCTYPE html>\n<html><body>Log in</body></html>\n")
    assert "is not CSV of customers: header mismatch" in reason
    assert "web page" in reason


def test_another_delimiter_is_recognised(lab: Lab) -> None:
    assert "separated by ';', not ','" in refused(lab, GOOD.replace(",", ";"))


def test_a_renamed_column_names_both_sides(lab: Lab) -> None:
    reason = refused(lab, GOOD.replace("customer_kind", "customer_type"))
    assert "Expected but not found: 'customer_kind'" in reason
    assert "Found but not expected: 'customer_type'" in reason


def test_an_optional_column_in_another_spelling_is_renamed_not_new(lab: Lab) -> None:
    assert "'Name' for 'name'" in refused(lab, GOOD.replace("name", "Name"))


def test_a_heading_twice_is_ambiguous(lab: Lab) -> None:
    assert "heading twice: 'name'" in refused(lab, "customer_id,customer_kind,name,name\na,b,c,d\n")


def test_reordered_columns_are_bound_by_name(lab: Lab) -> None:
    lab.drop(FILE, "name,customer_kind,customer_id\nAcme,account,c1\n")
    lab.run()
    assert lab.rows("customers", "customer_id, customer_kind, name") == [("c1", "account", "Acme")]


def test_a_new_column_is_named_and_shifts_nothing(lab: Lab) -> None:
    lab.drop(FILE, "customer_id,fax,customer_kind,name\nc1,123,account,Acme\n")
    lab.run()
    assert lab.rows("customers", "customer_id, customer_kind, name") == [("c1", "account", "Acme")]
    assert lab.entry()["unknown_columns"] == ["fax"]


def test_a_byte_order_mark_is_no_part_of_the_first_heading(lab: Lab) -> None:
    lab.drop(FILE, GOOD.encode("utf-8-sig"))
    lab.run()
    assert lab.rows("customers", "name") == [("Acme",), ("Zoë",)]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_by_its_mark(lab: Lab, codec: str) -> None:
    mark = "" if codec == "utf-16" else "\ufeff"
    lab.drop(FILE, (mark + GOOD).encode(codec))
    lab.run()
    assert lab.rows("customers", "name") == [("Acme",), ("Zoë",)]


def test_bytes_of_another_encoding_are_named_by_their_place(lab: Lab) -> None:
    """Latin-1 read as UTF-8 must stop, never turn into other letters."""
    data = GOOD.encode("latin-1")
    assert f"byte {data.index(0xEB):,} cannot be decoded" in refused(lab, data)


def test_the_place_of_a_bad_byte_counts_from_the_start_of_a_large_file(lab: Lab) -> None:
    data = HEAD.encode() + b"c1,person,x\n" * 400_000 + b"c2,person,\xe9\n"
    assert f"byte {len(data) - 2:,} " in refused(lab, data)


def test_a_declared_encoding_is_honoured(lab: Lab) -> None:
    lab.teach(
        "desk",
        """
description: Latin-1 export
files:
  people:
    path: "people.csv"
    format: csv
    encoding: latin-1
    columns:
      "Nr": {as: customer_id, type: text, required: true}
      "Name": {as: name, type: text}
mappings:
  people: {from: people, to: customers, constants: {customer_kind: person}}
""",
    )
    lab.drop("desk/people.csv", "Nr,Name\n1,Zoë\n".encode("latin-1"))
    lab.run()
    assert lab.rows("customers", "name, customer_kind") == [("Zoë", "person")]


def test_a_nul_byte_is_no_text(lab: Lab) -> None:
    assert f"NUL character {len(HEAD):,} bytes" in refused(lab, HEAD + "\0c1,person,x\n")


def test_mixed_line_breaks_make_the_same_rows(lab: Lab) -> None:
    lab.drop(FILE, "customer_id,customer_kind,name\r\nc1,person,a\nc2,person,b\rc3,person,c\r\n")
    lab.run()
    assert [r[0] for r in lab.rows("customers", "customer_id")] == ["c1", "c2", "c3"]


def test_files_nobody_reads_are_listed(lab: Lab) -> None:
    lab.drop("native/2024-03-01/customer.csv", GOOD)
    lab.drop("oracle/x.csv", GOOD)
    lab.drop("native/2024-03-01/.hidden.csv", GOOD)
    report = lab.run()
    assert [(i.file_name, i.reason) for i in report.ignored] == [
        ("native/2024-03-01/customer.csv", "belongs to no adapter"),
        ("oracle/x.csv", "belongs to no adapter"),
    ]


def test_folders_that_never_end_are_one_line(lab: Lab) -> None:
    """Two thousand of them are more than a program can go down, and longer than a path may be."""
    lab.drop(FILE, GOOD)
    deep = lab.landing / "native"
    here = os.open(deep, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("a", dir_fd=here)
        below = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    report = lab.run()
    subprocess.run(["rm", "-rf", deep / "a"], check=True)  # pytest cannot
    assert report.read == (FILE,)
    [ignored] = report.ignored
    assert ignored.reason == "lies too many folders deep to be looked at"
    assert ignored.file_name == "native" + "/a" * 32


def test_no_landing_folder_is_an_error_not_an_empty_night(lab: Lab) -> None:
    lab.landing.rmdir()
    with pytest.raises(SourceMissing, match="no landing folder"):
        lab.run()
    lab.landing.mkdir()
    with pytest.raises(SourceMissing, match="say which day"):
        lab.run(day=None)


def test_the_landing_folder_is_not_written_to(lab: Lab, tmp_path: Path) -> None:
    path = lab.drop(FILE, GOOD)
    before = (path.stat().st_mtime_ns, path.read_bytes())
    lab.run()
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lake", "landing", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []


PLANS = """description: plans
files:
  plans:
    path: "plans.*"
    format: auto
    columns:
      id: {as: id, type: text, required: true}
      plan: {as: plan, type: text, optional: true, also: [tariff, Tarif]}
"""


@pytest.mark.parametrize("heading", ["plan", "tariff", "Tarif"])
def test_a_column_goes_by_any_of_its_names(heading: str, lab: Lab) -> None:
    lab.teach("shop", PLANS)
    lab.drop("shop/plans.csv", f"id,{heading}\n1,gold\n")
    lab.drop("shop/plans.jsonl", f'{{"id": "2", "{heading}": "gold"}}\n')
    lab.run()
    assert [(e["absent_columns"], e["unknown_columns"]) for e in lab.ledger()] == [([], [])] * 2


def test_two_names_of_one_column_are_refused(lab: Lab) -> None:
    lab.teach("shop", PLANS)
    lab.drop("shop/plans.csv", "id,plan,Tarif\n1,gold,gold\n")
    lab.run()
    assert "several headings of one column: 'plan' and 'Tarif'" in lab.entry()["reason"]


def test_absent_columns_are_on_record_beside_unknown_ones(lab: Lab) -> None:
    lab.teach("shop", PLANS)
    lab.drop("shop/plans.csv", "id,plan_name\n1,gold\n")
    lab.run()
    entry = lab.entry()
    assert (entry["absent_columns"], entry["unknown_columns"]) == (["plan"], ["plan_name"])


SURVEY = """description: a survey with two heading rows
files:
  answers:
    path: "answers.*"
    format: auto
    header_rows: 2
    name_rows: [1, 2]
    columns:
      "Id": {as: id, type: text}
      "Contact / Mail": {as: mail, type: text}
      "Score / Answer": {as: score, type: integer}
"""


def test_two_heading_rows_name_a_column_together(lab: Lab) -> None:
    """The upper cell stands over the empty ones after it."""
    lab.teach("survey", SURVEY)
    rows = [["Id", "Contact", "", "Score"], ["", "Name", "Mail", "Answer"], ["1", "A", "a@b", "7"]]
    lab.drop("survey/answers.csv", "".join(",".join(row) + "\n" for row in rows))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    (lab.landing / "survey").mkdir(exist_ok=True)
    book.save(lab.landing / "survey/answers.xlsx")
    lab.run()
    for entry in lab.ledger():
        assert (entry["status"], entry["loaded_count"]) == ("loaded", 1)
        assert entry["unknown_columns"] == ["Contact / Name"]


def test_headings_in_another_row_are_pointed_out(lab: Lab) -> None:
    """The older export of Qualtrics: V1, V2 over the names of today, and no row of zones."""
    older = "V1,V2,V3,V4,Q1\nResponseID,Status,EndDate,Finished,Would you?\n"
    lab.drop(f"qualtrics/{DAY}/SV.csv", older + "R_1,0,2024-02-01 10:00:00,1,9\n")
    lab.run()
    reason = lab.entry()["reason"]
    assert "header mismatch" in reason and "Row 2 holds the headings" in reason
    assert "forms: [{header_rows: 2, name_row: 2}]" in reason
    assert "time zone" not in reason
