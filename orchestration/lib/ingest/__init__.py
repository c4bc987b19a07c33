"""From landing files to the typed, immutable lake, with every row accounted for."""

from orchestration.lib.ingest.lake_snapshot import (
    NotIngested,
    ledger_rows,
    quarantine_rows,
    visible_files,
)
from orchestration.lib.ingest.replay import ReplayReport, replay
from orchestration.lib.ingest.run import IngestReport, ingest
from orchestration.lib.ingest.scan import SourceMissing

__all__ = [
    "IngestReport",
    "NotIngested",
    "ReplayReport",
    "SourceMissing",
    "ingest",
    "ledger_rows",
    "quarantine_rows",
    "replay",
    "visible_files",
]
