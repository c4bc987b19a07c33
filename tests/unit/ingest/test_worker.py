"""When a file is read, and by whom: not while it is written to, and not by the night itself."""

from __future__ import annotations

import errno
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.ingest import parse_file, worker
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits
from orchestration.lib.ingest.run import IngestReport, ingest
from orchestration.lib.ingest.worker import Request, SubprocessReader
from tests.unit.lab import CUSTOMERS, DAY, Lab

GOOD = "customer_id,customer_kind,name\nc1,account,Acme\n"


def settle(lab: Lab, seconds: float) -> IngestReport:
    folders = (lab.landing, lab.lake, lab.root / "tmp")
    return ingest(*folders, lab.adapters, DAY, lambda _: None, settle_seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds slept, instead of sleeping them."""
    slept: list[float] = []
    started = time.time()
    monkeypatch.setattr(time, "time", lambda: started + sum(slept))
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_a_file_written_to_while_it_is_read_waits(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.drop(CUSTOMERS, GOOD)
    read = worker.read_source

    def write_meanwhile(*arguments: object) -> object:
        with path.open("a", encoding="utf-8") as handle:
            handle.write("c3,person,late\n")
        return read(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(worker, "read_source", write_meanwhile)
        report = lab.run()
    assert (report.growing, report.read, lab.ledger()) == ((CUSTOMERS,), (), [])
    assert lab.run().read == (CUSTOMERS,)
    assert len(lab.rows("customers")) == 2


def test_a_file_just_written_is_waited_for_and_all_files_no_longer_than_one(
    lab: Lab, clock: list[float]
) -> None:
    for name in (CUSTOMERS, CUSTOMERS.replace(".csv", "_2.csv")):
        lab.drop(name, GOOD + f"c2,person,{name}\n")
    ahead = lab.drop(CUSTOMERS.replace(".csv", "_3.csv"), GOOD)
    os.utime(ahead, (time.time() + 3600,) * 2)  # the clock of who wrote it is wrong
    assert len(settle(lab, 5).read) == 3
    assert 4 < sum(clock) <= 5


def test_a_file_that_has_lain_still_is_taken_at_once(lab: Lab, clock: list[float]) -> None:
    path = lab.drop(CUSTOMERS, GOOD)
    os.utime(path, (time.time() - 6,) * 2)
    assert settle(lab, 5).read == (CUSTOMERS,)
    assert sum(clock) == 0
    os.utime(path, None)
    clock.clear()
    settle(lab, 5)  # touched, so looked at again


def test_a_file_that_grows_while_it_is_waited_for_is_left_for_the_next_night(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.drop(CUSTOMERS, GOOD)

    def write_on(_: float) -> None:
        path.write_text(GOOD + "c2,person,x\n", encoding="utf-8")

    monkeypatch.setattr(time, "sleep", write_on)
    report = settle(lab, 5)
    assert (report.growing, report.read, lab.ledger()) == ((CUSTOMERS,), (), [])


def test_a_folder_waits_for_its_mark_where_the_tool_writes_one(lab: Lab) -> None:
    """An upload may pause longer than anybody waits; the mark comes when all files are there."""
    lab.drop("native/2024-02-29/customers.csv", GOOD)
    assert settle(lab, 0).read == ("native/2024-02-29/customers.csv",)  # no tool marks anything
    lab.drop("native/2024-02-29/_SUCCESS", "")
    lab.drop(CUSTOMERS, GOOD.replace("Acme", "Bolt"))
    report = settle(lab, 0)
    assert (report.read, report.growing, report.ignored) == ((), (CUSTOMERS,), ())
    lab.drop(f"native/{DAY}/_SUCCESS", "")
    report = settle(lab, 0)
    assert (report.read, report.growing) == ((CUSTOMERS,), ())


def test_files_that_were_read_before_a_tool_wrote_marks_stay_read(lab: Lab) -> None:
    early = "native/2024-02-28/customers.csv"
    lab.drop(early, GOOD)
    settle(lab, 0)
    lab.drop(f"native/{DAY}/_SUCCESS", "")
    report = settle(lab, 0)
    assert (report.growing, report.unchanged_count) == ((), 1)


@pytest.fixture
def subprocess_reader(lab: Lab) -> SubprocessReader:
    scratch = lab.root / "tmp"
    for folder in (scratch, lab.lake):
        folder.mkdir()
    return SubprocessReader(lab.lake, scratch, LIMITS)


def request_for(lab: Lab, path: Path) -> Request:
    [native] = [a for a in lab.adapters if a.system == "native"]
    return Request(path, native.file("customers"), lab.lake / "a.parquet", lab.lake / "b.parquet")


def test_a_subprocess_reads_the_same(lab: Lab, subprocess_reader: SubprocessReader) -> None:
    asked = request_for(lab, lab.drop(CUSTOMERS, GOOD))
    in_process = worker.InProcessReader(lab.lake, lab.root / "tmp", LIMITS)
    try:
        assert subprocess_reader.read(asked) == in_process.read(asked)
        lab.drop(CUSTOMERS, "<html>")
        with pytest.raises(FileProblem, match="header mismatch"):
            subprocess_reader.read(asked)
        with pytest.raises(FileNotFoundError):  # the machine's trouble stays the machine's
            subprocess_reader.read(replace(asked, landed=lab.root / "nothing"))
    finally:
        subprocess_reader.close()
        in_process.close()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (replace(LIMITS, seconds=0.01), "ended by signal 9"),
        (replace(LIMITS, memory_bytes=200 << 20), "memory"),
    ],
)
def test_a_file_that_takes_too_much_ends_its_reader_and_not_the_night(
    lab: Lab, subprocess_reader: SubprocessReader, limits: Limits, words: str
) -> None:
    wide = "".join(f"c{i},account,{'x' * 3_000_000}\n" for i in range(60))
    asked = request_for(lab, lab.drop(CUSTOMERS, GOOD + wide))
    poor = SubprocessReader(lab.lake, lab.root / "tmp", limits)
    try:
        with pytest.raises(FileProblem, match=words):
            poor.read(asked)
        lab.drop(CUSTOMERS, GOOD)
        poor.limits = LIMITS
        assert poor.read(asked).good_count == 1  # by the next reader, or the same
    finally:
        poor.close()


@pytest.mark.parametrize(
    ("error", "is_of_file"),
    [
        (OSError("Corrupt snappy compressed data."), True),  # as Arrow says of flipped bytes
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (duckdb.InternalException("INTERNAL Error: Attempted to access index 3"), True),
        (RecursionError("maximum recursion depth exceeded"), True),
        (ZeroDivisionError("in a library"), True),
        (SystemError("error return without exception set"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_a_library_says_of_a_file_the_file_is_refused_and_the_night_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception, is_of_file: bool
) -> None:
    """The machine's own trouble ends the night: it would refuse every file after this one too."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(parse_file, "_read", fail)
    reader = worker.InProcessReader(lab.lake, lab.root, LIMITS)
    try:
        answer = worker.answer_of(reader.read, request_for(lab, lab.drop(CUSTOMERS, GOOD)))
    finally:
        reader.close()
    assert isinstance(answer, FileProblem) is is_of_file
    if is_of_file:
        assert "Export it again." in str(answer)


def test_an_interrupt_from_the_keyboard_reaches_the_run_and_not_its_reader(
    lab: Lab, subprocess_reader: SubprocessReader
) -> None:
    """It goes to every process of the group: the reader's end would be taken for the file's."""
    try:
        subprocess_reader.read(request_for(lab, lab.drop(CUSTOMERS, GOOD)))
        assert subprocess_reader.process is not None
        assert os.getpgid(subprocess_reader.process.pid) != os.getpgid(0)
    finally:
        subprocess_reader.close()


def test_files_are_read_side_by_side_and_reported_in_their_order(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first waits for the second to begin: one after the other, they would never end."""
    names = [CUSTOMERS, CUSTOMERS.replace("customers", "tickets")]
    for name in names:
        lab.drop(name, GOOD)
    both = threading.Barrier(2, timeout=20)

    def meet(*_: object) -> None:
        both.wait()
        raise FileProblem("is only to be met")

    monkeypatch.setattr(worker, "read_source", meet)
    assert settle(lab, 0).read == tuple(names)


def test_a_refused_file_that_is_put_there_again_is_read_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a reader that died of the machine's trouble would keep a good file out for good."""
    path = lab.drop(CUSTOMERS, GOOD)

    def die(*_: object) -> None:
        raise FileProblem("its reader was ended")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "read_source", die)
        assert len(lab.run().quarantined) == 1
        os.utime(path, (1, 1))
        again = lab.run()  # refused again for the same reason: nothing new to record
        assert (again.read, again.unchanged_count) == ((), 1)
    assert lab.run().read == (CUSTOMERS,)
    assert [row["status"] for row in lab.ledger()] == ["superseded", "loaded"]
    assert lab.run().read == ()
