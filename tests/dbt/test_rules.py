"""The one generic test: each rule finds what breaks it, and says how much and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from orchestration.lib.transform.dbt_tests import rules_of
from tests.product_sql import ENVIRONMENT, PROJECT

RULES = PROJECT / "tests" / "generic" / "rules.sql"
MINE = [("a", "2025-01-01", 10, True), ("b", "2025-01-01", 20, True), ("c", None, 30, None)]


class Refused(Exception):
    """What dbt reports as a compilation error."""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as candidate")
        for table in ("candidate.mine", "inner_mine", "other"):
            connection.execute(
                f"create table {table} (key varchar, day varchar, amount bigint, is_good boolean)"
            )
            connection.executemany(f"insert into {table} values (?, ?, ?, ?)", MINE)
        yield connection


def _refuse(message: str) -> None:
    raise Refused(message)


def sql(table: str = "candidate.mine", **arguments: Any) -> str:
    """The SQL dbt makes of the rules of a table."""
    source = re.sub(r"{% test (\w+)\(", r"{% macro test_\1(", RULES.read_text(encoding="utf-8"))
    template = ENVIRONMENT.from_string(source.replace("{% endtest %}", "{% endmacro %}"))
    module = template.make_module(
        {"exceptions": SimpleNamespace(raise_compiler_error=_refuse)},
    )
    database = table.split(".")[0] if "." in table else "work"
    return str(module.test_rules(_Relation(table, database), **arguments))


class _Relation(str):
    """A relation as Jinja sees it: its name as text, its parts as attributes."""

    database: str

    def __new__(cls, name: str, database: str) -> _Relation:
        relation = super().__new__(cls, name)
        relation.database = database
        return relation


def broken(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(found) for name, *found in connection.execute(query).fetchall()}


ALL = {
    "key": ["key"],
    "unique": [{"name": "one_a_day", "columns": ["day"], "where": "day is not null"}],
    "rows": [
        {"name": "good", "condition": "is_good"},
        {"name": "known_good", "condition": "is_good", "is_null_allowed": False},
        {"name": "small_or_late", "condition": "amount < 20", "where": "key = 'a' or key = 'b'"},
    ],
    "sums": [
        {"name": "amounts", "expression": "amount", "to": "other", "to_expression": "amount"},
        {
            "name": "nearly",
            "expression": "amount",
            "where": "key <> 'c'",
            "to": "other",
            "to_expression": "amount",
            "to_where": "key = 'c'",
            "tolerance": 0,
        },
    ],
    "row_counts": [
        {"name": "as_many", "to": "other"},
        {"name": "as_few", "where": "key = 'a'", "to": "other", "to_where": "key <> 'a'"},
    ],
}


def test_each_broken_rule_is_one_row_that_says_what_breaks_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert broken(connection, sql(**ALL)) == {
        "one_a_day": (1, None, None, "2025-01-01"),
        "known_good": (1, None, None, "c"),
        "small_or_late": (1, None, None, "b"),
        "as_few": (None, "1", "2", None),
    }


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("insert into candidate.mine values ('a', '2025-01-02', 0, true)", "unique_key"),
        ("update candidate.mine set key = null where key = 'b'", "unique_key"),
        ("update candidate.mine set is_good = false where key = 'a'", "good"),
        ("update candidate.mine set amount = 11 where key = 'a'", "amounts"),
        ("update candidate.mine set amount = 11 where key = 'a'", "nearly"),
        ("delete from candidate.mine where key = 'c'", "as_many"),
    ],
)
def test_each_rule_goes_red(connection: duckdb.DuckDBPyConnection, change: str, found: str) -> None:
    assert found not in broken(connection, sql(**ALL))
    connection.execute(change)
    assert found in broken(connection, sql(**ALL))


def test_a_sum_may_differ_by_the_tolerance(connection: duckdb.DuckDBPyConnection) -> None:
    rule = {"name": "near", "expression": "amount + 1", "to": "other", "to_expression": "amount"}
    assert "near" in broken(connection, sql(sums=[rule | {"tolerance": 2}]))
    assert broken(connection, sql(sums=[rule | {"tolerance": 3}])) == {}


def test_only_of_a_published_table_is_a_key_told(connection: duckdb.DuckDBPyConnection) -> None:
    """What identifies a person is a key in the tables before them."""
    found = broken(connection, sql("inner_mine", **ALL))
    assert found["known_good"] == (1, None, None, None)
    assert found["one_a_day"] == (1, None, None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"rows": []},
        {"rows": [{"name": "good"}]},
        {"rows": [{"condition": "is_good"}]},
        {"rows": [{"name": "good", "condition": "is_good", "wher": "true"}]},
        {"rows": [{"name": "good", "condition": "is_good"}] * 2},
        {"key": ["key"], "unique": [{"name": "unique_key", "columns": ["day"]}]},
    ],
)
def test_what_would_check_nothing_or_something_else_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        sql(**arguments)


def test_every_rule_has_a_sentence_and_a_place_in_the_sql() -> None:
    node = {
        "name": "rules_of_mine",
        "test_metadata": {"name": "rules", "kwargs": {"model": "ref('mine')", **ALL}},
    }
    rules = rules_of(node)
    assert [r.name for r in rules] == re.findall(r"'(\w+)' as rule_name", sql(**ALL))
    assert all(r.claim and r.table == "mine" for r in rules)
