"""`reports/quality.html`: what came in, what was refused and why, every check, the last runs.

Written after every run, published or not. Values of personal columns were masked by the checks;
refused lines are counted by reason and never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.lib.base.home import Home
from orchestration.lib.lake.load_summary import LOOKUPS, per_source, records, rows_of_files
from orchestration.lib.publication.audit_tables import quality_rows
from orchestration.lib.publication.evidence import Document, Evidence
from orchestration.lib.publication.run_record import all_runs
from orchestration.lib.reports.page import write_page

MAX_FILES = 60
MAX_REASONS = 20
MAX_RUNS = 30
GATE_TITLES = {
    "lake": "Gate 1: what was loaded",
    "dbt": "Data tests of the build",
    "marts": "Gate 2: what analysts would get",
}
VERDICTS = {
    "published": "Published: every gate passed.",
    "checked": "Checked, as asked; not published.",
    "refused": "Not published. What analysts read is unchanged.",
    "failed": "The run broke off. What analysts read is unchanged.",
    "running": "The run is not over.",
}


def write_quality_page(
    home: Home, evidence: Evidence, ledger: pa.Table, quarantine: pa.Table
) -> Path:
    """The page of one run; `ledger` and `quarantine` as ingestion gives them."""
    run = evidence.read("run") or {}
    checks = quality_rows(evidence)
    files = ledger.to_pylist()
    return write_page(
        home.reports / "quality.html",
        "quality.html",
        run=run,
        verdict=VERDICTS[run["status"]],
        checks=checks,
        failed=sorted(
            (c for c in checks if c["status"] != "passed"),
            key=lambda c: c["severity"] == "warning" and c["status"] == "failed",
        ),
        gates=[(title, [c for c in checks if c["gate"] == g]) for g, title in GATE_TITLES.items()],
        periods=_periods(files, date.fromisoformat(run["as_of_date"])),
        entities=_entities(files, date.fromisoformat(run["as_of_date"])),
        files=_newest(files),
        file_count=len(files),
        columns=_columns(files),
        reasons=_reasons(quarantine),
        runs=[_with_duration(r) for r in all_runs(home.runs, evidence.run_id)[:-MAX_RUNS:-1]],
    )


def _periods(files: Sequence[Document], day: date) -> list[tuple[str, list[Document]]]:
    """Rows of files of tonight and of all nights: of all sources together, then of each."""
    sources = per_source(files, day)

    def rows(period: str, period_day: date | None) -> list[Document]:
        together = {"system": "all sources", **rows_of_files(files, period_day)}
        return [together, *({"system": s["source_system"], **s[period]} for s in sources)]

    return [("Tonight", rows("tonight", day)), ("All nights", rows("total", None))]


def _entities(files: Sequence[Document], day: date) -> list[Document]:
    """Records per entity, with the sources they come from and the newest extract."""
    found = []
    for entity, counts in sorted(records(files, day).items()):
        own = [row for row in files if (row["entity"] or LOOKUPS) == entity]
        systems = ", ".join(sorted({row["source_system"] for row in own}))
        newest = max(row["extract_date"] for row in own)
        found.append({"entity": entity, "systems": systems, "newest": newest, **counts})
    return found


def _newest(files: Sequence[Document]) -> list[Document]:
    """The files to show: refused ones first, then by day, newest first."""
    ordered = sorted(files, key=lambda r: (r["extract_date"], r["file_name"]), reverse=True)
    return sorted(ordered, key=lambda r: r["status"] != "quarantined")[:MAX_FILES]


def _columns(files: Sequence[Document]) -> list[Document]:
    """Of each kind of file the newest one that was read, if it has columns nobody reads or lacks
    some that may be absent: one may be the other under a new name."""
    newest: dict[tuple[str, str], Document] = {}
    for row in files:
        if row["status"] == "loaded":
            kind = (row["source_system"], row["file_role"])
            day = newest[kind]["extract_date"] if kind in newest else row["extract_date"]
            if row["extract_date"] >= day:
                newest[kind] = row
    return [
        row for _, row in sorted(newest.items()) if row["unknown_columns"] or row["absent_columns"]
    ]


def _reasons(quarantine: pa.Table) -> list[tuple[tuple[Any, ...], int]]:
    names = ("source_system", "file_role", "column_name", "reason")
    columns = [quarantine.column(name).to_pylist() for name in names]
    return Counter(zip(*columns, strict=True)).most_common(MAX_REASONS)


def _with_duration(run: Document) -> Document:
    if not run["ended_at"]:
        return run | {"seconds": None}
    ended = datetime.fromisoformat(run["ended_at"])
    return run | {"seconds": (ended - datetime.fromisoformat(run["started_at"])).total_seconds()}
