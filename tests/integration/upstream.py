"""Tables that stand for everything upstream of some models, so that dbt can run those alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.base.home import Home


def prepared(folder: Path, fill: Callable[[duckdb.DuckDBPyConnection], None]) -> Home:
    """A home whose databases hold the tables that `fill` makes, and nothing else."""
    home = Home(folder)
    home.build.mkdir(parents=True)
    (home.temporary / "spill").mkdir(parents=True)
    for file in (home.work, home.candidate, home.restricted_candidate, home.lake_database):
        duckdb.connect(str(file)).close()
    with duckdb.connect(str(home.work)) as work:
        work.execute(f"attach '{home.candidate}' as candidate")
        fill(work)
    return home


@contextmanager
def opened(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the models made of them, to read."""
    with duckdb.connect(str(home.work), read_only=True) as work:
        work.execute(f"attach '{home.candidate}' as candidate (read_only)")
        yield work
