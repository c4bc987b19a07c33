"""A figure published differently than before is a row with both values and the cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import lake_columns
from orchestration.lib.publication.evidence import Document, Evidence
from orchestration.lib.publication.restatement_causes import SOURCES, SPANS
from orchestration.lib.publication.restatements import record_restatements
from orchestration.lib.publication.run_record import Ending, end_run, start_run
from orchestration.settings import Settings

JANUARY, FEBRUARY = "2025-01-01", "2025-02-01"
Files = dict[str, list[tuple[str, float]]]  # batch: its transactions as (day, amount)
FIRST: Files = {"jan": [("2025-01-10", 100.0)]}


class Nights:
    """A home in which nights are published one after another."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.settings = Settings("ci", root, root / "landing")

    def publish(
        self,
        run_id: str,
        revenue: dict[str, float | None],
        files: Files,
        ending: Ending | None = "published",
        **settings: Any,
    ) -> list[Document]:
        """One night: the net revenue it found by month and the files it read."""
        evidence = Evidence(self.home.runs, run_id)
        given = Settings("ci", self.home.root, self.home.root / "landing", **settings)
        start_run(evidence, date(2025, 3, 1), given, {})
        self._build(revenue, files)
        ledger = pa.Table.from_pylist(
            [{"batch_id": b, "file_name": f"{b}.csv", "status": "loaded"} for b in files]
        )
        restatements = record_restatements(self.home, evidence, ledger)
        if ending:
            end_run(evidence, ending)
        return restatements

    def _build(self, revenue: dict[str, float | None], files: Files) -> None:
        self.home.build.mkdir(parents=True, exist_ok=True)
        for path in (self.home.candidate, self.home.lake_database):
            path.unlink(missing_ok=True)
        with duckdb.connect(str(self.home.candidate)) as connection:
            connection.execute("create schema candidate.cx")
            measured = ", ".join(f"{metric} double" for metric in SOURCES)
            connection.execute(
                "create table cx.fct_segment_roi (segmentation varchar, period_kind varchar, "
                f"period_date date, {measured})"
            )
            for month, amount in revenue.items():
                connection.execute(
                    "insert into cx.fct_segment_roi by name select 'all' as segmentation, "
                    "'month' as period_kind, cast(? as date) as period_date, "
                    "cast(? as double) as net_revenue_amount",
                    [month, amount],
                )
        with duckdb.connect(str(self.home.lake_database)) as connection:
            for entity in SPANS:
                columns = lake_columns(load_contracts()[entity])
                declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
                connection.execute(f"create table {entity} ({declared})")
            for batch, rows in files.items():
                for day, amount in rows:
                    connection.execute(
                        "insert into transactions by name select ? as file_name, ? as batch_id, "
                        "cast(? as timestamp) as occurred_at, ? as amount",
                        [f"{batch}.csv", batch, day, amount],
                    )


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., list[Document]]:
    return Nights(tmp_path / "home").publish


def test_what_is_said_for_the_first_time_is_no_restatement(
    publish: Callable[..., list[Document]],
) -> None:
    assert publish("r1", {JANUARY: 100.0}, FIRST) == []
    # February is new, January is as it was
    assert publish("r2", {JANUARY: 100.0, FEBRUARY: 5.0}, FIRST) == []


def test_a_late_file_restates_the_month_it_speaks_of(
    publish: Callable[..., list[Document]],
) -> None:
    publish("r1", {JANUARY: 100.0, FEBRUARY: 40.0}, FIRST)
    late = {"late": [("2025-01-20", 7.0)], "march": [("2025-03-01", 1.0)]}
    [row] = publish("r2", {JANUARY: 107.0, FEBRUARY: 40.0}, FIRST | late)
    assert row == {
        "metric_name": "net_revenue_amount",
        "month_date": JANUARY,
        "run_id": "r2",
        "as_of_date": "2025-03-01",
        "restated_at": row["restated_at"],
        "value": 107.0,
        "previous_value": 100.0,
        "difference": 7.0,
        "previous_run_id": "r1",
        "previous_as_of_date": "2025-03-01",
        "cause": "files",
        "file_count": 1,
        "files": "late.csv",  # the file of March says nothing of January
    }


def test_a_corrected_file_is_the_cause_also_when_it_only_leaves_rows_out(
    publish: Callable[..., list[Document]],
) -> None:
    publish("r1", {JANUARY: 100.0}, FIRST)
    [row] = publish("r2", {JANUARY: 0.0}, {"jan-2": []})
    # the new content says nothing at all: what it replaced is named
    assert (row["difference"], row["cause"], row["files"]) == (-100.0, "files", "jan.csv")


def test_a_file_that_repeats_what_was_known_is_not_the_cause(
    publish: Callable[..., list[Document]],
) -> None:
    # A full export every night holds January too, unchanged.
    publish("r1", {JANUARY: 100.0}, FIRST)
    again = {"full": [*FIRST["jan"], ("2025-02-27", 3.0)]}
    [row] = publish("r2", {JANUARY: 90.0}, FIRST | again)
    assert (row["cause"], row["files"], row["file_count"]) == ("recomputed", None, 0)


def test_other_settings_are_a_cause(publish: Callable[..., list[Document]]) -> None:
    publish("r1", {JANUARY: 100.0}, FIRST)
    [row] = publish("r2", {JANUARY: 90.0}, FIRST, currency="JPY")
    assert row["cause"] == "settings"


def test_a_value_that_comes_or_goes_is_restated_without_a_difference(
    publish: Callable[..., list[Document]],
) -> None:
    publish("r1", {JANUARY: None}, FIRST)
    [row] = publish("r2", {JANUARY: 3.0}, FIRST)
    assert (row["previous_value"], row["value"], row["difference"]) == (None, 3.0, None)


def test_only_what_analysts_could_read_counts(publish: Callable[..., list[Document]]) -> None:
    publish("r1", {JANUARY: 100.0}, FIRST)
    assert len(publish("r2", {JANUARY: 90.0}, FIRST, ending="refused")) == 1
    publish("r3", {JANUARY: 80.0}, FIRST, ending=None)  # crashed before it was in place
    [row] = publish("r4", {JANUARY: 70.0}, FIRST)
    assert (row["previous_value"], row["previous_run_id"]) == (100.0, "r1")


def test_the_history_outlives_every_version_and_says_each_change_once(
    publish: Callable[..., list[Document]],
) -> None:
    publish("r1", {JANUARY: 100.0}, FIRST)
    publish("r2", {JANUARY: 90.0}, FIRST)
    publish("r3", {JANUARY: 90.0}, FIRST)
    rows = publish("r4", {JANUARY: 95.0}, FIRST)
    assert [(r["previous_value"], r["value"], r["previous_run_id"]) for r in rows] == [
        (100.0, 90.0, "r1"),
        (90.0, 95.0, "r2"),  # r3 repeated what r2 said first
    ]
