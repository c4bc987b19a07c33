"""The programme models, run by dbt on tables that stand for everything upstream of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.dbt import _invoke
from orchestration.lib.home import Home


@contextmanager
def night(
    folder: Path, fill: Callable[[duckdb.DuckDBPyConnection], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the models made of the tables that `fill` makes."""
    home = Home(folder)
    home.build.mkdir(parents=True)
    (home.temporary / "spill").mkdir(parents=True)
    for file in (home.work, home.candidate, home.restricted_candidate, home.lake_database):
        duckdb.connect(str(file)).close()
    with duckdb.connect(str(home.work)) as work:
        work.execute(f"attach '{home.candidate}' as candidate")
        fill(work)
    folders = ("intermediate", "marts")
    selected = [f"path:models/{f}/programmes" for f in folders]
    outcome = _invoke(home, ["run", "--select", *selected])
    assert [r.node.name for r in outcome.result.results if str(r.status) != "success"] == []
    with duckdb.connect(str(home.work), read_only=True) as work:
        work.execute(f"attach '{home.candidate}' as candidate (read_only)")
        yield work
