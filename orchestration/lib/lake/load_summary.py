"""The load ledger as rows, one per landing file and mapping: what identifies one, sums over them.

Here: what people, gates and the record of a run ask of it. How many rows there were has one answer
everywhere: the rows of the files that count, each row once, as its file's first mapping counts it.
How many records that made is asked per entity, for one file may feed several. "Tonight" are the
extracts taken on the data date, so that a run done again says the same. Not here: how the ledger
comes about (`ingest.lake_snapshot`), or whether it is in order (`expectations`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

LedgerRow = Mapping[str, Any]
FileId = tuple[str, str]  # name and content
LoadId = tuple[str, str, str | None]  # name, content and mapping
KINDS = ("loaded", "quarantined", "duplicate", "skipped")  # together the rows of the files
COUNTED = ("file", "row", *KINDS)
LOOKUPS = "look-ups"


class Judged(NamedTuple):
    """What a file came to in the version analysts read."""

    loaded_count: int
    quarantined_count: int


def file_id(row: LedgerRow) -> FileId:
    """What makes a landing file the same file: its name and its content."""
    return str(row["file_name"]), str(row["content_sha256"])


def loaded_rows(ledger: Sequence[LedgerRow]) -> dict[str, int]:
    """Rows in the lake of each entity some file delivers, which may be none."""
    loaded: dict[str, int] = {}
    for row in ledger:
        if row["status"] == "loaded" and row["entity"]:
            loaded[row["entity"]] = loaded.get(row["entity"], 0) + row["record_count"]
    return loaded


def rows_of_files(ledger: Sequence[LedgerRow], day: date | None = None) -> dict[str, int]:
    """Files that count and the rows in them, by what became of them; with a day, its extracts'.

    A version of a file that a later one replaced does not count. A refused file has no known rows.
    """
    counts = dict.fromkeys(COUNTED, 0)
    for row in ledger:
        if (
            row["is_first_mapping"]
            and row["status"] != "superseded"
            and day in (None, row["extract_date"])
        ):
            counts["file"] += 1
            counts["row"] += row["file_row_count"]
            for kind in KINDS:
                counts[kind] += row[f"{kind}_count"]
    return counts


def per_source(ledger: Sequence[LedgerRow], day: date) -> list[dict[str, Any]]:
    """`rows_of_files` for each source system, of tonight and of all nights."""
    sources: dict[str, list[LedgerRow]] = {}
    for row in ledger:
        sources.setdefault(str(row["source_system"]), []).append(row)
    return [
        {
            "source_system": system,
            "tonight": rows_of_files(rows, day),
            "total": rows_of_files(rows),
        }
        for system, rows in sorted(sources.items())
    ]


def records(ledger: Sequence[LedgerRow], day: date) -> dict[str, dict[str, int]]:
    """Records of each entity, and of files only looked things up in: tonight and in total."""
    names = [f"{k}_rows" for k in KINDS if k != "skipped"]
    found: dict[str, dict[str, int]] = {}
    for row in ledger:
        if row["status"] == "superseded":
            continue
        nothing = {f"{n}_{p}": 0 for p in ("tonight", "total") for n in ("files", *names)}
        counts = found.setdefault(str(row["entity"] or LOOKUPS), nothing)
        for period in ("tonight", "total") if row["extract_date"] == day else ("total",):
            counts[f"files_{period}"] += 1
            for name in names:
                counts[f"{name}_{period}"] += row[f"{name.removesuffix('_rows')}_count"]
    return found


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
