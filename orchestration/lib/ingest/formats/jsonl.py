"""JSON lines: one object a line, every number the text it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.ingest.decode import Copy
from orchestration.lib.ingest.formats.rows import Rows, batches_of_lists, is_text, json_text, reject
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits

MOST_DIGITS = 40  # on either side of the decimal mark


def read_jsonl(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """One JSON object a line. Numbers stay the text they were, so no digit is lost."""
    labels = [column.label for column in file.columns]
    others = {also: column.label for column in file.columns for also in column.also}
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
                if others:
                    record = {others.get(key, key): value for key, value in record.items()}
                seen.update(dict.fromkeys(record))
                if len(seen) > limits.columns:
                    raise FileProblem(
                        f"has more than {limits.columns:,} different keys by row {number:,}."
                    )
                cells = [json_text(record.get(label)) for label in labels]
                if is_text(cells):
                    yield number, cells
                else:
                    raw = line.rstrip("\n")
                    reject(rows.unreadable, number, raw, "holds half a character", limits)
        if last_bad == number > 0 and not copy.ends_with_newline:
            raise FileProblem(f"is cut off in row {number:,}. Transfer it again.")
        rows.count = number
        rows.seen_labels = tuple(seen) if number else labels

    rows.batches = batches_of_lists(lines(), len(labels))
    return rows


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(
            line,
            parse_int=str,
            parse_float=_plain,
            parse_constant=_refuse,
            object_pairs_hook=_pairs,
        )
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(record, dict):
        raise ValueError("is not a JSON object")
    if not is_text(record):
        raise ValueError("holds half a character")
    return record


def _plain(number: str) -> str:
    """7.9e-05 is how programs write 0.000079; a number of no honest size stays as it is."""
    if "e" not in number.lower():
        return number
    exact = Decimal(number)
    return format(exact, "f") if abs(exact.adjusted()) <= MOST_DIGITS else number


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("has the same key twice")
    return record


def _refuse(constant: str) -> str:
    raise ValueError(f"holds {constant}, which is no number")
