"""One Parquet file per published table, for tools that do not read DuckDB.

`exports` is a link to a folder that is written first and pointed at when complete. Rows are sorted,
so that equal tables make equal files.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from orchestration.lib.base.files import point_link, sync_file, sync_folder
from orchestration.lib.base.home import Home
from orchestration.lib.base.sql import name, quote
from orchestration.lib.base.threads import each_at_once

HIDDEN = ".exports"


def export_tables(home: Home, database: Path, schema: str) -> None:
    """Write every table of a version and point `exports` at it; the folder before is kept."""
    folder = write_exports(home, database, schema)
    point_exports(home, folder)


def write_exports(home: Home, database: Path, schema: str) -> Path:
    """The folder with a Parquet file per table, not yet pointed at."""
    folder = home.root / HIDDEN / database.stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = ?", [schema]
        ).fetchall()

        def export(own: duckdb.DuckDBPyConnection, row: tuple[str]) -> None:
            path = folder / f"{row[0]}.parquet"
            own.execute(
                f"copy (select * from {schema}.{name(row[0])} order by all) to {quote(path)} "
                "(format parquet, compression zstd)"
            )
            sync_file(path)

        each_at_once(connection, export, tables)
    sync_folder(folder)
    return folder


def point_exports(home: Home, folder: Path) -> None:
    """Move readers to a written folder; who still reads the one before can finish."""
    before = home.exports.resolve() if home.exports.is_symlink() else None
    point_link(home.exports, folder)
    for old in folder.parent.iterdir():
        if old not in (folder, before):
            shutil.rmtree(old, ignore_errors=True)
