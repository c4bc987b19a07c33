"""Whether a run may be published: the one decision, and every reason against it.

It rests on the files of the evidence alone, never on the scheduler having let the run come this
far. Not here: recording the evidence (`evidence`), or acting on the decision (`release`).
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.checks.model import KINDS, CheckResult
from orchestration.lib.publication.evidence import Document, Evidence
from orchestration.lib.publication.fingerprint import Fingerprints, differences

GOOD_NODE = ("success", "pass", "warn")


@dataclass(frozen=True)
class Decision:
    """Whether this run may be published; if not, every reason."""

    run_id: str
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Nothing speaks against publication."""
        return not self.reasons


def decide(evidence: Evidence, candidate: Fingerprints) -> Decision:
    """Whether to publish. `candidate`: the fingerprints of the file about to be published."""
    reasons = [
        *gate_reasons(evidence, "lake"),
        *_dbt_reasons(evidence.read("dbt")),
        *gate_reasons(evidence, "marts"),
        *_audit_reasons(evidence.audited(), candidate),
    ]
    return Decision(evidence.run_id, tuple(reasons))


def gate_reasons(evidence: Evidence, gate: str) -> list[str]:
    """What of a gate speaks against publication: a check not evaluated, or one that blocks."""
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
            name = f"{node['name']} of {node['table']}" if node["table"] else node["name"]
            reasons.append(f"dbt: {name} {node['status']}: {said[0] if said else ''}")
    return reasons


def _audit_reasons(audited: Fingerprints, candidate: Fingerprints) -> list[str]:
    if not audited:
        return ["Audit: this run never looked at the candidate."]
    return [f"Audit: since the checks, {text}." for text in differences(audited, candidate)]
