"""Every row of every file ends up in exactly one place, whatever the file is like."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.ingest import batches, mapping, parse_file
from tests.unit.lab import DAY, Lab, closes, counts

FILE = "native/2024-03-01/customers.csv"
HEAD = "customer_id,customer_kind,employee_count,signup_at,updated_at\n"


def test_each_kind_of_row_is_counted_where_it_went(lab: Lab) -> None:
    lab.drop(
        FILE,
        HEAD + "c1,person,,,2024-01-01\n"
        "c1,person,,,2024-01-03\n"
        "c1,person,,,2024-01-02\n"  # three versions of c1: the second is the last
        "c2,robot,,,\n"  # the contract refuses it
        "c3,person,1.5,,\n"  # the type refuses it
        "c4,person\n"  # cannot be read
        "\n"  # a blank line is no row
        "c5,person,,2024-03-03,\n"  # after the extract and its day of grace
        "c6,person,,2024-03-02 23:59,\n",
    )
    lab.run()
    assert lab.rows("customers", "customer_id, updated_at::date::varchar, row_number") == [
        ("c1", "2024-01-03", 2),
        ("c6", None, 8),
    ]
    assert counts(lab.entry()) == (8, 8, 2, 4, 2, 0, 0)
    found = [(q["row_number"], q["column_name"], q["reason"]) for q in lab.quarantine()]
    assert found == [
        (4, "customer_kind", "is none of account, person"),
        (5, "employee_count", "is no whole number"),
        (6, None, "has 2 cells where the headings have 5"),
        (7, "signup_at", "lies after the day of the extract"),
    ]
    raw = {q["row_number"]: q["raw_line"] for q in lab.quarantine()}
    assert raw[6] == "c4,person"
    assert '"employee_count":"1.5"' in raw[5]


def test_what_is_published_of_the_quarantine_holds_no_data(lab: Lab) -> None:
    """Reasons are read by everyone: they never quote the cell, and the raw line stays behind."""
    from orchestration.lib.ingest.lake_snapshot import quarantine_rows

    lab.drop(FILE, HEAD + "c1,person,jo@secret.example,,\nc2,person,,secret,\nc3,secret,,,\n")
    lab.run()
    table = quarantine_rows(lab.lake, lab.adapters, DAY)
    assert table.num_rows == 3
    assert "raw_line" not in table.column_names
    assert "secret" not in str(table.to_pylist())


def test_of_equal_versions_the_last_row_wins(lab: Lab) -> None:
    lab.drop(FILE, HEAD + "c1,person,1,,2024-01-01\nc1,person,2,,2024-01-01\n")
    lab.run()
    assert lab.rows("customers", "employee_count") == [(2,)]


def test_a_key_may_hold_an_empty_part(lab: Lab) -> None:
    """Support expenses of no channel are one key, not as many as there are rows."""
    head = "expense_month,expense_kind,channel,amount,currency\n"
    line = "2024-01-01,people,,5,EUR\n"
    lab.drop(
        "native/2024-03-01/support_expenses.csv",
        head + line + line + "2024-01-01,people,chat,5,EUR\n",
    )
    lab.run()
    assert counts(lab.entry()) == (3, 3, 2, 0, 1, 0, 0)


def test_the_account_shows_it_when_rows_get_lost(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts are counted where they were written, so the identity is a proof, not a wish."""
    lab.drop(FILE, HEAD + "c1,person,,,\nc2,person,,,\n")

    def lossy(*arguments: object) -> int:
        connection = arguments[0]
        assert isinstance(connection, duckdb.DuckDBPyConnection)
        connection.execute("delete from good where row_number = 1")
        return write(*arguments)  # type: ignore[arg-type]

    write = parse_file._write
    with monkeypatch.context() as patch:
        patch.setattr(parse_file, "_write", lossy)
        lab.run()
    assert not closes(lab.entry())


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
kinds = st.sampled_from(["person", "account", "robot", ""])
rows = st.tuples(
    st.sampled_from(["c1", "c2", "c3", ""]),
    kinds,
    st.sampled_from(["1", "1.5", "N/A", "", "=1", "１"]) | cells,
    st.sampled_from(["2024-02-30", "2024-01-01", "2024-01-01T10:00+02", "2030-01-01", ""]),
    cells,
)
ragged = st.lists(cells, max_size=7).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows | ragged, max_size=30))
def test_random_dirt_is_accounted_for_to_the_row(lines: list[tuple[str, ...]]) -> None:
    """Any mixture of good, bad, ragged, repeated and odd rows, against Python's own parser."""
    text = io.StringIO(HEAD, newline="")
    text.seek(0, io.SEEK_END)
    csv.writer(text, lineterminator="\n").writerows(lines)
    content = text.getvalue()
    expected = [r for r in csv.reader(io.StringIO(content, newline="")) if r][1:]
    with TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        lab.drop(FILE, content)
        lab.run()
        entry, refused, loaded = lab.entry(), lab.quarantine(), lab.rows("customers", "row_number")
        if entry["status"] == "quarantined":
            assert not loaded
            return
        assert closes(entry)
        assert entry["file_row_count"] == len(expected)
        assert entry["quarantined_count"] == len({q["row_number"] for q in refused}) == len(refused)
        assert entry["loaded_count"] == len(loaded)
        good = [n for n, r in enumerate(expected, 1) if len(r) == 5 and r[0] in ("c1", "c2", "c3")]
        assert {n for (n,) in loaded} <= set(good)


def test_the_names_of_results_follow_from_what_they_are_made_of(lab: Lab) -> None:
    """Two lakes that saw the same files hold the same files, whenever they were made."""
    other = Lab(lab.root / "other")
    for one in (lab, other):
        one.drop(FILE, HEAD + "c1,person,,,\n")
        one.run()
    names = [
        sorted(p.relative_to(x.lake).as_posix() for p in x.lake.rglob("*") if p.is_file())
        for x in (lab, other)
    ]
    assert names[0] == names[1]
    assert batches.read_batches(lab.lake)[0].extract_date == date(2024, 3, 1)
    assert mapping.RULES_VERSION >= 1
