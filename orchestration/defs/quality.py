"""The two gates as asset checks: one check per table, each the outcome of its suite.

What concerns no single table stands where a person would look for it: sources and landing files at
the load ledger, the candidate as a whole at the registry of metrics.

A failed check blocks what comes after it; publication besides decides on the evidence alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg

from expectations.checks.model import CheckResult, GateReport
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.run import steps
from orchestration.lib.run.context import RunContext as Night

LEDGER = dg.AssetKey(["lake", steps.LEDGER])


def lake_gate() -> dg.AssetChecksDefinition:
    """Gate 1: what was loaded, before dbt sees it."""
    keys = [dg.AssetKey(["lake", entity]) for entity in load_contracts()]
    about = "Files, sources and the landing folder: all read, fresh, every row accounted for."
    return _gate("lake_gate", [*keys, LEDGER], LEDGER, about, steps.check_lake)


def mart_gate(manifest: dict[str, Any]) -> dg.AssetChecksDefinition:
    """Gate 2: the candidate, before it can be published."""
    keys = mart_keys(manifest)
    [metrics] = [key for key in keys if key.path[-1] == "dim_metrics"]
    about = (
        "Its own table, and the candidate as a whole: tables as declared, no personal columns, "
        "headline figures as usual."
    )
    return _gate("mart_gate", keys, metrics, about, steps.check_marts)


def mart_keys(manifest: dict[str, Any]) -> list[dg.AssetKey]:
    """Asset keys of every mart."""
    return [
        dg.AssetKey([node["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "cx"
    ]


def _gate(
    name: str, keys: Sequence[dg.AssetKey], whole: dg.AssetKey, about: str, evaluate: Any
) -> dg.AssetChecksDefinition:
    """`whole`: which of the keys has what is of no table of theirs; `about`: what that is."""
    listed = "Every check of its suite; reports/quality.html lists them."
    specs = [
        dg.AssetCheckSpec(
            name, asset=key, blocking=True, description=about if key == whole else listed
        )
        for key in keys
    ]

    @dg.multi_asset_check(name=name, specs=specs)
    def gate(
        night: dg.ResourceParam[Night],
    ) -> Iterator[dg.AssetCheckResult]:
        report: GateReport = evaluate(night)
        tables = {key.path[-1] for key in keys}
        of_no_table = [r for r in report.results if r.table not in tables]
        for key in keys:
            own = [r for r in report.results if r.table == key.path[-1]]
            yield _result(name, key, own + (of_no_table if key == whole else []))

    return gate


def _result(name: str, key: dg.AssetKey, results: Iterable[CheckResult]) -> dg.AssetCheckResult:
    results = list(results)
    failed = [r for r in results if r.status != "passed"]
    blocking = [r for r in failed if r.blocks]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=key,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{r.check_name}: {r.observed}" for r in failed[:3]) or None,
        metadata={"checks": len(results), "failed": len(failed), "blocking": len(blocking)},
    )
