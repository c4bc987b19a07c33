"""What the definitions share: the days that can be run, the manifest, and the night being run."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg

from orchestration.defs.whole import SENTENCE, WholeRun
from orchestration.lib.base.home import Home
from orchestration.lib.run.context import RunContext, open_run
from orchestration.lib.transform import dbt
from orchestration.settings import Settings, from_environment

# Each day is a run of its own, in backfills too: a run publishes one data date.
ONE_DAY_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
# Run tag: failed checks a person vouches for, as {"check": "reason"}.
ACCEPT_TAG = "cxroi/accept"


def days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """One partition per business day; today is offered too, for extracts taken before midnight."""
    return dg.DailyPartitionsDefinition(
        start_date=settings.first_date.isoformat(), timezone=settings.time_zone, end_offset=1
    )


def manifest(settings: Settings) -> Mapping[str, Any]:
    """dbt's manifest, parsed anew if the project changed."""
    return dbt.read_manifest(Home(settings.home))


def night(whole: WholeRun) -> dg.ResourceDefinition:
    """The run, opened once and only if it is a whole one; a second at the same time is refused."""

    @dg.resource(description="The run: its settings, paths and data date, behind the run lock.")
    def opened(context: dg.InitResourceContext) -> Iterator[RunContext]:
        run = context.run
        if run is None or "dagster/partition" not in run.tags:
            raise dg.Failure("Choose the day to run: the job runs one daily partition at a time.")
        if not whole.is_all_of(run):
            raise dg.Failure(SENTENCE, allow_retries=False)
        day = date.fromisoformat(run.tags["dagster/partition"])
        accepted = json.loads(run.tags.get(ACCEPT_TAG, "{}"))
        settings = from_environment()
        with open_run(settings, run.run_id, day, accepted) as opened_run:
            yield opened_run

    return opened
