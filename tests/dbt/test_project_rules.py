"""The rules of the house, read off the manifest: each fails with the names that break it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from expectations.marts import entities_behind, marts_of
from orchestration.lib.contracts import load_contracts
from orchestration.lib.dbt import expected_nodes
from orchestration.lib.lake import LINEAGE

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
Node = dict[str, Any]
# What a name says must be true of the folder, so that a table's file is found from its name.
LAYERS = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z_]+",
    "marts": r"(dim|fct|bridge|rpt)_[a-z_]+",
    "restricted": r"[a-z_]+",
}


def models(manifest: Node, *layers: str) -> list[Node]:
    """The models of these layers, of all layers if none is named."""
    nodes = (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
    return [n for n in nodes if not layers or layer_of(n) in layers]


def layer_of(node: Node) -> str:
    return Path(node["path"]).parts[0]


def published(manifest: Node) -> list[Node]:
    return models(manifest, "marts", "restricted")


def parents(manifest: Node, node: Node) -> list[Node]:
    known = {**manifest["nodes"], **manifest["sources"]}
    return [known[i] for i in node["depends_on"]["nodes"]]


def names(nodes: list[Node]) -> list[str]:
    return sorted(n["name"] for n in nodes)


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


def test_a_model_is_named_after_its_folder(manifest: Node) -> None:
    misplaced = [n for n in models(manifest) if not re.fullmatch(LAYERS[layer_of(n)], n["name"])]
    assert names(misplaced) == []


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
        listed = re.search(r"final as \(\s+select\s+(.*?)\n\s+from ", sql, re.DOTALL)
        assert listed and re.split(r",\s+", listed[1].rstrip(",")) == columns, entity


def test_lineage_other_than_system_and_day_stays_in_the_lake(manifest: Node) -> None:
    inner = set(LINEAGE) - {"source_system", "extract_date"}
    leaks = [n["name"] for n in published(manifest) if inner & set(n["columns"])]
    assert leaks == []


def test_a_published_table_has_an_enforced_contract(manifest: Node) -> None:
    assert names([n for n in published(manifest) if not n["contract"]["enforced"]]) == []


def test_a_published_table_and_all_its_columns_are_described(manifest: Node) -> None:
    missing = [
        f"{n['name']}.{c['name']}"
        for n in published(manifest)
        for c in [{"name": "", "description": n["description"]}, *n["columns"].values()]
        if not c["description"].strip()
    ]
    assert missing == []
    assert names([n for n in published(manifest) if "Grain" not in n["description"]]) == []


def test_a_published_table_has_an_owner(manifest: Node) -> None:
    assert names([n for n in published(manifest) if not n["config"]["meta"].get("owner")]) == []


def test_a_published_table_has_a_key_test(manifest: Node) -> None:
    keyed = {
        parent
        for n in manifest["nodes"].values()
        if (n.get("test_metadata") or {}).get("name") == "unique_key"
        for parent in n["depends_on"]["nodes"]
    }
    assert names([n for n in published(manifest) if n["unique_id"] not in keyed]) == []


def test_a_published_table_is_used_by_an_exposure(manifest: Node) -> None:
    used = {i for e in manifest["exposures"].values() for i in e["depends_on"]["nodes"]}
    assert names([n for n in published(manifest) if n["unique_id"] not in used]) == []


def test_a_mart_has_its_documentation_in_a_file_of_its_own(manifest: Node) -> None:
    apart = [
        n for n in published(manifest) if not (n["patch_path"] or "").endswith(f"/{n['name']}.yml")
    ]
    assert names(apart) == []


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
