"""Dagster's events: written over one connection, and there for another process to read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from sqlalchemy import event
from sqlalchemy.pool import Pool

from orchestration.event_log import EventLog
from orchestration.lib.base.home import Home
from orchestration.run_history import prepare_dagster_home

ROOT = Path(__file__).resolve().parents[2]


@dg.asset
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3})


@dg.asset(deps=[counted], check_specs=[dg.AssetCheckSpec("sound", asset="broken")])
def broken() -> dg.MaterializeResult:
    raise dg.Failure("It broke.")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "")
    prepare_dagster_home(Home(tmp_path))
    with dg.DagsterInstance.get() as opened:
        yield opened


@pytest.mark.parametrize("name", ["plain", "with # and: 'quotes\"", "{braces} & %d", "ünïcode"])
def test_the_settings_hold_in_a_folder_of_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run at a time, no telemetry, and a history that is here and nowhere else."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    home = Home(tmp_path / name)
    prepare_dagster_home(home)
    assert os.environ["DAGSTER_DISABLE_TELEMETRY"] == "1"
    with dg.DagsterInstance.get() as opened:
        assert opened.telemetry_enabled is False
        assert opened.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
    assert (home.dagster / "history").is_dir()


def test_a_folder_that_was_copied_keeps_its_own_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what a person added to the settings; what must hold is put back."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    old, new = Home(tmp_path / "old"), Home(tmp_path / "new")
    prepare_dagster_home(old)
    file = old.dagster / "dagster.yaml"
    edited = yaml.safe_load(file.read_text(encoding="utf-8"))
    edited |= {"retention": {"schedule": {"purge_after_days": 90}}, "telemetry": {"enabled": True}}
    file.write_text(yaml.safe_dump(edited), encoding="utf-8")
    shutil.copytree(old.root, new.root)
    prepare_dagster_home(new)
    found = yaml.safe_load((new.dagster / "dagster.yaml").read_text(encoding="utf-8"))
    assert found["event_log_storage"]["config"]["base_dir"] == str(new.dagster / "history")
    assert found["retention"] == edited["retention"]
    assert found["telemetry"] == {"enabled": False}


def types_in(home: Path) -> list[str]:
    """The types of all events, as another process reads them."""
    reader = sqlite3.connect(home / "dagster" / "history" / "event_log.db")
    rows = reader.execute("select dagster_event_type from event_logs order by id").fetchall()
    reader.close()
    return [type_ for (type_,) in rows]


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
    assert len(types_in(tmp_path)) > 5


def materialization(log: EventLog, run_id: str) -> dg.EventLogEntry:
    """What the log has of the one asset the run made."""
    made = dg.DagsterEventType.ASSET_MATERIALIZATION
    [record] = log.get_records_for_run(run_id, of_type=made).records
    return record.event_log_entry


def test_an_event_is_one_transaction_that_looks_for_no_table(instance: dg.DagsterInstance) -> None:
    log = instance.event_log_storage
    assert isinstance(log, EventLog)
    entry = materialization(log, dg.materialize([counted], instance=instance).run_id)
    commits, asked = [], []
    event.listen(log._engine, "commit", commits.append)
    event.listen(log._engine, "before_cursor_execute", lambda *a: asked.append(a[2].lower()))

    log.store_event(entry)

    assert len(commits) == 1, "Dagster's own way is three."
    assert any("asset_keys" in sql for sql in asked)
    assert [sql for sql in asked if "pragma" in sql or "sqlite_master" in sql] == []


def test_an_event_is_kept_whole_or_not_at_all(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = instance.event_log_storage
    assert isinstance(log, EventLog)
    entry = materialization(log, dg.materialize([counted], instance=instance).run_id)
    before = types_in(tmp_path)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk full"):
        patch.setattr(EventLog, "_store_asset_event", fail)
        log.store_event(entry)

    assert types_in(tmp_path) == before
    log.store_event(entry)
    assert len(types_in(tmp_path)) == len(before) + 1


def test_a_check_the_run_did_not_come_to_is_not_shown_as_failed(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Nor as passed: it has no result, and the run says what broke."""
    result = dg.materialize([counted, broken], instance=instance, raise_on_error=False)
    assert not result.success
    key = dg.AssetCheckKey(dg.AssetKey("broken"), "sound")
    assert instance.event_log_storage.get_latest_asset_check_execution_by_key([key]) == {}
    assert "ASSET_CHECK_EVALUATION_PLANNED" not in types_in(tmp_path)
    assert "ASSET_MATERIALIZATION_PLANNED" in types_in(tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
import dagster as dg
from orchestration.lib.base.home import Home
from orchestration.run_history import prepare_dagster_home

@dg.multi_asset(specs=[dg.AssetSpec("first"), dg.AssetSpec("second", deps=["first"])])
def both():
    yield dg.MaterializeResult(asset_key="first")
    os.kill(os.getpid(), signal.SIGKILL)

prepare_dagster_home(Home(Path(sys.argv[1])))
with dg.DagsterInstance.get() as instance:
    dg.materialize([both], instance=instance)
"""


def test_the_history_of_a_killed_run_is_there_up_to_the_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env=environment, check=False
    )
    assert done.returncode == -9
    assert types_in(tmp_path)[-1] == "ASSET_MATERIALIZATION"
    prepare_dagster_home(Home(tmp_path))
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.STARTED
        instance.report_run_failed(run)  # as run monitoring does
        assert dg.materialize([counted], instance=instance).success
