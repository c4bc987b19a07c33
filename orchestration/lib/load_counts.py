"""Sums over the load ledger, for people and for the record of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LedgerRow = Mapping[str, Any]
COUNTED = ("row", "loaded", "quarantined", "duplicate")


def per_entity(ledger: Sequence[LedgerRow]) -> dict[str, dict[str, int]]:
    """Rows per entity of the contract, and of files only looked things up in."""
    counts: dict[str, dict[str, int]] = {}
    for row in ledger:
        entity = counts.setdefault(str(row["entity"] or "look-ups"), dict.fromkeys(COUNTED, 0))
        for kind in COUNTED:
            entity[kind] += row[f"{kind}_count"]
    return counts


def per_source(ledger: Sequence[LedgerRow]) -> list[dict[str, Any]]:
    """Rows per source system, each row of a file once: as its primary mapping counts it."""
    sources: dict[str, dict[str, int]] = {}
    seen: set[tuple[object, object]] = set()
    for row in ledger:
        file = (row["file_name"], row["content_sha256"])
        if file not in seen and row["status"] != "superseded":
            seen.add(file)
            heads = ("files", "rows", "loaded", "quarantined", "duplicates")
            source = sources.setdefault(str(row["source_system"]), dict.fromkeys(heads, 0))
            source["files"] += 1
            for head, kind in zip(heads[1:], COUNTED, strict=True):
                source[head] += row[f"{kind}_count"]
    return [{"source_system": name, **counts} for name, counts in sorted(sources.items())]
