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
    assert bad["unique"].failed_count == 2  # both rows that share an id
    assert bad["in_set"].sample == ("z",)
    assert bad["between"].failed_count == 2  # 99 and NaN, which is above every number
    assert bad["row_count"].observed == "3 rows"
    assert bad["no_rows"].sample == ("id=None",)


def test_compound_keys_count_empty_parts_too(database: Callable[..., Path]) -> None:
    path = database("create table t as select 1 as id, null::varchar as label from range(2)")
    (result,) = run_checks(path, [_check("unique", columns=("id", "label"))])
    assert result.status == "failed"  # two rows (1, empty) are the same key


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
    results = run_checks(database(GOOD), [replace(broken, severity="warning"), _check("unique")])
    assert [r.status for r in results] == ["error", "passed"]
    assert results[0].blocks


def test_a_file_that_is_no_database_blocks_every_check(tmp_path: Path) -> None:
    path = tmp_path / "torn.duckdb"
    path.write_bytes(b"not a database" * 1000)
    assert [r.status for r in run_checks(path, [_check("unique"), _check("not_null")])] == [
        "error",
        "error",
    ]


def test_the_file_can_be_written_again_right_after(database: Callable[..., Path]) -> None:
    path = database(GOOD)
    run_checks(path, [_check("unique"), _check("not_null", table="main.gone")])
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
    others = run_checks(path, [_check("unique")])  # checks made elsewhere do not make up for it
    assert reasons_against(run_gate("lake", path, [], others, {}))


def test_a_gate_whose_engine_lost_a_check_does_not_pass(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(GOOD)
    assert reasons_against(run_gate("lake", path, [_check("unique")], [], {})) == []
    monkeypatch.setattr(engine, "_evaluate_table", lambda *_: {})
    report = run_gate("lake", path, [_check("unique")], [], {})
    assert (report.declared, report.evaluated) == (1, 0)
    assert reasons_against(report)


def test_a_gate_whose_engine_passes_everything_is_caught_by_the_canary(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    see = engine._result
    monkeypatch.setattr(engine, "_result", lambda *a: replace(see(*a), status="passed"))
    report = run_gate("lake", database(BAD), [_check("unique")], [], {})
    assert not any(r.blocks for r in report.results)  # the checks alone would let it through
    assert reasons_against(report)


def test_a_check_can_be_vouched_for_with_a_reason_only(database: Callable[..., Path]) -> None:
    path = database(BAD)
    check = _check("unique", check_name="volume")
    assert reasons_against(run_gate("lake", path, [check], [], {}))
    report = run_gate("lake", path, [check], [], {"volume": "month end, checked with sales"})
    assert reasons_against(report) == []
    assert report.results[0].observed.endswith("accepted: month end, checked with sales")
    with pytest.raises(ValueError, match="needs a reason"):
        run_gate("lake", path, [check], [], {"volume": " "})
    with pytest.raises(ValueError, match="cannot be accepted"):
        run_gate("lake", path, [check], [], {"required": "please"})
