"""What the night makes of dbt's results: each rule of a test by itself, with what broke it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.publication.audit_tables import quality_rows
from orchestration.lib.publication.decision import decide
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.transform import dbt
from orchestration.lib.transform.dbt import (
    NodeResult,
    _Progress,
    _results,
    _write_comments,
    expected_nodes,
)

ID = "test.cx_roi.rules_of_fct_a"
NODE = {
    "unique_id": ID,
    "name": "rules_of_fct_a",
    "resource_type": "test",
    "config": {},
    "test_metadata": {
        "name": "rules",
        "kwargs": {
            "model": "{{ get_where_subquery(ref('fct_a')) }}",
            "key": ["a"],
            "rows": [{"name": "small", "condition": "a < 2"}],
            "sums": [{"name": "sum", "expression": "a", "to": "x", "to_expression": "a"}],
        },
    },
}
SQL = """
select 'unique_key' as rule_name, 1 as broken_count, null as here, null as there, null as example
where false
union all
select 'small' as rule_name, count(*), null, null, cast(min(a) as varchar)
from candidate.cx.fct_a where a > 1 having count(*) > 0
union all
select 'sum' as rule_name, null, '6', '7', null
"""


@dataclass
class Node:
    """The part of dbt's node that is looked at."""

    compiled_code: str | None
    unique_id: str = ID
    name: str = "rules_of_fct_a"
    resource_type: Any = field(default_factory=lambda: SimpleNamespace(value="test"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.build.mkdir(parents=True)
    for path in (home.work, home.candidate, home.restricted_candidate, home.lake_database):
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema cx")
            connection.execute("create table cx.fct_a as select unnest([1, 2, 3]) as a, 'x' as b")
    return home


@pytest.fixture
def results(home: Home) -> Callable[..., list[NodeResult]]:
    def made(status: str, failures: int | None, sql: str | None = SQL) -> list[NodeResult]:
        said = SimpleNamespace(
            node=Node(sql),
            status=status,
            execution_time=0.1,
            failures=failures,
            message=f"Got {failures} results, configured to fail if != 0",
        )
        return _results(home, {"nodes": {ID: NODE}}, said)

    return made


def test_each_broken_rule_says_what_was_found(results: Callable[..., list[NodeResult]]) -> None:
    found = {r.name: (r.status, r.failures, r.message, r.sample) for r in results("fail", 2)}
    assert found == {
        "unique_key": ("pass", 0, None, ""),
        "small": ("fail", 2, "2 rows, such as 2", "2"),
        "sum": ("fail", 1, "6 here, 7 there", ""),
    }
    assert {r.table for r in results("fail", 2)} == {"fct_a"}
    assert {r.status for r in results("warn", 2)} == {"pass", "warn"}


def test_what_does_not_fit_what_dbt_counted_is_no_pass(
    results: Callable[..., list[NodeResult]],
) -> None:
    assert {r.status for r in results("fail", 3)} == {"fail"}
    assert {r.status for r in results("error", None, None)} == {"error"}
    assert {r.status for r in results("pass", 0)} == {"pass"}


def test_a_rule_that_was_not_evaluated_is_missed(
    results: Callable[..., list[NodeResult]], tmp_path: Path
) -> None:
    evidence = Evidence(tmp_path / "runs", "run")
    expected = expected_nodes({"nodes": {ID: NODE}})
    assert expected == {f"{ID}#unique_key", f"{ID}#small", f"{ID}#sum"}

    def reasons(found: list[NodeResult]) -> list[str]:
        evidence.record_dbt(expected, found)
        return [r for r in decide(evidence, {}).reasons if r.startswith("dbt")]

    assert reasons(results("pass", 0)) == []
    left_out = SQL.replace("'sum' as rule_name", "'sum'")
    assert reasons(results("pass", 0, left_out)) == [
        f"dbt: 1 nodes never ran, such as {ID}#sum.",
    ]
    assert reasons([]) == [f"dbt: 3 nodes never ran, such as {ID}#small."]
    assert reasons(results("fail", 2)) == [
        "dbt: small of fct_a fail: 2 rows, such as 2",
        "dbt: sum of fct_a fail: 6 here, 7 there",
    ]
    rows = {r["check_name"]: r for r in quality_rows(evidence)}
    assert rows["small"]["table_name"] == "fct_a"
    assert rows["small"]["observed"] == "2 rows, such as 2"
    assert [r["status"] for r in rows.values()] == ["passed", "failed", "failed"]


def test_descriptions_are_written_on_tables_and_columns_of_the_candidate(home: Home) -> None:
    model = {
        "resource_type": "model",
        "database": "candidate",
        "schema": "cx",
        "name": "fct_a",
        "config": {"materialized": "table"},
        "description": "What 'a' is for. Grain: one row per 'a'.\nThe reasons.",
        "constraints": [
            {"type": "primary_key", "columns": ["a", "b"]},
            {"type": "foreign_key", "columns": ["a"], "expression": "dim_a (a)"},
        ],
        "columns": {"a": {"description": "The 'a'"}, "gone": {"description": "no such column"}},
    }
    failed = model | {"name": "fct_failed"}
    view = model | {"name": "rpt_a", "config": {"materialized": "view"}}
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("create view cx.rpt_a as select * from cx.fct_a")
    _write_comments(home, {"nodes": {"a": model, "b": failed, "c": view}})
    with duckdb.connect(str(home.candidate), read_only=True) as connection:
        table = connection.execute("select comment from duckdb_tables()").fetchall()
        views = connection.execute(
            "select comment from duckdb_views() where view_name = 'rpt_a'"
        ).fetchall()
        columns = connection.execute(
            "select comment from duckdb_columns() where table_name = 'fct_a'"
        ).fetchall()
    said = "What 'a' is for. Grain: one row per 'a'. Key: a, b. Join: a to dim_a (a)."
    assert table == views == [(said,)]
    assert columns == [("The 'a'",), (None,)]


def test_progress_is_said_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = ("model", "model", "seed", "test")
    manifest = {"nodes": {str(i): {"resource_type": kind} for i, kind in enumerate(kinds)}}
    clock = iter([0, 1, 6, 6, 7, 20, 20])
    monkeypatch.setattr(dbt, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    caplog.set_level(logging.INFO, "cxroi")
    progress = _Progress(manifest)
    for name, kind in (("NodeStart", "model"), *(("NodeFinished", kind) for kind in kinds)):
        data = SimpleNamespace(node_info=SimpleNamespace(resource_type=kind))
        progress.on_event(SimpleNamespace(info=SimpleNamespace(name=name), data=data))
    assert caplog.messages == [
        "dbt: 2 of 3 tables, 0 of 1 tests",
        "dbt: 3 of 3 tables, 1 of 1 tests",
    ]
