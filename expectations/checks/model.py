"""What a check is and what came of it, whoever evaluates it.

Here: the two records and the masking of personal values. Not here: how a check is evaluated
(`engine` for SQL, `lake_gate.ledger` for the accounting), or which checks there are (the suites).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from orchestration.lib.base.sql import name as quoted_name
from orchestration.lib.base.sql import quote

Severity = Literal["error", "warning"]
Status = Literal["passed", "failed", "error"]
Kind = Literal["not_null", "in_set", "between", "row_count", "no_rows"]
KINDS: tuple[Kind, ...] = ("not_null", "in_set", "between", "row_count", "no_rows")
MASK = "(masked)"
SAMPLE_SIZE = 3


@dataclass(frozen=True)
class Check:
    """One declared expectation on a table of a DuckDB file.

    `kind` says how it is evaluated; `query` (kind no_rows) selects the rows that break the rule,
    with `{batch}` standing for the table.
    """

    gate: str
    table: str
    check_name: str
    kind: Kind
    description: str
    severity: Severity = "error"
    columns: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    query: str = ""
    is_personal: bool = False

    @property
    def table_name(self) -> str:
        """The table without its schema, as results name it."""
        return self.table.split(".")[-1]

    @property
    def expected(self) -> str:
        """The expectation in a few words."""
        bounds = f"{_plain(self.minimum) or 'any'} to {_plain(self.maximum) or 'any'}"
        return {
            "not_null": "no empty value",
            "in_set": "one of " + ", ".join(map(str, self.values)),
            "between": bounds,
            "row_count": f"rows: {bounds}",
            "no_rows": "no row breaks the rule",
        }[self.kind]


@dataclass(frozen=True)
class CheckResult:
    """What one check of this run found. Only `passed` lets an error-severity check through."""

    gate: str
    table: str
    check_name: str
    column: str | None
    severity: Severity
    status: Status
    observed: str
    expected: str
    failed_count: int | None
    description: str
    sample: tuple[str, ...] = field(default=())

    @property
    def blocks(self) -> bool:
        """True if nothing may be published. A check that crashed blocks whatever its severity."""
        return self.status == "error" or (self.severity == "error" and self.status != "passed")

    def as_row(self) -> dict[str, Any]:
        """The result as one flat row, the sample joined."""
        return {**asdict(self), "sample": "; ".join(self.sample)}


@dataclass(frozen=True)
class GateReport:
    """All results of one gate, and how many there had to be."""

    gate: str
    declared: int
    results: tuple[CheckResult, ...]
    canary: tuple[str, ...]

    @property
    def evaluated(self) -> int:
        """Checks that came to a verdict."""
        return sum(r.status != "error" for r in self.results)


def crashed(check: Check, error: str) -> CheckResult:
    """The result of a check that could not be evaluated."""
    return CheckResult(
        gate=check.gate,
        table=check.table_name,
        check_name=check.check_name,
        column=", ".join(check.columns) or None,
        severity=check.severity,
        status="error",
        observed=MASK if check.is_personal else f"not evaluated: {error}"[:500],
        expected=check.expected,
        failed_count=None,
        description=check.description,
    )


def verdict(
    gate: str,
    table: str,
    check_name: str,
    failures: Sequence[str],
    *,
    checked: str,
    expected: str,
    description: str,
    severity: Severity = "error",
    failed_count: int | None = None,
) -> CheckResult:
    """The result of a check made in Python: it passed if there are no failures.

    `failures` are sentences without personal data; the first few are kept.
    """
    count = len(failures) if failed_count is None else failed_count
    found = failures[0] if len(failures) == 1 else f"{count} of {checked}"
    return CheckResult(
        gate=gate,
        table=table,
        check_name=check_name,
        column=None,
        severity=severity,
        status="failed" if failures else "passed",
        observed=found if failures else checked,
        expected=expected,
        failed_count=count,
        description=description,
        sample=tuple(failures[:SAMPLE_SIZE]) if len(failures) > 1 else (),
    )


def accept(
    results: Iterable[CheckResult], reasons: Mapping[str, str], acceptable: frozenset[str]
) -> list[CheckResult]:
    """Turn failed checks a person vouches for into warnings that carry the person's reason.

    `reasons` maps the check's name to the reason; only checks in `acceptable` can be vouched for,
    and a check that crashed never is.
    """
    for name, reason in reasons.items():
        if name not in acceptable:
            raise ValueError(f"{name!r} cannot be accepted; only {', '.join(sorted(acceptable))}.")
        if not reason.strip():
            raise ValueError(f"Accepting {name!r} needs a reason.")
    return [
        replace(r, severity="warning", observed=f"{r.observed}; accepted: {reasons[r.check_name]}")
        if r.check_name in reasons and r.status == "failed" and r.severity == "error"
        else r
        for r in results
    ]


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def columns_with(columns: Sequence[str], condition: str) -> str:
    """A query for the columns that have rows of a kind, and how many. Reads the table once."""
    conditions = [condition.replace("<column>", quoted_name(column)) for column in columns]
    names = ", ".join(quote(column) for column in columns)
    counts = ", ".join(f"count(*) filter (where {holds})" for holds in conditions)
    return (
        "select column_name, row_count from ("
        f"select unnest([{names}]) as column_name, unnest([{counts}]) as row_count from {{batch}}"
        ") where row_count > 0"
    )
