"""A table known to be bad, on which every kind of check must fail.

If one passes here, the engine no longer sees what it looks at, and its verdicts mean nothing.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.checks.engine import run_checks
from expectations.checks.model import KINDS, Check, Kind

TABLE = "main.canary"
BAD_ROWS = "(1, 'known', 1.0), (1, 'unheard of', 99.0), (null, 'known', 'nan'::double)"


def failing_kinds(folder: Path) -> tuple[Kind, ...]:
    """The kinds of check that fail on the bad table: all of `KINDS` if the engine is sound."""
    database = folder / "canary.duckdb"
    database.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect(str(database)) as connection:
            connection.execute(
                f"create table canary as select * from (values {BAD_ROWS}) as t (id, label, amount)"
            )
        results = run_checks(database, [_bad_check(kind) for kind in KINDS])
    finally:
        database.unlink(missing_ok=True)
    return tuple(
        kind for kind, result in zip(KINDS, results, strict=True) if result.status == "failed"
    )


def _bad_check(kind: Kind) -> Check:
    columns = {"not_null": ("id",), "in_set": ("label",), "between": ("amount",)}
    return Check(
        gate="canary",
        table=TABLE,
        check_name=kind,
        kind=kind,
        description="A known-bad table fails",
        columns=columns.get(kind, ()),
        values=("known",),
        minimum=4 if kind == "row_count" else 0,
        maximum=10,
        query="select id from {batch} where not isfinite(amount)",
    )
