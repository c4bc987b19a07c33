"""Analysts always have a whole version: before, during and after a publication that went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.base.files import sha256_of, wal_of, write_text
from orchestration.lib.base.home import Home
from orchestration.lib.publication.fingerprint import fingerprints
from orchestration.lib.publication.publish import publish
from orchestration.lib.publication.versions import (
    PublishError,
    all_versions,
    current_version,
    rollback,
    verify,
)
from orchestration.lib.run.status import status
from tests.unit.publication.versions import build_files, nights_exported, nights_in, publish_night


def test_a_published_night_is_read_only_checked_and_exported(home: Home) -> None:
    name = publish_night(home, 1)
    assert nights_in(home.current) == {1} == nights_exported(home)
    assert home.current.resolve().stat().st_mode & 0o777 == 0o444
    assert (home.restricted / f"{name}.duckdb").stat().st_mode & 0o777 == 0o600
    assert (home.restricted / "current.duckdb").resolve().stem == name
    assert verify(home) == []


def test_an_open_reader_keeps_its_version_while_the_next_one_arrives(home: Home) -> None:
    publish_night(home, 1)
    with duckdb.connect(str(home.current), read_only=True) as reader:
        before = reader.execute("select night from cx.fct_a").fetchone()
        publish_night(home, 2)
        assert reader.execute("select night from cx.fct_a").fetchone() == before == (1,)
    assert nights_in(home.current) == {2}


def test_only_so_many_versions_are_kept(home: Home) -> None:
    names = [publish_night(home, n) for n in (1, 2, 3, 4)]
    assert [v.name for v in all_versions(home)] == names[:0:-1]
    kept = {p.stem for p in home.versions.glob("*.duckdb")}
    assert kept == {p.stem for p in home.restricted.glob("2*.duckdb")} == set(names[1:])


def test_a_clock_that_went_back_does_not_remove_the_new_version(home: Home) -> None:
    for number in (1, 2):
        sidecar = home.versions / f"{publish_night(home, number)}.json"
        document = json.loads(sidecar.read_text(encoding="utf-8"))
        document["published_at"] = "2999-01-01T00:00:00+00:00"
        sidecar.write_text(json.dumps(document), encoding="utf-8")
    publish_night(home, 3, keep=1)
    assert nights_in(home.current) == {3}


def _spoil_after_audit(home: Home) -> None:
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("update cx.fct_b set x = 1.6")


def _add_table(home: Home) -> None:
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("create table cx.fct_c as select 1 as one")


def _leave_log(home: Home) -> None:
    wal_of(home.candidate).write_bytes(b"stale")


def _leave_log_beside_current(home: Home) -> None:
    wal_of(home.current).write_bytes(b"stale")


def _tear(home: Home) -> None:
    size = home.candidate.stat().st_size
    with home.candidate.open("r+b") as file:
        file.seek(size // 3)
        file.write(b"\xff" * (size // 2))


def _lose_restricted(home: Home) -> None:
    home.restricted_candidate.unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_spoil_after_audit, "fct_b changed"),
        (_add_table, "fct_c is new"),
        (_leave_log, r"candidate\.duckdb\.wal exists"),
        (_leave_log_beside_current, r"current\.duckdb\.wal exists"),
        (_tear, "."),
        (_lose_restricted, "is not there"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_was_not_audited_is_not_published(
    spoil: Callable[[Home], None], says: str, home: Home
) -> None:
    publish_night(home, 1)
    digest, link = sha256_of(home.current), home.current.readlink()
    build_files(home, 2)
    audited = fingerprints(home.candidate, "cx")
    spoil(home)
    with pytest.raises((PublishError, duckdb.Error), match=says):
        publish(
            home, run_id="r", as_of_date="2025-01-02", audited=audited, figures={}, keep_versions=3
        )
    assert (sha256_of(home.current), home.current.readlink()) == (digest, link)
    assert [v.run_id for v in all_versions(home)] == ["run1"]


def test_an_empty_candidate_is_not_published(home: Home) -> None:
    home.build.mkdir(parents=True)
    for path in (home.candidate, home.restricted_candidate):
        duckdb.connect(str(path)).close()
    with pytest.raises(PublishError, match="it has no table"):
        publish(home, run_id="r", as_of_date="2025-01-02", audited={}, figures={}, keep_versions=3)


def test_a_flipped_bit_is_found(home: Home) -> None:
    publish_night(home, 1)
    path = home.current.resolve()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "checksum differs" in verify(home)[0]


def test_a_version_of_another_duckdb_says_so(home: Home) -> None:
    names = [publish_night(home, 1), publish_night(home, 2)]
    old = home.versions / f"{names[0]}.duckdb"
    old.chmod(0o644)
    old.write_bytes(b"\0" * 4096)
    sidecar = old.with_suffix(".json")
    body = json.loads(sidecar.read_text(encoding="utf-8"))
    write_text(sidecar, json.dumps(body | {"sha256": sha256_of(old)}))
    with pytest.raises(PublishError, match=r"was written by DuckDB .* and does not open with"):
        rollback(home)
    assert nights_in(home.current) == {2}


def test_a_stranger_among_the_versions_is_reported_and_left_alone(home: Home) -> None:
    publish_night(home, 1)
    stray = home.versions / "notes.duckdb.wal"
    stray.write_text("x", encoding="utf-8")
    publish_night(home, 2)
    assert status(home)["warnings"] == [f"{stray} does not belong there"]


def test_nothing_is_current_before_the_first_night(home: Home) -> None:
    assert current_version(home) is None
    assert verify(home) == ["Nothing is published yet."]
    assert status(home)["current"] is None


def test_fingerprints_see_values_and_types_but_not_the_order_of_rows(tmp_path: Path) -> None:
    def of(name: str, query: str) -> object:
        path = tmp_path / f"{name}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema cx")
            connection.execute(f"create table cx.t as {query}")
        return fingerprints(path, "cx")["t"]

    base = of("base", "select * from (values (1, 'a'), (2, null)) v (x, y)")
    assert base == of("order", "select * from (values (2, null), (1, 'a')) v (x, y)")
    assert base != of("value", "select * from (values (1, 'a'), (2, 'b')) v (x, y)")
    assert base != of("moved", "select * from (values (1, null), (2, 'a')) v (x, y)")
    assert base != of("twice", "select * from (values (1, 'a'), (2, null), (2, null)) v (x, y)")
    assert base != of("type", "select x::bigint as x, y from (values (1, 'a'), (2, null)) v (x, y)")
    assert base != of("name", "select * from (values (1, 'a'), (2, null)) v (x, z)")
