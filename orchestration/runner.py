"""Runs the Dagster job from the command line, in this process; the UI sees it afterwards."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from orchestration.lib.base.home import Home
from orchestration.run_history import prepare_dagster_home
from orchestration.settings import Settings

PUBLICATION = ("published_warehouse",)


@dataclass(frozen=True)
class Outcome:
    """How a run of the job ended."""

    run_id: str
    succeeded: bool
    error: str | None
    error_class: str | None


def run_night(
    settings: Settings, day: date, *, accepted: Mapping[str, str], publish: bool = True
) -> Outcome:
    """Run the nightly job for a data date; without publication it stops after the second gate."""
    # Imported here: Dagster and dbt take seconds, and most commands do not need them.
    import dagster as dg

    # Backfill policies are marked beta; nobody who runs a night can do anything about it.
    warnings.filterwarnings("ignore", category=dg.BetaWarning)

    from orchestration.definitions import definitions
    from orchestration.defs.resources import ACCEPT_TAG

    home = Home(settings.home)
    prepare_dagster_home(home)
    run_id = str(uuid4())
    job = definitions().resolve_job_def("nightly")
    left_out = () if publish else PUBLICATION
    keys = [k for k in job.asset_layer.executable_asset_keys if k.path[-1] not in left_out]
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance,
            partition_key=day.isoformat(),
            run_id=run_id,
            tags={ACCEPT_TAG: json.dumps(dict(accepted))} if accepted else {},
            raise_on_error=False,
            asset_selection=None if publish else keys,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    error_class, error = first_error(result)
    return Outcome(run_id, result.success, error, error_class)


def first_error(result: object) -> tuple[str | None, str | None]:
    """Class and message of what stopped the run first."""
    for event in getattr(result, "all_events", ()):
        error = getattr(event.event_specific_data, "error", None)
        if event.event_type_value in ("STEP_FAILURE", "RUN_FAILURE", "PIPELINE_FAILURE") and error:
            while error.cause:
                error = error.cause
            message = str(error.message).strip()
            return error.cls_name, message.removeprefix(message.split(":")[0] + ":").strip()
    return None, None
