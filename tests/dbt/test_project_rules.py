"""The rules of the house, read off the manifest: each fails with the names that break it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.lib.contracts import load_contracts
from orchestration.lib.lake import LINEAGE
from tests.dbt.nodes import Node, layer_of, models, names, parents, published

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
# What a name says must be true of the folder, so that a table's file is found from its name.
LAYERS = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z_]+",
    "marts": r"(dim|fct|bridge|rpt)_[a-z_]+",
    "restricted": r"[a-z_]+",
}
LINES = {".sql": 120, ".yml": 150, ".md": 150}


def test_the_first_line_of_a_model_says_what_a_row_is(manifest: Node) -> None:
    silent = [n for n in models(manifest) if not n["raw_code"].startswith("-- Grain: one row")]
    assert names(silent) == []


def test_a_model_ends_with_all_of_its_last_step(manifest: Node) -> None:
    other = [
        n for n in models(manifest) if not n["raw_code"].rstrip().endswith("select * from final")
    ]
    assert names(other) == []


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
