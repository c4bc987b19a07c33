"""What a spreadsheet opens must not run."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.publication.csv_export import export_csv


@pytest.mark.parametrize("start", [*"=+-@", "\t", "\r", "\n", *"＝＋－＠"])
def test_a_cell_that_starts_like_a_formula_gets_an_apostrophe(start: str, tmp_path: Path) -> None:
    database = tmp_path / "some.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema cx")
        connection.execute("create table cx.a as select ? as said, 'a-b=c' as plain", [f"{start}1"])
    [path] = export_csv(database, tmp_path, [])
    with path.open(encoding="utf-8", newline="") as handle:
        assert list(csv.reader(handle))[1] == [f"'{start}1", "a-b=c"]
