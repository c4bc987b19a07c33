"""The common form in which every format hands on its rows: text cells and exact row numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.base.messages import without_values
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits, Unreadable

BATCH_ROWS = 50_000
BATCH_CHARACTERS = 64 << 20  # rows of megabytes must not be held fifty thousand at a time
RAW_CHARACTERS = 10_000


@dataclass
class Rows:
    """Rows of one file. What is found on the way is complete once the batches are used up."""

    labels: Sequence[str]
    batches: Iterator[pa.RecordBatch]  # row_number, then one text column _c0, _c1 … per label
    count: int = 0  # records as the parser counts them: what the accounts must add up to
    unreadable: list[Unreadable] = field(default_factory=list)
    time_zone: str | None = None
    no_time_zone: FileProblem | None = None  # why there is none, where there should be one
    headings: Sequence[Sequence[str | None]] = ()  # all heading rows
    seen_labels: Sequence[str] | None = None  # where labels are known only after the last row


def batch(numbers: object, cells: Iterable[object]) -> pa.RecordBatch:
    """A batch out of row numbers and columns of text."""
    arrays = [pa.array(numbers, pa.int64())]
    arrays += [c if isinstance(c, pa.Array) else pa.array(c, pa.string()) for c in cells]
    return pa.RecordBatch.from_arrays(
        arrays, names=["row_number", *(f"_c{i}" for i in range(len(arrays) - 1))]
    )


def batches_of_lists(
    rows: Iterable[tuple[int, Sequence[str | None]]], width: int
) -> Iterator[pa.RecordBatch]:
    """Batches out of single rows, for the formats that are read row by row."""
    numbers: list[int] = []
    lists: list[Sequence[str | None]] = []
    held = 0
    for number, cells in rows:
        numbers.append(number)
        lists.append(cells)
        held += sum(len(cell) for cell in cells if cell)
        if len(numbers) == BATCH_ROWS or held >= BATCH_CHARACTERS:
            yield batch(numbers, _columns(lists, width))
            numbers, lists, held = [], [], 0
    if numbers:
        yield batch(numbers, _columns(lists, width))


def _columns(lists: Sequence[Sequence[str | None]], width: int) -> list[list[str | None]]:
    return [[cells[i] for cells in lists] for i in range(width)]


def labels_of(headings: Sequence[Sequence[str | None]], file: SourceFile) -> list[str]:
    """The label of each column. Of two rows that name a column together, an upper cell stands over
    the empty ones after it: Address over City and ZIP gives "Address / City", "Address / ZIP"."""
    form = file.headings
    if not form.name_rows:
        return [(label or "").strip() for label in headings[form.name_row - 1]]
    rows = [[(cell or "").strip() for cell in headings[row - 1]] for row in form.name_rows]
    width = max(map(len, rows))
    upper, lower = ([*row, *[""] * (width - len(row))] for row in rows)
    labels, over = [], ""
    for above, below in zip(upper, lower, strict=True):
        over = above or over
        labels.append(f"{over} / {below}" if over and below else above or below)
    return labels


def refuse_too_many(found: list[Unreadable], limits: Limits = LIMITS) -> None:
    """Past a limit of rows that cannot be read, the file as a whole is at fault."""
    if len(found) > limits.unreadable_rows:
        raise FileProblem(
            f"has more than {limits.unreadable_rows:,} rows that cannot be read, the first being "
            f"row {found[0].row_number:,}: {found[0].reason}. Is it in the declared format?"
        )


def reject(
    found: list[Unreadable], number: int, raw: str, reason: str, limits: Limits = LIMITS
) -> None:
    """Note a row that cannot be read."""
    found.append(Unreadable(number, raw[:RAW_CHARACTERS], reason))
    refuse_too_many(found, limits)


def is_text(cells: Iterable[str | None]) -> bool:
    """False where a cell holds half a character: text that was cut between two UTF-16 units."""
    try:
        for cell in cells:
            if cell is not None and not cell.isascii():
                cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_text(value: Any) -> str | None:
    """A value of JSON as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, default=str)


def first_line(error: Exception) -> str:
    """What a library says is wrong, without what may be data."""
    return without_values(str(error))[:200]
