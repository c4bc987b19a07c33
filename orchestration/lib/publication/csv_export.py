"""Published tables as CSV that a spreadsheet can open without running what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration.lib.base.sql import quote
from orchestration.lib.publication.versions import SCHEMA

# A cell that starts like a formula gets an apostrophe first: the rule of OWASP, "CSV Injection".
# The full-width signs are taken for the plain ones by some spreadsheets.
RISKY = r"^[=+\-@\t\r\n＝＋－＠]"


class UnknownTable(ValueError):
    """No published table has that name."""


def export_csv(database: Path, folder: Path, tables: Sequence[str]) -> list[Path]:
    """Write the tables (default: all) as UTF-8 CSV files. Raises UnknownTable before writing."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, type_ in connection.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "where table_schema = ? order by table_name, ordinal_position",
            [SCHEMA],
        ).fetchall():
            columns.setdefault(table, []).append((column, type_))
        for table in tables:
            if table not in columns:
                raise UnknownTable(f"There is no table {table}; there are: {', '.join(columns)}.")
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for table in tables or sorted(columns):
            path = folder / f"{table}.csv"
            select = ", ".join(_cell(name, type_) for name, type_ in columns[table])
            connection.execute(
                f"copy (select {select} from {SCHEMA}.{table} order by all) "
                f"to {quote(path)} (header)"
            )
            written.append(path)
    return written


def _cell(name: str, type_: str) -> str:
    if type_ != "VARCHAR":
        return f'"{name}"'
    safe = (
        f"""case when regexp_matches("{name}", '{RISKY}') then '''' || "{name}" else "{name}" end"""
    )
    return f'{safe} as "{name}"'
