"""What Dagster shows of the project: tables that leave the build, and what each is made from."""

from __future__ import annotations

from collections import Counter
from typing import Any

from orchestration.defs.graph import tables_of
from orchestration.lib.contracts.contract import load_contracts


def node(kind: str, name: str, *reads: str, **more: Any) -> dict[str, Any]:
    """A node as the manifest has it."""
    schema = {"dim": "cx", "fct": "cx", "int": "intermediate"}.get(name.split("_")[0], "seeds")
    body = {
        "resource_type": kind,
        "name": name,
        "schema": schema,
        "fqn": ["project", "core", "tickets", name],
        "description": "Grain, one row per thing. What it is for.",
        "config": {"meta": {"owner": "CX analytics"}},
        "columns": {"a": {"name": "a", "data_type": "bigint", "description": "A"}},
        "depends_on": {"nodes": list(reads)},
    }
    return {name: body | more}


SMALL = {
    "sources": {
        "lake_tickets": {"name": "tickets"},
        "lake_costs": {"name": "costs"},
        "lake_run": {"name": "run_parameters"},
    },
    "nodes": {
        # Not in the order in which they are built.
        **node("model", "fct_costs", "int_effort", "lake_costs"),
        **node("model", "fct_tickets", "int_cases", "prices", "lake_run"),
        **node("model", "int_effort", "int_cases", "fct_tickets"),
        **node("model", "int_cases", "lake_tickets"),
        **node("model", "int_unread", "lake_costs"),
        **node("model", "dim_metrics"),
        **node("seed", "prices"),
        **node("test", "own", "fct_costs", attached_node="fct_costs"),
        **node("test", "compares", "fct_tickets", "fct_costs", attached_node="fct_tickets"),
        **node("test", "between", "int_cases", attached_node="int_cases"),
        **node("test", "of_a_seed", "prices", attached_node="prices"),
        **node("test", "reads_two", "fct_costs", "fct_tickets"),
        **node("test", "of_no_table", "int_unread", attached_node="int_unread"),
        **node("test", "reads_nothing"),
    },
}


def test_dependencies_go_through_what_is_between() -> None:
    tables = {table.name: table for table in tables_of(SMALL)}
    assert {name: set(table.parents) for name, table in tables.items()} == {
        "fct_tickets": {("lake", "tickets")},
        "fct_costs": {("lake", "tickets"), ("lake", "costs"), ("cx", "fct_tickets")},
        "dim_metrics": set(),
    }
    names = [table.name for table in tables_of(SMALL)]
    assert names.index("fct_tickets") < names.index("fct_costs")


def test_each_test_is_shown_at_the_first_table_it_concerns() -> None:
    """A model between is of the first table made from it, what is of none of the registry."""
    assert {table.name: dict(table.tests) for table in tables_of(SMALL)} == {
        "fct_tickets": {"compares": "fct_tickets", "between": "int_cases", "of_a_seed": "prices"},
        "fct_costs": {"own": "fct_costs", "reads_two": "fct_costs"},
        "dim_metrics": {"of_no_table": "int_unread", "reads_nothing": "reads_nothing"},
    }


def test_a_table_says_where_it_stands_and_what_it_is_in_one_sentence() -> None:
    table = next(table for table in tables_of(SMALL) if table.name == "fct_tickets")
    assert table.area == "core_tickets"
    assert table.description == "Grain, one row per thing."
    assert table.owner == "CX analytics"
    assert table.columns == (("a", "bigint", "A"),)


def test_every_data_test_of_the_project_is_shown_once(manifest: dict[str, Any]) -> None:
    shown = Counter(test for table in tables_of(manifest) for test in table.tests)
    declared = {i for i, n in manifest["nodes"].items() if n["resource_type"] == "test"}
    assert set(shown) == declared
    assert set(shown.values()) == {1}


def test_a_table_is_made_from_the_lake_and_from_tables_before_it(manifest: dict[str, Any]) -> None:
    before: set[tuple[str, str]] = {("lake", name) for name in load_contracts()}
    for table in tables_of(manifest):
        assert table.parents <= before, table.name
        before.add((table.schema, table.name))
