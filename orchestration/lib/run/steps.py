"""The steps of a run: what Dagster's assets and checks call, in this order.

ingest → check_lake → transform → check_marts → publish. Each step leaves its evidence in the run's
folder; publication reads nothing else. Not here: how a step does its work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import TypeVar

from expectations import gates
from expectations.checks.model import CheckResult, GateReport
from expectations.lake_gate.freshness import stale_sources
from expectations.mart_gate import headline_metrics, watched_figures
from expectations.mart_gate.answer_scales import answers_of
from orchestration.lib.base.home import Home
from orchestration.lib.base.threads import import_meanwhile
from orchestration.lib.ingest.lake_snapshot import gone_batches, lookup_rows, snapshot_files
from orchestration.lib.ingest.run import ingest as ingest_landing
from orchestration.lib.lake.database import RunParameters, build_lake_database, holidays
from orchestration.lib.lake.load_summary import (
    KINDS,
    first_refusals,
    judged_loads,
    loaded_rows,
    per_source,
    records,
    rows_of_files,
)
from orchestration.lib.lake.pseudonym_key import load_or_create_pseudonym_key
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.fingerprint import fingerprints
from orchestration.lib.publication.release import release
from orchestration.lib.publication.run_record import end_run, note_counts, note_stale
from orchestration.lib.publication.said_verdicts import verdicts_said
from orchestration.lib.publication.versions import SCHEMA, Version, current_version, database_of
from orchestration.lib.run.context import RunContext
from orchestration.lib.run.disk import require_space
from orchestration.lib.run.refresh import refresh_outputs
from orchestration.lib.transform import dbt
from orchestration.lib.transform.table_shapes import shapes, shapes_of

Result = TypeVar("Result")
LOG = logging.getLogger("cxroi")
LEDGER = "load_ledger"  # where counts of files and findings about them belong


def _step(step: Callable[[RunContext], Result]) -> Callable[[RunContext], Result]:
    """A step that cannot go on says so in the record of the run before it gives up."""

    @wraps(step)
    def recorded(context: RunContext) -> Result:
        try:
            return step(context)
        except Exception as error:
            if (context.evidence.read("run") or {}).get("status") == "running":
                end_run(context.evidence, "failed", (f"{type(error).__name__}: {error}",))
            raise

    return recorded


@_step
def ingest(context: RunContext) -> dict[str, dict[str, int]]:
    """Landing files to lake, and the lake as dbt will see it. Counts per entity, and of files."""
    home, day = context.home, context.as_of_date
    require_space(home, context.settings.landing, context.adapters)
    # While the reader beside this process is at work.
    import_meanwhile(gates.load, dbt.command_line)
    LOG.info("reading new files of %s", context.settings.landing)
    report = ingest_landing(
        context.settings.landing,
        home.lake,
        home.temporary,
        context.adapters,
        day,
        LOG.debug,
        settle_seconds=context.settings.settle_seconds,
        in_subprocess=True,
    )
    build_lake_database(
        home.lake_database,
        snapshot_files(home.lake, context.adapters, day),
        RunParameters(
            run_id=context.run_id,
            as_of_date=day,
            time_zone=context.settings.time_zone,
            reporting_currency=context.settings.currency,
            pseudonym_key=context.settings.pseudonym_key or load_or_create_pseudonym_key(home),
        ),
        verdicts_said(home),
        gone_batches(home.lake, context.adapters, day),
    )
    unread = [f"{i.file_name} {i.reason}" for i in report.ignored]
    unread += [
        f"{name} is still being written, or its folder has no _SUCCESS yet"
        for name in report.growing
    ]
    sources = per_source(context.loads, day)
    context.evidence.record("ingest", {"unread": unread, "read": report.read, "sources": sources})
    total, tonight = rows_of_files(context.loads), rows_of_files(context.loads, day)
    note_counts(context.evidence, total | {f"{kind}_tonight": n for kind, n in tonight.items()})
    LOG.info(
        "%d files, %d new; %d rows: %d loaded, %d quarantined, %d duplicates, %d skipped",
        *(total["file"], len(report.read), total["row"]),
        *(total[kind] for kind in KINDS),
    )
    return records(context.loads, day) | {LEDGER: _both(tonight, total)}


def _both(tonight: Mapping[str, int], total: Mapping[str, int]) -> dict[str, int]:
    names = {"file": "files", "row": "rows"} | {kind: f"{kind}_rows" for kind in KINDS}
    return {
        f"{name}_{period}": counts[kind]
        for period, counts in (("tonight", tonight), ("total", total))
        for kind, name in names.items()
    }


@_step
def check_lake(context: RunContext) -> GateReport:
    """Gate 1."""
    LOG.info("gate 1: checking the lake")
    home = context.home
    report = gates.check_lake(
        home.lake_database,
        ledger=context.loads,
        published=judged_loads(home.current) if current_version(home) else {},
        unread=(context.evidence.read("ingest") or {}).get("unread", []),
        refusals=first_refusals(context.quarantine),
        lookups=lookup_rows(home.lake, context.adapters, context.as_of_date),
        full_extracts={
            (adapter.system, file.role)
            for adapter in context.adapters
            for file in adapter.files
            if file.full_extract
        },
        holidays=holidays(home.lake_database),
        marking={
            (adapter.system, rule.name)
            for adapter in context.adapters
            for rule in adapter.mappings
            if rule.several
        },
        as_of_date=context.as_of_date,
        max_stale_days=context.settings.max_stale_days,
        accepted=context.accepted,
    )
    note_stale(context.evidence, stale_sources(report.results))
    return _close(context, report)


@_step
def transform(context: RunContext) -> list[dbt.NodeResult]:
    """Build and test every dbt model in the private build folder."""
    LOG.info("building and testing the dbt models")
    manifest = dbt.read_manifest(context.home)
    results = dbt.build(context.home)
    context.evidence.record_dbt(dbt.expected_nodes(manifest), results)
    passed = sum(r.passed for r in results if r.is_test)
    LOG.info(
        "%d models, %d of %d tests passed",
        *(sum(r.kind == "model" and r.passed for r in results), passed),
        sum(r.is_test for r in results),
    )
    return results


@_step
def check_marts(context: RunContext) -> GateReport:
    """Gate 2, and the audit: what exactly was checked."""
    LOG.info("gate 2: checking the candidate")
    home, before = context.home, current_version(context.home)
    built, audited = shapes(home), fingerprints(home.candidate, SCHEMA)
    context.evidence.record_audit(audited)
    counted = {name: shape.row_count for name, shape in built.items()}
    counted |= {name: table.row_count for name, table in audited.items()}
    watched = _watched(context, before) if before else []
    report = gates.check_marts(
        home.candidate,
        manifest=dbt.read_manifest(home),
        tables={name: shape.columns for name, shape in shapes_of(home.candidate).items()},
        row_counts={name: count for name, count in counted.items() if count is not None},
        delivered={entity for entity, count in loaded_rows(context.loads).items() if count},
        before=_published(home, before) if before else None,
        figures=headline_metrics.figures(home.candidate),
        watched=watched,
        as_of_date=context.as_of_date,
        accepted=context.accepted,
    )
    return _close(context, report)


def _watched(context: RunContext, before: Version) -> list[CheckResult]:
    """Figures beside their own past; what was accepted is what is usual from then on."""
    home, day = context.home, context.as_of_date
    published_day = date.fromisoformat(before.as_of_date)
    if published_day > day:
        return []
    levels = Evidence(home.runs, before.run_id).levels()
    odd = watched_figures.odd_figures(
        watched_figures.stats_of(home.current, day),
        watched_figures.stats_of(home.candidate, day),
        published_day,
        levels,
    )
    accepted = watched_figures.new_levels(levels, odd, published_day, context.accepted)
    context.evidence.record_levels(accepted)
    return watched_figures.checks(odd)


def _published(home: Home, version: Version) -> gates.Published:
    return gates.Published(
        as_of_date=date.fromisoformat(version.as_of_date),
        row_counts={name: table.row_count for name, table in version.tables.items()},
        figures=version.figures,
        answers=answers_of(home.current),
    )


@_step
def publish(context: RunContext) -> dict[str, str | int | bool]:
    """Move analysts to this run's tables, if its evidence carries it. Raises Refused otherwise."""
    version = release(
        context.home,
        context.evidence,
        ledger=context.ledger,
        quarantine=context.quarantine,
        figures=headline_metrics.figures(context.home.candidate),
        keep_versions=context.settings.keep_versions,
        on_step=LOG.debug,
    )
    refresh_outputs(context.home, context.settings.currency)
    LOG.info("published %s", version.name)
    return {
        "version": version.name,
        "bytes": version.bytes,
        "path": str(database_of(context.home, version.name)),
        "is_current": current_version(context.home) == version,
    }


def _close(context: RunContext, report: GateReport) -> GateReport:
    context.evidence.record_gate(report)
    failed = sum(r.status != "passed" for r in report.results)
    LOG.info("%d checks, %d not passed", report.evaluated, failed)
    return report
