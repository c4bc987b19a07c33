"""The rules of the house, read off the manifest: each fails with the names that break it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from expectations.mart_gate.mart_catalogue import entities_behind, marts_of
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import LINEAGE
from orchestration.lib.transform.dbt import expected_nodes
from tests.dbt.nodes import Node, area_of, layer_of, models, names, parents, published

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
# Which prefixes a stage holds, so that a table's file is found from its name.
STAGES = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "core": r"(int|dim|fct|bridge)_[a-z_]+",
    "metrics": r"(int|fct|rpt)_[a-z_]+",
    "analysis": r"(int|fct)_[a-z_]+",
    "reports": r"(int|rpt|v)_[a-z_]+",
    "restricted": r"[a-z_]+",
}


def test_the_first_line_of_a_model_says_what_a_row_is(manifest: Node) -> None:
    opening = {"sql": "-- Grain: one row", "python": "# Grain: one row"}
    silent = [n for n in models(manifest) if not n["raw_code"].startswith(opening[n["language"]])]
    assert names(silent) == []


def test_a_model_ends_with_all_of_its_last_step(manifest: Node) -> None:
    other = [
        n
        for n in models(manifest)
        if n["language"] == "sql" and not n["raw_code"].rstrip().endswith("select * from final")
    ]
    assert names(other) == []


def test_a_model_in_python_hands_rows_to_a_pure_function_and_no_more(manifest: Node) -> None:
    """What it computes is tested without dbt; what can be SQL is SQL, so that it runs anywhere."""
    python = [n for n in models(manifest) if n["language"] == "python"]
    assert {n["unique_id"] for n in python} & expected_nodes(manifest)  # a night waits for them
    assert names([n for n in python if n["unique_id"] not in expected_nodes(manifest)]) == []
    assert names([n for n in python if layer_of(n) != "intermediate"]) == []
    own = re.compile(r"^\s*(for|while|if|import (numpy|pandas|scipy))\b|session\.", re.MULTILINE)
    assert names([n for n in python if own.search(n["raw_code"])]) == []
    assert names([n for n in python if "orchestration.lib.science" not in n["raw_code"]]) == []
    assert names([n for n in python if len(n["raw_code"].splitlines()) > 25]) == []


def test_a_model_is_named_after_its_stage(manifest: Node) -> None:
    misplaced = [
        n for n in models(manifest) if not re.fullmatch(STAGES[area_of(n).split("/")[0]], n["name"])
    ]
    assert names(misplaced) == []


def test_the_schema_of_a_model_follows_from_its_prefix(manifest: Node) -> None:
    """Folders say in which order tables are made; what analysts read must not move with them."""
    schemas = {"staging": "staging", "intermediate": "intermediate", "marts": "cx"}
    other = [
        n
        for n in models(manifest)
        if (n["database"], n["schema"])
        != (
            {"marts": "candidate", "restricted": "restricted"}.get(layer_of(n), "work"),
            schemas.get(layer_of(n), "restricted"),
        )
    ]
    assert names(other) == []


def test_only_staging_reads_sources_and_it_reads_nothing_else(manifest: Node) -> None:
    wrong = [
        f"{n['name']} reads {p['name']}"
        for n in models(manifest)
        for p in parents(manifest, n)
        if (p["resource_type"] == "source") != (layer_of(n) == "staging")
    ]
    assert wrong == []


def test_staging_hands_on_every_column_of_the_contract(manifest: Node) -> None:
    by_name = {n["name"]: n for n in models(manifest, "staging")}
    for entity, contract in load_contracts().items():
        sql = by_name[f"stg_{contract.area}__{entity}"]["raw_code"]
        columns = [c.name for c in contract.columns] + ["source_system", "extract_date"]
        columns += ["gone_date"] if entity == "contracts" else []  # on which day it ended
        listed = re.search(r"final as \(\s+select\s+(.*?)\n\s+from ", sql, re.DOTALL)
        assert listed and re.split(r",\s+", listed[1].rstrip(",")) == columns, entity


def test_lineage_other_than_system_and_day_stays_in_the_lake(manifest: Node) -> None:
    inner = set(LINEAGE) - {"source_system", "extract_date"}
    leaks = [n["name"] for n in published(manifest) if inner & set(n["columns"])]
    assert leaks == []


def test_no_published_column_is_named_like_personal_data(manifest: Node) -> None:
    personal = {
        c.name
        for k in load_contracts().values()
        for c in k.columns
        if c.pii in ("personal", "identifier")
    }
    # Agents and places are not customers; a product or survey has a name too.
    leaks = [
        f"{n['name']}.{c}"
        for n in models(manifest, "marts")
        for c in set(n["columns"]) & (personal - {"name"})
    ]
    assert leaks == []


def test_nothing_is_asked_of_the_clock(manifest: Node) -> None:
    clock = re.compile(r"\b(now\(\)|current_date|current_timestamp|today\(\)|random\(\))")
    assert names([n for n in models(manifest) if clock.search(n["raw_code"])]) == []


def test_documentation_is_short_enough_to_read() -> None:
    counts = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in PROJECT.rglob("*.md")
    }
    assert {name: count for name, count in counts.items() if count > 150} == {}


def test_what_a_mart_has_rows_from_is_something_it_is_made_of(manifest: Node) -> None:
    wrong = {
        node["name"]: sorted(unknown)
        for node in published(manifest)
        if (unknown := set(_rows_from(node)) - entities_behind(manifest, node))
    }
    assert wrong == {}


def test_a_mart_is_asked_for_rows_by_what_this_company_has(manifest: Node) -> None:
    """Of a desk alone, the tables of tickets; of a company with everything, all but the lists."""

    def asked(entities: Collection[str]) -> set[str]:
        return {m.name for m in marts_of(manifest, {}, {}, entities) if m.must_have_rows}

    assert asked({"tickets"}) == {
        *("dim_customers", "dim_metrics", "dim_segments", "fct_channel_service", "fct_tickets")
    }
    everything = asked(load_contracts())
    marts = {node["name"]: node for node in models(manifest, "marts")}
    optional = {name for name, node in marts.items() if node["meta"].get("may_be_empty")}
    assert everything == marts.keys() - optional


def _rows_from(node: Node) -> list[str]:
    return list(node["meta"].get("rows_from", ()))


def test_lines_of_sql_are_at_most_100_columns() -> None:
    wide = [
        f"{f.name}:{number}"
        for f in PROJECT.rglob("*.sql")
        for number, line in enumerate(f.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    ]
    assert wide == []
