"""One run at a time, by a lock the operating system takes back when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(RuntimeError):
    """Somebody else holds the lock. The message says who."""


@contextmanager
def exclusive(path: Path, holder: str) -> Iterator[None]:
    """Hold the lock of `path` or raise Locked at once. `holder` is what the others are told.

    The file stays; only the lock on it counts, so a dead holder leaves nothing to clean up.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            by = file.read().strip() or "another process"
            raise Locked(f"locked by {by}; wait until it is done") from None
        file.truncate(0)
        file.write(f"{holder} pid {os.getpid()}\n")
        file.flush()
        yield


def holder(path: Path) -> str | None:
    """Who took the lock last, if that process still lives. To show only: it takes no lock."""
    text = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    name, _, pid = text.rpartition(" pid ")
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return None
    except PermissionError:  # it lives, under another user
        pass
    return name
