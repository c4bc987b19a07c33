"""How often a look-up of a mapping finds nothing, told from the mapping's own SQL.

Here: the joins at the top of a query, by its syntax tree, and a query that counts them. Not here:
the mapping (`mapping`), or how many misses are too many (`expectations`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

COUNTS = "select count(l) filter (where r is null) as miss_count, count(l) as reference_count"


def count_misses(
    engine: duckdb.DuckDBPyConnection, sql: str, roles: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Of each look-up joined at the top of the query by an equality: rows that name something it
    lacks, and rows that name something. A row that names nothing misses nothing."""
    tree = _tree(engine, sql)
    found = {}
    for role, here, there in _joins(tree["statements"][0]["node"].get("from_table"), roles):
        asked = _tree(engine, COUNTS)["statements"][0]["node"]["select_list"]
        node = tree["statements"][0]["node"] | {"select_list": _put(asked, here, there)}
        document = json.dumps(tree | {"statements": [tree["statements"][0] | {"node": node}]})
        row = engine.execute("select json_deserialize_sql(cast(? as json))", [document]).fetchone()
        counted = engine.execute(row[0]).fetchone() if row else None
        if counted:
            found[role] = (int(counted[0]), int(counted[1]))
    return found


def _tree(engine: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    row = engine.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    return tree


def _joins(table: Any, roles: Collection[str]) -> Iterator[tuple[str, Any, Any]]:
    """Look-ups joined, with what names a row of theirs and the column of theirs it must equal."""
    if not isinstance(table, dict) or table.get("type") != "JOIN":
        return
    yield from _joins(table["left"], roles)
    right = table["right"]
    if right.get("type") != "BASE_TABLE" or right["table_name"] not in roles:
        return
    alias = right["alias"] or right["table_name"]
    for column in table["using_columns"][:1]:
        yield right["table_name"], _column([column]), _column([alias, column])
        return
    for equality in _equalities(table["condition"]):
        sides = [equality["left"], equality["right"]]
        theirs = [side for side in sides if side.get("column_names", [""])[0] == alias]
        if len(theirs) == 1:
            [ours] = [side for side in sides if side is not theirs[0]]
            yield right["table_name"], ours, theirs[0]
            return


def _equalities(condition: Any) -> Iterator[Any]:
    if isinstance(condition, dict):
        if condition.get("type") == "COMPARE_EQUAL":
            yield condition
        elif condition.get("type") == "CONJUNCTION_AND":
            for child in condition["children"]:
                yield from _equalities(child)


def _column(names: list[str]) -> dict[str, Any]:
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": names}


def _put(tree: Any, here: Any, there: Any) -> Any:
    """The tree with `l` and `r` replaced by the two sides of a join."""
    if isinstance(tree, list):
        return [_put(part, here, there) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("column_names") in (["l"], ["r"]):
        return here if tree["column_names"] == ["l"] else there
    return {key: _put(value, here, there) for key, value in tree.items()}
