"""What a night said of a programme is kept whatever later nights make of their tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.lake.database import VERDICT_COLUMNS, RunParameters, build_lake_database
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.run_record import Ending, end_run, start_run
from orchestration.lib.publication.said_verdicts import record_verdicts, verdicts_said
from orchestration.settings import Settings


class Nights:
    """A home in which nights say something of one programme."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)

    def say(self, run_id: str, day: str, *said: tuple[str, str], ending: Ending = "published"):
        """`said`: (day, verdict) of the rows of the table that night makes."""
        evidence = Evidence(self.home.runs, run_id)
        settings = Settings("ci", self.home.root, self.home.root / "landing")
        start_run(evidence, date.fromisoformat(day), settings, {})
        self.home.build.mkdir(parents=True, exist_ok=True)
        self.home.candidate.unlink(missing_ok=True)
        columns = ", ".join(f"{name} {type_}" for name, type_ in VERDICT_COLUMNS.items())
        with duckdb.connect(str(self.home.candidate)) as connection:
            connection.execute("create schema cx")
            connection.execute(f"create table cx.fct_programme_track_record ({columns})")
            for of, verdict in said:
                connection.execute(
                    "insert into cx.fct_programme_track_record (programme_id, segmentation, "
                    "segment, verdict_date, verdict, effect_amount) "
                    "values ('p', 'all', 'all', ?, ?, 1.2345)",
                    [of, verdict],
                )
        record_verdicts(self.home, evidence)
        end_run(evidence, ending)

    @property
    def kept(self) -> list[tuple[str, str]]:
        return [(v["verdict_date"], v["verdict"]) for v in verdicts_said(self.home)]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_each_night_keeps_what_it_said_anew(nights: Nights) -> None:
    nights.say("a", "2025-01-31", ("2025-01-31", "not_proven"))
    nights.say("b", "2025-02-28", ("2025-01-31", "not_proven"), ("2025-02-28", "pays_back"))
    nights.say("c", "2025-03-01", ("2025-01-31", "not_proven"), ("2025-02-28", "pays_back"))
    assert nights.kept == [("2025-01-31", "not_proven"), ("2025-02-28", "pays_back")]


def test_what_was_not_published_was_not_said(nights: Nights) -> None:
    nights.say("a", "2025-01-31", ("2025-01-31", "pays_back"), ending="refused")
    nights.say("b", "2025-01-31", ("2025-01-31", "pays_back"), ending="checked")
    assert nights.kept == []


def test_a_day_published_again_says_what_it_said_last(nights: Nights) -> None:
    nights.say("a", "2025-01-31", ("2025-01-31", "pays_back"))
    nights.say("b", "2025-01-31", ("2025-01-31", "not_proven"))
    assert nights.kept == [("2025-01-31", "not_proven")]


def test_a_past_day_run_again_beside_a_newer_one_changes_nothing(nights: Nights) -> None:
    """With today's code it may say something else; it is not what anybody was told then."""
    nights.say("a", "2025-01-31", ("2025-01-31", "pays_back"))
    nights.say("b", "2025-02-28", ("2025-02-28", "pays_back"))
    nights.say("c", "2025-01-31", ("2025-01-31", "not_proven"))
    assert nights.kept == [("2025-01-31", "pays_back"), ("2025-02-28", "pays_back")]


def test_the_next_night_reads_it_to_the_last_digit(nights: Nights) -> None:
    nights.say("a", "2025-01-31", ("2025-01-31", "pays_back"))
    lake = nights.home.lake_database
    build_lake_database(
        lake,
        {},
        RunParameters("r", date(2025, 2, 1), "UTC", "EUR", "k"),
        verdicts_said(nights.home),
    )
    with duckdb.connect(str(lake), read_only=True) as connection:
        [row] = connection.execute(
            "select verdict_date, effect_amount::varchar, roi_rate from published_verdicts"
        ).fetchall()
    assert row == (date(2025, 1, 31), "1.2345", None)
