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
    folders = ("intermediate", "marts")
    selected = [f"path:models/{f}/programmes" for f in folders]
    outcome = _invoke(home, ["run", "--select", *selected])
    assert [r.node.name for r in outcome.result.results if str(r.status) != "success"] == []
    with opened(home) as work:
        yield work
