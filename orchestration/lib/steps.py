"""The steps of a night: what Dagster's assets and checks call, in this order.

ingest → check_lake → transform → check_marts → publish. Each step leaves its evidence in the run's
folder; publication reads nothing else. Not here: how a step does its work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import TypeVar

from expectations import gate
from expectations.answer_checks import answers_of
from expectations.checks import GateReport
from expectations.engine import import_meanwhile
from expectations.freshness_checks import stale_sources
from orchestration.lib import dbt, headlines
from orchestration.lib.disk import require_space
from orchestration.lib.fingerprint import fingerprints
from orchestration.lib.follow import follow
from orchestration.lib.home import Home
from orchestration.lib.ingest import ingest as ingest_landing
from orchestration.lib.ingest import visible_files
from orchestration.lib.lake import RunParameters, build_lake_database
from orchestration.lib.load_ledger import (
    KINDS,
    first_refusals,
    judged_loads,
    loaded_rows,
    per_source,
    records,
    rows_of_files,
)
from orchestration.lib.night import Night
from orchestration.lib.pseudonyms import own_pseudonym_key
from orchestration.lib.release import release
from orchestration.lib.run_record import end_run, note_counts, note_stale
from orchestration.lib.tables import shapes, shapes_of
from orchestration.lib.versions import SCHEMA, Version, current_version, database_of

Result = TypeVar("Result")
LOG = logging.getLogger("cxroi")
LEDGER = "load_ledger"  # where counts of files and findings about them belong


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
    """Landing files to lake, and the lake as dbt will see it. Counts per entity, and of files."""
    home, day = night.home, night.as_of_date
    require_space(home, night.settings.landing, night.adapters)
    import_meanwhile()  # while the reader beside this process is at work
    LOG.info("reading new files of %s", night.settings.landing)
    report = ingest_landing(
        night.settings.landing,
        home.lake,
        home.temporary,
        night.adapters,
        day,
        LOG.debug,
        settle_seconds=night.settings.settle_seconds,
        beside=True,
    )
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
    sources = per_source(night.loads, day)
    night.evidence.record("ingest", {"unread": unread, "read": report.read, "sources": sources})
    total, tonight = rows_of_files(night.loads), rows_of_files(night.loads, day)
    note_counts(night.evidence, total | {f"{kind}_tonight": n for kind, n in tonight.items()})
    LOG.info(
        "%d files, %d new; %d rows: %d loaded, %d quarantined, %d duplicates, %d skipped",
        *(total["file"], len(report.read), total["row"]),
        *(total[kind] for kind in KINDS),
    )
    return records(night.loads, day) | {LEDGER: _both(tonight, total)}


def _both(tonight: Mapping[str, int], total: Mapping[str, int]) -> dict[str, int]:
    names = {"file": "files", "row": "rows"} | {kind: f"{kind}_rows" for kind in KINDS}
    return {
        f"{name}_{period}": counts[kind]
        for period, counts in (("tonight", tonight), ("total", total))
        for kind, name in names.items()
    }


@_step
def check_lake(night: Night) -> GateReport:
    """Gate 1."""
    LOG.info("gate 1: checking the lake")
    home = night.home
    report = gate.check_lake(
        home.lake_database,
        ledger=night.loads,
        published=judged_loads(home.current) if current_version(home) else {},
        unread=(night.evidence.read("ingest") or {}).get("unread", []),
        refusals=first_refusals(night.quarantine),
        as_of_date=night.as_of_date,
        max_stale_days=night.settings.max_stale_days,
        accepted=night.accepted,
    )
    note_stale(night.evidence, stale_sources(report.results))
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
        delivered={entity for entity, count in loaded_rows(night.loads).items() if count},
        before=_published(home, before) if before else None,
        figures=headlines.figures(home.candidate),
        as_of_date=night.as_of_date,
        accepted=night.accepted,
    )
    return _close(night, report)


def _published(home: Home, version: Version) -> gate.Published:
    return gate.Published(
        as_of_date=date.fromisoformat(version.as_of_date),
        row_counts={name: table.row_count for name, table in version.tables.items()},
        figures=version.figures,
        answers=answers_of(home.current),
    )


@_step
def publish(night: Night) -> dict[str, str | int | bool]:
    """Move analysts to this night, if its evidence carries it. Raises Refused otherwise."""
    version = release(
        night.home,
        night.evidence,
        ledger=night.ledger,
        quarantine=night.quarantine,
        figures=headlines.figures(night.home.candidate),
        keep_versions=night.settings.keep_versions,
        on_step=LOG.debug,
    )
    follow(night.home, night.settings.currency)
    LOG.info("published %s", version.name)
    return {
        "version": version.name,
        "bytes": version.bytes,
        "path": str(database_of(night.home, version.name)),
        "is_current": current_version(night.home) == version,
    }


def _close(night: Night, report: GateReport) -> GateReport:
    night.evidence.record_gate(report)
    failed = sum(r.status != "passed" for r in report.results)
    LOG.info("%d checks, %d not passed", report.evaluated, failed)
    return report
