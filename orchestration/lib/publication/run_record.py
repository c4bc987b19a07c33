"""The record of a run, `runs/<run_id>/run.json`: what, when, with which code and settings, how it
ended. Secrets stay out of it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from orchestration.lib.publication.evidence import Document, Evidence
from orchestration.settings import Settings

Ending = Literal["published", "checked", "refused", "failed"]
CODE = Path(__file__).resolve().parents[3]


def start_run(
    evidence: Evidence, as_of_date: date, settings: Settings, accepted: Mapping[str, str]
) -> None:
    """Write down what is about to be run. `accepted`: failed checks a person vouches for, why."""
    evidence.record(
        "run",
        {
            "as_of_date": as_of_date.isoformat(),
            "status": "running",
            "started_at": _now(),
            "ended_at": None,
            "reasons": [],
            "counts": {},
            "stale": [],
            "accepted": dict(accepted),
            "versions": {p: _version(p) for p in ("cx-roi", "duckdb", "dbt-core", "dagster")},
            "git_commit": _git_commit(),
            "settings": {
                "environment": settings.environment,
                "landing": str(settings.landing),
                "adapter_folders": [str(folder) for folder in settings.adapter_folders],
                "time_zone": settings.time_zone,
                "currency": settings.currency,
                "keep_versions": settings.keep_versions,
                "has_own_pseudonym_key": settings.pseudonym_key is not None,
            },
        },
    )


def note_counts(evidence: Evidence, counts: Mapping[str, int]) -> None:
    """Add counts (files, rows, loaded, quarantined …) to the record."""
    document = _record(evidence)
    evidence.record("run", {**document, "counts": {**document["counts"], **counts}})


def note_stale(evidence: Evidence, sentences: Sequence[str]) -> None:
    """Add to the record what did not come: the run's tables are old where they rest on it."""
    evidence.record("run", {**_record(evidence), "stale": list(sentences)})


def end_run(evidence: Evidence, status: Ending, reasons: tuple[str, ...] = ()) -> None:
    """Write down how the run ended and, if not well, why."""
    closing = {"status": status, "ended_at": _now(), "reasons": list(reasons)}
    evidence.record("run", {**_record(evidence), **closing})


def all_runs(runs: Path, running: str | None) -> list[Document]:
    """The record of every run, oldest first. One that never ended and is not `running` crashed."""
    documents: list[Document] = [
        json.loads(path.read_text(encoding="utf-8")) for path in runs.glob("*/run.json")
    ]
    for document in documents:
        if document["status"] == "running" and document["run_id"] != running:
            document["status"] = "crashed"
    return sorted(documents, key=lambda d: (d["started_at"], d["run_id"]))


def _record(evidence: Evidence) -> dict[str, Any]:
    document = evidence.read("run")
    if document is None:
        raise RuntimeError(f"Run {evidence.run_id} was never started.")
    return document


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a source tree that is not installed
        return None


def _git_commit() -> str | None:
    try:
        found = subprocess.run(
            ["git", "-C", str(CODE), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
