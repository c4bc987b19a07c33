"""What analysts get: the published file and the pages."""

from __future__ import annotations

from typing import Any

import dagster as dg

from orchestration.defs.quality import mart_keys
from orchestration.lib import night as steps
from orchestration.lib.night import Night

GROUP = "published"
OWNER = "team:data-engineering"
WAREHOUSE = dg.AssetKey("published_warehouse")


def published_warehouse(
    manifest: dict[str, Any], days: dg.PartitionsDefinition
) -> dg.AssetsDefinition:
    """The version analysts read. Moves only when the evidence of this run is complete and good."""

    @dg.asset(
        key=WAREHOUSE,
        deps=mart_keys(manifest),
        partitions_def=days,
        group_name=GROUP,
        owners=[OWNER],
        kinds={"duckdb"},
        description="warehouse/current.duckdb: the last night that passed, whole.",
    )
    def publish(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata=steps.publish(night))

    return publish


def reports(days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The pages: what came in and was checked, and the headline figures."""

    @dg.asset(
        key="reports",
        deps=[WAREHOUSE],
        partitions_def=days,
        group_name=GROUP,
        owners=[OWNER],
        kinds={"html"},
        description="reports/quality.html and reports/scorecard.html.",
    )
    def write(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
        pages = steps.write_reports(night)
        return dg.MaterializeResult(
            metadata={page.stem: dg.MetadataValue.path(str(page)) for page in pages}
        )

    return write
