"""What a run has proved, one small file per step, and whether that is enough to publish.

Here: recording and deciding. The decision rests on these files alone, never on the scheduler
having let the run come this far. Not here: the checks themselves, or the publication.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from expectations.checks.model import KINDS, CheckResult, GateReport
from orchestration.lib.base.files import write_text
from orchestration.lib.publication.fingerprint import Fingerprints, TableFingerprint, differences
from orchestration.lib.transform.dbt import NodeResult

GATES = ("lake", "marts")
GOOD_NODE = ("success", "pass", "warn")
Document = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """Whether this run may be published; if not, every reason."""

    run_id: str
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Nothing speaks against publication."""
        return not self.reasons


@dataclass(frozen=True)
class Evidence:
    """The folder of one run below `runs/`."""

    runs: Path
    run_id: str

    @property
    def folder(self) -> Path:
        """Where the files of this run are."""
        return self.runs / self.run_id

    def record(self, step: str, document: Mapping[str, Any]) -> None:
        """Write what a step found; the document of a step done again replaces the one before."""
        body = {"run_id": self.run_id, **document}
        write_text(self.folder / f"{step}.json", json.dumps(body, indent=1, default=str))

    def read(self, step: str) -> Document | None:
        """What a step of this run found. None if it did not get there or speaks of another run."""
        path = self.folder / f"{step}.json"
        if not path.exists():
            return None
        document: Document = json.loads(path.read_text(encoding="utf-8"))
        return document if document.get("run_id") == self.run_id else None

    def record_gate(self, report: GateReport) -> None:
        """The report of a gate, passed or not."""
        self.record(f"gate_{report.gate}", asdict(report))

    def record_dbt(self, expected: Iterable[str], results: Sequence[NodeResult]) -> None:
        """The nodes dbt had to run, and what became of those it did run."""
        nodes = [asdict(result) for result in results]
        self.record("dbt", {"expected": sorted(expected), "nodes": nodes})

    def record_audit(self, tables: Fingerprints) -> None:
        """What the candidate held when the second gate looked at it."""
        self.record("audit", {"tables": {name: asdict(t) for name, t in tables.items()}})

    def audited(self) -> dict[str, TableFingerprint]:
        """What the candidate held when the second gate looked at it; empty if it never did."""
        tables = (self.read("audit") or {}).get("tables", {})
        return {name: TableFingerprint(**body) for name, body in tables.items()}

    def results(self, gate: str) -> list[CheckResult]:
        """The results of a gate, none if it did not run."""
        rows = (self.read(f"gate_{gate}") or {}).get("results", [])
        return [CheckResult(**{**row, "sample": tuple(row["sample"])}) for row in rows]


def decide(evidence: Evidence, candidate: Fingerprints) -> Decision:
    """Whether to publish. `candidate`: the fingerprints of the file about to be published."""
    reasons = [
        *_gate_reasons(evidence, "lake"),
        *_dbt_reasons(evidence.read("dbt")),
        *_gate_reasons(evidence, "marts"),
        *_audit_reasons(evidence.audited(), candidate),
    ]
    return Decision(evidence.run_id, tuple(reasons))


def _gate_reasons(evidence: Evidence, gate: str) -> list[str]:
    document = evidence.read(f"gate_{gate}")
    if document is None:
        return [f"Gate {gate}: this run left no evidence that it was checked."]
    results = evidence.results(gate)
    evaluated = sum(r.status != "error" for r in results)
    declared = document["declared"]
    reasons = []
    if not declared or evaluated != declared:
        reasons.append(f"Gate {gate}: {evaluated} of {declared} declared checks were evaluated.")
    if missed := set(KINDS) - set(document["canary"]):
        kinds = ", ".join(sorted(missed))
        reasons.append(f"Gate {gate}: a known-bad table passed the checks of kind {kinds}.")
    reasons += [f"Gate {gate}: {_sentence(r)}" for r in results if r.blocks]
    return reasons


def _sentence(result: CheckResult) -> str:
    where = f"{result.table}.{result.column}" if result.column else result.table
    return f"{result.check_name} on {where}: {result.observed}, expected {result.expected}."


def _dbt_reasons(document: Document | None) -> list[str]:
    if document is None:
        return ["dbt: this run left no evidence that anything was built."]
    by_id = {node["unique_id"]: node for node in document["nodes"]}
    expected = document["expected"]
    reasons = []
    if not any(unique_id.startswith("test.") for unique_id in expected):
        reasons.append("dbt: the project has no test.")
    if missing := [unique_id for unique_id in expected if unique_id not in by_id]:
        reasons.append(f"dbt: {len(missing)} nodes never ran, such as {missing[0]}.")
    for node in by_id.values():
        if node["status"] not in GOOD_NODE and node["kind"] in ("model", "seed", "test"):
            said = (node["message"] or "").strip().splitlines()
            reasons.append(f"dbt: {node['name']} {node['status']}: {said[0] if said else ''}")
    return reasons


def _audit_reasons(audited: Fingerprints, candidate: Fingerprints) -> list[str]:
    if not audited:
        return ["Audit: this run never looked at the candidate."]
    return [f"Audit: since the checks, {text}." for text in differences(audited, candidate)]
