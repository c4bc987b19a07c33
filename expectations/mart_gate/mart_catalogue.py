"""What is known of the published tables before looking at their rows: from dbt's manifest.

Here: ranges, and which tables have to have rows. Not here: the checks (`mart_suite`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "cx"
OF_THE_RUN = frozenset({"run_parameters", "published_verdicts"})  # of the lake, but no entity
SHARE = "0–1)"  # how the description of a share ends


@dataclass(frozen=True)
class Mart:
    """What is known about a published table before looking at its rows."""

    name: str
    columns: Mapping[str, str]
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    scrubbed: frozenset[str] = frozenset()
    may_be_empty: bool = False
    must_have_rows: bool = False


def marts_of(
    manifest: Mapping[str, Any],
    columns: Mapping[str, Mapping[str, str]],
    row_counts: Mapping[str, int],
    delivered: Collection[str],
) -> list[Mart]:
    """Every mart of the manifest, with its columns and the rows of every model found tonight.

    `delivered`: entities with rows in the lake. A mart must have rows if the entities its meta
    names in `rows_from` were delivered: a table with a row per ticket needs tickets and nothing
    else. Without `rows_from` it is made of all it draws on; one entity that this company lacks, or
    one model without rows, may leave it empty. So may its meta, `may_be_empty`. That it had rows
    the night before is another question (`drift`).

    A column whose description gives the unit 0–1 is a share; its meta may say
    `range: [low, high]` (null is open), or `is_scrubbed` for text rid of what names a person.
    """
    nodes = [n for n in manifest["nodes"].values() if _is_mart(n)]
    return [
        Mart(
            name=node["name"],
            columns=columns.get(node["name"], {}),
            ranges=_ranges(node["columns"]),
            scrubbed=frozenset(
                name for name, column in node["columns"].items() if _meta(column).get("is_scrubbed")
            ),
            may_be_empty=bool(_meta(node).get("may_be_empty")),
            must_have_rows=_must_have_rows(manifest, node, delivered, row_counts),
        )
        for node in sorted(nodes, key=lambda n: str(n["name"]))
    ]


def entities_behind(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> set[str]:
    """The entities of the lake a model is made of, by whatever way."""
    found: set[str] = set()
    seen: set[str] = set()
    ahead = list(node["depends_on"]["nodes"])
    while ahead:
        parent = ahead.pop()
        if parent in seen:
            continue
        seen.add(parent)
        if parent.startswith("source."):
            found.add(parent.split(".")[-1])
        elif parent in manifest["nodes"]:
            ahead += manifest["nodes"][parent].get("depends_on", {}).get("nodes", [])
    return found - OF_THE_RUN


def _must_have_rows(
    manifest: Mapping[str, Any],
    node: Mapping[str, Any],
    delivered: Collection[str],
    row_counts: Mapping[str, int],
) -> bool:
    if _meta(node).get("may_be_empty"):
        return False
    named = _meta(node).get("rows_from")
    if named is not None:
        return set(named).issubset(delivered)
    parents = [p.split(".")[-1] for p in node["depends_on"]["nodes"] if p.startswith("model.")]
    return entities_behind(manifest, node).issubset(delivered) and all(
        row_counts.get(parent, 1) > 0 for parent in parents
    )


def _is_mart(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "model" and node["schema"] == SCHEMA)


def _ranges(columns: Mapping[str, Any]) -> dict[str, tuple[float | None, float | None]]:
    ranges = {}
    for name, column in columns.items():
        if bounds := _meta(column).get("range"):
            ranges[name] = (bounds[0], bounds[1])
        elif column.get("description", "").endswith(SHARE):
            ranges[name] = (0, 1)
    return ranges


def _meta(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**(part.get("meta") or {}), **((part.get("config") or {}).get("meta") or {})}
