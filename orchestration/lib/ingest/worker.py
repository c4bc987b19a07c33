"""Who reads the landing files: this process, or a subprocess with bounds on memory and time.

A file on which a parser crashes, hangs or fills the memory takes its process along, and
not the run: the file goes into quarantine, and the next one is read by a new process. Not here:
how a file is read (`parse_file`).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.base.sql import quote, quoted_list
from orchestration.lib.ingest.parse_file import Reading, read_source
from orchestration.lib.ingest.problems import EngineLost, FileProblem, Limits

MEMORY = "2GB"  # of the engine; a record, a block and a batch are bounded beside it
CODE = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Request:
    """One file to read, and where what is in it goes."""

    landed: Path
    file: SourceFile
    target: Path
    rejected: Path


def open_engine(lake: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """An engine that reaches no file but ours and gives up instead of filling the machine."""
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = '{MEMORY}'")
    connection.execute(f"set temp_directory = {quote(scratch / 'spill')}")
    connection.execute(f"set allowed_directories = {quoted_list((lake, scratch))}")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


class InProcessReader:
    """Reads in this process."""

    def __init__(self, lake: Path, scratch: Path, limits: Limits) -> None:
        """`lake` and `scratch`: the two folders it may write to."""
        self.scratch, self.limits = scratch, limits
        self.engine = open_engine(lake, scratch)

    def read(self, request: Request) -> Reading:
        """Read one file. Raises FileProblem if it as a whole cannot be used."""
        return read_source(
            self.engine,
            request.landed,
            request.file,
            request.target,
            request.rejected,
            self.scratch,
            self.limits,
        )

    def close(self) -> None:
        """Let go of the engine."""
        self.engine.close()


class SubprocessReader:
    """Reads in a process of its own, started when the first file comes."""

    def __init__(self, lake: Path, scratch: Path, limits: Limits) -> None:
        """`lake` and `scratch`: the two folders it may write to."""
        self.lake, self.scratch, self.limits = lake, scratch, limits
        self.process: subprocess.Popen[bytes] | None = None

    def read(self, request: Request) -> Reading:
        """Read one file. Raises FileProblem if it as a whole cannot be used, or the reader died."""
        process = self.process = self.process or self._start()
        timer = threading.Timer(self.limits.seconds, process.kill)
        timer.start()
        try:
            answer = _ask(process, request)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            self.close()
            raise FileProblem(_crash_message(process, self.limits)) from None
        finally:
            timer.cancel()
        if isinstance(answer, EngineLost):
            self.close()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Reading)
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve()"],
            cwd=CODE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # an interrupt from the keyboard is no fault of the file it reads
        )
        _send(process.stdin, (self.lake, self.scratch, self.limits))
        return process


def _ask(process: subprocess.Popen[bytes], request: Request) -> Any:
    _send(process.stdin, request)
    return pickle.load(process.stdout)  # type: ignore[arg-type]  # a pipe, as asked for


def _send(pipe: Any, message: object) -> None:
    pickle.dump(message, pipe)
    pipe.flush()


def _crash_message(process: subprocess.Popen[bytes], limits: Limits) -> str:
    ended = -(process.returncode or 0)
    return (
        f"cannot be read within {limits.memory_bytes >> 30} GB of memory and {limits.seconds:g} "
        f"seconds: its reader was ended by signal {ended}. Split the export, or, if the machine "
        f"was at fault, put the file there again."
    )


def serve() -> None:
    """Read what is asked for until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    lake, scratch, limits = pickle.load(sys.stdin.buffer)
    _bound_memory(limits.memory_bytes)
    reader = InProcessReader(lake, scratch, limits)
    with contextlib.suppress(EOFError):
        while True:
            _send(answers, answer_of(reader.read, pickle.load(sys.stdin.buffer)))


def answer_of(read: Callable[[Request], Reading], request: Request) -> object:
    """What reading gave, or the error it ended in."""
    try:
        return read(request)
    except (MemoryError, duckdb.OutOfMemoryException):
        return EngineLost("needs more memory to read than one file may take; split the export.")
    except (duckdb.InternalException, duckdb.FatalException) as error:
        return EngineLost(f"cannot be read ({type(error).__name__}). Export it again.")
    except Exception as error:
        return error


def _bound_memory(limit: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
