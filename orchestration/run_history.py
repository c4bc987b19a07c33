"""Dagster's run history: where it is kept, and kept at a bearable price.

A night writes some thousand events. Kept as Dagster does by default, 200 took 31 s on a busy disk;
in one file that stays open during the run they take 3 s.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.lib.home import Home

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
  module: dagster._core.storage.event_log
  class: ConsolidatedSqliteEventLogStorage
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


@contextmanager
def history_held_open(home: Home) -> Iterator[None]:
    """Keep the history file open. SQLite tidies up whenever the last connection closes, and Dagster
    opens and closes one for every event."""
    connection = sqlite3.connect(home.dagster / "history" / "event_log.db")
    try:
        connection.execute("select count(*) from sqlite_master").fetchall()
        yield
    finally:
        connection.close()
