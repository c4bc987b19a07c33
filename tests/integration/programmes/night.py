"""The programme models, run by dbt on tables that stand for everything upstream of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.transform.dbt import _invoke
from tests.integration.upstream import opened, prepared

RECORD = "fct_programme_track_record"


@contextmanager
def night(
    folder: Path, fill: Callable[[duckdb.DuckDBPyConnection], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the models made of the tables that `fill` makes."""
    home = prepared(folder, fill)
    models = ["--select", "path:models/analysis/programmes"]
    # Members beside non-members are no estimate of an effect; past verdicts are those of nights.
    others = ["--exclude", "int_programme_members__*", "fct_programme_members", RECORD]
    outcome = _invoke(home, ["run", *models, *others])
    failed = [
        f"{r.node.name}: {r.message}" for r in outcome.result.results if str(r.status) != "success"
    ]
    assert not failed, "\n".join(failed)
    with opened(home) as work:
        yield work
