"""One run: what it is, the lock it holds, and how it is closed however it ends.

Here: the frame. Not here: what is done in it (`steps`).
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pyarrow as pa

from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.adapters.model import Adapter
from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import exclusive
from orchestration.lib.ingest.lake_snapshot import ledger_rows, quarantine_rows
from orchestration.lib.lake.load_summary import LedgerRow
from orchestration.lib.publication.decision import decide
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.run_record import end_run, start_run
from orchestration.lib.reports.quality_page import write_quality_page
from orchestration.lib.run.alerts import record_alert
from orchestration.lib.run.refresh import mend
from orchestration.settings import Settings

LOG = logging.getLogger("cxroi")


@dataclass(frozen=True)
class RunContext:
    """What one run is: its settings, its paths, its data date, what a person vouched for.

    Ledger and quarantine are those of the lake as this run's ingestion left it: read once, and
    not before.
    """

    settings: Settings
    home: Home
    run_id: str
    as_of_date: date
    adapters: tuple[Adapter, ...]
    accepted: Mapping[str, str]

    @property
    def evidence(self) -> Evidence:
        """The folder of this run."""
        return Evidence(self.home.runs, self.run_id)

    @cached_property
    def ledger(self) -> pa.Table:
        """One row per landing file and mapping this run may see."""
        return ledger_rows(self.home.lake, self.adapters, self.as_of_date)

    @cached_property
    def loads(self) -> list[LedgerRow]:
        """The rows of the ledger."""
        return list(self.ledger.to_pylist())

    @cached_property
    def quarantine(self) -> pa.Table:
        """One row per refused row, without the row itself."""
        return quarantine_rows(self.home.lake, self.adapters, self.as_of_date)


@contextmanager
def open_run(
    settings: Settings, run_id: str, as_of_date: date, accepted: Mapping[str, str]
) -> Iterator[RunContext]:
    """Hold the run lock and start from an empty build folder. Raises Locked if a run is going."""
    home = Home(settings.home)
    home.root.mkdir(parents=True, exist_ok=True)
    with exclusive(home.root / "run.lock", f"run {run_id}"):
        for sentence in mend(home, settings.currency):
            LOG.warning("%s", sentence)
        for folder in (home.build, home.temporary):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
        tempfile.tempdir = str(home.temporary)  # libraries make scratch files: not in /tmp
        adapters = load_adapters(
            settings.adapter_folders, settings.time_zone, settings.full_extracts
        )
        context = RunContext(settings, home, run_id, as_of_date, adapters, accepted)
        start_run(context.evidence, as_of_date, settings, accepted)
        try:
            yield context
        finally:
            _close_run(context)
            tempfile.tempdir = None


def _close_run(context: RunContext) -> None:
    """However the run ended: say so in its record, and show what was found on the quality page."""
    run = context.evidence.read("run") or {}
    if run.get("status") == "running":
        decision = decide(context.evidence, context.evidence.audited())
        end_run(context.evidence, "checked" if decision.passed else "failed", decision.reasons)
    run = context.evidence.read("run") or {}
    if run["status"] in ("failed", "refused"):
        record_alert(context.home, context.run_id, " ".join(run["reasons"]) or "The night failed.")
    if context.evidence.read("ingest"):
        write_quality_page(context.home, context.evidence, context.ledger, context.quarantine)
