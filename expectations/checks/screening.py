"""One expectation for all checks of a table: a query that counts, for each, what breaks it.

Great Expectations spends some six milliseconds of Python on an expectation, whatever the table
holds; a gate has hundreds of checks and as a rule nothing fails. Here: the query and the
expectation over it. Not here: what becomes of a check that is not clean (`engine`).
Imported by the engine only, when it evaluates: Great Expectations takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from expectations.checks.model import Check
from orchestration.lib.base.sql import name, quote

ROW_COUNT = "row_count"


class ExpectEveryCheckToHold(BatchExpectation):
    """The query gives one row: for each check how much breaks it, and the rows of the table."""

    query: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("query.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("query",)

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        [counts] = metrics["query.table"]
        broken = [key for key, count in counts.items() if key != ROW_COUNT and count != 0]
        return {"success": not broken, "result": {"observed_value": counts}}


def column_of(number: int) -> str:
    """The column of the query that says how much breaks the check of that number."""
    return f"check_{number}"


def screening_query(table: str, numbered: Sequence[tuple[int, Check]]) -> str:
    """One scan of the table for its checks, and one query for each rule that brings its own."""
    counts = [f"{_broken(check, table)} as {column_of(number)}" for number, check in numbered]
    return f"select count(*) as {ROW_COUNT}, {', '.join(counts)} from {table}"


def _broken(check: Check, table: str) -> str:
    """SQL for how much breaks a check: what Great Expectations counts for its kind."""
    column = name(check.columns[0]) if check.columns else ""
    match check.kind:
        case "not_null":
            return f"count(*) filter (where {column} is null)"
        case "in_set":
            values = ", ".join(_literal(value) for value in check.values)
            return f"count(*) filter (where {column} not in ({values}))"
        case "between":
            return f"count(*) filter (where not ({_within(column, check)}))"
        case "row_count":
            return f"cast(not ({_within('count(*)', check)}) as integer)"
        case "no_rows":
            return f"(select count(*) from ({check.query.replace('{batch}', table)}))"


def _within(value: str, check: Check) -> str:
    bounds = ((">=", check.minimum), ("<=", check.maximum))
    return " and ".join(f"{value} {sign} {bound!r}" for sign, bound in bounds if bound is not None)


def _literal(value: object) -> str:
    return quote(value) if isinstance(value, str) else str(value)
