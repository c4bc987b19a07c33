"""A night that would not fit on the disk does not start."""

from __future__ import annotations

from collections import namedtuple

import pytest

from orchestration.cli.app import ENDS_EARLY
from orchestration.cli.common import Exit
from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.base.home import Home
from orchestration.lib.run import disk, steps
from orchestration.lib.run.context import open_run
from orchestration.settings import Settings
from tests.unit.lab import CUSTOMERS, DAY, Lab

Usage = namedtuple("Usage", "total used free")
ROWS = "customer_id,customer_kind\n" + "c1,person\n" * 97


def _free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: Usage(10**12, 0, count))


def test_room_is_counted_by_what_is_new_and_what_is_published(lab: Lab) -> None:
    home, adapters = Home(lab.root), load_adapters()
    size = lab.drop(CUSTOMERS, ROWS).stat().st_size
    lab.drop("native/notes.txt", "of no adapter" * 1000)
    assert disk.space_for(home, lab.landing, adapters).needed == 4 * size
    lab.run()
    assert disk.space_for(home, lab.landing, adapters).needed == 0  # it is in the lake
    home.current.parent.mkdir()
    home.current.write_bytes(b"x" * 500)
    assert disk.space_for(home, lab.landing, adapters).needed == 4 * 500


def test_too_little_room_is_said_before_anything_is_written(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, adapters = Home(lab.root), load_adapters()
    needed = 4 * lab.drop(CUSTOMERS, ROWS).stat().st_size
    _free(monkeypatch, needed)
    disk.require_space(home, lab.landing, adapters)
    _free(monkeypatch, needed - 1)
    with pytest.raises(disk.NotEnoughSpace, match=r"Nothing was written\. Free some space"):
        disk.require_space(home, lab.landing, adapters)
    assert not home.lake.exists()


def test_the_night_asks_first_and_ends_early(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.drop(CUSTOMERS, ROWS)
    _free(monkeypatch, 0)
    with open_run(Settings("ci", lab.root, lab.landing), "run1", DAY, {}) as night:
        with pytest.raises(disk.NotEnoughSpace):
            steps.ingest(night)
        run = night.evidence.read("run")
    assert run is not None and run["status"] == "failed"
    assert "Free some space" in run["reasons"][0]
    assert not lab.lake.exists()
    assert ENDS_EARLY[disk.NotEnoughSpace.__name__] is Exit.USAGE
