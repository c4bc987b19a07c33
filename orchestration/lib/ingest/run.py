"""One ingestion: read what is new in the landing folder, then map what the run may see."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from queue import SimpleQueue

import duckdb

from orchestration.lib.adapters.model import Adapter
from orchestration.lib.base.files import sha256_of
from orchestration.lib.base.threads import AT_ONCE, each_at_once
from orchestration.lib.ingest.batches import Batch, read_batches, write_batch
from orchestration.lib.ingest.lake_snapshot import tasks
from orchestration.lib.ingest.mapping import Task, run_mapping
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits
from orchestration.lib.ingest.scan import Ignored, Landed, SourceMissing, scan
from orchestration.lib.ingest.worker import InProcessReader, Request, SubprocessReader, open_engine


@dataclass(frozen=True)
class IngestReport:
    """What an ingestion did."""

    as_of_date: date
    read: tuple[str, ...]  # files entered into the ledger by this run
    quarantined: tuple[str, ...]  # of these, files refused as a whole, with the reason
    unchanged_count: int
    growing: tuple[str, ...]  # files still written to, or in a folder without its mark; read later
    ignored: tuple[Ignored, ...]  # files nobody reads, with the reason
    mapped_count: int  # results computed by this run; the others were there already


def ingest(
    landing: Path,
    lake: Path,
    temporary: Path,
    adapters: Sequence[Adapter],
    as_of_date: date | None,
    progress: Callable[[str], None],
    limits: Limits = LIMITS,
    *,
    settle_seconds: float = 0,
    in_subprocess: bool = False,
) -> IngestReport:
    """Bring lake and ledger up to date with the landing folder as of a day.

    Without a day it is the last one in the landing folder. A file written to in the last
    `settle_seconds` is waited for so long, and left for the next run if it still changes then.
    With `in_subprocess`, files are read in another process, so that none can take this one down.
    Running it again changes nothing; running it after a crash finishes the work. Raises
    SourceMissing if there is nothing to read.
    """
    landed, ignored = scan(landing, adapters)
    batches = read_batches(lake)
    day = as_of_date or _last_day(landing, landed, batches)
    history: dict[tuple[str, str], list[Batch]] = {}
    for batch in batches:
        history.setdefault((batch.file_name, batch.file_role), []).append(batch)
    lake.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = temporary / "ingest"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        kind = SubprocessReader if in_subprocess else InProcessReader
        with ExitStack() as readers:
            intake = _Intake(
                [
                    readers.enter_context(closing(kind(lake, _folder(scratch, number), limits)))
                    for number in range(AT_ONCE)
                ],
                lake,
                settle_seconds,
                progress,
            )
            seen = intake.consider_all(landed, history, day)
        with open_engine(lake, scratch) as connection:
            open_tasks = [
                t for t in tasks(read_batches(lake), adapters, day) if not t.outcome(lake)
            ]

            def map_one(own: duckdb.DuckDBPyConnection, task: Task) -> None:
                progress(f"map {task.batch.file_name} to {task.rule.entity}")
                run_mapping(own, lake, task)

            each_at_once(connection, map_one, open_tasks)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    entered = [each.entered for each in seen if each.entered]
    return IngestReport(
        day,
        tuple(b.file_name for b in entered),
        tuple(f"{b.file_name} {b.reason}" for b in entered if b.reason),
        sum(each.is_unchanged for each in seen),
        tuple(each.file_name for each in seen if each.is_growing),
        tuple(ignored),
        len(open_tasks),
    )


@dataclass(frozen=True)
class _Seen:
    """What came of a landing file; nothing of it is set for one of a later day."""

    file_name: str
    entered: Batch | None = None
    is_growing: bool = False
    is_unchanged: bool = False


class _Intake:
    """Decides for each landing file whether it is new, and reads it if so."""

    def __init__(
        self,
        readers: Sequence[InProcessReader | SubprocessReader],
        lake: Path,
        settle_seconds: float,
        progress: Callable[[str], None],
    ) -> None:
        """As many files are read at a time as there are readers."""
        self.reader_count, self.lake, self.progress = len(readers), lake, progress
        self.free: SimpleQueue[InProcessReader | SubprocessReader] = SimpleQueue()
        for reader in readers:
            self.free.put(reader)
        self.settle_seconds, self.patience_ends = settle_seconds, time.time() + settle_seconds

    def consider_all(
        self,
        landed: Sequence[Landed],
        history: Mapping[tuple[str, str], Sequence[Batch]],
        day: date,
    ) -> list[_Seen]:
        """Each file by itself, in their order. The first error is raised, when the files that were
        begun are done. `history` holds the batches of each file's name and kind, in order."""
        with ThreadPoolExecutor(self.reader_count) as pool:
            return list(
                pool.map(
                    lambda f: self.consider(f, history.get((f.file_name, f.file.role), ()), day),
                    landed,
                )
            )

    def consider(self, found: Landed, history: Sequence[Batch], day: date) -> _Seen:
        """`history` holds the batches of a file of this name, in order."""
        seen = _Seen(found.file_name)
        if found.folder_date and found.folder_date > day:
            return seen  # the run of that day reads it
        # A file without a day in its path is of the day it was first seen. Contents that came
        # later are no news to the run of an earlier day.
        known = [b for b in history if b.extract_date > day]
        known += [b for b in history if b.extract_date <= day][-1:]
        stamp, fingerprint = (found.size, found.mtime_ns), found.file.fingerprint()
        if any((b.size, b.mtime_ns, b.fingerprint) == (*stamp, fingerprint) for b in known):
            return replace(seen, is_unchanged=True)
        if not found.is_complete:
            return replace(seen, is_growing=True)
        self._wait_until_settled(found)
        content = sha256_of(found.path)
        same = [b for b in known if b.content_sha256 == content]
        # One that was refused and is there again is read again: the machine may have been at fault.
        if any(b.fingerprint == fingerprint and b.reason is None for b in same):
            return replace(seen, is_unchanged=True)
        extract_date = found.folder_date or (same[0].extract_date if same else day)
        version = 1 + sum(b.extract_date == extract_date for b in history)
        batch = self._read(found, content, extract_date, version)
        if found.has_changed():
            return replace(seen, is_growing=True)
        if any((b.fingerprint, b.reason) == (fingerprint, batch.reason) for b in same):
            return replace(seen, is_unchanged=True)  # refused again, and for the same reason
        write_batch(self.lake, batch)
        return replace(seen, entered=batch)

    def _wait_until_settled(self, found: Landed) -> None:
        """Wait until it is a while since the file was written to, but for all files no longer than
        that while. Whether it was written to meanwhile shows when it has been read."""
        settled = min(found.mtime_ns / 1e9 + self.settle_seconds, self.patience_ends)
        time.sleep(max(0, settled - time.time()))

    def _read(self, found: Landed, content: str, extract_date: date, version: int) -> Batch:
        self.progress(f"read {found.file_name}")
        batch = Batch(
            file_name=found.file_name,
            source_system=found.adapter.system,
            file_role=found.file.role,
            extract_date=extract_date,
            content_sha256=content,
            fingerprint=found.file.fingerprint(),
            version=version,
            size=found.size,
            mtime_ns=found.mtime_ns,
            loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        try:
            where = (batch.source_path(self.lake), batch.rejected_path(self.lake))
            reader = self.free.get()
            try:
                reading = reader.read(Request(found.path, found.file, *where))
            finally:
                self.free.put(reader)
            return replace(batch, **asdict(reading))
        except FileProblem as problem:
            return replace(batch, reason=str(problem))


def _folder(parent: Path, number: int) -> Path:
    """A folder of its own for each reader: it keeps the copy of the file it reads there."""
    folder = parent / f"reader_{number}"
    folder.mkdir()
    return folder


def _last_day(landing: Path, landed: Sequence[Landed], batches: Sequence[Batch]) -> date:
    days = [f.folder_date for f in landed if f.folder_date] + [b.extract_date for b in batches]
    if not days:
        raise SourceMissing(f"No file in {landing} is of a day; say which day the data is of.")
    return max(days)
