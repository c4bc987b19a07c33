"""Is there room on the disk for a run? One answer for the run and for `cxroi doctor`.

A run that runs out of space half way breaks off safely; one that knows before does not start.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from orchestration.lib.adapters.model import Adapter
from orchestration.lib.base.home import Home
from orchestration.lib.ingest.batches import read_batches
from orchestration.lib.ingest.scan import scan

# Measured: 31 MB of new extracts took 9 MB in the lake, 66 MB in the work file and 28 MB in the
# candidate, 3.3 times as much; a night with little news takes 3.3 times the published file.
FREE_SHARE = 4


class NotEnoughSpace(RuntimeError):
    """The disk has too little room for the run. Exit code 2."""


class Space(NamedTuple):
    """Bytes on the disk of the home folder."""

    free: int
    needed: int

    def __str__(self) -> str:
        """For a person."""
        return f"{self.free / 1e9:.2f} GB free, a night needs {self.needed / 1e9:.2f} GB"


def space_for(home: Home, landing: Path, adapters: Sequence[Adapter]) -> Space:
    """What a run would need now, by the files not read yet and the published one."""
    known = {(b.file_name, b.size, b.mtime_ns) for b in read_batches(home.lake)}
    landed, _ = scan(landing, adapters)
    new = sum(f.size for f in landed if (f.file_name, f.size, f.mtime_ns) not in known)
    before = home.current.stat().st_size if home.current.exists() else 0
    return Space(shutil.disk_usage(_existing(home.root)).free, FREE_SHARE * (new + before))


def require_space(home: Home, landing: Path, adapters: Sequence[Adapter]) -> None:
    """Raises NotEnoughSpace, before anything is written."""
    space = space_for(home, landing, adapters)
    if space.free < space.needed:
        raise NotEnoughSpace(
            f"The disk of {home.root} has {space}: {FREE_SHARE} times the new extracts and the "
            f"published file. Nothing was written. Free some space, lower CX_KEEP_VERSIONS or move "
            f"CX_HOME."
        )


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
