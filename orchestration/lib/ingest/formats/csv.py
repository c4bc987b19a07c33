"""CSV by pyarrow: every cell as text, every row with its number, nothing guessed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from zoneinfo import available_timezones

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.ingest.decode import Copy
from orchestration.lib.ingest.formats.rows import (
    RAW_CHARACTERS,
    Rows,
    batch,
    labels_of,
    refuse_too_many,
)
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits, Unreadable


def read_csv(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """Headings now, rows as they are asked for."""
    headings, offset = _headings(copy, file, limits)
    labels = labels_of(headings, file) if file.headings.header_rows else [""] * len(headings.pop())
    if len(labels) > limits.columns:
        raise FileProblem(f"has {len(labels):,} columns; {limits.columns:,} are allowed.")
    rows = Rows(labels, iter(()), headings=headings)
    if file.headings.time_zone_row is not None:
        try:
            rows.time_zone = time_zone_in(headings[file.headings.time_zone_row - 1])
        except FileProblem as problem:
            rows.no_time_zone = problem
    rows.batches = _batches(copy, file, len(labels), offset, rows, limits)
    return rows


def time_zone_in(cells: list[str]) -> str:
    """The zone named in a heading row of JSON cells such as {"timeZone": "Europe/Paris"}."""
    for cell in cells:
        try:
            zone = json.loads(cell).get("timeZone")
        except (ValueError, AttributeError, RecursionError):
            continue
        if zone in ("Z", *available_timezones()):
            return "UTC" if zone == "Z" else str(zone)
        if zone:
            raise FileProblem("names a time zone nobody knows in its headings.")
    raise FileProblem("names no time zone in the heading row that should hold it.")


def _headings(copy: Copy, file: SourceFile, limits: Limits) -> tuple[list[list[str]], int]:
    """The heading rows, and where in the file the first row after them begins.

    Of a file without headings its first row, which shows how many columns there are.
    """
    read, wanted = 0, file.headings.header_rows

    def lines() -> Iterator[str]:
        nonlocal read
        with copy.path.open(encoding="utf-8", newline="") as handle:
            while line := handle.readline(limits.record_bytes):
                read += len(line.encode())
                if len(line) == limits.record_bytes:
                    raise FileProblem("has a heading line without end: it is not CSV.")
                yield line

    source = lines()
    for _ in range(file.headings.preamble_rows):
        next(source, None)
    start = read
    headings: list[list[str]] = []
    try:
        for record in csv.reader(source, delimiter=file.delimiter, strict=True):
            if record:
                headings.append(record)
            if len(headings) == max(wanted, 1):
                return headings, read if wanted else start
    except csv.Error as error:
        raise FileProblem(f"is not CSV: its headings cannot be read ({error}).") from None
    raise FileProblem(f"ends before its {wanted} heading rows are complete.")


def _batches(
    copy: Copy, file: SourceFile, width: int, offset: int, rows: Rows, limits: Limits
) -> Iterator[pa.RecordBatch]:
    names = [f"c{i}" for i in range(width)]

    def note(row: arrow_csv.InvalidRow) -> str:
        lines = row.text.count("\n") + 1
        reason = f"has {row.actual_columns} cells where the headings have {row.expected_columns}"
        if lines > 1:
            reason += f"; it spans {lines} lines, so look for a quote that is not closed"
        rows.unreadable.append(Unreadable(row.number, row.text[:RAW_CHARACTERS], reason))
        # The parser swallows what is raised in here: stop it by its own means.
        return "skip" if len(rows.unreadable) <= limits.unreadable_rows else "error"

    last, tail = 0, ""
    with pa.OSFile(str(copy.path)) as handle:
        handle.seek(offset)
        try:
            reader = arrow_csv.open_csv(
                handle,
                # One thread: only then are the numbers of skipped rows known.
                arrow_csv.ReadOptions(
                    use_threads=False, block_size=limits.record_bytes, column_names=names
                ),
                arrow_csv.ParseOptions(
                    delimiter=file.delimiter, newlines_in_values=True, invalid_row_handler=note
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
            for block in reader:
                if block.num_rows == 0:
                    continue
                numbers = _numbers(last, block.num_rows, [u.row_number for u in rows.unreadable])
                last, tail = int(numbers[-1]), str(block.column(width - 1)[-1])
                yield batch(numbers, block.columns)
        except pa.ArrowInvalid as error:
            refuse_too_many(rows.unreadable, limits)
            if "Empty CSV" not in str(error):
                raise FileProblem(_explained(str(error), limits)) from None
    rows.count = max(last, rows.unreadable[-1].row_number if rows.unreadable else 0)
    _refuse_truncated(copy, file, rows, last, tail)


def _numbers(last: int, count: int, unreadable: list[int]) -> np.ndarray:
    """The next `count` row numbers after `last` that are not those of unreadable rows."""
    skipped = np.array([n for n in unreadable if n > last], dtype=np.int64)
    candidates = np.arange(last + 1, last + 1 + count + len(skipped), dtype=np.int64)
    return candidates[~np.isin(candidates, skipped)][:count]


def _refuse_truncated(copy: Copy, file: SourceFile, rows: Rows, last: int, tail: str) -> None:
    """A file that stops in the middle of a record is not loaded in part."""
    final = rows.unreadable[-1] if rows.unreadable else None
    is_short = final is not None and final.row_number > last
    is_open = copy.odd_quotes and (tail.endswith(("\n", "\r")) or not copy.ends_with_newline)
    if is_open or (is_short and (copy.odd_quotes or not copy.ends_with_newline)):
        raise FileProblem(
            f"is cut off in row {rows.count:,}: a cell or a quote is not complete. "
            f"Transfer it again."
        )
    if file.final_newline and not copy.ends_with_newline:
        raise FileProblem(
            "does not end with a line break, so its last row may be cut off. Transfer it again, or "
            "add the line break if it is whole."
        )


def _explained(error: str, limits: Limits) -> str:
    if "straddling" in error:
        return (
            f"holds a record longer than {limits.record_bytes:,} bytes; look for a quote that is "
            f"not closed."
        )
    return f"is not CSV ({' '.join(error.split(': ')[:2])})."  # what follows may quote the data
