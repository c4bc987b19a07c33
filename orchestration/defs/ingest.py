"""Landing files to lake: one step, one asset per entity of the contract."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.defs.resources import ONE_DAY_A_RUN
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import GONE, LINEAGE, lake_columns
from orchestration.lib.run import steps
from orchestration.lib.run.context import RunContext

GROUP = "lake"
OWNER = "team:data-engineering"


def landing_to_lake(days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """Every landing file not seen yet is checked, typed, mapped onto the contract and kept."""
    specs = [
        dg.AssetSpec(
            dg.AssetKey(["lake", entity]),
            description=f"{contract.grain} Typed Parquet, one file per load, never changed.",
            group_name=GROUP,
            owners=[OWNER],
            kinds={"parquet", "python"},
            metadata={"dagster/column_schema": _schema(entity)},
        )
        for entity, contract in load_contracts().items()
    ]
    specs.append(
        dg.AssetSpec(
            dg.AssetKey(["lake", steps.LEDGER]),
            description="One entry per version of a landing file: what became of it.",
            group_name=GROUP,
            owners=[OWNER],
            kinds={"json", "python"},
        )
    )

    @dg.multi_asset(
        name="landing_to_lake", specs=specs, partitions_def=days, backfill_policy=ONE_DAY_A_RUN
    )
    def to_lake(
        night: dg.ResourceParam[RunContext],
    ) -> Iterator[dg.MaterializeResult]:
        counts = steps.ingest(night)
        for spec in specs:
            entity = spec.key.path[-1]
            metadata: dict[str, Any] = dict(counts.get(entity, {}))
            if "loaded_rows_total" in metadata and entity != steps.LEDGER:
                metadata["dagster/row_count"] = metadata["loaded_rows_total"]
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)

    return to_lake


def _schema(entity: str) -> dg.TableSchema:
    contract = load_contracts()[entity]
    notes = {c.name: c.description for c in contract.columns}
    notes |= {name: note for name, (_, note) in (LINEAGE | GONE).items()}
    return dg.TableSchema(
        [
            dg.TableColumn(name, type_, notes.get(name))
            for name, type_ in lake_columns(contract).items()
        ]
    )
