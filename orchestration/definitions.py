"""What Dagster loads: the parts in `defs/`, put together for the settings of this process.

Nothing is read or computed when this module is imported; Dagster calls the function.
"""

from __future__ import annotations

import dagster as dg


@dg.definitions
def definitions() -> dg.Definitions:
    """Every asset, check, job, schedule, sensor and resource of the project."""
    # Imported here so that importing this module costs nothing.
    from orchestration.defs import automation, ingest, publish, quality, resources, transform
    from orchestration.defs.graph import tables_of
    from orchestration.defs.whole import whole_night
    from orchestration.settings import from_environment

    settings = from_environment()
    days = resources.days(settings)
    tables = tables_of(resources.manifest(settings))
    built = [ingest.landing_to_lake(days), transform.dbt_models(tables, days, settings)]
    gates = [quality.lake_gate(), quality.mart_gate(tables)]
    whole = whole_night(built, gates)
    return dg.Definitions(
        assets=[*built, publish.published_warehouse(tables, days)],
        asset_checks=gates,
        jobs=[automation.nightly()],
        schedules=[automation.nightly_schedule(settings)],
        sensors=[automation.alert_on_failure(whole)],
        resources={"night": resources.night(whole)},
        executor=dg.in_process_executor,
    )
