"""Which version analysts were moved to and when: `warehouse/moves.json`, a line per move, oldest
first.

The link `current.duckdb` says what they read now; where the two differ (a crash between them, a
link set by hand) the link is right. Not here: moving it (`versions`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from orchestration.lib.base.files import write_text
from orchestration.lib.base.home import Home


class Move(NamedTuple):
    """From this moment on analysts read this version."""

    version: str
    at: str


def moves(home: Home) -> list[Move]:
    """Every move, the one to what analysts read now last."""
    record = _record(home)
    text = record.read_text(encoding="utf-8") if record.exists() else "[]"
    known = [Move(**line) for line in json.loads(text)]
    if home.current.is_symlink():
        now = home.current.readlink().stem
        if not known or known[-1].version != now:
            known.append(Move(now, _moment(home.current.lstat().st_mtime)))
    return known


def record_move(home: Home, before: Iterable[Move], version: str) -> None:
    """Add a move to those before it."""
    lines = [*before, Move(version, _moment(datetime.now(UTC).timestamp()))]
    write_text(_record(home), json.dumps([line._asdict() for line in lines], indent=1))


def rollback_path(made: Iterable[Move]) -> list[str]:
    """What analysts read one after the other, the current version last.

    Going back takes away what they were taken back from: nobody should land there again.
    """
    read: list[str] = []
    for move in made:
        if move.version in read:
            del read[read.index(move.version) + 1 :]
        else:
            read.append(move.version)
    return read


def _record(home: Home) -> Path:
    return home.current.parent / "moves.json"


def _moment(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
