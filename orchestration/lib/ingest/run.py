"""One ingestion: read what is new in the landing folder, then map what the run may see."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.lib.adapters import Adapter
from orchestration.lib.files import sha256_of
from orchestration.lib.ingest.cast import quote
from orchestration.lib.ingest.ledger import Batch, read_batches, write_batch
from orchestration.lib.ingest.mapping import run_mapping
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits
from orchestration.lib.ingest.scan import Ignored, Landed, SourceMissing, scan
from orchestration.lib.ingest.source import read_source
from orchestration.lib.ingest.visible import tasks

MEMORY = "2GB"  # of the engine; a record, a block and a batch are bounded beside it


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
) -> IngestReport:
    """Bring lake and ledger up to date with the landing folder as of a day.

    Without a day it is the last one in the landing folder. Running it again changes nothing;
    running it after a crash finishes the work. Raises SourceMissing if there is nothing to read.
    """
    landed, ignored = scan(landing, adapters)
    batches = read_batches(lake)
    day = as_of_date or _last_day(landing, landed, batches)
    history: dict[str, list[Batch]] = {}
    for batch in batches:
        history.setdefault(batch.file_name, []).append(batch)
    lake.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = temporary / "ingest"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with _engine(lake, scratch) as connection:
            reader = _Reader(connection, lake, scratch, limits, progress)
            for found in landed:
                reader.consider(found, history.get(found.file_name, ()), day)
            mapped = 0
            for task in tasks(read_batches(lake), adapters, day):
                if task.outcome(lake) is None:
                    progress(f"map {task.batch.file_name} to {task.rule.entity}")
                    run_mapping(connection, lake, task)
                    mapped += 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return IngestReport(
        day,
        tuple(b.file_name for b in reader.entered),
        tuple(f"{b.file_name} {b.reason}" for b in reader.entered if b.reason),
        reader.unchanged_count,
        tuple(reader.growing),
        tuple(ignored),
        mapped,
    )


class _Reader:
    """Decides for each landing file whether it is new, and reads it if so."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake: Path,
        scratch: Path,
        limits: Limits,
        progress: Callable[[str], None],
    ) -> None:
        self.connection, self.lake, self.scratch = connection, lake, scratch
        self.limits, self.progress = limits, progress
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
        content = sha256_of(found.path)
        same = [b for b in known if b.content_sha256 == content]
        if any(b.fingerprint == fingerprint for b in same):
            self.unchanged_count += 1
            return
        extract_date = found.folder_date or (same[0].extract_date if same else day)
        version = 1 + sum(b.extract_date == extract_date for b in history)
        self._enter(found, content, extract_date, version)

    def _enter(self, found: Landed, content: str, extract_date: date, version: int) -> None:
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
            reading = read_source(
                self.connection,
                found.path,
                found.file,
                batch.source_path(self.lake),
                batch.rejected_path(self.lake),
                self.scratch,
                self.limits,
            )
            batch = replace(batch, **asdict(reading))
        except FileProblem as problem:
            batch = replace(batch, reason=str(problem))
        if found.has_changed():
            self.growing.append(found.file_name)
            return
        write_batch(self.lake, batch)
        self.entered.append(batch)


def _last_day(landing: Path, landed: Sequence[Landed], batches: Sequence[Batch]) -> date:
    days = [f.folder_date for f in landed if f.folder_date] + [b.extract_date for b in batches]
    if not days:
        raise SourceMissing(f"No file in {landing} is of a day; say which day the data is of.")
    return max(days)


def _engine(lake: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """An engine that reaches no file but ours and gives up instead of filling the machine."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = '{MEMORY}'")
    connection.execute(f"set temp_directory = {quote(str(scratch / 'spill'))}")
    folders = ", ".join(quote(str(folder)) for folder in (lake, scratch))
    connection.execute(f"set allowed_directories = [{folders}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection
