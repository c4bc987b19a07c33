"""XLSX: one sheet of a workbook."""

from __future__ import annotations

import difflib
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

import openpyxl

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.ingest.decode import Copy
from orchestration.lib.ingest.formats.rows import (
    Rows,
    batches_of_lists,
    first_line,
    is_text,
    labels_of,
    reject,
)
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits

EXCEL_ROWS = 1_048_576


def read_xlsx(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """The declared sheet of a workbook, or its first."""
    cells = _sheet(copy, file.sheet, limits)
    filled: Iterator[list[str | None]] = (row for row in cells if any(row))
    for _ in range(file.headings.preamble_rows):
        next(filled, None)
    wanted = file.headings.header_rows
    headings = [next(filled, None) for _ in range(wanted)]
    complete = [heading for heading in headings if heading is not None]
    if len(complete) < wanted:
        raise FileProblem(f"ends before its {wanted} heading rows are complete.")
    if wanted:
        labels = labels_of(complete, file)
        while labels and not labels[-1]:
            labels.pop()  # the sheet is wider than its headings
    else:
        first = list(islice(filled, 1))
        filled = chain(first, filled)
        places = [column.place or 0 for column in file.columns]
        labels = [""] * max(*map(len, first), *places, 0)
    width = len(labels)
    if width > limits.columns:
        raise FileProblem(f"has {width:,} columns; {limits.columns:,} are allowed.")
    rows = Rows(labels, iter(()), headings=complete)

    def numbered() -> Iterator[tuple[int, list[str | None]]]:
        for number, row in enumerate(filled, start=1):
            rows.count = number
            if any(row[width:]):
                raw = json.dumps(row, ensure_ascii=not is_text(row))
                reject(rows.unreadable, number, raw, "has cells beyond the headings", limits)
            elif not is_text(row):
                reject(rows.unreadable, number, json.dumps(row), "holds half a character", limits)
            else:
                yield number, (row + [None] * width)[:width]

    rows.batches = batches_of_lists(numbered(), width)
    return rows


def _sheet(copy: Copy, name: str | None, limits: Limits) -> Iterator[list[str | None]]:
    """The rows of a sheet, empty ones too."""
    done = 0
    try:
        # An open file, for our copy has no ending that openpyxl would accept.
        with copy.path.open("rb") as content, zipfile.ZipFile(content) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            allowed = copy.path.stat().st_size * limits.expansion
            if unpacked > max(limits.expansion_from_bytes, allowed):
                raise FileProblem(f"unpacks to {unpacked:,} bytes, as no honest workbook does.")
            book = openpyxl.load_workbook(content, read_only=True, data_only=True)
            sheet = book[_named(name, book.sheetnames)] if name else book.worksheets[0]
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
        raise FileProblem(f"{where} ({first_line(error)}).") from None


def _named(name: str, names: list[str]) -> str:
    """The sheet of that name; capitals and blanks around it do not matter."""
    for found in names:
        if found.strip().lower() == name.strip().lower():
            return found
    near = difflib.get_close_matches(name, names, n=1)
    raise FileProblem(
        f"has no sheet {name!r} among its {len(names)}"
        + (f"; {near[0]!r} may be its new name" if near else "")
        + ". Name the sheet in the adapter (sheet), or rename it back."
    )


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


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
