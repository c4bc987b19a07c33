"""What Dagster is given, by name: a definition that goes missing is seen here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.contracts import load_contracts


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The definitions of a production installation in Paris."""
    from orchestration.definitions import definitions

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("CX_ENV", "production")
        patch.setenv("CX_TIME_ZONE", "Europe/Paris")
        yield definitions()


def test_the_job_the_schedule_and_the_sensor(loaded: Any) -> None:
    assert [job.name for job in loaded.jobs] == ["nightly"]
    assert [schedule.name for schedule in loaded.schedules] == ["nightly_at_two"]
    assert [sensor.name for sensor in loaded.sensors] == ["failed_night"]


def test_assets_of_each_step(loaded: Any) -> None:
    keys = {"/".join(key.path) for key in loaded.resolve_all_asset_keys()}
    assert {f"lake/{entity}" for entity in load_contracts()} < keys
    assert {"cx/dim_customers", "cx/fct_customer_roi", "cx/fct_segment_roi"} < keys
    assert "published_warehouse" in keys


def test_every_asset_says_who_owns_it_and_what_it_is(loaded: Any) -> None:
    for spec in loaded.resolve_all_asset_specs():
        assert spec.group_name, spec.key
        assert spec.description, spec.key
        if spec.key.path[0] in ("lake", "cx"):
            assert spec.owners, spec.key
            assert spec.kinds, spec.key


def test_a_gate_stands_before_dbt_and_before_publication(loaded: Any) -> None:
    """Every entity and every mart has the check of its gate, and the check blocks."""
    gates = {
        (key.asset_key.path[0], key.name)
        for checks in loaded.asset_checks
        for key in checks.check_keys
    }
    assert gates == {("lake", "lake_gate"), ("cx", "mart_gate")}
    for checks in loaded.asset_checks:
        assert all(spec.blocking for spec in checks.check_specs)


def test_the_night_of_a_day_runs_once_at_two_also_when_clocks_change(loaded: Any) -> None:
    """On 2026-03-29 Paris has no 02:00-03:00, on 2026-10-25 it has it twice: one run each."""
    from dagster._utils.schedules import schedule_execution_time_iterator as ticks_from

    schedule = loaded.schedules[0]
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.default_status.value == "RUNNING"
    for day in ("2026-03-29", "2026-10-25"):
        start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=6)
        ticks = []
        for tick in ticks_from(start.timestamp(), "0 2 * * *", schedule.execution_timezone):
            if tick >= start + timedelta(hours=24):
                break
            ticks.append(tick)
        assert len(ticks) == 1, day


def test_loading_the_module_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing must work without any setting: only calling it reads the environment."""
    import importlib

    import orchestration.definitions as module

    monkeypatch.delenv("CX_ENV", raising=False)
    importlib.reload(module)
