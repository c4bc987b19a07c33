"""The lake as dbt sees it, whatever night its files were written in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import lake_columns
from orchestration.lib.lake.database import RunParameters, build_lake_database

NEW = ("randomised_unit", "planned_treated_share", "evaluation_date")


def test_files_older_than_a_column_have_null_in_it(tmp_path: Path) -> None:
    """Parquet in the lake never changes, but contracts grow: both kinds stand in one view."""
    columns = lake_columns(load_contracts()["programmes"])
    empty = {name: f"cast(null as {kind})" for name, kind in columns.items()}
    old = {n: v for n, v in empty.items() if n not in NEW} | {"programme_id": "'old'"}
    new = empty | {"programme_id": "'new'", "planned_treated_share": "0.5::decimal(18,4)"}
    paths = {name: tmp_path / f"{name}.parquet" for name in ("old", "new")}
    for name, values in (("old", old), ("new", new)):
        select = ", ".join(f"{value} as {column}" for column, value in values.items())
        duckdb.sql(f"copy (select {select}) to '{paths[name]}'")

    assert _programmes(tmp_path, paths["old"]) == [("old", None, None, None)]
    assert _programmes(tmp_path, *paths.values()) == [
        ("new", None, 0.5, None), ("old", None, None, None),
    ]  # fmt: skip
    assert _programmes(tmp_path) == []


def test_a_row_says_since_when_a_full_extract_lacks_it(tmp_path: Path) -> None:
    """Rows of a batch that no later extract was to hold again have no such day."""
    for batch in ("kept", "old"):
        duckdb.sql(
            f"copy (select '{batch}' as programme_id, '{batch}' as batch_id) "
            f"to '{tmp_path / batch}.parquet'"
        )
    lake = tmp_path / "lake.duckdb"
    files = [tmp_path / "kept.parquet", tmp_path / "old.parquet"]
    parameters = RunParameters("r", date(2024, 1, 1), "UTC", "EUR", "k")
    build_lake_database(lake, {"programmes": files}, parameters, gone={"old": date(2024, 1, 1)})
    with duckdb.connect(str(lake), read_only=True) as connection:
        found = connection.execute("select programme_id, gone_date from programmes order by 1")
        assert found.fetchall() == [("kept", None), ("old", date(2024, 1, 1))]


def test_an_address_in_a_label_is_taken_out_and_one_in_an_id_stays(tmp_path: Path) -> None:
    """Nobody reads the address, and a record is still found by its id; the file keeps what came."""
    file = tmp_path / "one.parquet"
    duckdb.sql(
        "copy (select 'k@x.org' as contract_id, 'moved, ask ann@mail.example.com' as cancel_reason,"
        f" 'A @ home' as product) to '{file}'"
    )
    lake = tmp_path / "lake.duckdb"
    parameters = RunParameters("r", date(2024, 1, 1), "UTC", "EUR", "k")
    build_lake_database(lake, {"contracts": [file]}, parameters)
    with duckdb.connect(str(lake), read_only=True) as connection:
        found = connection.execute("select contract_id, cancel_reason, product from contracts")
        assert found.fetchone() == ("k@x.org", "moved, ask [email]", "A @ home")


def _programmes(tmp_path: Path, *files: Path) -> list[tuple[object, ...]]:
    lake = tmp_path / "lake.duckdb"
    build_lake_database(
        lake, {"programmes": files}, RunParameters("r", date(2024, 1, 1), "UTC", "EUR", "k")
    )
    with duckdb.connect(str(lake), read_only=True) as connection:
        types = dict(
            connection.execute(
                "select column_name, lower(data_type) from duckdb_columns() "
                "where table_name = 'programmes'"
            ).fetchall()
        )
        assert types == lake_columns(load_contracts()["programmes"])
        return connection.execute(
            f"select programme_id, {NEW[0]}, {NEW[1]}::double, {NEW[2]} from programmes order by 1"
        ).fetchall()
