"""One night, step by step: what Dagster's assets and checks call, in this order.

ingest → check_lake → transform → check_marts → publish → write_reports. Each step leaves its
evidence in the run's folder; publication reads nothing else. Not here: how a step does its work.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import TypeVar

import duckdb
import pyarrow as pa

from expectations import gate
from expectations.checks import GateReport
from expectations.ledger_checks import Judged, LoadId
from orchestration.lib import dbt, headlines
from orchestration.lib.adapters import Adapter, load_adapters
from orchestration.lib.alerts import record_alert
from orchestration.lib.evidence import Evidence, decide
from orchestration.lib.fingerprint import fingerprints
from orchestration.lib.home import Home
from orchestration.lib.ingest import ingest as ingest_landing
from orchestration.lib.ingest import ledger_rows, quarantine_rows, visible_files
from orchestration.lib.lake import RunParameters, build_lake_database
from orchestration.lib.load_counts import COUNTED, per_entity, per_source
from orchestration.lib.locks import exclusive
from orchestration.lib.pseudonyms import own_pseudonym_key
from orchestration.lib.release import release
from orchestration.lib.reports.quality import write_quality_page
from orchestration.lib.reports.scorecard import write_scorecard
from orchestration.lib.run_record import end_run, note_counts, start_run
from orchestration.lib.tables import shapes, shapes_of
from orchestration.lib.versions import SCHEMA, Version, current_version
from orchestration.settings import Settings

Result = TypeVar("Result")
LOG = logging.getLogger("cxroi")


@dataclass(frozen=True)
class Night:
    """What one run is: its settings, its paths, its data date, what a person vouched for."""

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

    def ledger(self) -> pa.Table:
        """One row per landing file and mapping this run may see."""
        return ledger_rows(self.home.lake, self.adapters, self.as_of_date)

    def quarantine(self) -> pa.Table:
        """One row per refused row, without the row itself."""
        return quarantine_rows(self.home.lake, self.adapters, self.as_of_date)


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
        tempfile.tempdir = str(home.temporary)  # libraries make scratch files: not in /tmp
        adapters = load_adapters(settings.adapter_folders, settings.time_zone)
        night = Night(settings, home, run_id, as_of_date, adapters, accepted)
        start_run(night.evidence, as_of_date, settings, accepted)
        try:
            yield night
        finally:
            _close_night(night)
            tempfile.tempdir = None


def _close_night(night: Night) -> None:
    """However the run ended: say so in its record, and show what was found on the quality page."""
    run = night.evidence.read("run") or {}
    if run.get("status") == "running":
        decision = decide(night.evidence, night.evidence.audited())
        end_run(night.evidence, "checked" if decision.passed else "failed", decision.reasons)
    run = night.evidence.read("run") or {}
    if run["status"] in ("failed", "refused"):
        record_alert(night.home, night.run_id, " ".join(run["reasons"]) or "The night failed.")
    if night.evidence.read("ingest"):
        write_quality_page(night.home, night.evidence, night.ledger(), night.quarantine())


def _step(step: Callable[[Night], Result]) -> Callable[[Night], Result]:
    """A step that cannot go on says so in the record of the run before it gives up."""

    @wraps(step)
    def recorded(night: Night) -> Result:
        try:
            return step(night)
        except Exception as error:
            if (night.evidence.read("run") or {}).get("status") == "running":
                end_run(night.evidence, "failed", (f"{type(error).__name__}: {error}",))
            raise

    return recorded


@_step
def ingest(night: Night) -> dict[str, dict[str, int]]:
    """Landing files to lake, and the lake as dbt will see it. Row counts per entity."""
    LOG.info("reading new files of %s", night.settings.landing)
    home, day = night.home, night.as_of_date
    report = ingest_landing(
        night.settings.landing, home.lake, home.temporary, night.adapters, day, LOG.debug
    )
    ledger = night.ledger().to_pylist()
    build_lake_database(
        home.lake_database,
        visible_files(home.lake, night.adapters, day),
        RunParameters(
            run_id=night.run_id,
            as_of_date=day,
            time_zone=night.settings.time_zone,
            reporting_currency=night.settings.currency,
            pseudonym_key=night.settings.pseudonym_key or own_pseudonym_key(home),
        ),
    )
    unread = [f"{i.file_name} {i.reason}" for i in report.ignored]
    unread += [f"{name} is still being written" for name in report.growing]
    night.evidence.record(
        "ingest", {"unread": unread, "read": report.read, "sources": per_source(ledger)}
    )
    counts = per_entity(ledger)
    total = {kind: sum(c[kind] for c in counts.values()) for kind in COUNTED}
    total["file"] = len({(row["file_name"], row["content_sha256"]) for row in ledger})
    note_counts(night.evidence, total)
    LOG.info(
        "%d files, %d new; %d rows loaded, %d quarantined, %d duplicates",
        *(total["file"], len(report.read)),
        *(total["loaded"], total["quarantined"], total["duplicate"]),
    )
    return {entity: {f"{k}_rows": n for k, n in c.items()} for entity, c in counts.items()}


@_step
def check_lake(night: Night) -> GateReport:
    """Gate 1."""
    LOG.info("gate 1: checking the lake")
    report = gate.check_lake(
        night.home.lake_database,
        ledger=night.ledger().to_pylist(),
        published=_published_files(night.home),
        unread=(night.evidence.read("ingest") or {}).get("unread", []),
        as_of_date=night.as_of_date,
        max_stale_days=night.settings.max_stale_days,
        accepted=night.accepted,
    )
    return _close(night, report)


@_step
def transform(night: Night) -> list[dbt.NodeResult]:
    """Build and test every dbt model in the private build folder."""
    LOG.info("building and testing the dbt models")
    manifest = dbt.read_manifest(night.home)
    results = dbt.build(night.home)
    night.evidence.record_dbt(dbt.expected_nodes(manifest), results)
    passed = sum(r.passed for r in results if r.is_test)
    LOG.info(
        "%d models, %d of %d tests passed",
        *(sum(r.kind == "model" and r.passed for r in results), passed),
        sum(r.is_test for r in results),
    )
    return results


@_step
def check_marts(night: Night) -> GateReport:
    """Gate 2, and the audit: what exactly was checked."""
    LOG.info("gate 2: checking the candidate")
    home, before = night.home, current_version(night.home)
    found = shapes_of(home.candidate)
    night.evidence.record_audit(fingerprints(home.candidate, SCHEMA))
    report = gate.check_marts(
        home.candidate,
        manifest=dbt.read_manifest(home),
        tables={name: table.columns for name, table in found.items()},
        row_counts={name: table.row_count for name, table in shapes(home).items()},
        before=_published(before) if before else None,
        figures=headlines.figures(home.candidate),
        as_of_date=night.as_of_date,
        accepted=night.accepted,
    )
    return _close(night, report)


def _published(version: Version) -> gate.Published:
    return gate.Published(
        as_of_date=date.fromisoformat(version.as_of_date),
        row_counts={name: table.row_count for name, table in version.tables.items()},
        figures=version.figures,
    )


@_step
def publish(night: Night) -> dict[str, str | int]:
    """Move analysts to this night, if its evidence carries it. Raises Refused otherwise."""
    version = release(
        night.home,
        night.evidence,
        ledger=night.ledger(),
        quarantine=night.quarantine(),
        figures=headlines.figures(night.home.candidate),
        keep_versions=night.settings.keep_versions,
        on_step=LOG.debug,
    )
    write_scorecard(night.home, night.settings.currency)
    LOG.info("published %s", version.name)
    return {"version": version.name, "bytes": version.bytes, "path": str(night.home.current)}


def _close(night: Night, report: GateReport) -> GateReport:
    night.evidence.record_gate(report)
    failed = sum(r.status != "passed" for r in report.results)
    LOG.info("%d checks, %d not passed", report.evaluated, failed)
    return report


def _published_files(home: Home) -> dict[LoadId, Judged]:
    """What the version analysts read was made of: rows per file name, content and mapping."""
    if current_version(home) is None:
        return {}
    with duckdb.connect(str(home.current), read_only=True) as connection:
        rows = connection.execute(
            "select file_name, content_sha256, mapping, max(loaded_count), "
            "arg_max(quarantined_count, loaded_count) from cx.load_ledger group by all"
        ).fetchall()
    return {
        (name, content, mapping): Judged(loaded, refused)
        for name, content, mapping, loaded, refused in rows
    }
