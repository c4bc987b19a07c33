"""What to write in `adapter.yml` so that a refused cell is read.

Here: from a cell and its column to a line. Not here: whether it should be read so; a person says.
"""

from __future__ import annotations

import re
from datetime import datetime

from orchestration.lib.adapters.model import SourceColumn

DAYS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y%m%d",
    "%d %b %Y",
)
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", "T%H:%M:%S")
COMMA = re.compile(r"[^0-9]*\d{1,3}(\.\d{3})*,\d+[^0-9]*|[^0-9]*\d{1,3}(\.\d{3})+[^0-9]*")
POINT = re.compile(r"[^0-9]*\d{1,3}(,\d{3})+(\.\d+)?[^0-9]*")
NOTHING = re.compile(r"(-+|n/?a|null|none|nan|unknown|\?|0:00(:00)?)", re.IGNORECASE)


def line_to_write(column: SourceColumn, cell: str) -> str | None:
    """The words of the adapter language that would read the cell, where there are some."""
    text = cell.strip()
    if NOTHING.fullmatch(text):
        return f'null_markers: ["{text}"]'
    if column.type in ("date", "timestamp"):
        forms = [d + c for d in DAYS for c in CLOCKS if _fits(text, d + c)]
        fitting = " or ".join(f'formats: ["{form}"]' for form in forms)
        return fitting or None
    if column.type in ("integer", "decimal", "rate"):
        whole = column.type == "integer"
        marks = []
        if COMMA.fullmatch(text) and not (whole and "," in text):
            marks.append('number: {decimal: ",", thousands: "."}')
        if POINT.fullmatch(text) and not (whole and "." in text):
            marks.append('number: {decimal: ".", thousands: ","}')
        if marks:
            return " or ".join(marks)
        if column.type == "decimal" and re.fullmatch(r"-?\d+\.\d{5,}", text):
            return "round: true, or type: rate"
        if column.type == "integer" and re.fullmatch(r"-?\d+\.\d+", text):
            return "type: decimal"
    if column.type == "duration_minutes" and re.fullmatch(r"\d+(\.\d+)?", text):
        return "unit: seconds (or minutes, hours, days)"
    if column.allowed:
        return f'"{text}" under allowed, if the mapping knows what it means'
    return None


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True
