"""The load ledger as rows, one per landing file and mapping: what identifies one, sums over them.

Here: what people, gates and the record of a run ask of it. Not here: how it comes about
(`ingest.visible`), or whether it is in order (`expectations.ledger_checks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

LedgerRow = Mapping[str, Any]
FileId = tuple[str, str]  # name and content
LoadId = tuple[str, str, str | None]  # name, content and mapping
COUNTED = ("row", "loaded", "quarantined", "duplicate")
SOURCE_COUNTS = {
    "rows": "file_row_count",
    "loaded": "loaded_count",
    "quarantined": "quarantined_count",
    "duplicates": "duplicate_count",
    "skipped": "skipped_count",
}


class Judged(NamedTuple):
    """What a file came to in the version analysts read."""

    loaded_count: int
    quarantined_count: int


def file_id(row: LedgerRow) -> FileId:
    """What makes a landing file the same file: its name and its content."""
    return str(row["file_name"]), str(row["content_sha256"])


def loaded_rows(ledger: Sequence[LedgerRow]) -> dict[str, int]:
    """Rows loaded of each entity some file delivers, which may be none."""
    loaded: dict[str, int] = {}
    for row in ledger:
        if row["status"] == "loaded" and row["entity"]:
            loaded[row["entity"]] = loaded.get(row["entity"], 0) + row["loaded_count"]
    return loaded


def per_entity(ledger: Sequence[LedgerRow]) -> dict[str, dict[str, int]]:
    """Rows per entity of the contract, and of files only looked things up in."""
    counts: dict[str, dict[str, int]] = {}
    for row in ledger:
        entity = counts.setdefault(str(row["entity"] or "look-ups"), dict.fromkeys(COUNTED, 0))
        for kind in COUNTED:
            entity[kind] += row[f"{kind}_count"]
    return counts


def per_source(ledger: Sequence[LedgerRow]) -> list[dict[str, Any]]:
    """Rows per source system, each row of a file once: as its primary mapping counts it.

    rows = loaded + quarantined + duplicates + skipped, which the mapping does not concern.
    """
    sources: dict[str, dict[str, int]] = {}
    seen: set[FileId] = set()
    for row in ledger:
        if file_id(row) not in seen and row["status"] != "superseded":
            seen.add(file_id(row))
            heads = ("files", *SOURCE_COUNTS)
            source = sources.setdefault(str(row["source_system"]), dict.fromkeys(heads, 0))
            source["files"] += 1
            for head, count in SOURCE_COUNTS.items():
                source[head] += row[count]
    return [{"source_system": name, **counts} for name, counts in sorted(sources.items())]


def first_refusals(quarantine: pa.Table) -> dict[str, str]:
    """Why the first refused row of each batch was refused; never what stood in it."""
    found: dict[str, str] = {}
    for row in quarantine.select(["batch_id", "column_name", "reason"]).to_pylist():
        found.setdefault(
            row["batch_id"], " ".join(filter(None, (row["column_name"], row["reason"])))
        )
    return found


def judged_loads(database: Path) -> dict[LoadId, Judged]:
    """What a published file was made of: rows per file name, content and mapping."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select file_name, content_sha256, mapping, max(loaded_count), "
            "arg_max(quarantined_count, loaded_count) from cx.load_ledger group by all"
        ).fetchall()
    return {
        (name, content, mapping): Judged(loaded, refused)
        for name, content, mapping, loaded, refused in rows
    }
