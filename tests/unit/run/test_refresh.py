"""Exports and scorecard are of the version analysts read, or somebody is told and they are made."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.base.files import write_text
from orchestration.lib.base.home import Home
from orchestration.lib.publication.versions import database_of, rollback
from orchestration.lib.run import refresh
from orchestration.lib.run.context import open_run
from orchestration.lib.run.doctor import findings
from orchestration.lib.run.refresh import mend, refresh_outputs, stale_outputs
from orchestration.lib.run.status import status
from orchestration.settings import Settings
from tests.unit.publication.versions import current_name, nights_exported, nights_in, publish_night


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The toy tables make no scorecard: what is asked for instead of it."""
    made: list[str] = []

    def write(home: Home, currency: str) -> Path:
        made.append(f"{current_name(home)} {currency}")
        page = home.reports / "scorecard.html"
        write_text(page, current_name(home))
        return page

    monkeypatch.setattr(refresh, "write_scorecard", write)
    return made


def _flip_alone(home: Home, name: str) -> None:
    """What a crash right after the flip leaves."""
    draft = home.current.with_name("x")
    draft.symlink_to(os.path.relpath(database_of(home, name), home.current.parent))
    draft.replace(home.current)


def test_nothing_lags_behind_a_published_night(home: Home, pages: list[str]) -> None:
    assert stale_outputs(home) == []
    publish_night(home, 1)
    assert stale_outputs(home) == []
    refresh_outputs(home, "EUR")
    assert pages == []


def test_what_a_crash_left_behind_is_told_and_made_again(home: Home, pages: list[str]) -> None:
    names = [publish_night(home, n) for n in (1, 2)]
    _flip_alone(home, names[0])
    assert nights_in(home.current) == {1} and nights_exported(home) == {2}

    told = [w for w in status(home)["warnings"] if "behind" in w]
    assert len(told) == 3 and all(names[0] in line for line in told)
    settings = Settings("ci", home.root, home.root)
    assert {s for is_right, s in findings(settings, home) if not is_right} >= set(told)

    refresh_outputs(home, "EUR")
    assert nights_exported(home) == {1}
    assert pages == [f"{names[0]} EUR"]
    assert stale_outputs(home) == []


def test_the_next_run_makes_it_again_before_anything_else(
    home: Home, pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import date

    names = [publish_night(home, n) for n in (1, 2)]
    _flip_alone(home, names[0])
    with open_run(Settings("ci", home.root, home.root), "r", date(2025, 1, 3), {}):
        assert nights_exported(home) == {1}
        assert pages == [f"{names[0]} USD"]


def test_the_scorecard_follows_a_rollback(home: Home, pages: list[str]) -> None:
    first = publish_night(home, 1)
    publish_night(home, 2)
    rollback(home)
    assert nights_exported(home) == {1}
    refresh_outputs(home, "EUR")
    assert pages == [f"{first} EUR"]


def test_a_log_an_analyst_left_beside_the_published_file_is_set_aside(
    home: Home, pages: list[str], tmp_path: Path
) -> None:
    """Whoever opens a file to write and dies leaves one, and everybody then reads what is in it."""
    name = publish_night(home, 1)
    copy = tmp_path / "copy.duckdb"
    shutil.copy(home.current, copy)
    copy.chmod(0o600)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("insert into cx.fct_a values (99, 1.5)")
        log = home.versions / f"{name}.duckdb.wal"
        shutil.copy(f"{copy}.wal", log)
    assert nights_in(home.current) == {1, 99}
    assert any(log.name in line for line in status(home)["warnings"])
    [said] = mend(home, "EUR")
    assert nights_in(home.current) == {1}
    assert log.name in said and log.with_name(f"{log.name}.aside").exists()


def test_a_page_that_cannot_be_written_stops_no_night(
    home: Home, pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [publish_night(home, n) for n in (1, 2)]
    _flip_alone(home, names[0])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(refresh, "export_tables", fail)
    [said] = mend(home, "EUR")
    assert "still lag" in said and "No space left" in said
    assert stale_outputs(home)  # and status says so
