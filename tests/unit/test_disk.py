"""A night that would not fit on the disk does not start."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from orchestration.lib import disk
from orchestration.lib.adapters import load_adapters
from orchestration.lib.home import Home
from tests.unit.ingest.conftest import CUSTOMERS, Lab

Usage = namedtuple("Usage", "total used free")
ROWS = "customer_id,customer_kind\n" + "c1,person\n" * 97


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "landing").mkdir()
    return Lab(tmp_path)


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
