"""Which landing files belong to which adapter. Here: names and dates. Not here: contents."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from orchestration.lib.adapters.model import Adapter, SourceFile

TOO_DEEP = "lies too many folders deep to be looked at"
MARKER = "_SUCCESS"  # as Hadoop and most loaders write it when a folder is whole
MOST_FOLDERS = 32  # one in another: no export is so deep, and a path has an end
DAY = r"(?P<date>\d{4}-\d{2}-\d{2})"


class SourceMissing(FileNotFoundError):
    """There is nothing to read where the extracts should be. Exit code 3."""


@dataclass(frozen=True)
class Landed:
    """A landing file that an adapter claims, as it stood when it was seen."""

    path: Path
    file_name: str  # relative to the landing folder
    adapter: Adapter
    file: SourceFile
    folder_date: date | None
    size: int
    mtime_ns: int
    is_complete: bool = True  # False: the upload of its folder has not ended

    def has_changed(self) -> bool:
        """Whether somebody has written to it since."""
        try:
            now = self.path.lstat()
        except FileNotFoundError:
            return True
        return (now.st_size, now.st_mtime_ns) != (self.size, self.mtime_ns)


@dataclass(frozen=True)
class Ignored:
    """A landing file that is not read, and why."""

    file_name: str
    reason: str


def scan(landing: Path, adapters: Sequence[Adapter]) -> tuple[list[Landed], list[Ignored]]:
    """The files to read, in a fixed order, and the files nobody reads.

    Where a folder of a tool ends with `_SUCCESS`, one without it is still being uploaded.
    """
    if not landing.is_dir():
        raise SourceMissing(f"There is no landing folder {landing}; set CX_LANDING or create it.")
    patterns = [
        (adapter, file, re.compile(path_pattern(path)))
        for adapter in adapters
        for file in adapter.files
        for path in file.paths
    ]
    landed: list[Landed] = []
    ignored: list[Ignored] = []
    whole: set[str] = set()
    for path in _walk(landing):
        name = path.relative_to(landing).as_posix()
        if path.name == MARKER:
            whole.add(name.removesuffix(f"/{MARKER}"))
            continue
        found = TOO_DEEP if name.count("/") == MOST_FOLDERS else _claim(path, name, patterns)
        if isinstance(found, str):
            ignored.append(Ignored(ascii(name)[1:-1], found))
        else:
            landed += found
    marked = {folder.split("/")[0] for folder in whole}
    return [
        replace(f, is_complete=f.adapter.system not in marked or _folder(f) in whole)
        for f in landed
    ], ignored


def _folder(found: Landed) -> str:
    return found.file_name.rpartition("/")[0]


def newest_day(landing: Path, adapters: Sequence[Adapter]) -> date | None:
    """The newest day a landing file is filed under; None if no file is filed under a day."""
    landed, _ = scan(landing, adapters)
    return max((f.folder_date for f in landed if f.folder_date), default=None)


def path_pattern(path: str) -> str:
    """A regular expression for a declared path: {date} is a day, * anything but a slash."""
    parts = (
        {"{date}": DAY, "*": "[^/]*"}.get(part, re.escape(part))
        for part in re.split(r"(\{date\}|\*)", path)
    )
    return "".join(parts) + r"(\.gz)?"


def _walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Every file, and every folder that lies too deep to look into."""
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name.startswith((".", "~")):
            continue
        if entry.is_dir(follow_symlinks=False) and depth < MOST_FOLDERS:
            yield from _walk(Path(entry.path), depth + 1)
        else:
            yield Path(entry.path)


def _claim(
    path: Path, name: str, patterns: Sequence[tuple[Adapter, SourceFile, re.Pattern[str]]]
) -> list[Landed] | str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link, which may lead out of the landing folder"
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if not name.isprintable():
        return "has a name with characters that cannot be shown"
    system, _, rest = name.partition("/")
    claims = {
        (adapter.system, file.role): (adapter, file, match)
        for adapter, file, pattern in patterns
        if adapter.system == system and (match := pattern.fullmatch(rest))
    }
    if not claims:
        return "belongs to no adapter"
    if len(claims) > 1 and not _are_sheets([file for _, file, _ in claims.values()]):
        roles = " and ".join(role for _, role in claims)
        return f"is claimed by several kinds of files: {roles}"
    landed = []
    for adapter, file, match in claims.values():
        text = match.groupdict().get("date")
        try:
            day = date.fromisoformat(text) if text else None
        except ValueError:
            return f"has a day in its path that is not in the calendar: {text}"
        landed.append(Landed(path, name, adapter, file, day, status.st_size, status.st_mtime_ns))
    return landed


def _are_sheets(files: Sequence[SourceFile]) -> bool:
    """Whether each kind of file is a sheet of its own of one workbook."""
    sheets = {file.sheet for file in files}
    return None not in sheets and len(sheets) == len(files)
