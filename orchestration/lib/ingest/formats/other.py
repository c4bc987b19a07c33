"""JSON lines, Parquet and XLSX, handed on in the same form as CSV: text cells and row numbers."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.base.messages import without_values
from orchestration.lib.ingest.decode import Copy
from orchestration.lib.ingest.formats.rows import BATCH_ROWS, Rows, batch, batches_of_lists, reject
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits

EXCEL_ROWS = 1_048_576


def read_jsonl(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """One JSON object a line. Numbers stay the text they were, so no digit is lost."""
    labels = [column.label for column in file.columns]
    seen: dict[str, None] = {}
    rows = Rows(labels, iter(()), seen_labels=())

    def lines() -> Iterator[tuple[int, list[str | None]]]:
        number, last_bad = 0, 0
        with copy.path.open(encoding="utf-8", newline="\n") as handle:
            while line := handle.readline(limits.record_bytes):
                if len(line) == limits.record_bytes:
                    raise FileProblem(f"holds a line longer than {limits.record_bytes:,} bytes.")
                if not line.strip():
                    continue
                number += 1
                try:
                    record = _object(line)
                except ValueError as error:
                    last_bad = number
                    reject(rows.unreadable, number, line.rstrip("\n"), str(error), limits)
                    continue
                seen.update(dict.fromkeys(record))
                if len(seen) > limits.columns:
                    raise FileProblem(
                        f"has more than {limits.columns:,} different keys by row {number:,}."
                    )
                yield number, [_text(record.get(label)) for label in labels]
        if last_bad == number > 0 and not copy.ends_with_newline:
            raise FileProblem(f"is cut off in row {number:,}. Transfer it again.")
        rows.count = number
        rows.seen_labels = tuple(seen) if number else labels

    rows.batches = batches_of_lists(lines(), len(labels))
    return rows


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(
            line, parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=_pairs
        )
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(record, dict):
        raise ValueError("is not a JSON object")
    return record


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("has the same key twice")
    return record


def _refuse(constant: str) -> str:
    raise ValueError(f"holds {constant}, which is no number")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, default=str)


def read_parquet(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """Typed columns turned into text, so that they pass the same checks as any other file."""
    try:
        handle = pq.ParquetFile(copy.path)
    except (pa.ArrowException, OSError) as error:
        raise FileProblem(f"is no sound Parquet file ({_first_line(error)}).") from None
    labels = handle.schema_arrow.names
    if len(labels) > limits.columns:
        raise FileProblem(f"has {len(labels):,} columns; {limits.columns:,} are allowed.")
    count = handle.metadata.num_rows
    if count > max(limits.rows, copy.path.stat().st_size):
        raise FileProblem(f"holds {count:,} rows, more than one a byte, as no honest export does.")
    places = {label: i for i, label in enumerate(labels)}
    wanted = {places[c.label] for c in file.columns if c.label in places}

    def batches() -> Iterator[pa.RecordBatch]:
        read = 0
        try:
            for block in handle.iter_batches(BATCH_ROWS):
                cells = [
                    _as_text(block.column(i)) if i in wanted else pa.nulls(len(block), pa.string())
                    for i in range(len(labels))
                ]
                yield batch(range(read + 1, read + 1 + len(block)), cells)
                read += len(block)
        except (pa.ArrowException, OSError) as error:
            raise FileProblem(f"is damaged after row {read:,} ({_first_line(error)}).") from None
        finally:
            handle.close()

    return Rows(labels, batches(), count=count)


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type):
        return pa.array([_text(v) for v in column.to_pylist()], pa.string())
    return pc.cast(column, pa.string())


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def read_xlsx(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """The first sheet of a workbook."""
    cells = _sheet(copy, limits)
    filled = (row for row in cells if any(row))
    for _ in range(file.preamble_rows):
        next(filled, None)
    headings = [next(filled, None) for _ in range(file.header_rows)]
    named = headings[file.name_row - 1]
    if named is None or None in headings:
        raise FileProblem(f"ends before its {file.header_rows} heading rows are complete.")
    labels = [(label or "").strip() for label in named]
    while labels and not labels[-1]:
        labels.pop()  # the sheet is wider than its headings
    width = len(labels)
    if width > limits.columns:
        raise FileProblem(f"has {width:,} columns; {limits.columns:,} are allowed.")
    rows = Rows(labels, iter(()))

    def numbered() -> Iterator[tuple[int, list[str | None]]]:
        for number, row in enumerate(filled, start=1):
            rows.count = number
            if any(row[width:]):
                raw = json.dumps(row, ensure_ascii=False)
                reject(rows.unreadable, number, raw, "has cells beyond the headings", limits)
            else:
                yield number, (row + [None] * width)[:width]

    rows.batches = batches_of_lists(numbered(), width)
    return rows


def _sheet(copy: Copy, limits: Limits) -> Iterator[list[str | None]]:
    """The rows of the first sheet, empty ones too."""
    done = 0
    try:
        # An open file, for our copy has no ending that openpyxl would accept.
        with copy.path.open("rb") as content, zipfile.ZipFile(content) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            allowed = copy.path.stat().st_size * limits.expansion
            if unpacked > max(limits.expansion_from_bytes, allowed):
                raise FileProblem(f"unpacks to {unpacked:,} bytes, as no honest workbook does.")
            book = openpyxl.load_workbook(content, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a sheet says of its size is often wrong: rows got lost
            for row in sheet.iter_rows(values_only=True, max_row=EXCEL_ROWS + 1):
                done += 1
                if done > EXCEL_ROWS:
                    raise FileProblem(
                        f"numbers its rows beyond {EXCEL_ROWS:,}, as Excel never does."
                    )
                yield [_cell(value) for value in row]
    except (FileProblem, MemoryError):
        raise
    except Exception as error:  # a damaged workbook can raise anything
        where = f"is damaged after row {done:,}" if done else "is no sound XLSX workbook"
        raise FileProblem(f"{where} ({_first_line(error)}).") from None


def _cell(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return None if value is None else str(value)


def _first_line(error: Exception) -> str:
    return without_values(str(error))[:200]
