"""The dbt models as Dagster assets, and their data tests as asset checks.

dbt runs in this process (`lib.dbt`): starting its command line would cost more than a small night.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.defs.resources import ONE_DAY_A_RUN
from orchestration.lib.run import steps
from orchestration.lib.run.context import RunContext as Night
from orchestration.lib.transform.dbt import NodeResult
from orchestration.lib.transform.dbt_tests import describe_test
from orchestration.lib.transform.table_shapes import TableShape, shapes
from orchestration.settings import Settings


class Translator(DagsterDbtTranslator):
    """Groups by layer and area, owners from the model, a freshness promise on the marts."""

    def __init__(self, time_zone: str) -> None:
        """`time_zone`: zone of the freshness deadline."""
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))
        self.freshness = freshness(time_zone)
        self.specs: dict[str, dg.AssetSpec] = {}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Schema and table. A source is an entity of the lake."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["lake", dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        """The spec of one model, seed or source.

        Made once: a night asks some thousand times, and one translator serves one manifest.
        """
        if unique_id not in self.specs:
            self.specs[unique_id] = self._spec(manifest, unique_id, project)
        return self.specs[unique_id]

    def _spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id.split(".")[0] == "source":
            return spec
        node = manifest["nodes"][unique_id]
        folders = node["fqn"][1:-1] or ["seeds"]
        is_published = node["schema"] == "cx"
        owner = (node.get("config", {}).get("meta") or {}).get("owner")
        return spec.replace_attributes(
            group_name="_".join(folders),
            owners=[f"team:{owner.lower().replace(' ', '-')}"] if owner else [],
            kinds={"dbt", "duckdb"},
            freshness_policy=self.freshness if is_published else None,
        )

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetCheckSpec | None:
        """The check of one data test, with what it claims."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(description=describe_test(manifest["nodes"][unique_id]))


def freshness(time_zone: str) -> dg.FreshnessPolicy:
    """Analysts find last night's tables when they start at eight."""
    return dg.FreshnessPolicy.cron(
        deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=6), timezone=time_zone
    )


def dbt_models(
    manifest: dict[str, Any], days: dg.PartitionsDefinition, settings: Settings
) -> dg.AssetsDefinition:
    """Staging, intermediate and marts, built and tested by one dbt call."""
    translator = Translator(settings.time_zone)

    @dbt_assets(
        manifest=manifest,
        name="dbt_models",
        partitions_def=days,
        backfill_policy=ONE_DAY_A_RUN,
        dagster_dbt_translator=translator,
        exclude="resource_type:unit_test",
    )
    def models(
        night: dg.ResourceParam[Night],
    ) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
        results = steps.transform(night)
        built = shapes(night.home)
        for result in results:
            if not result.is_test and result.passed:
                yield _output(manifest, translator, result, built)
        for rules in _by_test(results):
            yield from _check(manifest, translator, rules)
        failed = [r for r in results if r.status in ("error", "fail", "skipped") and not r.is_test]
        if failed:
            raise dg.Failure(f"{failed[0].name}: {failed[0].message}")

    return models


def _output(
    manifest: dict[str, Any],
    translator: Translator,
    result: NodeResult,
    built: Mapping[str, TableShape],
) -> dg.Output[None]:
    key = translator.get_asset_spec(manifest, result.unique_id, None).key
    metadata: dict[str, Any] = {"seconds": result.seconds}
    if shape := built.get(result.name):
        columns = [dg.TableColumn(name, type_) for name, type_ in shape.columns.items()]
        metadata["dagster/row_count"] = shape.row_count
        metadata["dagster/column_schema"] = dg.TableSchema(columns)
    return dg.Output(None, output_name=key.to_python_identifier(), metadata=metadata)


def _by_test(results: Iterable[NodeResult]) -> Iterator[list[NodeResult]]:
    """The rules of each test that ran."""
    tests = [r for r in results if r.is_test and r.status != "skipped"]
    for _, rules in groupby(tests, key=lambda r: r.node_id):
        yield list(rules)


def _check(
    manifest: dict[str, Any], translator: Translator, rules: Sequence[NodeResult]
) -> Iterator[dg.AssetCheckResult]:
    """One check for a test; each rule that is broken is named, with what was found."""
    key = get_asset_check_key_for_test(manifest, translator, rules[0].node_id, project=None)
    if key is None:
        return
    broken = [rule for rule in rules if not rule.passed]
    warning = all(rule.status == "warn" for rule in broken)
    said = {rule.name: rule.message or f"{rule.failures or 0} rows" for rule in broken}
    yield dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not broken,
        severity=dg.AssetCheckSeverity.WARN if warning else dg.AssetCheckSeverity.ERROR,
        description="; ".join(f"{name}: {message}" for name, message in said.items()) or None,
        metadata={
            "rules": len(rules),
            "broken rules": len(broken),
            "failing rows": sum(rule.failures or 0 for rule in broken),
        },
    )
