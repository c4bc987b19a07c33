"""One ingestion: read what is new in the landing folder, then map what the run may see."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.lib.adapters.model import Adapter
from orchestration.lib.base.files import sha256_of
from orchestration.lib.base.threads import each_at_once
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
    growing: tuple[str, ...]  # files somebody was still writing; they are read next time
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
        with closing(
            (SubprocessReader if in_subprocess else InProcessReader)(lake, scratch, limits)
        ) as reader:
            intake = _Intake(reader, lake, settle_seconds, progress)
            for found in landed:
                intake.consider(found, history.get((found.file_name, found.file.role), ()), day)
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
    return IngestReport(
        day,
        tuple(b.file_name for b in intake.entered),
        tuple(f"{b.file_name} {b.reason}" for b in intake.entered if b.reason),
        intake.unchanged_count,
        tuple(intake.growing),
        tuple(ignored),
        len(open_tasks),
    )


class _Intake:
    """Decides for each landing file whether it is new, and reads it if so."""

    def __init__(
        self,
        reader: InProcessReader | SubprocessReader,
        lake: Path,
        settle_seconds: float,
        progress: Callable[[str], None],
    ) -> None:
        self.reader, self.lake, self.progress = reader, lake, progress
        self.settle_seconds, self.patience_ends = settle_seconds, time.time() + settle_seconds
        self.entered: list[Batch] = []
        self.growing: list[str] = []
        self.unchanged_count = 0

    def consider(self, found: Landed, history: Sequence[Batch], day: date) -> None:
        """`history` holds the batches of a file of this name, in order."""
        if found.folder_date and found.folder_date > day:
            return  # the run of that day reads it
        # A file without a day in its path is of the day it was first seen. Contents that came
        # later are no news to the run of an earlier day.
        known = [b for b in history if b.extract_date > day]
        known += [b for b in history if b.extract_date <= day][-1:]
        stamp, fingerprint = (found.size, found.mtime_ns), found.file.fingerprint()
        if any((b.size, b.mtime_ns, b.fingerprint) == (*stamp, fingerprint) for b in known):
            self.unchanged_count += 1
            return
        self._wait_until_settled(found)
        content = sha256_of(found.path)
        same = [b for b in known if b.content_sha256 == content]
        # One that was refused and is there again is read again: the machine may have been at fault.
        if any(b.fingerprint == fingerprint and b.reason is None for b in same):
            self.unchanged_count += 1
            return
        extract_date = found.folder_date or (same[0].extract_date if same else day)
        version = 1 + sum(b.extract_date == extract_date for b in history)
        batch = self._read(found, content, extract_date, version)
        if found.has_changed():
            self.growing.append(found.file_name)
        elif any((b.fingerprint, b.reason) == (fingerprint, batch.reason) for b in same):
            self.unchanged_count += 1  # refused again, and for the same reason
        else:
            write_batch(self.lake, batch)
            self.entered.append(batch)

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
            reading = self.reader.read(Request(found.path, found.file, *where))
            return replace(batch, **asdict(reading))
        except FileProblem as problem:
            return replace(batch, reason=str(problem))


def _last_day(landing: Path, landed: Sequence[Landed], batches: Sequence[Batch]) -> date:
    days = [f.folder_date for f in landed if f.folder_date] + [b.extract_date for b in batches]
    if not days:
        raise SourceMissing(f"No file in {landing} is of a day; say which day the data is of.")
    return max(days)
