"""The landing folder: a first whole drop, then one folder a night with what is new or changed.

Also the dirt that real exports carry, each kind counted as it is written: rows that cannot be
read, exact duplicates, rows sent again the next night, files sent again. Here: files. Not here:
what is in them.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from orchestration.demo.base.clock import DAY, Array, seconds
from orchestration.demo.base.columns import Table

FULL = pc.WriteOptions(include_header=False)
DUPLICATES = 0.002  # share of rows that stand in a file twice
REPEATS = 0.1  # share of a night's rows that come again the next night


@dataclass(frozen=True)
class Bad:
    """A value that does not belong, and the name it is counted under."""

    column: str
    value: str
    count: str = "bad_rows"


@dataclass(frozen=True)
class FileKind:
    """One kind of file: where it lies, and what can be wrong with a row of it."""

    system: str
    name: str
    key: str = ""  # column given a new value in a bad row
    bad: tuple[Bad, ...] = ()
    preamble: tuple[str, ...] = ()  # lines under the headings
    is_dirty: bool = True  # gets duplicates and repeats
    is_nightly: bool = False  # comes every night, with headings alone if there is no news


@dataclass
class Drops:
    """Open files of a landing folder and the count of everything put into them."""

    landing: Path
    end: date
    nights: int
    seed: int
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    _open: dict[Path, BinaryIO] = field(default_factory=dict)

    @property
    def first_day(self) -> int:
        """Day number of the whole drop."""
        return seconds(self.end) // DAY - self.nights

    def ends(self) -> list[int]:
        """The moment each drop was taken: the end of its day."""
        return [(self.first_day + k + 1) * DAY - 1 for k in range(self.nights + 1)]

    def drop_of(self, moments: Array) -> Array:
        """Number of the drop in which something that happened then first appears."""
        return np.asarray(np.maximum(moments // DAY - self.first_day, 0))

    def add(
        self,
        kind: FileKind,
        table: Table,
        drop: Array,
        chunk: int = 0,
        changes: Array | bool = False,
    ) -> None:
        """Append each row to the file of its drop, with dirt; later than the end is dropped.

        Rows that will come again because something `changes` about them are not repeated as well.
        """
        rng = np.random.default_rng([self.seed, 9, chunk, len(kind.name), len(table)])
        again = (rng.random(len(drop)) < REPEATS) & kind.is_dirty & ~np.asarray(changes)
        twice = (rng.random(len(drop)) < DUPLICATES) & kind.is_dirty
        for k in range(self.nights + 1):
            rows = np.flatnonzero(drop == k)
            if not len(rows) and k and not kind.is_nightly:
                continue
            repeated = np.flatnonzero((drop == k - 1) & again) if k > 1 else rows[:0]
            doubled = rows[twice[rows]]
            self._write(kind, k, table.take(pa.array(np.concatenate([rows, repeated, doubled]))))
            self._count(
                kind,
                k,
                rows=len(rows) + len(repeated) + len(doubled),
                exact_duplicates=len(doubled),
                repeated_rows=len(repeated),
            )
            # Never more than 2 % of a file: that would be another story.
            if kind.bad and len(rows) and (k == 0 or len(rows) >= 50 * len(kind.bad)):
                self._add_bad(kind, table, rows[: len(kind.bad) + len(rows) // 5000], chunk, k)

    def add_again(self, kind: FileKind, table: Table, drop: Array, count: str) -> None:
        """Rows that were delivered before, without further dirt, counted under a name."""
        for k in range(1, self.nights + 1):
            rows = np.flatnonzero(drop == k)
            if len(rows):
                self._write(kind, k, table.take(pa.array(rows)))
                self._count(kind, k, rows=len(rows), **{count: len(rows)})

    def add_twice(self, kind: FileKind, table: Table) -> None:
        """A file that comes with the first drop and, unchanged, once more with the last."""
        for k in sorted({0, self.nights}):
            self._write(kind, k, table)
            self._count(kind, k, rows=len(table), identical_files=int(k > 0))

    def close(self) -> None:
        """Close every file."""
        for stream in self._open.values():
            stream.close()
        self._open.clear()

    def _add_bad(self, kind: FileKind, table: Table, rows: Array, chunk: int, drop: int) -> None:
        """Copies of rows under new keys in which one value does not belong."""
        texts = table.take(pa.array(rows)).cast(
            pa.schema([(name, pa.string()) for name in table.column_names])
        )
        columns = texts.to_pydict()
        for i in range(len(rows)):
            bad = kind.bad[i % len(kind.bad)]
            # Unlike that of any other file: responses to two surveys share one key.
            columns[kind.key][i] = f"99{len(kind.name):02d}{chunk:04d}{drop}{i:04d}"
            columns[bad.column][i] = bad.value
            self._count(kind, drop, rows=1, **{bad.count: 1})
        self._write(kind, drop, pa.table(columns, schema=texts.schema))

    def _write(self, kind: FileKind, drop: int, table: Table) -> None:
        stream = self._stream(kind, drop, table)
        if kind.name.endswith(".jsonl"):
            stream.write(_json_lines(table))
        else:
            pc.write_csv(table, stream, FULL)

    def _stream(self, kind: FileKind, drop: int, table: Table) -> BinaryIO:
        path = self.path(kind, drop)
        if path not in self._open:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[path] = path.open("wb")
            if not kind.name.endswith(".jsonl"):
                heads = ",".join(_quoted(name) for name in table.column_names)
                self._open[path].write("\n".join([heads, *kind.preamble, ""]).encode())
        return self._open[path]

    def path(self, kind: FileKind, drop: int) -> Path:
        """Where the file of a drop lies."""
        day = self.end - timedelta(days=self.nights - drop)
        return self.landing / kind.system / day.isoformat() / kind.name

    def _count(self, kind: FileKind, drop: int, **counted: int) -> None:
        name = self.path(kind, drop).relative_to(self.landing).as_posix()
        self.counts.setdefault(name, Counter()).update(counted)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def _json_lines(table: Table) -> bytes:
    names: list[Any] = table.column_names
    columns = [
        column.cast(pa.string()).to_pylist()
        if pa.types.is_timestamp(column.type)
        else column.to_pylist()
        for column in table.columns
    ]
    lines = [
        json.dumps(
            {n: v for n, v in zip(names, row, strict=True) if v is not None}, ensure_ascii=False
        )
        for row in zip(*columns, strict=True)
    ]
    return ("\n".join(lines) + "\n").encode() if lines else b""
