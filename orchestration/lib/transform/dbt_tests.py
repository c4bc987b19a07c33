"""What a data test of the dbt project claims, as a sentence: its own description, or one made of
what it is given. Here: words. Not here: running it (`dbt`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Arguments = Mapping[str, Any]


def describe_test(node: Mapping[str, Any]) -> str:
    """The sentence for one test of the manifest."""
    if said := (node.get("description") or "").strip():
        return str(said)
    name = str(node["name"])
    generic = node.get("test_metadata") or {}
    if not generic:
        return " ".join(filter(None, (_sentence(name), _first_comment(node["raw_code"]))))
    kind, arguments = generic["name"], generic["kwargs"]
    claim = _claim(kind, _table(str(arguments["model"])), arguments)
    return claim if name.startswith(f"{kind}_") else f"{_sentence(name)} {claim}"


def _claim(kind: str, table: str, arguments: Arguments) -> str:
    where = _where(arguments, "where")
    other = _table(str(arguments.get("to", ""))) + _where(arguments, "to_where")
    if kind == "unique_key":
        columns = ", ".join(arguments["columns"])
        return f"No two rows of {table} share {columns}, and none of these is null."
    if kind == "same_row_count":
        return f"{table}{where} has as many rows as {other}."
    if kind == "same_sum":
        within = f", within {arguments['tolerance']}" if arguments.get("tolerance") else ""
        mine, theirs = _plain(arguments["expression"]), _plain(arguments["to_expression"])
        return f"The sum of {mine} over {table}{where} is that of {theirs} over {other}{within}."
    if kind == "holds_for_every_row":
        null = "" if arguments.get("is_null_allowed", True) else " and not null"
        return f"True{null} on every row of {table}{where}: {_plain(arguments['condition'])}."
    return f"Generic test {kind} of {table}."


def _where(arguments: Arguments, key: str) -> str:
    return f" where {_plain(arguments[key])}" if arguments.get(key) else ""


def _sentence(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ") + "."


def _first_comment(sql: str) -> str:
    found = re.match(r"\s*--\s*(.*)", sql)
    return found[1].strip().rstrip(".") + "." if found else ""


def _table(reference: str) -> str:
    names = re.findall(r"'(\w+)'", reference)
    return names[-1] if names else reference


def _plain(sql: object) -> str:
    """On one line, with tables by their names."""
    text = re.sub(r"\{\{\s*(?:ref|source)\(([^)]*)\)\s*\}\}", lambda m: _table(m[1]), str(sql))
    return " ".join(text.split())
