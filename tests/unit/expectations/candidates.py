"""Candidates of the second gate, and what the decision on publication makes of a gate's report."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from expectations.checks.model import CheckResult, GateReport
from expectations.gates import Published, check_marts
from orchestration.lib.publication.decision import gate_reasons
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.transform.table_shapes import shapes_of


def mart_node(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "unique_id": f"model.cx_roi.{name}",
        "name": name,
        "resource_type": "model",
        "schema": "cx",
        "columns": {},
        "meta": {},
        "config": {},
        "depends_on": {"nodes": ["model.cx_roi.int_a"]},
    } | changes


def check_candidate(
    path: Path,
    *,
    manifest: dict[str, Any],
    before: Published | None = None,
    parent_rows: int = 2,
    delivered: Collection[str] = ("tickets", "contracts"),
) -> GateReport:
    found = shapes_of(path)
    counts = {name: shape.row_count or 0 for name, shape in found.items()}
    return check_marts(
        path,
        manifest=manifest,
        tables={name: table.columns for name, table in found.items()},
        row_counts={"int_a": parent_rows, **counts},
        delivered=delivered,
        before=before,
        figures={},
        watched=(),
        as_of_date=date(2025, 1, 2),
        accepted={},
    )


def reasons_against(report: GateReport) -> list[str]:
    """What the decision on publication says of a gate with this report."""
    with TemporaryDirectory() as folder:
        evidence = Evidence(Path(folder), "some run")
        evidence.record_gate(report)
        return gate_reasons(evidence, report.gate)


def blocking(report: GateReport) -> dict[str, CheckResult]:
    """The checks that block, by name, having seen that the gate is shut where there are any."""
    found = [r for r in report.results if r.blocks]
    assert bool(reasons_against(report)) == bool(found)
    return {r.check_name: r for r in found}
