"""What the definitions share: the days that can be run, the manifest, and the night being run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from orchestration.lib import dbt
from orchestration.lib.home import Home
from orchestration.lib.night import Night, open_night
from orchestration.settings import Settings, from_environment


def days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """One partition per business day; today is offered too, for extracts taken before midnight."""
    return dg.DailyPartitionsDefinition(
        start_date=settings.first_date.isoformat(), timezone=settings.time_zone, end_offset=1
    )


def manifest(settings: Settings) -> dict[str, Any]:
    """dbt's manifest, parsed anew if the project changed."""
    return dbt.read_manifest(Home(settings.home))


@dg.resource(description="The run: its settings, paths and data date, behind the run lock.")
def night_resource(context: dg.InitResourceContext) -> Iterator[Night]:
    """Opened once per run; a second run at the same time is refused."""
    assert context.run_id and context.run  # a resource of a run, never of the webserver
    day = date.fromisoformat(context.run.tags["dagster/partition"])
    with open_night(from_environment(), context.run_id, day) as night:
        yield night
