"""What Dagster is given, by name: a definition that goes missing is seen here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


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


def test_exactly_these_steps(loaded: Any) -> None:
    job = loaded.resolve_job_def("nightly")
    assert {node.name for node in job.nodes} == {
        "landing_to_lake", "lake_gate", "dbt_models", "mart_gate", "published_warehouse",
    }  # fmt: skip


def files_of(folder: str, *endings: str) -> set[str]:
    """Names of the files the assets come from: one a contract, model or seed."""
    return {path.stem for path in (ROOT / folder).rglob("*.*") if path.suffix in endings}


MODELS = files_of("dbt_project/models", ".sql", ".py")
SCHEMAS = {"stg": "staging", "int": "intermediate"} | dict.fromkeys(
    ("dim", "fct", "bridge", "rpt"), "cx"
)
MARTS = {name for name in MODELS if SCHEMAS.get(name.split("_")[0]) == "cx"}
ENTITIES = files_of("expectations/contracts", ".yml")


def test_exactly_these_assets(loaded: Any) -> None:
    """One for each contract, model and seed, and the three that are none of these."""
    keys = {"/".join(key.path) for key in loaded.resolve_all_asset_keys()}
    assert keys == {
        "lake/load_ledger",
        "lake/run_parameters",
        "published_warehouse",
        *(f"lake/{name}" for name in ENTITIES),
        *(f"{SCHEMAS.get(name.split('_')[0], 'restricted')}/{name}" for name in MODELS),
        *(f"seeds/{name}" for name in files_of("dbt_project/seeds", ".csv")),
    }


def declared_tests() -> int:
    """Data tests in the YAML of models and seeds, on tables and columns."""
    count = 0
    for path in (ROOT / "dbt_project").rglob("*.yml"):
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        for node in [*body.get("models", []), *body.get("seeds", [])]:
            if not isinstance(node, dict):
                continue
            count += len(node.get("data_tests", []))
            count += sum(len(column.get("data_tests", [])) for column in node.get("columns", []))
    return count


def test_exactly_these_checks(loaded: Any) -> None:
    """A gate on every entity and mart and on the load ledger; every declared data test."""
    gates = {
        f"{'/'.join(key.asset_key.path)} {key.name}"
        for checks in loaded.asset_checks
        for key in checks.check_keys
    }
    assert gates == {
        "lake/load_ledger lake_gate",
        *(f"lake/{name} lake_gate" for name in ENTITIES),
        *(f"cx/{name} mart_gate" for name in MARTS),
    }
    of_dbt = {spec.name for made in loaded.assets for spec in made.check_specs}
    sentences = {path.stem: path for path in (ROOT / "dbt_project/tests").glob("*.sql")}
    assert len(of_dbt - sentences.keys()) == declared_tests() > 100
    # One that reads two marts belongs to neither: the night counts it, the UI has no place for it.
    assert of_dbt & sentences.keys() == {
        name
        for name, path in sentences.items()
        if len(set(re.findall(r"ref\(([^)]+)\)", path.read_text(encoding="utf-8")))) == 1
    }


def test_every_check_says_what_it_checks(loaded: Any) -> None:
    said = {
        spec.name: spec.description
        for made in (*loaded.assets, *loaded.asset_checks)
        for spec in made.check_specs
    }
    assert [name for name, description in said.items() if not description] == []
    assert said["rules_of_health_weights"].startswith(
        "No two rows of health_weights share customer_kind, component, and none of these is null."
    )
    assert (
        "Churn counts add up. True and not null on every row of fct_churn: customers_at_end_count "
    ) in said["rules_of_fct_churn"]


def test_every_asset_says_who_owns_it_and_what_it_is(loaded: Any) -> None:
    for spec in loaded.resolve_all_asset_specs():
        assert spec.group_name, spec.key
        assert spec.description, spec.key
        if spec.key.path[0] in ("lake", "cx"):
            assert spec.owners, spec.key
            assert spec.kinds, spec.key


def test_a_gate_stands_before_dbt_and_before_publication(loaded: Any) -> None:
    """Every check of a gate blocks what comes after it."""
    for checks in loaded.asset_checks:
        assert all(spec.blocking for spec in checks.check_specs)


def run_of(loaded: Any, home: Path, **selection: Any) -> Any:
    """What comes of asking for a part of the night, as the UI does."""
    import dagster as dg

    from orchestration.runner import first_error

    job = loaded.resolve_job_def("nightly")
    result = job.execute_in_process(
        instance=dg.DagsterInstance.ephemeral(str(home)),
        partition_key="2025-12-31",
        raise_on_error=False,
        **selection,
    )
    return result, str(first_error(result))


@pytest.mark.parametrize("part", ["published_warehouse", "a repetition of failed steps"])
def test_a_part_of_the_night_is_refused_before_it_touches_anything(
    loaded: Any, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CX_ENV", "ci")
    selection: dict[str, Any] = {"asset_selection": [dg.AssetKey(part)]}
    if part == "a repetition of failed steps":
        selection = {"op_selection": ["mart_gate", "published_warehouse"]}
    result, error = run_of(loaded, tmp_path, **selection)
    assert not result.success
    assert "Run the whole job nightly" in error
    assert not (tmp_path / "home").exists()
    assert _alerts(loaded, result, tmp_path / "home") == []


def test_what_the_ui_can_ask_for_is_the_whole_night_or_refused(loaded: Any) -> None:
    """Selections as they come from its asset pages, its check pages and a re-execution."""
    import dagster as dg

    from orchestration.defs.whole import whole_night

    whole = whole_night(loaded.assets[:2], loaded.asset_checks)
    published = dg.AssetKey("published_warehouse")
    gates = [frozenset(gate.check_keys) for gate in loaded.asset_checks]

    def asked(**selection: Any) -> bool:
        return whole.is_all_of(dg.DagsterRun(job_name="any", **selection))

    assert asked()
    assert asked(asset_selection=whole.assets)  # as cxroi check does
    assert asked(asset_selection=whole.assets | {published}, asset_check_selection=whole.checks)
    assert asked(step_keys_to_execute=[*whole.steps, "published_warehouse"])
    assert not asked(asset_selection=frozenset({published}))
    assert not asked(asset_selection=whole.assets - {dg.AssetKey(["cx", "fct_tickets"])})
    assert not asked(asset_selection=whole.assets, asset_check_selection=frozenset())
    for gate in gates:
        assert not asked(asset_check_selection=gate)
    assert not asked(step_keys_to_execute=["mart_gate", "published_warehouse"])


def _alerts(loaded: Any, result: Any, home: Path) -> list[str]:
    """What the failure sensor writes about a run that failed."""
    import dagster as dg

    context = dg.build_run_status_sensor_context(
        sensor_name="failed_night",
        dagster_instance=dg.DagsterInstance.ephemeral(),
        dagster_run=result.dagster_run,
        dagster_event=result.all_events[-1],
    )
    loaded.sensors[0](context.for_run_failure())
    path = home / "runs" / "alerts.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.mark.parametrize("left_out", [None, "published_warehouse"], ids=["run", "check"])
def test_a_whole_night_that_never_began_is_told(
    loaded: Any, left_out: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not refused for being a part: the settings are wrong, and somebody has to hear."""
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CX_ENV", "wrong")
    keys = [k for k in loaded.resolve_all_asset_keys() if k.path[-1] != left_out]
    result, error = run_of(loaded, tmp_path, **({"asset_selection": keys} if left_out else {}))
    assert "CX_ENV is 'wrong'" in error
    monkeypatch.setenv("CX_ENV", "ci")
    [alert] = _alerts(loaded, result, tmp_path / "home")
    assert "failed" in alert


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
