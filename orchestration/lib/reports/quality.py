"""`reports/quality.html`: what came in, what was refused and why, every check, the last runs.

Written after every night, published or not. Values of personal columns were masked by the checks;
refused lines are counted by reason and never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.lib.evidence import Document, Evidence
from orchestration.lib.evidence_tables import quality_rows
from orchestration.lib.home import Home
from orchestration.lib.reports.page import write_page
from orchestration.lib.run_record import all_runs

MAX_FILES = 60
MAX_REASONS = 20
MAX_RUNS = 30
GATE_TITLES = {
    "lake": "Gate 1: what was loaded",
    "dbt": "Data tests of the build",
    "marts": "Gate 2: what analysts would get",
}
VERDICTS = {
    "published": "Published. Analysts read this night.",
    "checked": "Checked, as asked; not published.",
    "refused": "Not published. Analysts still read the night before.",
    "failed": "The run broke off. Analysts still read the night before.",
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
        sources=_sources(files),
        files=_newest(files),
        file_count=len(files),
        reasons=_reasons(quarantine),
        runs=[_with_duration(r) for r in all_runs(home.runs, evidence.run_id)[:-MAX_RUNS:-1]],
    )


def _sources(files: Sequence[Document]) -> list[Document]:
    """Rows by source and kind of file, of the files that count."""
    kinds = ("loaded", "quarantined", "duplicate")
    sources: dict[tuple[str, str], Document] = {}
    for row in files:
        key = (row["source_system"], row["entity"] or f"{row['file_role']} (look-up)")
        total = sources.setdefault(
            key, {"system": key[0], "entity": key[1], "files": 0} | dict.fromkeys(kinds, 0)
        )
        total["files"] += 1
        total["newest"] = max(total.get("newest", row["extract_date"]), row["extract_date"])
        for kind in kinds:
            total[kind] += row[f"{kind}_count"]
    for total in sources.values():
        total["rows"] = sum(total[kind] for kind in kinds)
    return [sources[key] for key in sorted(sources)]


def _newest(files: Sequence[Document]) -> list[Document]:
    """The files to show: refused ones first, then by day, newest first."""
    ordered = sorted(files, key=lambda r: (r["extract_date"], r["file_name"]), reverse=True)
    return sorted(ordered, key=lambda r: r["status"] != "quarantined")[:MAX_FILES]


def _reasons(quarantine: pa.Table) -> list[tuple[tuple[Any, ...], int]]:
    names = ("source_system", "file_role", "column_name", "reason")
    columns = [quarantine.column(name).to_pylist() for name in names]
    return Counter(zip(*columns, strict=True)).most_common(MAX_REASONS)


def _with_duration(run: Document) -> Document:
    if not run["ended_at"]:
        return run | {"seconds": None}
    ended = datetime.fromisoformat(run["ended_at"])
    return run | {"seconds": (ended - datetime.fromisoformat(run["started_at"])).total_seconds()}
