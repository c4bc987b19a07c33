"""The check engine sees what is wrong, and what it cannot see it never passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.checks import engine
from expectations.checks.engine import run_checks
from expectations.checks.model import KINDS, MASK, Check
from expectations.checks.self_test import failing_kinds
from expectations.gates import run_gate
from tests.unit.expectations.candidates import reasons_against

GOOD = "create table t as select * from (values (1, 'a', 1.5), (2, 'a', 2.5)) v (id, label, amount)"
BAD = (
    "create table t as select * from "
    "(values (1, 'a', 1.5), (1, 'z', 99.0), (null, 'a', 'nan'::double)) v (id, label, amount)"
)


def _check(kind: str, **changes: Any) -> Check:
    base = Check(
        gate="lake",
        table="main.t",
        check_name=kind,
        kind=kind,  # type: ignore[arg-type]
        description="an example",
        columns={"in_set": ("label",), "between": ("amount",)}.get(kind, ("id",)),
        values=("a",),
        minimum=2 if kind == "row_count" else 0,
        maximum=10,
        query="select id from {batch} where not isfinite(amount)",
    )
    return replace(base, **changes)


def test_every_kind_of_check_passes_on_good_rows_and_counts_the_bad_ones(
    database: Callable[..., Path],
) -> None:
    checks = [_check(kind) for kind in KINDS]
    good = run_checks(database(GOOD, name="good.duckdb"), checks)
    assert [r.status for r in good] == ["passed"] * len(KINDS)

    bad = {
        r.check_name: r
        for r in run_checks(
            database(BAD, name="bad.duckdb"),
            [replace(c, minimum=4) if c.kind == "row_count" else c for c in checks],
        )
    }
    assert {r.status for r in bad.values()} == {"failed"}
    assert bad["not_null"].failed_count == 1  # one empty id of three
    assert bad["in_set"].sample == ("z",)
    assert bad["between"].failed_count == 2  # 99 and NaN, which is above every number
    assert bad["row_count"].observed == "3 rows"
    assert bad["no_rows"].sample == ("id=None",)


# A null, NaN, infinity, both bounds and a value beside each: what is counted where is easy to miss.
EDGES = """
create table t as select * from (values
    (null, null, null), (1, 'a', 0.0), (2, 'a ', 10.0), (3, 'b', -0.1), (4, '', 10.1),
    (5, 'it''s', 'nan'::double), (6, 'A', 'inf'::double), (7, 'a', '-inf'::double)
) v (id, label, amount)
"""


@pytest.mark.parametrize(
    "check",
    [
        _check("not_null"),
        _check("not_null", columns=("label",)),
        _check("in_set", values=("a", "it's")),
        _check("in_set", columns=("id",), values=(1, 2, 3, 4, 5, 6, 7)),
        _check("between"),
        _check("between", minimum=None),
        _check("between", maximum=None),
        _check("between", columns=("id",), minimum=1, maximum=7),
        _check("row_count", minimum=8, maximum=8),
        _check("row_count", minimum=9, maximum=None),
        _check("row_count", minimum=0, maximum=7),
        _check("no_rows"),
        _check("no_rows", query="select id from {batch} where id > 7"),
    ],
)
@pytest.mark.parametrize("rows", [EDGES, EDGES + "where false"], ids=["rows", "no rows"])
def test_screening_says_what_the_expectation_of_the_kind_says(
    check: Check, rows: str, database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(rows)
    (screened,) = run_checks(path, [check])
    screen = engine._screen
    monkeypatch.setattr(engine, "_screen", lambda *_: {})
    (alone,) = run_checks(path, [check])
    assert screened == alone
    counted: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(engine, "_screen", lambda *a: counted.update(screen(*a)) or counted)
    run_checks(path, [check])
    assert (counted[0][0] > 0) == (alone.status == "failed")
    if alone.failed_count is not None:
        assert counted[0][0] == alone.failed_count


def test_a_clean_table_is_evaluated_by_one_expectation(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(engine, "_evaluate_table", lambda *a: asked.append(a) or {})
    results = run_checks(database(GOOD), [_check(kind) for kind in KINDS])
    assert ({r.status for r in results}, asked) == ({"passed"}, [])


def test_what_breaks_a_check_and_cannot_be_found_again_blocks(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_screen", lambda *_: {0: (1, 2)})
    (result,) = run_checks(database(GOOD), [_check("in_set")])
    assert (result.status, result.blocks) == ("error", True)


@pytest.mark.parametrize(
    "broken",
    [
        _check("not_null", columns=("gone",)),
        _check("no_rows", query="select nothing from {batch}"),
        _check("not_null", table="main.gone"),
        _check("not_null", table="no_schema"),
    ],
    ids=["column", "query", "table", "name"],
)
def test_a_check_that_crashes_blocks_even_as_a_warning(
    broken: Check, database: Callable[..., Path]
) -> None:
    results = run_checks(database(GOOD), [replace(broken, severity="warning"), _check("in_set")])
    assert [r.status for r in results] == ["error", "passed"]
    assert results[0].blocks


def test_a_file_that_is_no_database_blocks_every_check(tmp_path: Path) -> None:
    path = tmp_path / "torn.duckdb"
    path.write_bytes(b"not a database" * 1000)
    assert [r.status for r in run_checks(path, [_check("in_set"), _check("not_null")])] == [
        "error",
        "error",
    ]


def test_the_file_can_be_written_again_right_after(database: Callable[..., Path]) -> None:
    path = database(GOOD)
    run_checks(path, [_check("in_set"), _check("not_null", table="main.gone")])
    with duckdb.connect(str(path)) as connection:  # fails while any connection is left open
        connection.execute("create table later as select 1 as one")


def test_values_of_personal_columns_never_reach_a_result(database: Callable[..., Path]) -> None:
    path = database("create table t as select 'ann@example.com' as label, 1 as id, 1.0 as amount")
    results = run_checks(
        path,
        [
            _check("in_set", is_personal=True),
            _check("no_rows", query="select label from {batch}", is_personal=True),
            _check("between", columns=("label",), is_personal=True),
        ],
    )
    assert all(r.blocks for r in results)
    assert "ann" not in str(results)
    assert results[0].sample == (MASK,)


def test_the_canary_is_caught_by_every_kind(tmp_path: Path) -> None:
    assert failing_kinds(tmp_path) == KINDS


def test_a_gate_without_a_suite_does_not_pass(database: Callable[..., Path]) -> None:
    path = database(GOOD)
    assert reasons_against(run_gate("lake", path, [], [], {}))  # nothing checked, nothing known
    others = run_checks(path, [_check("in_set")])  # checks made elsewhere do not make up for it
    assert reasons_against(run_gate("lake", path, [], others, {}))


def test_a_gate_whose_engine_lost_a_check_does_not_pass(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(GOOD)
    checks = [_check("in_set"), _check("not_null")]
    assert reasons_against(run_gate("lake", path, checks, [], {})) == []
    screen = engine._screen
    monkeypatch.setattr(engine, "_screen", lambda *a: {0: screen(*a)[0]})
    monkeypatch.setattr(engine, "_evaluate_table", lambda *_: {})
    report = run_gate("lake", path, checks, [], {})
    assert (report.declared, report.evaluated) == (2, 1)
    assert reasons_against(report)


def test_a_gate_whose_engine_passes_everything_is_caught_by_the_canary(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = engine._screen
    monkeypatch.setattr(
        engine, "_screen", lambda *a: {n: (0, rows) for n, (_, rows) in screen(*a).items()}
    )
    report = run_gate("lake", database(BAD), [_check("in_set")], [], {})
    assert not any(r.blocks for r in report.results)  # the checks alone would let it through
    assert reasons_against(report)


def test_a_check_can_be_vouched_for_with_a_reason_only(database: Callable[..., Path]) -> None:
    path = database(BAD)
    check = _check("in_set", check_name="volume")
    assert reasons_against(run_gate("lake", path, [check], [], {}))
    report = run_gate("lake", path, [check], [], {"volume": "month end, checked with sales"})
    assert reasons_against(report) == []
    assert report.results[0].observed.endswith("accepted: month end, checked with sales")
    with pytest.raises(ValueError, match="needs a reason"):
        run_gate("lake", path, [check], [], {"volume": " "})
    with pytest.raises(ValueError, match="cannot be accepted"):
        run_gate("lake", path, [check], [], {"required": "please"})
