"""What every published table has: docs, unit, owner, contract, key, identity, parity, exposure.

Read off the manifest; each rule fails with the names that break it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import yaml

from tests.dbt.nodes import Node, checks_of, models, names, published

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
NUMBERS = ("bigint", "int", "double", "decimal", "float")
COLUMN_KEYS = {"name", "data_type", "constraints", "description", "meta", "config", "data_tests"}


def shown(manifest: Node) -> list[Node]:
    """The tables analysts see: without the views in front of them and the restricted ones."""
    return [n for n in models(manifest, "marts") if n["config"]["materialized"] != "view"]


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


def test_a_description_begins_with_what_the_table_is_for(manifest: Node) -> None:
    """One plain sentence, then the grain: that much is the comment analysts see on the table."""
    form = re.compile(r"[A-Z][^.\n]+\. Grain: one row per ")
    assert names([n for n in models(manifest, "marts") if not form.match(n["description"])]) == []


def test_a_contract_declares_the_key_its_rules_test(manifest: Node) -> None:
    tested = {
        n["attached_node"]: key
        for n in manifest["nodes"].values()
        if n["resource_type"] == "test" and (n.get("test_metadata") or {}).get("name") == "rules"
        if (key := n["test_metadata"]["kwargs"].get("key"))
    }
    other = {
        n["name"]: (keys, tested.get(n["unique_id"]))
        for n in shown(manifest)
        if (keys := [c["columns"] for c in n["constraints"] if c["type"] == "primary_key"])
        != [tested.get(n["unique_id"])]
    }
    assert other == {}


def test_every_foreign_key_of_a_contract_is_tested(manifest: Node) -> None:
    [test] = [n for n in manifest["nodes"].values() if n["name"] == "every_foreign_key_is_found"]
    listed = ast.literal_eval(re.search(r"set keys = (\[.*?\n\]) %}", test["raw_code"], re.S)[1])
    tested = {
        (child, *columns, "->", parent, *parent_columns)
        for parent, parent_columns, children in listed
        for child, keys in children.items()
        for columns in keys
    }
    declared = {
        (n["name"], *c["columns"], "->", *re.findall(r"\w+", c["expression"]))
        for n in shown(manifest)
        for c in n["constraints"]
        if c["type"] == "foreign_key"
    }
    assert sorted(declared ^ tested) == []


def test_a_column_named_like_the_key_of_a_dimension_is_a_foreign_key(manifest: Node) -> None:
    """Or tools and analysts do not see the join. Ids of entities that may lack are none."""
    silent = [
        f"{n['name']}.{column}"
        for n in shown(manifest)
        for column in n["columns"]
        if column.endswith("customer_key")
        if not any(column in c["columns"] for c in n["constraints"])
    ]
    assert silent == []


def test_a_published_table_has_an_owner(manifest: Node) -> None:
    assert names([n for n in published(manifest) if not n["config"]["meta"].get("owner")]) == []


def test_a_published_table_has_a_key_test(manifest: Node) -> None:
    assert names([n for n in published(manifest) if not checks_of(manifest, n, "key")]) == []


def test_a_published_table_is_used_by_an_exposure(manifest: Node) -> None:
    used = {i for e in manifest["exposures"].values() for i in e["depends_on"]["nodes"]}
    assert names([n for n in published(manifest) if n["unique_id"] not in used]) == []


def test_a_mart_has_its_documentation_in_a_file_of_its_own(manifest: Node) -> None:
    apart = [
        n for n in published(manifest) if not (n["patch_path"] or "").endswith(f"/{n['name']}.yml")
    ]
    assert names(apart) == []


def test_a_number_says_its_unit(manifest: Node) -> None:
    """At the end of its description, in brackets: (minutes), (share 0–1), (reporting currency)."""
    silent = [
        f"{n['name']}.{c['name']}"
        for n in published(manifest)
        for c in n["columns"].values()
        if c["data_type"].startswith(NUMBERS)
        and not re.search(r"\([^()]+\)$", c["description"].strip())
    ]
    assert silent == []


def test_no_description_is_cut_off_at_a_comma() -> None:
    """In `{name: x, description: a, b}` b is a key of its own, which dbt drops without a word."""
    cut = [
        f"{file.name}: {column['name']}"
        for file in sorted(PROJECT.rglob("*.yml"))
        if isinstance(body := yaml.safe_load(file.read_text(encoding="utf-8")), dict)
        for kind in ("models", "seeds")
        for table in (body.get(kind) or ())
        if isinstance(table, dict)
        for column in (table.get("columns") or ())
        if set(column) - COLUMN_KEYS
    ]
    assert cut == []


def test_a_published_table_is_compared_with_another(manifest: Node) -> None:
    """Parity: as many rows, or the same sum, as in another model."""
    alone = [
        n
        for n in published(manifest)
        if not any(
            t["reads"] - {n["unique_id"]}
            for t in checks_of(manifest, n, "row_counts", "sums", "singular")
        )
    ]
    assert names(alone) == []


def test_a_published_table_adds_up(manifest: Node) -> None:
    """Identity: its parts make the whole, within a row or over all of them."""
    kinds = ("sums", "rows", "singular")
    assert names([n for n in published(manifest) if not checks_of(manifest, n, *kinds)]) == []


def test_no_table_is_compared_with_itself(manifest: Node) -> None:
    """Both sides of the comparison would be wrong together."""
    selves = [
        t["name"]
        for n in models(manifest)
        for t in checks_of(manifest, n, "row_counts", "sums")
        if re.search(rf"ref\('{n['name']}'\)", t["to"])
    ]
    assert selves == []


def test_the_rules_of_a_model_are_in_one_test(manifest: Node) -> None:
    """And those that only warn in another: a node costs more than most rules."""
    tests = Counter(
        (n["attached_node"], n["config"]["severity"])
        for n in manifest["nodes"].values()
        if n["resource_type"] == "test" and n.get("attached_node")
    )
    assert [node for node, count in tests.items() if count > 1] == []
