"""Text into SQL: the one place where a value, a path or a name becomes part of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def quote(text: str | Path) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def quoted_list(texts: Iterable[str | Path]) -> str:
    """A SQL list of string literals, such as the files of `read_parquet`."""
    return f"[{', '.join(quote(text) for text in texts)}]"
