"""What published runs said of closed months, and what the next ones said instead, and why.

Every publication leaves in its run's folder (`said.json`) what it said anew: figures of closed
months not said before or said differently, files not read before or read no longer. Folded in the
order of publication these give what analysts last read, without any earlier version of the
warehouse. Here: the comparison. Not here: which file explains a change (`restatement_causes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from orchestration.lib.base.home import Home
from orchestration.lib.publication.evidence import Document, Evidence
from orchestration.lib.publication.restatement_causes import SOURCES, causes_of
from orchestration.lib.publication.run_record import all_runs
from orchestration.lib.publication.versions import SCHEMA, all_versions

STEP = "said"
DIGITS = 8  # sums of floats may differ in the last ones from night to night
Month = tuple[str, str]  # metric, first day of the month


class PublishedFigure(NamedTuple):
    """A figure as some run published it; None where it had no value."""

    value: float | None
    run_id: str
    as_of_date: str


@dataclass
class PublishedState:
    """What has been published so far: the last figure of each month, and the files behind it."""

    figures: dict[Month, PublishedFigure] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # batch id: file name
    restatements: list[Document] = field(default_factory=list)
    last_run: Document | None = None


def record_restatements(home: Home, evidence: Evidence, ledger: pa.Table) -> list[Document]:
    """Write down what this run says anew. Every restatement so far, those of this run included."""
    run = evidence.read("run") or {}
    before = published_state(home, evidence.run_id)
    said = dict(_figures(home))
    files = {
        row["batch_id"]: row["file_name"]
        for row in ledger.select(["batch_id", "file_name", "status"]).to_pylist()
        if row["status"] == "loaded"
    }
    added = {batch: name for batch, name in files.items() if batch not in before.files}
    gone = {batch: name for batch, name in before.files.items() if batch not in files}
    changed = {
        month: (old, said[month])
        for month, old in sorted(before.figures.items())
        if month in said and said[month] != old.value
    }
    causes = causes_of(home, list(changed), added, gone, before.last_run, run)
    restatements = [
        _row(month, old, value, run, causes[month]) for month, (old, value) in changed.items()
    ]
    evidence.record(
        STEP,
        {
            "figures": [
                [*month, value]
                for month, value in said.items()
                if month not in before.figures or month in changed
            ],
            "files_added": added,
            "files_gone": sorted(gone),
            "restatements": restatements,
        },
    )
    return before.restatements + restatements


def published_state(home: Home, running: str) -> PublishedState:
    """What the runs published before the running one said."""
    known = PublishedState()
    for run, document in _published(home, running):
        for metric, month, value in document["figures"]:
            known.figures[metric, month] = PublishedFigure(value, run["run_id"], run["as_of_date"])
        for batch in document["files_gone"]:
            known.files.pop(batch, None)
        known.files |= document["files_added"]
        known.restatements += document["restatements"]
        known.last_run = run
    return known


def _published(home: Home, running: str) -> Iterator[tuple[Document, Document]]:
    """A run that crashed after its version was in place has been read all the same."""
    versions = {version.run_id for version in all_versions(home)}
    for run in all_runs(home.runs, running):
        if run["run_id"] != running and (run["status"] == "published" or run["run_id"] in versions):
            document = Evidence(home.runs, run["run_id"]).read(STEP)
            if document is not None:
                yield run, document


def _figures(home: Home) -> Iterator[tuple[Month, float | None]]:
    with duckdb.connect(str(home.candidate), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        if ("fct_segment_roi",) not in tables:
            return
        rows = connection.execute(
            f"select cast(period_date as varchar), {', '.join(SOURCES)} "
            f"from {SCHEMA}.fct_segment_roi "
            "where segmentation = 'all' and period_kind = 'month' order by period_date"
        ).fetchall()
    for month, *values in rows:
        for metric, value in zip(SOURCES, values, strict=True):
            yield (metric, month), None if value is None else round(float(value), DIGITS)


def _row(
    month: Month, old: PublishedFigure, value: float | None, run: Mapping[str, Any], cause: Document
) -> Document:
    known = old.value is not None and value is not None
    return {
        "metric_name": month[0],
        "month_date": month[1],
        "run_id": run["run_id"],
        "as_of_date": run["as_of_date"],
        "restated_at": run["started_at"],
        "value": value,
        "previous_value": old.value,
        "difference": round((value or 0) - (old.value or 0), DIGITS) if known else None,
        "previous_run_id": old.run_id,
        "previous_as_of_date": old.as_of_date,
        **cause,
    }
