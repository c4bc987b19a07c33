"""What a run has proved, one small file per step.

Here: recording it and reading it back. Not here: the checks themselves, or whether what they found
is enough to publish (`decision`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from expectations.checks.model import CheckResult, GateReport
from orchestration.lib.base.files import write_text
from orchestration.lib.publication.fingerprint import Fingerprints, TableFingerprint
from orchestration.lib.transform.dbt import NodeResult

GATES = ("lake", "marts")
Document = dict[str, Any]


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

    def record_levels(self, levels: Mapping[tuple[str, str], date]) -> None:
        """From which day on a figure of a group has the level a person vouched for."""
        self.record("levels", {"levels": [[*key, day] for key, day in sorted(levels.items())]})

    def levels(self) -> dict[tuple[str, str], date]:
        """The levels a person had vouched for by this run."""
        rows = (self.read("levels") or {}).get("levels", [])
        return {(figure, group): date.fromisoformat(day) for figure, group, day in rows}

    def results(self, gate: str) -> list[CheckResult]:
        """The results of a gate, none if it did not run."""
        rows = (self.read(f"gate_{gate}") or {}).get("results", [])
        return [CheckResult(**{**row, "sample": tuple(row["sample"])}) for row in rows]
