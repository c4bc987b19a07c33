"""A file is loaded whole or not at all, and what is wrong with it is said so that one can act."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.lib.ingest import SourceMissing
from orchestration.lib.ingest.problems import Limits
from tests.unit.ingest.conftest import Lab

HEAD = "customer_id,customer_kind,name\n"
GOOD = HEAD + "c1,account,Acme\nc2,person,Zoë\n"
FILE = "native/2024-03-01/customers.csv"


def refused(lab: Lab, content: str | bytes, name: str = FILE) -> str:
    """The reason why a file is in quarantine as a whole, having checked that nothing got in."""
    lab.drop(name, content)
    report = lab.run()
    entry = lab.entry()
    assert entry["status"] == "quarantined"
    assert (entry["loaded_count"], entry["row_count"]) == (0, 0)
    assert lab.rows("customers") == []
    assert report.quarantined == (f"{name} {entry['reason']}",)
    return str(entry["reason"])


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
    assert "is empty" in refused(lab, "")
    (lab.lake / "ledger").rename(lab.root / "forgotten")
    assert "has 0 rows where at least 1" in refused(lab, HEAD)


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
            "native/2024-03-01/customers.jsonl",
            "line longer than 65,536",
        ),
        (HEAD + "x\n" * 2000, FILE, "more than 1,000 rows that cannot be read"),
    ],
)
def test_limits_stop_what_no_export_holds(
    lab: Lab, content: str | bytes, name: str, words: str
) -> None:
    lab.limits = Limits(2 << 20, 100, 1 << 20, 64 << 10, 200, 1000)
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


def test_files_nobody_reads_are_listed(lab: Lab) -> None:
    lab.drop("native/2024-03-01/customer.csv", GOOD)
    lab.drop("oracle/x.csv", GOOD)
    lab.drop("native/2024-03-01/.hidden.csv", GOOD)
    report = lab.run()
    assert [(i.file_name, i.reason) for i in report.ignored] == [
        ("native/2024-03-01/customer.csv", "belongs to no adapter"),
        ("oracle/x.csv", "belongs to no adapter"),
    ]


def test_no_landing_folder_is_an_error_not_an_empty_night(lab: Lab) -> None:
    lab.landing.rmdir()
    with pytest.raises(SourceMissing, match="no landing folder"):
        lab.run()
    lab.landing.mkdir()
    with pytest.raises(SourceMissing, match="say which day"):
        lab.run(day=None)


def test_a_file_that_is_still_growing_waits(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lab.drop(FILE, GOOD)
    from orchestration.lib.ingest import run

    read = run.read_source

    def write_meanwhile(*arguments: object) -> object:
        with path.open("a", encoding="utf-8") as handle:
            handle.write("c3,person,late\n")
        return read(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(run, "read_source", write_meanwhile)
        report = lab.run()
    assert (report.growing, report.read, lab.ledger()) == ((FILE,), (), [])
    assert lab.run().read == (FILE,)
    assert len(lab.rows("customers")) == 3


def test_the_landing_folder_is_not_written_to(lab: Lab, tmp_path: Path) -> None:
    path = lab.drop(FILE, GOOD)
    before = (path.stat().st_mtime_ns, path.read_bytes())
    lab.run()
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lake", "landing", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []
