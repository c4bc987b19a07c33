"""What an adapter would make of sample files: read, mapped and judged as a run does it.

In a scratch folder that is gone afterwards, so nothing of it stays. Not here: whether the adapter
is sound (`check`).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.lib.adapter_tools.advice import line_to_write
from orchestration.lib.adapter_tools.mapped_rows import entities_of
from orchestration.lib.adapters.model import Adapter, SourceColumn, SourceFile
from orchestration.lib.ingest.lake_snapshot import (
    ledger_rows,
    lookup_rows,
    quarantine_rows,
    snapshot_files,
)
from orchestration.lib.ingest.mapping import lookup_roles
from orchestration.lib.ingest.run import ingest
from orchestration.lib.ingest.scan import path_pattern

MAX_REASONS = 10
MAX_VALUE = 60
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
COUNTS = ("loaded", "quarantined", "duplicate", "skipped")


class NoSample(ValueError):
    """The sample is not there, or is no file of the adapter."""


def try_sample(adapter: Adapter, sample: Path) -> dict[str, Any]:
    """What would become of a file, or of the files of a folder as if all came in one night.

    Of each file the rows by what would become of them and the first reasons for refusal; of each
    entity three rows, its dates, and ids without a partner.
    """
    if sample.is_dir():
        return _try_folder(adapter, sample)
    if not sample.is_file():
        raise NoSample(f"There is no file {sample}.")
    file, place, day = _place(adapter, sample)
    [found], entities = _try(adapter, [(sample, file, place)], day)
    return found | {"entities": entities}


def _try_folder(adapter: Adapter, folder: Path) -> dict[str, Any]:
    landed, unread = [], []
    days = [datetime.now(UTC).date()]
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            file, place, day = _place(adapter, path)
        except NoSample:
            unread.append(str(path.relative_to(folder)))
        else:
            folders = [
                part for part in path.relative_to(folder).parts[:-1] if DATED.fullmatch(part)
            ]
            if folders:
                day = date.fromisoformat(folders[-1])
                place = place.replace(str(datetime.now(UTC).date()), folders[-1])
            landed.append((path, file, place))
            days.append(day)
    if not landed:
        raise NoSample(f"No file in {folder} is one of {adapter.system}.")
    found, entities = _try(adapter, landed, max(days))
    return {"sample": str(folder), "files": found, "unread": unread, "entities": entities}


def _try(
    adapter: Adapter, samples: Sequence[tuple[Path, SourceFile, str]], day: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        for sample, _, place in samples:
            landed = scratch / "landing" / adapter.system / place
            landed.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(sample, landed)
        lake = scratch / "lake"
        ingest(scratch / "landing", lake, scratch / "tmp", [adapter], day, lambda step: None)
        ledger = ledger_rows(lake, [adapter], day).to_pylist()
        refused = quarantine_rows(lake, [adapter], day, with_raw_line=True).to_pylist()
        looked_up = lookup_rows(lake, [adapter], day)
        entities = entities_of(snapshot_files(lake, [adapter], day))
    present = {file.role for _, file, _ in samples}
    found = []
    for sample, file, place in samples:
        name = f"{adapter.system}/{place}"
        rows = [row for row in ledger if row["file_name"] == name]
        own = [row for row in refused if row["file_name"] == name]
        whole = rows[0]["reason"] if not rows[0]["file_row_count"] else None
        lookups = {
            role for rule in adapter.mappings_of(file.role) for role in lookup_roles(adapter, rule)
        }
        found.append(
            {
                "sample": str(sample),
                "file": file.role,
                "rows": rows[0]["file_row_count"],
                "refused": whole,
                "loads": [] if whole else [_load(row) for row in rows],
                "reasons": _reasons(own, file),
                "unknown_columns": rows[0]["unknown_columns"],
                "absent_columns": rows[0]["absent_columns"] or [],
                "empty_lookups": sorted(lookups - present),
                "lookups": [
                    row
                    for row in looked_up
                    if row["file_name"] == name and row["lookup"] in present
                ],
            }
        )
    return found, entities


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


def _reasons(refused: Sequence[dict[str, Any]], file: SourceFile) -> list[dict[str, Any]]:
    """Grouped, in the order in which the file first shows them, with the first value refused and
    the line to write, where one would do."""
    columns = {label: column for column in file.columns for label in column.labels}
    groups: dict[tuple[str | None, str], dict[str, Any]] = {}
    for row in sorted(refused, key=lambda r: r["row_number"]):
        label, reason = row["column_name"], row["reason"]
        if (label, reason) not in groups:
            cell = _cell(row["raw_line"], columns.get(label), label)
            column = columns.get(label)
            line = line_to_write(column, cell) if column and cell else None
            first = {"rows": 0, "first_row": row["row_number"], "column": label, "reason": reason}
            groups[label, reason] = first | {"value": cell, "line": line}
        groups[label, reason]["rows"] += 1
    return list(groups.values())[:MAX_REASONS]


def _cell(raw: str, column: SourceColumn | None, label: str | None) -> str | None:
    """What the refused row holds in the column, if the row could be told apart into cells."""
    try:
        cells = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(cells, dict):
        return None
    names = column.labels if column else (label,)
    text = next((cells[name] for name in names if name in cells), None)
    return None if text is None else str(text)[:MAX_VALUE]
