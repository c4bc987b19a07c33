"""Row counts and columns of what dbt built, read over short read-only connections.

A connection left open would lock the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.base.home import Home


@dataclass(frozen=True)
class TableShape:
    """How a table looks: its rows and its columns with their types. A view has no rows counted."""

    row_count: int | None
    columns: dict[str, str]


def shapes(home: Home) -> dict[str, TableShape]:
    """Every table of the run by name, over the work, candidate and restricted files."""
    found: dict[str, TableShape] = {}
    for path in (home.work, home.candidate, home.restricted_candidate):
        if path.exists():
            found |= shapes_of(path)
    return found


def shapes_of(path: Path) -> dict[str, TableShape]:
    """Every table of one file by name."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, estimated_size from duckdb_tables() where not internal "
            "union all select view_name, null from duckdb_views() where not internal"
        ).fetchall()
        columns = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where not internal order by table_name, column_index"
        ).fetchall()
    by_table: dict[str, dict[str, str]] = {}
    for table, name, type_ in columns:
        by_table.setdefault(table, {})[name] = type_
    # For a table just written and never deleted from, DuckDB's estimate is the exact count.
    return {table: TableShape(size, by_table[table]) for table, size in rows}
