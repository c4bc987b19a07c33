"""What an adapter would make of a sample file: read, mapped and judged as a run does it.

In a scratch folder that is gone afterwards, so nothing of it stays. Not here: whether the adapter
is sound (`check`).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.lib.adapters.model import Adapter, SourceFile
from orchestration.lib.ingest.lake_snapshot import ledger_rows, quarantine_rows
from orchestration.lib.ingest.mapping import lookup_roles
from orchestration.lib.ingest.run import ingest
from orchestration.lib.ingest.scan import path_pattern

MAX_REASONS = 10
COUNTS = ("loaded", "quarantined", "duplicate", "skipped")


class NoSample(ValueError):
    """The sample is not there, or is no file of the adapter."""


def try_sample(adapter: Adapter, sample: Path) -> dict[str, Any]:
    """Rows of a sample by what would become of them, and the first reasons for refusal."""
    if not sample.is_file():
        raise NoSample(f"There is no file {sample}.")
    file, place, day = _place(adapter, sample)
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        landed = scratch / "landing" / adapter.system / place
        landed.parent.mkdir(parents=True)
        shutil.copyfile(sample, landed)
        lake = scratch / "lake"
        ingest(scratch / "landing", lake, scratch / "tmp", [adapter], day, lambda step: None)
        ledger = ledger_rows(lake, [adapter], day).to_pylist()
        refused = quarantine_rows(lake, [adapter], day).to_pylist()
    rules = adapter.mappings_of(file.role)
    whole = ledger[0]["reason"] if not ledger[0]["file_row_count"] else None
    return {
        "sample": str(sample),
        "file": file.role,
        "rows": ledger[0]["file_row_count"],
        "refused": whole,
        "loads": [] if whole else [_load(row) for row in ledger],
        "reasons": _reasons(refused),
        "unknown_columns": ledger[0]["unknown_columns"],
        "absent_columns": ledger[0]["absent_columns"] or [],
        "empty_lookups": sorted({role for rule in rules for role in lookup_roles(adapter, rule)}),
    }


def _place(adapter: Adapter, sample: Path) -> tuple[SourceFile, str, date]:
    """The kind of file, by the name alone; where it would lie; the day it would be of."""
    claims = {
        file.role: (file, folders, found.groupdict().get("date"))
        for file in adapter.files
        for *folders, name in (path.split("/") for path in file.paths)
        if (found := re.fullmatch(path_pattern(name), sample.name))
    }
    if len(claims) != 1:
        names = ", ".join(p.rsplit("/", 1)[-1] for file in adapter.files for p in file.paths)
        what = f"may be any of {', '.join(claims)}" if claims else "is no file"
        raise NoSample(
            f"{sample.name} {what} of {adapter.system}; its files are called {names}. "
            f"Copy it to a name that fits one of them."
        )
    [(file, folders, text)] = claims.values()
    try:
        day = date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise NoSample(f"{text} in the name of {sample.name} is no day.") from None
    place = [f.replace("{date}", str(day)).replace("*", "sample") for f in folders]
    return file, "/".join([*place, sample.name]), day


def _load(row: dict[str, Any]) -> dict[str, Any]:
    counts = {kind: row[f"{kind}_count"] for kind in COUNTS}
    reason = row["reason"] if row["status"] == "quarantined" else None
    return {"mapping": row["mapping"], "entity": row["entity"], "reason": reason, **counts}


def _reasons(refused: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grouped, in the order in which the file first shows them."""
    groups: dict[tuple[str | None, str], dict[str, Any]] = {}
    for row in sorted(refused, key=lambda r: r["row_number"]):
        column, reason = row["column_name"], row["reason"]
        first = {"rows": 0, "first_row": row["row_number"], "column": column, "reason": reason}
        groups.setdefault((column, reason), first)["rows"] += 1
    return list(groups.values())[:MAX_REASONS]
