"""DAGSTER_HOME: where Dagster keeps its runs and events. No telemetry."""

from __future__ import annotations

import os
from typing import Any

import yaml

from orchestration.lib.base.home import Home

# Of the instance; what a person adds to the file stays, what stands here is put back.
INSTANCE: dict[str, Any] = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    "concurrency": {"runs": {"max_concurrent_runs": 1}},
    "run_monitoring": {"enabled": True},
    "python_logs": {"managed_python_loggers": ["cxroi"]},
}


def prepare_dagster_home(home: Home) -> None:
    """Make DAGSTER_HOME and point this process at it. No telemetry.

    The settings are written again where they are not those of this folder: one that was moved or
    copied would go on writing into the old one.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    file = home.dagster / "dagster.yaml"
    there = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
    found = there if isinstance(there, dict) else {}
    storage = {
        "module": "orchestration.event_log",
        "class": "EventLog",
        "config": {"base_dir": str(home.dagster / "history")},
    }
    wanted = found | INSTANCE | {"event_log_storage": storage}
    if wanted != found:
        file.write_text(yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True), "utf-8")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ["DO_NOT_TRACK"] = os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
