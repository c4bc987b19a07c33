"""Evaluates checks on a DuckDB file with Great Expectations, through SQL and read-only.

All checks of a table are screened by one expectation; a check that does not come back clean is
evaluated by the expectation of its kind, which says what is wrong. Whatever goes wrong becomes a
result with status `error`, which blocks: this module never passes what it did not see.
Not here: which checks there are. Great Expectations is imported inside the functions (seconds).
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

from expectations.checks.model import MASK, SAMPLE_SIZE, Check, CheckResult, crashed

SEVERITIES = {"error": "critical", "warning": "warning"}


def run_checks(database: Path, checks: Sequence[Check]) -> list[CheckResult]:
    """One result per check, in their order; a check without a verdict has status `error`."""
    if not checks:
        return []
    try:
        return _evaluate(database, checks)
    except Exception as error:
        return [crashed(check, _first_line(error)) for check in checks]


def great_expectations() -> Any:
    """The library, imported: seconds of work the first time."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported
    module = import_module("great_expectations")
    # It logs where it keeps temporary files, at a level of its own. dbt's tracker gives the root
    # logger a handler, by which this would reach the screen of a run.
    logging.getLogger("great_expectations").propagate = False
    return module


def _evaluate(database: Path, checks: Sequence[Check]) -> list[CheckResult]:
    gx = great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from sqlalchemy import URL
    from sqlalchemy.dialects import registry

    registry.register("duckdb.buffered", "expectations.checks.dialect", "BufferedDialect")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    url = URL.create("duckdb+buffered", database=str(database)).render_as_string()
    source = context.data_sources.add_sql(
        "audited",
        connection_string=url,
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True}},
    )
    numbered = sorted(enumerate(checks), key=lambda pair: (pair[1].table, pair[0]))
    tables = {t: list(group) for t, group in groupby(numbered, key=lambda pair: pair[1].table)}
    try:
        counted = _screen(source, tables)
        found = {n: _held(checks[n], rows) for n, (broken, rows) in counted.items() if not broken}
        for table, group in tables.items():
            if unclean := [(number, check) for number, check in group if number not in found]:
                found |= _evaluate_table(source, table, unclean)
    finally:  # two engines, and either one left open would keep the file locked
        source.get_execution_engine().engine.dispose()
        source.get_engine().dispose()
    for number, (broken, _) in counted.items():
        if broken and number in found and found[number].status == "passed":
            found[number] = crashed(checks[number], "what broke it could not be found again")
    return [found.get(i, crashed(c, "no result came back")) for i, c in enumerate(checks)]


def _screen(
    source: Any, tables: Mapping[str, Sequence[tuple[int, Check]]]
) -> dict[int, tuple[int, int]]:
    """For each check how much breaks it and the rows of its table, where that could be counted."""
    gx = great_expectations()
    from expectations.checks.screening import (
        ROW_COUNT,
        ExpectEveryCheckToHold,
        column_of,
        screening_query,
    )

    suite = gx.ExpectationSuite(name="screening")
    for table, numbered in tables.items():
        query = screening_query(table, numbered)
        suite.add_expectation(ExpectEveryCheckToHold(query=query, meta={"table": table}))
    # Each query names its table: one batch, of anything, serves them all.
    asset = source.add_query_asset("screening", query="select 1 as one")
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    counted = {}
    for one in batch.validate(suite, result_format="BASIC").results:
        counts = (one.result or {}).get("observed_value") or {}
        for number, _ in tables[one.expectation_config.meta["table"]]:
            if counts.get(column_of(number)) is not None:
                counted[number] = (counts[column_of(number)], counts[ROW_COUNT])
    return counted


def _held(check: Check, rows: int) -> CheckResult:
    """The result of a check that nothing breaks, in the words of its expectation."""
    found = rows if check.kind == "row_count" else 0
    return _result(check, {"success": True, "result": {"observed_value": found}})


def _evaluate_table(
    source: Any, table: str, numbered: list[tuple[int, Check]]
) -> dict[int, CheckResult]:
    gx = great_expectations()
    suite = gx.ExpectationSuite(name=table)
    try:
        schema, name = table.split(".")
        with warnings.catch_warnings():  # the schema is to move to the connection, which has many
            warnings.simplefilter("ignore", DeprecationWarning)
            asset = source.add_table_asset(table, table_name=name, schema_name=schema)
        for number, check in numbered:
            suite.add_expectation(_expectation(check, number))
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        outcome = batch.validate(
            suite,
            result_format={
                "result_format": "SUMMARY",
                "partial_unexpected_count": SAMPLE_SIZE,
                "include_unexpected_rows": False,
            },
        )
    except Exception as error:  # the table is gone, a type is wrong, the file cannot be read
        return {number: crashed(check, _first_line(error)) for number, check in numbered}
    by_number = dict(numbered)
    results = {}
    for one in outcome.results:
        number = one.expectation_config.meta["number"]
        check = by_number[number]
        result = _result(check, one.to_json_dict())
        if check.kind == "no_rows" and result.status == "failed" and not check.is_personal:
            result = replace(result, sample=_rows(source, check.query.replace("{batch}", table)))
        results[number] = result
    return results


def _expectation(check: Check, number: int) -> Any:
    gxe: Any = import_module("great_expectations.expectations")
    common = {"severity": SEVERITIES[check.severity], "meta": {"number": number}}
    column = check.columns[0] if check.columns else None
    bounds = {"min_value": check.minimum, "max_value": check.maximum}
    match check.kind:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **common)
        case "in_set":
            values = list(check.values)
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=values, **common)
        case "between":
            return gxe.ExpectColumnValuesToBeBetween(column=column, **bounds, **common)
        case "row_count":
            return gxe.ExpectTableRowCountToBeBetween(**bounds, **common)
        case "no_rows":
            return gxe.UnexpectedRowsExpectation(unexpected_rows_query=check.query, **common)


def _result(check: Check, outcome: dict[str, Any]) -> CheckResult:
    found = outcome.get("result") or {}
    if outcome.get("success") is None or not found:
        return crashed(check, _exception_of(outcome))
    failed = found.get("unexpected_count", found.get("observed_value"))
    # Of a table without rows, the expectations on columns give no number.
    count = int(failed or 0) if check.kind != "row_count" else None
    passed = bool(outcome["success"])
    return CheckResult(
        gate=check.gate,
        table=check.table_name,
        check_name=check.check_name,
        column=", ".join(check.columns) or None,
        severity=check.severity,
        status="passed" if passed else "failed",
        observed=_observed(check, found, count),
        expected=check.expected,
        failed_count=count,
        description=check.description,
        sample=() if passed else _sample(check, found),
    )


def _observed(check: Check, found: dict[str, Any], count: int | None) -> str:
    if check.kind == "row_count":
        return f"{found['observed_value']} rows"
    if not count:
        return "as expected"
    of = f" of {found['element_count']}" if "element_count" in found else ""
    return f"{count}{of} rows"


def _sample(check: Check, found: dict[str, Any]) -> tuple[str, ...]:
    if check.kind in ("row_count", "not_null", "no_rows"):
        return ()
    if check.is_personal:
        return (MASK,)
    return tuple(str(v)[:80] for v in found.get("partial_unexpected_list", ())[:SAMPLE_SIZE])


def _rows(source: Any, query: str) -> tuple[str, ...]:
    """The first rows that break a rule; Great Expectations gives only their number."""
    with source.get_engine().connect() as connection:
        rows = connection.exec_driver_sql(query).mappings().fetchmany(SAMPLE_SIZE)
    return tuple(", ".join(f"{name}={value}" for name, value in row.items())[:200] for row in rows)


def _exception_of(outcome: dict[str, Any]) -> str:
    info = outcome.get("exception_info") or {}
    for part in (info, *(v for v in info.values() if isinstance(v, dict))):
        if part.get("exception_message"):
            return str(part["exception_message"]).splitlines()[0]
    return "no result came back"


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
