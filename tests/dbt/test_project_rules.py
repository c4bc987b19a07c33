"""The rules of the house, read off the manifest: each fails with the names that break it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.contracts import load_contracts
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
LINES = {".sql": 120, ".py": 250, ".yml": 150, ".md": 150}


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
    silent = [n for n in models(manifest) if not re.match(r"(--|#) Grain: one row", n["raw_code"])]
    assert names(silent) == []


def test_a_model_ends_with_all_of_its_last_step(manifest: Node) -> None:
    other = [
        n
        for n in models(manifest)
        if n["language"] == "sql" and not n["raw_code"].rstrip().endswith("select * from final")
    ]
    assert names(other) == []


def test_a_python_model_only_hands_tables_to_the_library(manifest: Node) -> None:
    """Statistics live where they are tested and typed; and no mart is made outside SQL."""
    python = [n for n in models(manifest) if n["language"] == "python"]
    assert python
    assert names([n for n in python if layer_of(n) != "intermediate"]) == []
    own = re.compile(r"^\s*(for|while|if|import (numpy|pandas|scipy))\b|session\.", re.MULTILINE)
    assert names([n for n in python if own.search(n["raw_code"])]) == []
    assert names([n for n in python if "orchestration.lib.science" not in n["raw_code"]]) == []


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


@pytest.mark.parametrize("suffix", LINES)
def test_files_are_short_enough_to_read(suffix: str) -> None:
    generated = "__source.yml"
    files = [f for f in PROJECT.rglob(f"*{suffix}") if not f.name.endswith(generated)]
    long = {
        str(f.relative_to(PROJECT)): n
        for f in files
        if (n := len(f.read_text(encoding="utf-8").splitlines())) > LINES[suffix]
    }
    assert long == {}


def test_lines_of_sql_are_at_most_100_columns() -> None:
    wide = [
        f"{f.name}:{number}"
        for f in PROJECT.rglob("*.sql")
        for number, line in enumerate(f.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    ]
    assert wide == []
