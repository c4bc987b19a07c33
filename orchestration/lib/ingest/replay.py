"""After a fix: what was in quarantine is read and mapped again, and what stays there is said.

An ingestion does this by itself, for a changed declaration, mapping or contract makes results of
new names. Here: doing it on purpose, and the account of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.lib.adapters.model import Adapter
from orchestration.lib.ingest.batches import read_batches, statuses
from orchestration.lib.ingest.lake_snapshot import ledger_rows
from orchestration.lib.ingest.run import IngestReport, ingest


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did and what it could not do."""

    ingested: IngestReport
    files_in_quarantine: tuple[str, ...]  # refused as a whole, with the reason
    rows_in_quarantine: int
    # Read by an older declaration, with rows in quarantine, and no longer in the landing folder:
    # put these files back to have them read again.
    missing: tuple[str, ...]


def replay(
    landing: Path,
    lake: Path,
    temporary: Path,
    adapters: Sequence[Adapter],
    as_of_date: date | None,
    progress: Callable[[str], None],
    settle_seconds: float = 0,
) -> ReplayReport:
    """Ingest, then say what is still in quarantine."""
    report = ingest(
        *(landing, lake, temporary, adapters, as_of_date, progress),
        settle_seconds=settle_seconds,
        in_subprocess=True,
    )
    ledger = ledger_rows(lake, adapters, report.as_of_date).to_pylist()
    current = {(a.system, f.role): f.fingerprint() for a in adapters for f in a.files}
    missing = [
        batch.file_name
        for batch, status in statuses(read_batches(lake), report.as_of_date)
        if status in ("loaded", "quarantined")
        and (batch.rejected_count or batch.reason)
        and batch.fingerprint != current.get((batch.source_system, batch.file_role))
    ]
    return ReplayReport(
        report,
        tuple(f"{r['file_name']} {r['reason']}" for r in ledger if r["status"] == "quarantined"),
        sum(r["quarantined_count"] for r in ledger if r["status"] == "loaded"),
        tuple(missing),
    )
