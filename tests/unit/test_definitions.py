"""What Dagster is given, by name: a definition that goes missing is seen here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from expectations.checks.model import CheckResult, GateReport

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
MARTS = {name for name in MODELS if name.split("_")[0] in ("dim", "fct", "bridge", "rpt", "v")}
RESTRICTED = {"customer_identities", "survey_comments"}
ENTITIES = files_of("expectations/contracts", ".yml")


def test_exactly_these_assets(loaded: Any) -> None:
    """One for each contract and each table that leaves the build; none for what is between."""
    keys = {"/".join(key.path) for key in loaded.resolve_all_asset_keys()}
    assert keys == {
        "lake/load_ledger",
        "published_warehouse",
        *(f"lake/{name}" for name in ENTITIES),
        *(f"cx/{name}" for name in MARTS),
        *(f"restricted/{name}" for name in RESTRICTED),
    }


def test_exactly_these_checks(loaded: Any) -> None:
    """A gate on every entity and mart and on the load ledger; dbt's tests on every table."""
    checks = {
        f"{'/'.join(spec.asset_key.path)} {spec.name}"
        for made in (*loaded.assets, *loaded.asset_checks)
        for spec in made.check_specs
    }
    assert checks == {
        "lake/load_ledger lake_gate",
        *(f"lake/{name} lake_gate" for name in ENTITIES),
        *(f"cx/{name} mart_gate" for name in MARTS),
        *(f"cx/{name} dbt_tests" for name in MARTS),
        *(f"restricted/{name} dbt_tests" for name in RESTRICTED),
    }


def test_every_check_says_what_it_checks_and_stops_what_comes_after(loaded: Any) -> None:
    for made in (*loaded.assets, *loaded.asset_checks):
        for spec in made.check_specs:
            assert spec.description, spec.key
            assert spec.blocking, spec.key


def test_every_asset_says_who_owns_it_and_what_it_is(loaded: Any) -> None:
    for spec in loaded.resolve_all_asset_specs():
        assert spec.group_name, spec.key
        assert spec.description, spec.key
        assert spec.kinds, spec.key
        assert spec.owners, spec.key


def test_a_published_table_has_a_deadline_its_columns_and_one_sentence(loaded: Any) -> None:
    specs = {spec.key.path[-1]: spec for spec in loaded.resolve_all_asset_specs()}
    for name in MARTS:
        assert specs[name].freshness_policy, name
        assert specs[name].description.count("\n") == 0, name
    columns = specs["dim_metrics"].metadata["dagster/column_schema"].columns
    described = {column.name: (column.type, column.description) for column in columns}
    assert described["metric_id"] == ("varchar", "Id of the metric")


class Played:
    """A night whose steps find what they are told to, run by Dagster as the real one."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        from orchestration.defs import resources, transform
        from orchestration.lib.base.home import Home
        from orchestration.lib.run import steps
        from orchestration.lib.transform import dbt

        night = SimpleNamespace(home=Home(Path(os.environ["CX_HOME"])))
        self.manifest = dbt.read_manifest(night.home)
        self.found: dict[str, tuple[str, int]] = {}
        self.gate: list[CheckResult] = []
        self.home = home

        @contextmanager
        def open_run(*_: Any) -> Iterator[SimpleNamespace]:
            yield night

        patch.setattr(resources, "open_run", open_run)
        patch.setattr(transform, "shapes", lambda home: {})
        patch.setattr(steps, "ingest", lambda night: {})
        patch.setattr(steps, "check_lake", lambda night: GateReport("lake", 0, (), ()))
        patch.setattr(steps, "transform", lambda night: self.results())
        patch.setattr(
            steps, "check_marts", lambda night: GateReport("marts", 1, tuple(self.gate), ())
        )
        patch.setattr(steps, "publish", lambda night: {})

    def results(self) -> list[Any]:
        """All models built, all tests passed but what `found` names: (status, rows)."""
        from orchestration.lib.transform.dbt import NodeResult

        results = []
        for unique_id, node in self.manifest["nodes"].items():
            kind, name = node["resource_type"], node["name"]
            status, rows = ("pass", 0) if kind == "test" else ("success", 0)
            status, rows = self.found.get(name, (status, rows))
            results.append(
                NodeResult(unique_id, name, kind, status, 0.1, rows, None, f"What {name} says.")
            )
        return results

    def run(self) -> tuple[Any, dict[str, Any]]:
        """Dagster's result, and the evaluations of checks that did not pass by table."""
        import dagster as dg

        from orchestration.definitions import definitions

        result = (
            definitions()
            .resolve_job_def("nightly")
            .execute_in_process(
                instance=dg.DagsterInstance.ephemeral(str(self.home)),
                partition_key="2025-12-31",
                raise_on_error=False,
            )
        )
        evaluated = result.get_asset_check_evaluations()
        return result, {e.asset_key.path[-1]: e for e in evaluated if not e.passed}


@pytest.fixture
def played(loaded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    return Played(tmp_path, monkeypatch)


def test_a_night_without_findings_publishes(played: Played) -> None:
    result, red = played.run()
    assert result.success
    assert red == {}
    assert len(result.get_asset_materialization_events()) == len(
        [*ENTITIES, *MARTS, *RESTRICTED, "load_ledger", "published_warehouse"]
    )


def a_test_of(played: Played, schema: str) -> tuple[str, str]:
    """A model of a schema and a data test attached to it, by their names."""
    nodes = played.manifest["nodes"]
    for node in nodes.values():
        model = nodes.get(node.get("attached_node"), {})
        if model.get("schema") == schema:
            return model["name"], node["name"]
    raise AssertionError(schema)


def test_a_failed_data_test_is_red_at_one_table_and_named_by_the_run(played: Played) -> None:
    from orchestration.runner import first_error

    model, failing = a_test_of(played, "intermediate")
    played.found = {failing: ("fail", 7)}
    result, red = played.run()

    assert not result.success
    [(table, evaluation)] = red.items()
    said = f"{model}: {failing} (7 rows): What {failing} says."
    assert table in MARTS
    assert evaluation.description == said
    assert evaluation.severity.value == "ERROR"
    [record] = evaluation.metadata["findings"].records
    assert (record.data["table"], record.data["rule"], record.data["rows"]) == (
        model, failing, 7,
    )  # fmt: skip
    assert first_error(result) == ("Failure", f"dbt: {said}")
    assert "published_warehouse" not in {
        event.asset_key.path[-1] for event in result.get_asset_materialization_events()
    }


def test_a_data_test_that_warns_is_shown_and_stops_nothing(played: Played) -> None:
    table, warning = a_test_of(played, "cx")
    played.found = {warning: ("warn", 2)}
    result, red = played.run()
    assert result.success
    assert {table: e.severity.value for table, e in red.items()} == {table: "WARN"}


def test_a_model_that_fails_is_named_and_what_hung_on_it_is_not_red(played: Played) -> None:
    """dbt skips what reads it: no table of these, and no check."""
    from orchestration.runner import first_error

    [failing, _], [table, test] = a_test_of(played, "intermediate"), a_test_of(played, "cx")
    of_table = {
        node["name"]
        for node in played.manifest["nodes"].values()
        if (node.get("attached_node") or "").endswith(f".{table}")
    }
    assert test in of_table
    played.found = {
        failing: ("error", 0),
        table: ("skipped", 0),
        **dict.fromkeys(of_table, ("skipped", 0)),
    }
    result, red = played.run()
    assert not result.success
    assert red == {}
    assert str(first_error(result)[1]).startswith(f"dbt: {failing}: model: ")
    made = {event.asset_key.path[-1] for event in result.get_asset_materialization_events()}
    assert made & {*MARTS, *RESTRICTED} == {*MARTS, *RESTRICTED} - {table}


@pytest.mark.parametrize(("table", "shown_at"), [("fct_churn", "fct_churn"), ("x", "dim_metrics")])
def test_a_finding_of_the_gate_is_red_at_its_table_and_named_by_the_run(
    played: Played, table: str, shown_at: str
) -> None:
    from orchestration.runner import first_error

    found = CheckResult(
        "marts", table, "key", "churn_id", "error", "failed", "3 rows", "no two", 3, "A key."
    )
    played.gate = [found]
    result, red = played.run()
    assert not result.success
    said = f"{table}: key on churn_id (3 rows): 3 rows, expected no two"
    assert {name: e.description for name, e in red.items()} == {shown_at: said}
    assert first_error(result) == ("Failure", f"mart_gate: {said}")


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
