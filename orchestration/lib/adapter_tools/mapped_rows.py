"""Rows of entities as a person looks at them: a few of them, their dates, ids without a partner.

Here: what is in the files of a lake. Not here: how they came there (`sample`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.base.sql import name, quoted_list
from orchestration.lib.contracts.contract import Contract, load_contracts

SHOWN_ROWS = 3
SHOWN_IDS = 2


def entities_of(files: Mapping[str, Sequence[Path]]) -> list[dict[str, Any]]:
    """Of each entity with rows: three of them, range and months of each date, and of each column
    that names a row of another entity the ids that have no partner, on both sides."""
    with duckdb.connect() as engine:
        for entity, paths in files.items():
            engine.execute(
                f"create view {name(entity)} as select * from "
                f"read_parquet({quoted_list(paths)}, union_by_name = true)"
            )
        return [
            {
                "entity": entity,
                "rows": _first_rows(engine, load_contracts()[entity]),
                "dates": _dates(engine, load_contracts()[entity]),
                "references": _references(engine, load_contracts()[entity], files),
            }
            for entity in files
        ]


def _first_rows(engine: duckdb.DuckDBPyConnection, contract: Contract) -> list[dict[str, str]]:
    columns = ", ".join(f"{name(c.name)}::varchar as {name(c.name)}" for c in contract.columns)
    found = engine.execute(
        f"select {columns} from {name(contract.entity)} "
        f"order by extract_date, file_name, row_number limit {SHOWN_ROWS}"
    ).to_arrow_table()
    return [
        {column: text for column, text in row.items() if text is not None}
        for row in found.to_pylist()
    ]


def _dates(engine: duckdb.DuckDBPyConnection, contract: Contract) -> list[dict[str, Any]]:
    found = []
    for column in contract.columns:
        if column.type not in ("date", "timestamp"):
            continue
        months = engine.execute(
            f"select strftime({name(column.name)}, '%Y-%m') as month, count(*), "
            f"min({name(column.name)})::date::varchar, max({name(column.name)})::date::varchar "
            f"from {name(contract.entity)} where {name(column.name)} is not null "
            f"group by month order by month"
        ).fetchall()
        if months:
            found.append(
                {
                    "column": column.name,
                    "first": months[0][2],
                    "last": months[-1][3],
                    "months": {month: count for month, count, _, _ in months},
                }
            )
    return found


def _references(
    engine: duckdb.DuckDBPyConnection, contract: Contract, files: Mapping[str, Sequence[Path]]
) -> list[dict[str, Any]]:
    found = []
    for column in contract.columns:
        other = load_contracts().get(column.references or "")
        if other is None or other.entity == contract.entity:
            continue
        here = f"select distinct {name(column.name)} as id from {name(contract.entity)}"
        ids = _ids(engine, f"{here} where {name(column.name)} is not null", "true")
        if not ids[0]:
            continue
        said = {"column": column.name, "entity": other.entity, "ids": ids[0]}
        if other.entity in files:
            there = f"select distinct {name(other.key[0])} as id from {name(other.entity)}"
            said["without_partner"], said["such_as"] = _ids(
                engine, f"{here} where {name(column.name)} is not null", f"id not in ({there})"
            )
            said["unused"], said["unused_such_as"] = _ids(
                engine, there, f"id not in ({here} where {name(column.name)} is not null)"
            )
        found.append(said)
    return found


def _ids(engine: duckdb.DuckDBPyConnection, ids: str, condition: str) -> tuple[int, list[str]]:
    row = engine.execute(
        f"select count(*), list(id::varchar order by id)[:{SHOWN_IDS}] from ({ids}) "
        f"where {condition}"
    ).fetchone()
    return (int(row[0]), list(row[1] or [])) if row else (0, [])
