"""DAGSTER_HOME: where Dagster keeps its runs and events. No telemetry."""

from __future__ import annotations

import os

from orchestration.lib.base.home import Home

DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
python_logs:
  managed_python_loggers: [cxroi]
event_log_storage:
  module: orchestration.event_log
  class: EventLog
  config:
    base_dir: {folder}/history
"""


def prepare_dagster_home(home: Home) -> None:
    """Make DAGSTER_HOME and point this process at it. No telemetry."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():  # it may have been edited since
        settings.write_text(DAGSTER_YAML.format(folder=home.dagster), encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ["DO_NOT_TRACK"] = "1"
