"""When the night runs and who hears of it: job, schedule, failure sensor."""

from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration.defs.whole import WholeRun
from orchestration.lib.base.home import Home
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.run.alerts import record_alert
from orchestration.settings import Settings, from_environment

JOB = "nightly"


def nightly() -> Any:  # Dagster does not export the type
    """Everything, in one process: separate processes would cost seconds of start-up per step."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        executor_def=dg.in_process_executor,
        description="Landing files to published warehouse, for one data date.",
    )


def nightly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Runs the day just ended at 02:00 of the business zone; on by itself in production."""
    running = settings.environment == "production"

    @dg.schedule(
        job_name=JOB,
        name="nightly_at_two",
        cron_schedule="0 2 * * *",
        execution_timezone=settings.time_zone,
        default_status=(
            dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED
        ),
    )
    def nightly_at_two(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        ended = (context.scheduled_execution_time - timedelta(hours=12)).date().isoformat()
        return dg.RunRequest(run_key=ended, partition_key=ended)

    return nightly_at_two


def alert_on_failure(whole: WholeRun) -> dg.SensorDefinition:
    """Writes what failed to `runs/alerts.jsonl`, where a notifier or a person picks it up."""

    @dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
    def failed_night(context: dg.RunFailureSensorContext) -> None:
        if not whole.is_all_of(context.dagster_run):
            return  # refused before it began: who asked for a part is told on the spot
        home = Home(from_environment().home)
        record = Evidence(home.runs, context.dagster_run.run_id).read("run") or {}
        if record.get("ended_at"):
            return  # the run has told of it itself; this is for those that could not
        record_alert(
            home,
            run_id=context.dagster_run.run_id,
            message=context.failure_event.message or "The run failed.",
        )

    return failed_night
