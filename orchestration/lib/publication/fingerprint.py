"""What a table holds, in one short value: equal fingerprints, equal tables, whatever the row order.

Taking one reads every value of the table, so it is the full scan before publication as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.base.threads import each_at_once


@dataclass(frozen=True)
class TableFingerprint:
    """Rows of a table and a hash of its columns, types and values."""

    row_count: int
    content_hash: str


Fingerprints = Mapping[str, TableFingerprint]


def fingerprints(
    database: Path, schema: str, only: Collection[str] | None = None
) -> dict[str, TableFingerprint]:
    """The fingerprint of every table of a schema, by name, or of some.

    Raises duckdb.Error if one is torn.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.execute(
            "select table_catalog, table_name, column_name, data_type "
            "from information_schema.columns where table_schema = ? "
            "order by table_name, ordinal_position",
            [schema],
        ).fetchall()
        by_table: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for catalog, table, column, type_ in columns:
            by_table.setdefault((catalog, table), []).append((column, type_))

        def take(own: duckdb.DuckDBPyConnection, key: tuple[str, str]) -> TableFingerprint:
            # With the catalog: a file named like its schema makes the short name ambiguous.
            catalog, table = key
            return _fingerprint(own, f'"{catalog}"."{schema}"."{table}"', by_table[key])

        wanted = [key for key in by_table if only is None or key[1] in only]
        taken = each_at_once(connection, take, wanted)
    return {table: one for (_, table), one in zip(wanted, taken, strict=True)}


def differences(before: Fingerprints, after: Fingerprints) -> list[str]:
    """What changed between two states of a file, one sentence a table."""
    found = [f"{table} is gone" for table in before.keys() - after.keys()]
    found += [f"{table} is new" for table in after.keys() - before.keys()]
    found += [
        f"{table} changed ({before[table].row_count} rows, now {after[table].row_count})"
        for table in before.keys() & after.keys()
        if before[table] != after[table]
    ]
    return sorted(found)


def _fingerprint(
    connection: duckdb.DuckDBPyConnection, table: str, shape: list[tuple[str, str]]
) -> TableFingerprint:
    values = ", ".join(f'"{column}"' for column, _ in shape)
    row = connection.execute(f"select count(*), sum(hash({values})) from {table}").fetchone()
    assert row is not None  # an aggregate always has one row
    text = f"{shape}|{row[0]}|{row[1]}"
    return TableFingerprint(int(row[0]), hashlib.sha256(text.encode()).hexdigest()[:32])
