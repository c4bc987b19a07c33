"""Many small statements at once: in order, each with a connection of its own, no error lost."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.base.threads import each_at_once
from orchestration.lib.ingest.worker import open_engine


def test_results_come_in_the_order_of_the_items_and_temporary_tables_stay_apart() -> None:
    def work(own: duckdb.DuckDBPyConnection, item: int) -> int:
        own.execute(f"create temp table t as select {item} * 10 as value")
        return int(own.execute("select value from t").fetchall()[0][0])

    with duckdb.connect() as connection:
        assert each_at_once(connection, work, range(20)) == [i * 10 for i in range(20)]


def test_an_error_is_raised_and_not_passed_over() -> None:
    def work(own: duckdb.DuckDBPyConnection, item: int) -> None:
        own.execute("select error('broken')" if item == 3 else "select 1")

    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="broken"):
        each_at_once(connection, work, range(5))


def test_mappings_that_run_at_once_see_the_same_clock(tmp_path: Path) -> None:
    """A mapping that turns a moment into a day must not take the zone of the machine."""
    with open_engine(tmp_path, tmp_path) as engine:
        zones = each_at_once(
            engine,
            lambda own, _: own.execute("select current_setting('TimeZone')").fetchall(),
            range(2),
        )
    assert zones == [[("UTC",)]] * 2
