"""Models, tests and what they read, by the manifest of the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Node = dict[str, Any]


def models(manifest: Node, *layers: str) -> list[Node]:
    """The models of these layers, of all layers if none is named."""
    nodes = (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
    return [n for n in nodes if not layers or layer_of(n) in layers]


PREFIXES = {"stg": "staging", "int": "intermediate"} | dict.fromkeys(
    ("dim", "fct", "bridge", "rpt", "v"), "marts"
)


def layer_of(node: Node) -> str:
    """By the prefix, whatever the folder: `restricted` has none."""
    return PREFIXES.get(node["name"].split("_")[0], "restricted")


def area_of(node: Node) -> str:
    """The folder below models/."""
    return Path(node["path"]).parent.as_posix()


def published(manifest: Node) -> list[Node]:
    return models(manifest, "marts", "restricted")


def parents(manifest: Node, node: Node) -> list[Node]:
    known = {**manifest["nodes"], **manifest["sources"]}
    return [known[i] for i in node["depends_on"]["nodes"]]


def names(nodes: list[Node]) -> list[str]:
    return sorted(n["name"] for n in nodes)


def checks_of(manifest: Node, node: Node, *kinds: str) -> list[Node]:
    """Rules of these kinds that hold this model against something and stop the night.

    Each with the nodes it `reads`: of a model's rules what that rule names, of a query all of it.
    """
    return [
        {**rule, "kind": kind, "reads": reads}
        for n in manifest["nodes"].values()
        if n["resource_type"] == "test"
        and n["config"]["severity"].lower() == "error"
        and node["unique_id"] in n["depends_on"]["nodes"]
        and n.get("attached_node") in (None, node["unique_id"])
        for kind, rule, reads in _rules(manifest, n)
        if kind in kinds
    ]


def _rules(manifest: Node, test: Node) -> Iterator[tuple[str, Node, set[str]]]:
    if not test.get("test_metadata"):
        yield "singular", {"name": test["name"]}, set(test["depends_on"]["nodes"])
        return
    arguments = test["test_metadata"]["kwargs"]
    by_name = {manifest["nodes"][i]["name"]: i for i in test["depends_on"]["nodes"]}
    if arguments.get("key"):
        yield "key", {"name": "unique_key"}, {test["attached_node"]}
    for kind in ("unique", "rows", "sums", "row_counts"):
        for rule in arguments.get(kind, ()):
            named = re.findall(r"ref\('(\w+)'\)", str(rule))
            yield kind, rule, {test["attached_node"], *(by_name[name] for name in named)}
