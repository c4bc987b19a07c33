"""How things stand: what is published and since when, how the last runs ended. Not here: text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from orchestration.lib.base.files import wal_of
from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import holder
from orchestration.lib.publication.publication_history import moves, rollback_path
from orchestration.lib.publication.run_record import all_runs
from orchestration.lib.publication.versions import all_versions, current_version
from orchestration.lib.run.refresh import stale_outputs


def status(home: Home) -> dict[str, Any]:
    """What is published and since when, what else is there, how the last runs ended."""
    made = moves(home)
    back, read = rollback_path(made), {move.version for move in made}
    versions = [
        {
            "version": v.name,
            "run_id": v.run_id,
            "as_of_date": v.as_of_date,
            "published_at": v.published_at,
            "bytes": v.bytes,
            "standing": _standing(v.name, back, read),
            "current_since": made[-1].at if v.name == back[-1] else None,
        }
        for v in all_versions(home)
    ]
    return {
        "current": str(home.current) if current_version(home) else None,
        "versions": versions,
        "runs": _runs(home)[:10],
        "warnings": _strays(home) + stale_outputs(home),
    }


def _standing(name: str, back: Sequence[str], read: Collection[str]) -> str:
    if name in back:
        return "current" if name == back[-1] else "earlier"
    return "gone back from" if name in read else "beside"


def _runs(home: Home) -> list[dict[str, Any]]:
    """Newest first. A run that never ended and whose process is gone has crashed."""
    running = (holder(home.root / "run.lock") or "").removeprefix("run ")
    keys = ("run_id", "as_of_date", "status", "started_at", "ended_at")
    return [{key: run[key] for key in keys} for run in all_runs(home.runs, running)[::-1]]


def _strays(home: Home) -> list[str]:
    known = {f"{v.name}{suffix}" for v in all_versions(home) for suffix in (".duckdb", ".json")}
    strays = [p for p in home.versions.glob("*") if p.name not in known]
    strays += [p for p in (wal_of(home.current),) if p.exists()]
    return [f"{p} does not belong there" for p in sorted(strays)]
