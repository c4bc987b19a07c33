"""The two gates as asset checks: one check per table, each the outcome of its suite.

What concerns no single table stands where a person would look for it: sources and landing files at
the load ledger, the candidate as a whole at the registry of metrics.

A failed check blocks what comes after it; publication besides decides on the evidence alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg

from expectations.checks.model import CheckResult, GateReport
from orchestration.defs.findings import Finding, outcome, stop
from orchestration.defs.graph import REGISTRY, Table
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.publication.versions import SCHEMA
from orchestration.lib.run import steps
from orchestration.lib.run.context import RunContext

LEDGER = dg.AssetKey(["lake", steps.LEDGER])


def lake_gate() -> dg.AssetChecksDefinition:
    """Gate 1: what was loaded, before dbt sees it."""
    keys = [dg.AssetKey(["lake", entity]) for entity in load_contracts()]
    about = "Files, sources and the landing folder: all read, fresh, every row accounted for."
    return _gate("lake_gate", [*keys, LEDGER], LEDGER, about, steps.check_lake)


def mart_gate(tables: Sequence[Table]) -> dg.AssetChecksDefinition:
    """Gate 2: the candidate, before it can be published."""
    keys = mart_keys(tables)
    [metrics] = [key for key in keys if key.path[-1] == REGISTRY]
    about = (
        "Its own table, and the candidate as a whole: tables as declared, no personal columns, "
        "headline figures as usual."
    )
    return _gate("mart_gate", keys, metrics, about, steps.check_marts)


def mart_keys(tables: Sequence[Table]) -> list[dg.AssetKey]:
    """Asset keys of every published table."""
    return [dg.AssetKey([table.schema, table.name]) for table in tables if table.schema == SCHEMA]


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
        night: dg.ResourceParam[RunContext],
    ) -> Iterator[dg.AssetCheckResult]:
        report: GateReport = evaluate(night)
        tables = {key.path[-1] for key in keys}
        of_no_table = [r for r in report.results if r.table not in tables]
        for key in keys:
            own = [r for r in report.results if r.table == key.path[-1]]
            results = own + (of_no_table if key == whole else [])
            yield outcome(name, key, _findings(results), evaluated=len(results))
        if wrong := [f for f in _findings(report.results) if f.stops]:
            raise stop(name, wrong)

    return gate


def _findings(results: Iterable[CheckResult]) -> list[Finding]:
    return [
        Finding(
            table=r.table,
            rule=f"{r.check_name} on {r.column}" if r.column else r.check_name,
            rows=r.failed_count,
            found=f"{r.observed}, expected {r.expected}",
            stops=r.blocks,
        )
        for r in results
        if r.status != "passed"
    ]
