"""Which of dbt's models are assets, what each is made from, and which data tests concern it.

Assets are the tables that leave the build: the published ones and the restricted ones. What is
between them and the lake is no asset; dependencies and tests are worked out through it.

Here: dbt's manifest read as a graph. Not here: Dagster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.lib.publication.versions import SCHEMA

SCHEMAS = (SCHEMA, "restricted")
# Nearly everything reads the parameters of the run. They are no data: the run has them as its day.
# Nor is what earlier nights published.
NO_DATA = ("run_parameters", "published_verdicts")
REGISTRY = "dim_metrics"  # where what concerns no single table is shown
Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One table that leaves the build.

    `unique_id`: dbt's name of the model. `area`: the folders it stands in. `parents`: (schema,
    table) of the other assets it is made from, `lake` being the schema of what was loaded.
    `columns`: (name, type, description). `tests`: the data tests shown at it and at no other table,
    each with the name of the model it is about.
    """

    unique_id: str
    schema: str
    name: str
    area: str
    description: str
    owner: str | None
    columns: tuple[tuple[str, str, str], ...]
    parents: frozenset[tuple[str, str]]
    tests: Mapping[str, str]


def tables_of(manifest: Manifest) -> tuple[Table, ...]:
    """The tables in an order in which they can be built."""
    order = _build_order(manifest)
    nodes = {node_id: manifest["nodes"][node_id] for node_id in order}
    assets = {i: node for i, node in nodes.items() if _is_asset(node)}
    sources: dict[str, frozenset[tuple[str, str]]] = {
        source_id: frozenset({("lake", source["name"])})
        for source_id, source in manifest["sources"].items()
        if source["name"] not in NO_DATA
    }
    key = {i: (str(node["schema"]), str(node["name"])) for i, node in assets.items()}
    # Of each node the assets next above it: itself if it is one, else those of its parents.
    above = dict(sources)
    made_from: dict[str, frozenset[tuple[str, str]]] = {}
    for node_id, node in nodes.items():
        found = frozenset(k for parent in _parents(node) for k in above.get(parent, ()))
        made_from[node_id] = found
        above[node_id] = frozenset({key[node_id]}) if node_id in assets else found
    tests = _tests(manifest, order, assets)
    return tuple(
        Table(
            unique_id=node_id,
            schema=node["schema"],
            name=node["name"],
            area="_".join(node["fqn"][1:-1]),
            description=_first_sentence(node["description"]),
            owner=(node["config"].get("meta") or {}).get("owner"),
            columns=tuple(
                (c["name"], c.get("data_type") or "", c.get("description") or "")
                for c in node["columns"].values()
            ),
            parents=made_from[node_id],
            tests=tests[node_id],
        )
        for node_id, node in assets.items()
    )


def _is_asset(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] == "model" and node["schema"] in SCHEMAS


def _parents(node: Mapping[str, Any]) -> list[str]:
    return list(node.get("depends_on", {}).get("nodes", []))


def _build_order(manifest: Manifest) -> list[str]:
    """Models and seeds, each after what it reads."""
    nodes = manifest["nodes"]
    order: dict[str, None] = {}

    def place(node_id: str) -> None:
        if node_id in order or node_id not in nodes:
            return
        for parent in _parents(nodes[node_id]):
            place(parent)
        order[node_id] = None

    for node_id, node in nodes.items():
        if node["resource_type"] in ("model", "seed"):
            place(node_id)
    return list(order)


def _tests(
    manifest: Manifest, order: list[str], assets: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Each data test at one table: its own or, of a model between, the first that is made from it.

    A test that reads several models is one of the model it is attached to, else of the last built.
    What no table is made from is shown at the registry of metrics.
    """
    rank = {node_id: position for position, node_id in enumerate(order)}
    at: dict[str, dict[str, str]] = {asset: {} for asset in assets}
    [registry] = [i for i in at if manifest["nodes"][i]["name"] == REGISTRY]
    below = _first_table_below(manifest, order, at)
    for test_id, node in manifest["nodes"].items():
        if node["resource_type"] == "test":
            read = sorted((i for i in _parents(node) if i in rank), key=rank.__getitem__)
            about = node.get("attached_node") or (read[-1] if read else None)
            name = manifest["nodes"][about]["name"] if about in rank else node["name"]
            at[below.get(about, registry)][test_id] = name
    return at


def _first_table_below(
    manifest: Manifest, order: list[str], assets: Mapping[str, object]
) -> dict[str | None, str]:
    """Of each model and seed the first table, as they are built, that is made from it."""
    rank = {node_id: position for position, node_id in enumerate(order)}
    below: dict[str | None, str] = {asset: asset for asset in assets}
    for node_id in reversed(order):
        if node_id not in below:
            continue  # nothing is made from it
        first = below[node_id]
        for parent in _parents(manifest["nodes"][node_id]):
            if parent not in assets and rank[first] <= rank[below.get(parent, order[-1])]:
                below[parent] = first
    return below


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(text.split()), maxsplit=1)[0]
