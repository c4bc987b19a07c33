"""What came of a run, collected from its evidence for the screen and for `--json`."""

from __future__ import annotations

from typing import Any

from expectations.mart_gate.headline_metrics import sentences
from orchestration.lib.base.home import Home
from orchestration.lib.publication.evidence import GATES, Evidence
from orchestration.lib.publication.versions import current_version
from orchestration.lib.reports.failure_summary import summarise, wrapped
from orchestration.runner import Outcome


def collect(home: Home, outcome: Outcome) -> dict[str, Any]:
    """One document: sources, gates, verdict with reasons, where the tables are, the headlines."""
    evidence = Evidence(home.runs, outcome.run_id)
    run = evidence.read("run") or {}
    current = current_version(home)
    is_past = (
        current is not None and run.get("status") == "published" and current.run_id != run["run_id"]
    )
    published = run.get("status") == "published" and not is_past
    good = run.get("status") in ("published", "checked")
    reasons = [] if good else _failed_checks(evidence) or run.get("reasons", [])
    if not good and not reasons:
        reasons = [outcome.error or "The run failed."]
    if is_past and current:
        name = f"{run['as_of_date']}_{run['run_id']}"
        reasons = [
            f"Kept as version {name}. Analysts stay at {current.as_of_date}, which is newer;",
            f"to move them: cxroi rollback {name}",
        ]
    return {
        "run_id": outcome.run_id,
        "as_of_date": run.get("as_of_date"),
        "status": run.get("status", "failed"),
        "verdict": _verdict(run.get("status", "failed"), evidence, bool(current)),
        "reasons": reasons,
        "sources": (evidence.read("ingest") or {}).get("sources", []),
        "gates": [
            _gate(evidence, gate)
            for gate in ("lake", "dbt", "marts")
            if gate == "lake" or evidence.read("dbt") is not None
        ],
        "warnings": _warnings(evidence),
        "published": str(home.current) if published else None,
        "exports": str(home.exports),
        "reports": str(home.reports),
        "numbers": sentences(dict(current.figures)) if published and current else [],
    }


def _verdict(status: str, evidence: Evidence, has_current: bool) -> str:
    if status == "published":
        return "PUBLISHED: every gate passed."
    if status == "checked" and evidence.read("dbt") is None:
        return "CHECKED: gate 1 passed; nothing was built or published, as asked."
    if status == "checked":
        return "CHECKED: every gate passed; nothing was published, as asked."
    stays = "What analysts read is unchanged." if has_current else "Nothing is published yet."
    return f"NOT PUBLISHED. {stays}"


def _gate(evidence: Evidence, gate: str) -> dict[str, Any]:
    if gate == "dbt":
        nodes = [n for n in (evidence.read("dbt") or {}).get("nodes", []) if n["kind"] == "test"]
        return {
            "gate": gate,
            "evaluated": sum(n["status"] in ("pass", "warn", "fail") for n in nodes),
            "failed": sum(n["status"] in ("fail", "error") for n in nodes),
            "warnings": sum(n["status"] == "warn" for n in nodes),
        }
    results = evidence.results(gate)
    return {
        "gate": gate,
        "evaluated": sum(r.status != "error" for r in results),
        "failed": sum(r.blocks for r in results),
        "warnings": sum(r.status != "passed" and not r.blocks for r in results),
    }


def _failed_checks(evidence: Evidence) -> list[str]:
    blocking = [r for gate in GATES for r in evidence.results(gate) if r.blocks]
    lines = summarise(blocking).splitlines()[1:] if blocking else []
    nodes = (evidence.read("dbt") or {}).get("nodes", [])
    return lines + [
        line
        for n in nodes
        if n["status"] in ("fail", "error")
        for line in wrapped(f"FAILED   dbt {n['kind']} {n['name']}: {_first_line(n['message'])}")
    ]


def _warnings(evidence: Evidence) -> list[str]:
    warned = [
        r for gate in GATES for r in evidence.results(gate) if r.status != "passed" and not r.blocks
    ]
    lines = summarise(warned).splitlines()[1:] if warned else []
    nodes = (evidence.read("dbt") or {}).get("nodes", [])
    return lines + [
        line
        for n in nodes
        if n["status"] == "warn"
        for line in wrapped(f"warning  dbt test {n['name']}: {n['failures']} rows")
    ]


def _first_line(message: str | None) -> str:
    return (message or "").strip().split("\n", maxsplit=1)[0]
