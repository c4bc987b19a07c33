"""Dagster's events: written over one connection, and there for another process to read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from orchestration.lib.base.home import Home
from orchestration.run_history import prepare_dagster_home


@dg.asset
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "")
    prepare_dagster_home(Home(tmp_path))
    with dg.DagsterInstance.get() as opened:
        yield opened


def test_a_run_opens_the_file_once_and_others_can_read_it(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    file = tmp_path / "dagster" / "history" / "event_log.db"
    opened: list[str] = []

    def note(connection: sqlite3.Connection, _: object) -> None:
        opened.extend(row[2] for row in connection.execute("pragma database_list"))

    event.listen(Pool, "connect", note)
    try:
        assert dg.materialize([counted], instance=instance).success
    finally:
        event.remove(Pool, "connect", note)

    assert opened.count(str(file)) <= 1, "Opening it for every event doubles what events cost."
    reader = sqlite3.connect(file)
    [(written,)] = reader.execute("select count(*) from event_logs").fetchall()
    reader.close()
    assert written > 5
