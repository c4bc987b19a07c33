"""Going back takes analysts to what they read before, and never to what nobody should read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.lib.base.files import point_link
from orchestration.lib.base.home import Home
from orchestration.lib.publication.versions import (
    CURRENT,
    PublishError,
    all_versions,
    database_of,
    rollback,
)
from orchestration.lib.run.refresh import refresh_outputs, stale_outputs
from orchestration.lib.run.status import status
from tests.unit.publication.versions import nights_exported, nights_in, publish_night


def names_kept(home: Home) -> set[str]:
    return {version.name for version in all_versions(home)}


def test_rollback_goes_back_one_or_to_a_named_version(home: Home) -> None:
    names = [publish_night(home, n) for n in (1, 2, 3)]
    assert rollback(home) == names[1]
    assert nights_in(home.current) == {2} == nights_exported(home)
    assert rollback(home, names[0]) == names[0]
    assert nights_in(home.current) == {1}
    with pytest.raises(PublishError, match=r"no version before .*name one of: .*run3"):
        rollback(home)
    with pytest.raises(PublishError, match=r"no version 'x'; there are: .*run3"):
        rollback(home, "x")
    publish_night(home, 4)
    assert nights_in(home.current) == {4}


def test_going_back_twice_does_not_land_on_the_bad_night(home: Home) -> None:
    """1 is good, 2 is bad, so is what was done about it: back to 1 both times."""
    good = publish_night(home, 1)
    publish_night(home, 2)
    assert rollback(home) == good
    publish_night(home, 3)
    assert rollback(home) == good


def test_a_version_gone_forward_to_by_name_is_one_that_is_read(home: Home) -> None:
    """Gone back from by mistake: forward again, and back from there is what was read before."""
    names = [publish_night(home, n) for n in (1, 2)]
    rollback(home)
    rollback(home, names[1])
    publish_night(home, 3)
    assert rollback(home) == names[1]


def test_going_back_does_not_land_on_a_past_day(home: Home) -> None:
    names = {n: publish_night(home, n, keep=7) for n in (20, 21, 22, 3, 23)}
    assert nights_in(home.current) == {23}
    assert rollback(home) == names[22]


def test_a_past_day_named_is_what_analysts_read(home: Home) -> None:
    names = {n: publish_night(home, n, keep=7) for n in (20, 21, 3)}
    assert rollback(home, names[3]) == names[3]
    assert rollback(home) == names[21]


def test_past_days_do_not_drive_out_what_analysts_can_go_back_to(home: Home) -> None:
    """Ten days of a backfill are kept as far as there is room for them, beside the real ones."""
    nights = [publish_night(home, n) for n in (21, 22, 23, 24)]
    past = [publish_night(home, n) for n in range(1, 11)]
    assert names_kept(home) == {*nights[1:], *past[-3:]}
    assert {p.stem for p in home.restricted.glob("2*.duckdb")} == names_kept(home)
    assert rollback(home) == nights[2]


def test_bad_nights_do_not_drive_out_the_good_ones(home: Home) -> None:
    names = [publish_night(home, n) for n in (1, 2, 3)]
    rollback(home, names[0])  # 2 and 3 are wrong, and so are the next five
    for night in range(4, 9):
        publish_night(home, night)
        assert rollback(home) == names[0]
    assert names_kept(home) == {names[0], *(f"2025-01-0{n}_run{n}" for n in (5, 6, 7, 8))}


def test_of_what_was_read_the_last_are_kept(home: Home) -> None:
    names = [publish_night(home, n) for n in (1, 2, 3, 4)]
    assert names_kept(home) == set(names[1:])
    assert {p.stem for p in home.versions.glob("*.duckdb")} == set(names[1:])
    assert {p.stem for p in home.restricted.glob("2*.duckdb")} == set(names[1:])


def test_the_link_outranks_the_record(home: Home) -> None:
    """A crash between the two, or a link set by hand: what analysts read now is what counts."""
    names = [publish_night(home, n) for n in (1, 2, 3)]
    home.current.unlink()
    home.current.symlink_to(database_of(home, names[1]))
    assert rollback(home) == names[0]
    home.current.unlink()
    home.current.symlink_to(database_of(home, names[2]))
    assert rollback(home) == names[0]


def test_a_home_without_the_record_says_which_versions_there_are(home: Home) -> None:
    first = publish_night(home, 1)
    publish_night(home, 2)
    (home.current.parent / "moves.json").unlink()
    with pytest.raises(PublishError, match=rf"name one of: .*{first}"):
        rollback(home)
    assert rollback(home, first) == first


def test_status_tells_the_versions_apart(home: Home) -> None:
    names = {n: publish_night(home, n) for n in (20, 21, 3)}
    rollback(home)
    report = {v["version"]: v for v in status(home)["versions"]}
    assert [report[names[n]]["standing"] for n in (20, 21, 3)] == [
        "current", "gone back from", "beside",
    ]  # fmt: skip
    assert report[names[3]]["run_id"] == "run3"
    assert report[names[3]]["as_of_date"] == "2025-01-03"
    assert report[names[3]]["published_at"] and report[names[3]]["current_since"] is None
    moves = json.loads((home.current.parent / "moves.json").read_text(encoding="utf-8"))
    assert report[names[20]]["current_since"] == moves[-1]["at"]
    publish_night(home, 22)
    assert {v["version"]: v["standing"] for v in status(home)["versions"]}[names[20]] == "earlier"


def damage(path: Path) -> None:
    """Two hundred bytes of a file that opens, as a bad disk would."""
    content = bytearray(path.read_bytes())
    content[-400:-200] = bytes(byte ^ 255 for byte in content[-400:-200])
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_damaged_version_moves_nobody_and_the_sound_one_is_named(home: Home) -> None:
    """It would be found out by analysts, after the move, one query at a time."""
    names = [publish_night(home, n) for n in (1, 2, 3)]
    damage(database_of(home, names[1]))
    with pytest.raises(PublishError, match=rf"checksum differs.*stay.*rollback {names[2]}"):
        rollback(home)
    assert nights_in(home.current) == {3} == nights_exported(home)
    damage(database_of(home, names[0]))
    damage(database_of(home, names[2]))
    with pytest.raises(PublishError, match="No other version is sound"):
        rollback(home, names[0])


def test_a_crash_between_the_two_links_is_said_and_mended(home: Home) -> None:
    """Analysts move first: those who may see persons would go on reading the night before."""
    names = [publish_night(home, n) for n in (1, 2)]
    link = home.restricted / CURRENT
    point_link(link, home.restricted / f"{names[0]}.duckdb")
    [said] = stale_outputs(home)
    assert str(home.restricted) in said and f"cxroi rollback {names[1]}" in said
    refresh_outputs(home, "USD")
    assert link.readlink().stem == names[1]
    assert stale_outputs(home) == []
