"""What other programs say, made fit to be shown: an engine's message quotes the cell it chokes on.

Whatever stands in quotes goes, also where a quote is not closed (the cell holds a line break), and
so does every long number: a telephone number needs no quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb

HIDDEN = "(hidden)"
# From the first quote to the last one of the line: a value may hold quotes itself. The apostrophe
# of "can't" is none, for a quote follows no letter.
_QUOTED = re.compile(r"(?<!\w)(['\"`]).*(?:\1(?!\w)|$)")
_NUMBER = re.compile(r"\+?\d[\d\s().,-]{4,}\d")


def without_values(message: str) -> str:
    """The first line, without what may be data."""
    line = message.strip().split("\n", maxsplit=1)[0][:500]
    return _NUMBER.sub(HIDDEN, _QUOTED.sub(HIDDEN, line))


def of_dbt(message: str | None) -> str | None:
    """dbt's first line says which node and where, the second begins with the kind of error."""
    if not message or not message.strip():
        return None
    first, *more = message.strip().splitlines()
    kind = re.match(r"\s*([A-Z]\w+(?: [A-Z]\w+)* (?:Error|Exception)):", more[0] if more else "")
    return without_values(first) + (f": {kind[1]}" if kind else "")


def of_mapping(error: duckdb.Error, sql: str, columns: Collection[str]) -> str:
    """The kind of error, and the column of the file if the engine names one.

    What is wrong with the SQL itself is said with the words of that SQL: they are no data.
    """
    text = str(error)
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        own = set(re.findall(r"\w+", sql))
        return without_values(re.sub(r'"(\w+)"', lambda m: m[1] if m[1] in own else m[0], text))
    kind = re.match(r"([A-Z]\w+(?: [A-Z]\w+)* Error):", text)
    named = re.findall(r"source column \"?(\w+)", text)
    where = f" in column {named[-1]}" if named and named[-1] in columns else ""
    return (kind[1] if kind else type(error).__name__) + where
