"""Texts that a query itself writes into a column, found in its syntax tree.

`case kind when 'x' then 'sale' end as transaction_kind` gives 'sale'; what it compares with ('x')
it does not give. Here: the tree. Not here: which texts a column may hold (`check`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb


def given_texts(engine: duckdb.DuckDBPyConnection, sql: str) -> dict[str, list[str]]:
    """The literal texts of each named column of a query and of the queries in it, in order."""
    found = engine.execute("select json_serialize_sql(?)", [sql]).fetchone()
    texts: dict[str, list[str]] = {}
    for expression in _selected(json.loads(found[0]) if found else {}):
        for text in _results(expression):
            known = texts.setdefault(expression["alias"], [])
            known += [text] if text not in known else []
    return texts


def _selected(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, list):
        for part in tree:
            yield from _selected(part)
    elif isinstance(tree, dict):
        yield from (e for e in tree.get("select_list", ()) if e.get("alias"))
        yield from _selected(list(tree.values()))


def _results(expression: dict[str, Any]) -> Iterator[str]:
    """What an expression can come to without looking at a row."""
    kind = expression["class"]
    if kind == "CONSTANT" and isinstance(expression["value"].get("value"), str):
        yield expression["value"]["value"]
    parts = {
        "CASE": [c["then_expr"] for c in expression.get("case_checks", ())]
        + [expression.get("else_expr")],
        "CAST": [expression.get("child")],
        "OPERATOR": expression.get("children", [])
        if expression["type"] == "OPERATOR_COALESCE"
        else [],
    }
    for part in parts.get(kind, ()):
        if part:
            yield from _results(part)
