"""The ledger of the lake: every version of every landing file, and which of them count.

One small JSON file per version, written after everything it speaks of. Not here: what a mapping
made of the rows (`mapping`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from orchestration.lib.ingest.files import read_json, write_json


@dataclass(frozen=True)
class Batch:
    """One version of one landing file."""

    file_name: str
    source_system: str
    file_role: str
    extract_date: date
    content_sha256: str
    fingerprint: str  # of the declaration it was read by
    version: int  # counts the contents this file has had
    size: int
    mtime_ns: int
    loaded_at: str  # wall clock: for people only
    reason: str | None = None  # why the file as a whole is in quarantine
    row_count: int = 0
    good_count: int = 0
    rejected_count: int = 0
    footer_count: int = 0
    unknown_columns: tuple[str, ...] = ()
    absent_columns: tuple[str, ...] | None = None  # None: read before they were noted

    @property
    def batch_id(self) -> str:
        """Follows from the file, its content and its declaration: the same again in any lake."""
        parts = (self.file_name, str(self.extract_date), self.content_sha256, self.fingerprint)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def source_path(self, lake: Path) -> Path:
        """Typed vendor rows."""
        folder = lake / "source" / self.source_system / self.file_role
        return folder / f"{self.batch_id}.parquet"

    def rejected_path(self, lake: Path) -> Path:
        """Rows that could not be read, with their raw text."""
        return lake / "quarantine" / f"{self.batch_id}.parquet"


def write_batch(lake: Path, batch: Batch) -> None:
    """Enter a batch: from here on it counts."""
    body = asdict(batch) | {"extract_date": batch.extract_date.isoformat()}
    write_json(lake / "ledger" / f"{batch.batch_id}.{batch.version}.json", body)


def read_batches(lake: Path) -> list[Batch]:
    """Every batch ever entered, in a fixed order."""
    batches = []
    for path in (lake / "ledger").glob("*.json"):
        body = read_json(path)
        body["extract_date"] = date.fromisoformat(body["extract_date"])
        body["unknown_columns"] = tuple(body["unknown_columns"])
        if body.get("absent_columns") is not None:
            body["absent_columns"] = tuple(body["absent_columns"])
        batches.append(Batch(**body))
    return sorted(batches, key=_order)


def statuses(batches: Iterable[Batch], as_of_date: date) -> list[tuple[Batch, str]]:
    """What each batch extracted up to that day counts as: loaded, quarantined, duplicate or
    superseded.

    A version is superseded by a later one that could be read; one that cannot be read leaves the
    last good one in force. A duplicate has the content of the file just before it in the order of
    extracts: then nothing lies between the two that it could be meant to take back.
    """
    visible = sorted((b for b in batches if b.extract_date <= as_of_date), key=_order)
    readable = {_place(b): b.version for b in visible if b.reason is None}
    result = []
    before: dict[tuple[str, str], tuple[str, str]] = {}
    for batch in visible:
        role = (batch.source_system, batch.file_role)
        content = (batch.content_sha256, batch.fingerprint)
        if batch.version < readable.get(_place(batch), 0):
            status = "superseded"
        elif batch.reason is not None:
            status = "quarantined"
        elif before.get(role) == content:
            status = "duplicate"
        else:
            status, before[role] = "loaded", content
        result.append((batch, status))
    return result


def gone_dates(
    batches: Iterable[Batch], as_of_date: date, incomplete: Collection[str]
) -> dict[str, date]:
    """Of batches of one kind of file whose files of a day are the whole list: the first later day
    that lacks the content. A row whose latest version is in such a batch is gone since.

    A day of which a file or a row was refused is no whole list: it says of nothing that it is gone.
    `incomplete`: batches of which a mapping refused rows.
    """
    present: dict[date, set[str]] = {}
    broken: set[date] = set()
    loaded: list[Batch] = []
    for batch, status in statuses(batches, as_of_date):
        if status != "superseded":
            present.setdefault(batch.extract_date, set()).add(batch.content_sha256)
        if status == "quarantined" or (
            status == "loaded" and (batch.rejected_count or batch.batch_id in incomplete)
        ):
            broken.add(batch.extract_date)
        if status == "loaded":
            loaded.append(batch)
    gone = {}
    for batch in loaded:
        later = (
            day
            for day, contents in sorted(present.items())
            if day > batch.extract_date
            and day not in broken
            and batch.content_sha256 not in contents
        )
        if (day := next(later, None)) is not None:
            gone[batch.batch_id] = day
    return gone


def _place(batch: Batch) -> tuple[str, str, date]:
    """What versions have in common. A workbook gives a batch for each sheet that is read."""
    return batch.file_name, batch.file_role, batch.extract_date


def _order(batch: Batch) -> tuple[str, str, date, str, int]:
    return (
        batch.source_system,
        batch.file_role,
        batch.extract_date,
        batch.file_name,
        batch.version,
    )
