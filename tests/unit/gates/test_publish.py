"""Analysts always have a whole version: before, during and after a publication that went wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.files import sha256_of, wal_of
from orchestration.lib.fingerprint import fingerprints
from orchestration.lib.home import Home
from orchestration.lib.locks import Locked, exclusive
from orchestration.lib.publish import publish
from orchestration.lib.versions import (
    PublishError,
    all_versions,
    current_version,
    lock_of,
    rollback,
    status,
    verify,
)

STEPS = [
    "checkpoint", "scan", "seal", "restricted", "sidecar", "rename", "exports", "flip",
    "flip exports", "prune", "done",
]  # fmt: skip


def _build(home: Home, number: int) -> None:
    """A night's files: every table says which night it is of."""
    home.build.mkdir(parents=True, exist_ok=True)
    for path in (home.candidate, home.restricted_candidate):
        path.unlink(missing_ok=True)
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("create schema cx")
        for table in ("fct_a", "fct_b"):
            connection.execute(f"create table cx.{table} as select {number} as night, 1.5 as x")
    with duckdb.connect(str(home.restricted_candidate)) as connection:
        connection.execute("create schema restricted.restricted")
        connection.execute(f"create table restricted.restricted.people as select {number} as night")


def _publish(home: Home, number: int, *, keep: int = 3, **options: object) -> str:
    _build(home, number)
    audited = fingerprints(home.candidate, "cx")
    version = publish(
        home,
        run_id=f"run{number}",
        as_of_date=f"2025-01-{number:02}",
        audited=audited,
        figures={"customers": 3},
        keep_versions=keep,
        **options,  # type: ignore[arg-type]
    )
    return version.name


def _read(path: Path) -> set[int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("select night from cx.fct_a union select night from cx.fct_b")
        return {night for (night,) in rows.fetchall()}


def _exported(home: Home) -> set[int]:
    with duckdb.connect() as connection:
        rows = connection.execute(f"select night from '{home.exports}/*.parquet'").fetchall()
    return {night for (night,) in rows}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_published_night_is_read_only_checked_and_exported(home: Home) -> None:
    name = _publish(home, 1)
    assert _read(home.current) == {1} == _exported(home)
    assert home.current.resolve().stat().st_mode & 0o777 == 0o444
    assert (home.restricted / f"{name}.duckdb").stat().st_mode & 0o777 == 0o600
    assert (home.restricted / "current.duckdb").resolve().stem == name
    assert verify(home) == []


def test_an_open_reader_keeps_its_version_while_the_next_one_arrives(home: Home) -> None:
    _publish(home, 1)
    with duckdb.connect(str(home.current), read_only=True) as reader:
        before = reader.execute("select night from cx.fct_a").fetchone()
        _publish(home, 2)
        assert reader.execute("select night from cx.fct_a").fetchone() == before == (1,)
    assert _read(home.current) == {2}


def test_only_so_many_versions_are_kept(home: Home) -> None:
    names = [_publish(home, n) for n in (1, 2, 3, 4)]
    assert [v.name for v in all_versions(home)] == names[:0:-1]
    kept = {p.stem for p in home.versions.glob("*.duckdb")}
    assert kept == {p.stem for p in home.restricted.glob("2*.duckdb")} == set(names[1:])


def test_the_version_rolled_back_to_outlives_the_night_after(home: Home) -> None:
    names = [_publish(home, n) for n in (1, 2, 3)]
    rollback(home, names[0])  # 2 and 3 are wrong, and 4 may be as well
    fourth = _publish(home, 4)
    assert [v.name for v in all_versions(home)] == [fourth, names[2], names[1], names[0]]
    fifth = _publish(home, 5)  # 4 was read and found good
    assert [v.name for v in all_versions(home)] == [fifth, fourth, names[2]]


def test_a_clock_that_went_back_does_not_remove_the_new_version(home: Home) -> None:
    for number in (1, 2):
        sidecar = home.versions / f"{_publish(home, number)}.json"
        document = json.loads(sidecar.read_text(encoding="utf-8"))
        document["published_at"] = "2999-01-01T00:00:00+00:00"
        sidecar.write_text(json.dumps(document), encoding="utf-8")
    _publish(home, 3, keep=1)
    assert _read(home.current) == {3}


def test_rollback_goes_back_one_or_to_a_named_version(home: Home) -> None:
    names = [_publish(home, n) for n in (1, 2, 3)]
    assert rollback(home) == names[1]
    assert _read(home.current) == {2} == _exported(home)
    assert rollback(home, names[0]) == names[0]
    assert _read(home.current) == {1}
    with pytest.raises(PublishError, match="no version before"):
        rollback(home)
    with pytest.raises(PublishError, match=r"no version 'x'; there are: .*run3"):
        rollback(home, "x")
    _publish(home, 4)
    assert _read(home.current) == {4}


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
    _publish(home, 1)
    digest, link = sha256_of(home.current), home.current.readlink()
    _build(home, 2)
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


def _publish_and_die(home: Home, step: str) -> int:
    """Publish night 2 in a process that is killed before the step. The signal that ended it."""

    def die(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    if (child := os.fork()) == 0:
        try:
            _publish(home, 2, on_step=die)
        finally:
            os._exit(1)  # never return into the test session
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_before_any_step_leaves_a_whole_version_and_the_next_night_recovers(
    step: str, home: Home
) -> None:
    _publish(home, 1)
    assert _publish_and_die(home, step) == signal.SIGKILL

    flipped = STEPS.index(step) > STEPS.index("flip")
    assert _read(home.current) == ({2} if flipped else {1})
    assert _exported(home) <= {1, 2} and len(_exported(home)) == 1
    assert verify(home) == []

    _publish(home, 3)
    assert _read(home.current) == {3} == _exported(home)
    assert status(home)["warnings"] == []
    names = {v.name for v in all_versions(home)}
    assert {p.stem for p in home.restricted.glob("2*.duckdb")} == names
    assert not list(home.root.rglob("*.next"))


def test_the_test_knows_every_step(home: Home) -> None:
    seen: list[str] = []
    _publish(home, 1, on_step=seen.append)
    assert seen == STEPS


def test_a_flipped_bit_is_found(home: Home) -> None:
    _publish(home, 1)
    path = home.current.resolve()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "checksum differs" in verify(home)[0]


def test_a_version_of_another_duckdb_says_so(home: Home) -> None:
    names = [_publish(home, 1), _publish(home, 2)]
    old = home.versions / f"{names[0]}.duckdb"
    old.chmod(0o644)
    old.write_bytes(b"\0" * 4096)
    with pytest.raises(PublishError, match=r"was written by DuckDB .* and does not open with"):
        rollback(home)
    assert _read(home.current) == {2}


def test_a_stranger_among_the_versions_is_reported_and_left_alone(home: Home) -> None:
    _publish(home, 1)
    stray = home.versions / "notes.duckdb.wal"
    stray.write_text("x", encoding="utf-8")
    _publish(home, 2)
    assert status(home)["warnings"] == [f"{stray} does not belong there"]


def test_two_publications_or_a_rollback_at_once_are_refused_by_name(home: Home) -> None:
    _publish(home, 1)
    with exclusive(lock_of(home), "run other"):
        with pytest.raises(Locked, match=r"locked by run other pid \d+"):
            rollback(home)
        with pytest.raises(Locked):
            _publish(home, 2)
    assert _read(home.current) == {1}


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from orchestration.lib.locks import exclusive\n"
        "with exclusive(Path(sys.argv[1]), 'run a'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert "run a" in path.read_text(encoding="utf-8")
    with exclusive(path, "run b"):
        assert "run b" in path.read_text(encoding="utf-8")


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
