"""The tables dbt builds as Dagster assets, each with one check: the data tests that concern it.

dbt runs in this process (`lib.transform.dbt`): starting its command line would cost more than a
small run.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import dagster as dg

from orchestration.defs.findings import Finding, outcome, stop
from orchestration.defs.graph import REGISTRY, Table
from orchestration.defs.resources import ONE_DAY_A_RUN
from orchestration.lib.publication.versions import SCHEMA
from orchestration.lib.run import steps
from orchestration.lib.run.context import RunContext
from orchestration.lib.transform.dbt import NodeResult
from orchestration.lib.transform.table_shapes import TableShape, shapes
from orchestration.settings import Settings

CHECK = "dbt_tests"
FAILED = ("fail", "error")


def dbt_models(
    tables: Sequence[Table], days: dg.PartitionsDefinition, settings: Settings
) -> dg.AssetsDefinition:
    """The tables, built and tested by one dbt call with all that is between them and the lake."""
    promised = freshness(settings.time_zone)

    @dg.multi_asset(
        name="dbt_models",
        specs=[_spec(table, promised if table.schema == SCHEMA else None) for table in tables],
        check_specs=[_check_spec(table) for table in tables if table.tests],
        partitions_def=days,
        backfill_policy=ONE_DAY_A_RUN,
    )
    def models(
        night: dg.ResourceParam[RunContext],
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        results = steps.transform(night)
        built, nodes = shapes(night.home), {r.unique_id: r for r in results if not r.is_test}
        for table in tables:
            result = nodes.get(table.unique_id)
            if result and result.passed:
                yield _materialized(table, result, built.get(table.name))
        tests = _tests_by_table(tables, results)
        for table in tables:
            own = tests[table.unique_id]
            broken = [_finding(table, r) for r in own if not r.passed and r.status != "skipped"]
            # Tests dbt did not come to, for what they read failed, have nothing to say.
            if broken or (own and all(r.passed for r in own)):
                yield outcome(CHECK, asset_key(table), broken, evaluated=len(own))
        if wrong := _what_stops(tables, results):
            raise stop("dbt", wrong)

    return models


def freshness(time_zone: str) -> dg.FreshnessPolicy:
    """Analysts find last night's tables when they start at eight."""
    return dg.FreshnessPolicy.cron(
        deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=6), timezone=time_zone
    )


def asset_key(table: Table) -> dg.AssetKey:
    """The asset of a table."""
    return dg.AssetKey([table.schema, table.name])


def _spec(table: Table, promised: dg.FreshnessPolicy | None) -> dg.AssetSpec:
    columns = [dg.TableColumn(name, type_, about) for name, type_, about in table.columns]
    return dg.AssetSpec(
        asset_key(table),
        deps=[dg.AssetKey(parent) for parent in sorted(table.parents)],
        description=table.description,
        group_name=table.area,
        owners=[f"team:{table.owner.lower().replace(' ', '-')}"] if table.owner else [],
        kinds={"dbt", "duckdb"},
        freshness_policy=promised,
        # The contract is enforced: what is built has these columns.
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"{table.schema}.{table.name}",
        },
    )


def _check_spec(table: Table) -> dg.AssetCheckSpec:
    about = "the table, and on what it is the first to be made from"
    return dg.AssetCheckSpec(
        CHECK,
        asset=asset_key(table),
        blocking=True,
        description=f"The data tests of dbt on {about}; reports/quality.html lists them.",
    )


def _materialized(
    table: Table, result: NodeResult, shape: TableShape | None
) -> dg.MaterializeResult:
    metadata: dict[str, float | int] = {"seconds": result.seconds}
    if shape and shape.row_count is not None:
        metadata["dagster/row_count"] = shape.row_count
    return dg.MaterializeResult(asset_key=asset_key(table), metadata=metadata)


def _tests_by_table(
    tables: Sequence[Table], results: Sequence[NodeResult]
) -> Mapping[str, list[NodeResult]]:
    """The results of tests by table; none is left out, for an unknown one is of the registry."""
    of_test = {test: table.unique_id for table in tables for test in table.tests}
    [registry] = [table.unique_id for table in tables if table.name == REGISTRY]
    found: dict[str, list[NodeResult]] = defaultdict(list)
    for result in results:
        if result.is_test:
            found[of_test.get(result.node_id, registry)].append(result)
    return found


def _what_stops(tables: Sequence[Table], results: Sequence[NodeResult]) -> list[Finding]:
    """What failed, models before tests; what was only skipped because of it is not named."""
    by_test = {test: table for table in tables for test in table.tests}
    failed = [r for r in results if r.status in FAILED]
    failed = failed or [r for r in results if r.status == "skipped"]
    [registry] = [table for table in tables if table.name == REGISTRY]
    return [
        _finding(by_test.get(r.node_id, registry), r)
        for r in sorted(failed, key=lambda r: r.is_test)
    ]


def _finding(table: Table, result: NodeResult) -> Finding:
    about = (
        result.table or table.tests.get(result.node_id, table.name)
        if result.is_test
        else result.name
    )
    counted = result.status in ("fail", "warn")
    said = result.description if counted else result.message
    return Finding(
        table=about,
        rule=result.name if result.is_test else result.kind,
        rows=result.failures if counted else None,
        found=said or result.message or result.status,
        stops=result.status != "warn",
    )
