"""The programme models, run by dbt on tables that stand for everything upstream of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.transform.dbt import _invoke
from tests.integration.upstream import opened, prepared


@contextmanager
def night(
    folder: Path, fill: Callable[[duckdb.DuckDBPyConnection], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the models made of the tables that `fill` makes."""
    home = prepared(folder, fill)
    models = ["--select", "path:models/analysis/programmes"]
    # Members beside non-members are no estimate of an effect, and made of other tables; the track
    # record reads what earlier nights said.
    others = [
        *("--exclude", "int_programme_members__*", "fct_programme_members"),
        "fct_programme_track_record",
    ]
    outcome = _invoke(home, ["run", *models, *others])
    assert [r.node.name for r in outcome.result.results if str(r.status) != "success"] == []
    with opened(home) as work:
        yield work
