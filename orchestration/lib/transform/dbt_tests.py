"""What the data tests of the dbt project claim, rule by rule, as sentences: the description of the
test, or one made of what it is given. Here: words. Not here: running them (`dbt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Arguments = Mapping[str, Any]
GENERIC = "rules"  # the one generic test: dbt_project/tests/generic/rules.sql
KEY = "unique_key"  # the name of the rule behind its argument `key`


@dataclass(frozen=True)
class Rule:
    """One claim: the test as a whole, or one of the rules of a model. `table` None = of several."""

    name: str
    kind: str
    table: str | None
    claim: str


def is_of_rules(node: Mapping[str, Any]) -> bool:
    """Whether the test holds the rules of a model, each of which answers for itself."""
    return bool((node.get("test_metadata") or {}).get("name") == GENERIC)


def rules_of(node: Mapping[str, Any]) -> list[Rule]:
    """The rules of one test of the manifest, in the order in which it checks them."""
    name, said = str(node["name"]), str(node.get("description") or "").strip()
    if not is_of_rules(node):
        sentence = " ".join(filter(None, (_sentence(name), _first_comment(node["raw_code"]))))
        return [Rule(name, "singular", None, said or sentence)]
    arguments = node["test_metadata"]["kwargs"]
    return list(_rules(_table(str(arguments["model"])), arguments))


def describe_test(node: Mapping[str, Any]) -> str:
    """All that one test of the manifest claims."""
    return " ".join(rule.claim for rule in rules_of(node))


def _rules(table: str, arguments: Arguments) -> Iterator[Rule]:
    if key := arguments.get("key"):
        yield Rule(KEY, "unique", table, _claim("unique", table, {"columns": key}))
    for kind in ("unique", "rows", "sums", "row_counts"):
        for rule in arguments.get(kind) or ():
            sentence = f"{_sentence(rule['name'])} {_claim(kind, table, rule)}"
            yield Rule(rule["name"], kind, table, sentence)


def _claim(kind: str, table: str, rule: Arguments) -> str:
    where = _where(rule, "where")
    other = _table(str(rule.get("to", ""))) + _where(rule, "to_where")
    if kind == "unique":
        columns = ", ".join(rule["columns"])
        return f"No two rows of {table}{where} share {columns}, and none of these is null."
    if kind == "row_counts":
        return f"{table}{where} has as many rows as {other}."
    if kind == "sums":
        within = f", within {rule['tolerance']}" if rule.get("tolerance") else ""
        mine, theirs = _plain(rule["expression"]), _plain(rule["to_expression"])
        return f"The sum of {mine} over {table}{where} is that of {theirs} over {other}{within}."
    null = "" if rule.get("is_null_allowed", True) else " and not null"
    return f"True{null} on every row of {table}{where}: {_plain(rule['condition'])}."


def _where(rule: Arguments, key: str) -> str:
    return f" where {_plain(rule[key])}" if rule.get(key) else ""


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
