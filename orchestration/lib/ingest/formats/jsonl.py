"""JSON lines: one object a line, every number the text it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.ingest.decode import Copy
from orchestration.lib.ingest.formats.rows import Rows, batches_of_lists, json_text, reject
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits


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
                yield number, [json_text(record.get(label)) for label in labels]
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
