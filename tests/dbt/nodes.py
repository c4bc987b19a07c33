"""Models, tests and what they read, by the manifest of the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Node = dict[str, Any]


def models(manifest: Node, *layers: str) -> list[Node]:
    """The models of these layers, of all layers if none is named."""
    nodes = (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
    return [n for n in nodes if not layers or layer_of(n) in layers]


PREFIXES = {"stg": "staging", "int": "intermediate"} | dict.fromkeys(
    ("dim", "fct", "bridge", "rpt"), "marts"
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
    """Tests of these kinds that hold this model against something and stop the night."""
    return [
        n
        for n in manifest["nodes"].values()
        if n["resource_type"] == "test"
        and n["config"]["severity"].lower() == "error"
        and node["unique_id"] in n["depends_on"]["nodes"]
        and ((n.get("test_metadata") or {}).get("name") or "singular") in kinds
        and n.get("attached_node") in (None, node["unique_id"])
    ]
