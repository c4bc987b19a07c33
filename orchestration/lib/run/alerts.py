"""Alerts as lines of a file, for whatever forwards them to people."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from orchestration.lib.base.home import Home


def record_alert(home: Home, run_id: str, message: str) -> None:
    """Append one alert to `runs/alerts.jsonl`."""
    home.runs.mkdir(parents=True, exist_ok=True)
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "run_id": run_id}
    with (home.runs / "alerts.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**line, "message": message}) + "\n")
