"""One night, step by step: what Dagster's assets and checks call, in this order.

ingest → check_lake → transform → check_marts → publish → write_reports. Each step leaves its
evidence in the run's folder; publication reads nothing else. Not here: how a step does its work.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from orchestration.lib import dbt
from orchestration.lib.adapters import Adapter, load_adapters
from orchestration.lib.home import Home
from orchestration.lib.ingest import ingest as ingest_landing
from orchestration.lib.ingest import ledger_rows, quarantine_rows, visible_files
from orchestration.lib.lake import RunParameters, build_lake_database
from orchestration.lib.locks import exclusive
from orchestration.settings import Settings

LOG = logging.getLogger("cxroi")


@dataclass(frozen=True)
class Night:
    """What one run is: its settings, its paths, its data date."""

    settings: Settings
    home: Home
    run_id: str
    as_of_date: date
    adapters: tuple[Adapter, ...]
    accepted: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def open_night(
    settings: Settings, run_id: str, as_of_date: date, accepted: Mapping[str, str]
) -> Iterator[Night]:
    """Hold the run lock and start from an empty build folder. Raises Locked if a run is going."""
    home = Home(settings.home)
    home.root.mkdir(parents=True, exist_ok=True)
    with exclusive(home.root / "run.lock", f"run {run_id}"):
        for folder in (home.build, home.temporary):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
        adapters = load_adapters(settings.adapter_folders)
        yield Night(settings, home, run_id, as_of_date, adapters, accepted)


def ingest(night: Night) -> dict[str, dict[str, int]]:
    """Landing files to lake, and the lake as dbt will see it. Counts per entity."""
    LOG.info("ingest: reading new files of %s", night.settings.landing)
    home, day = night.home, night.as_of_date
    report = ingest_landing(
        night.settings.landing, home.lake, home.temporary, night.adapters, day, LOG.debug
    )
    ledger = ledger_rows(home.lake, night.adapters, day)
    parameters = RunParameters(
        run_id=night.run_id,
        as_of_date=day,
        time_zone=night.settings.time_zone,
        reporting_currency=night.settings.currency,
        pseudonym_key=_pseudonym_key(night),
    )
    files = visible_files(home.lake, night.adapters, day)
    build_lake_database(home.lake_database, files, parameters)
    return report, ledger
