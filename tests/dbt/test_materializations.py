"""A table made in place keeps what its contract says: names, types and what is not null."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.product_sql import PROJECT

DECLARED = """
  - name: {name}
    config: {{contract: {{enforced: true}}}}
    columns:
      - {{name: a, data_type: bigint, constraints: [{{type: not_null}}]}}
      - {{name: b, data_type: "decimal(18,4)"}}
"""
MODELS = {
    "good": "select cast(2 as decimal(18,4)) as b, cast(1 as bigint) as a",
    "of_another_type": "select 1 as a, cast(2 as decimal(18,4)) as b",
    "of_another_scale": "select cast(1 as bigint) as a, cast(2 as decimal(18,2)) as b",
    "one_short": "select cast(1 as bigint) as a",
    "one_more": "select cast(1 as bigint) as a, cast(2 as decimal(18,4)) as b, 3 as c",
    "with_null": "select cast(null as bigint) as a, cast(2 as decimal(18,4)) as b",
    "replaced": "-- first\nselect cast(3 as bigint) as a, cast(2 as decimal(18,4)) as b -- last",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(tmp_path_factory.mktemp("project"))
    (folder / "dbt_project.yml").write_text("{name: small, profile: small}")
    (folder / "profiles.yml").write_text(
        f"small: {{target: t, outputs: {{t: {{type: duckdb, path: '{folder}/small.duckdb'}}}}}}"
    )
    for name in ("models", "macros"):
        (folder / name).mkdir()
    shutil.copy(PROJECT / "materializations" / "table_and_view.sql", folder / "macros")
    for name, sql in MODELS.items():
        (folder / "models" / f"{name}.sql").write_text(
            "{{ config(materialized='table') }}\n" + sql, encoding="utf-8"
        )
    declared = "".join(DECLARED.format(name=name) for name in MODELS)
    (folder / "models" / "models.yml").write_text("models:" + declared)
    with duckdb.connect(str(folder / "small.duckdb")) as connection:
        connection.execute("create table replaced as select 'old' as a")
    return folder


@pytest.fixture(scope="module")
def outcome(folder: Path) -> dict[str, tuple[str, str]]:
    """What dbt says of each model."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    places = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    places += ["--target-path", str(folder / "target"), "--log-path", str(folder / "log")]
    done = dbtRunner().invoke(["--quiet", "run", *places])
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    assert done.exception is None
    return {r.node.name: (str(r.status), str(r.message)) for r in done.result.results}


def test_a_table_that_keeps_its_contract_is_built(
    folder: Path, outcome: dict[str, tuple[str, str]]
) -> None:
    assert {name for name, (status, _) in outcome.items() if status == "success"} == {
        "good",
        "replaced",
    }
    with duckdb.connect(str(folder / "small.duckdb"), read_only=True) as connection:
        described = connection.execute("describe good").fetchall()
        assert [column[:3] for column in described] == [
            ("a", "BIGINT", "NO"),
            ("b", "DECIMAL(18,4)", "YES"),
        ]
        assert connection.execute("from replaced").fetchall()[0][0] == 3
        tables = {name for (name,) in connection.execute("show tables").fetchall()}
    assert tables == {"good", "replaced"}  # nothing half done, nothing put aside


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("of_another_type", "data type mismatch"),
        ("of_another_scale", "data type mismatch"),
        ("one_short", "missing in definition"),
        ("one_more", "missing in contract"),
        ("with_null", "NOT NULL constraint failed"),
    ],
)
def test_a_table_that_breaks_its_contract_is_not(
    outcome: dict[str, tuple[str, str]], name: str, said: str
) -> None:
    status, message = outcome[name]
    assert status == "error"
    assert said in message
