"""What analysts get: the published file and the pages."""

from collections.abc import Sequence

import dagster as dg

from orchestration.defs.graph import Table
from orchestration.defs.quality import LEDGER, mart_keys
from orchestration.defs.resources import ONE_DAY_A_RUN
from orchestration.lib.run import steps
from orchestration.lib.run.context import RunContext

GROUP = "published"
OWNER = "team:data-engineering"
WAREHOUSE = dg.AssetKey("published_warehouse")


def published_warehouse(
    tables: Sequence[Table], days: dg.PartitionsDefinition
) -> dg.AssetsDefinition:
    """The version analysts read. Moves only when the evidence of this run is complete and good."""

    @dg.asset(
        key=WAREHOUSE,
        deps=[LEDGER, *mart_keys(tables)],  # the ledger is a table of it too
        partitions_def=days,
        backfill_policy=ONE_DAY_A_RUN,
        group_name=GROUP,
        owners=[OWNER],
        kinds={"duckdb"},
        description="warehouse/current.duckdb: the last night that passed, whole.",
    )
    def publish(night: dg.ResourceParam[RunContext]) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata=steps.publish(night))

    return publish
