"""What the cells of a column can be: every reading that fits all of them.

Here: from texts in a table of an engine to types, forms of dates and marks of numbers. Not here:
which of two readings is right (a person says), or what a column means (`draft`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration.lib.adapter_tools.advice import CLOCKS, DAYS
from orchestration.lib.base.sql import name, quote

ALL_DAYS = ("%Y-%m-%d", *DAYS)
ALL_CLOCKS = tuple(dict.fromkeys((*CLOCKS, "T%H:%M:%S", "T%H:%M:%SZ")))
NO_VALUE = ("-", "--", "n/a", "na", "null", "none", "nan", "unknown", "?", "0:00:00")
BOOLEANS = ({"true", "false"}, {"yes", "no"}, {"0", "1"}, {"t", "f"}, {"y", "n"})
INTEGER = r"[+-]?\d{1,18}"
SIGN = r"([^\p{L}0-9.,+-]{0,3}|[A-Z]{3} ?|R\$ ?|kr ?)"  # of a currency
POINT = rf"{SIGN}[+-]?(\d+|\d{{1,3}}(,\d{{3}})+)(\.\d+)?{SIGN}"
COMMA = rf"{SIGN}[+-]?(\d+|\d{{1,3}}(\.\d{{3}})+)(,\d+)?{SIGN}"
WITNESS = {  # in headings
    "month": r"month|monat|^mes$|mois|m[eê]s|月",
    "quarter": r"quarter|quartal|trimest|四半期",
}
MOST = 0.9  # of the cells: what does not fit then is a fault of the cell
FEW_VALUES = 40  # a state or a kind has so many at most


@dataclass(frozen=True)
class Cells:
    """What is known of a column.

    `days`: readings as dates, each of the forms that together fit every cell, such as with a clock
    and without; with more than one a person has to say which. `marks`: readings of the numbers,
    "point" and "comma". `values`: all there are, if few. `odd`: a cell that fits none, where nearly
    all the others fit.
    """

    label: str
    count: int
    distinct: int
    nothing: tuple[str, ...]
    kind: str
    days: tuple[tuple[str, ...], ...] = ()
    marks: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    odd: str | None = None


def cells_of(engine: duckdb.DuckDBPyConnection, table: str, label: str) -> Cells:
    """The readings of one column of a table of texts."""
    column = f"trim({name(label)})"
    given = f"(select {column} as c from {name(table)} where {column} <> '')"
    marks = ", ".join(map(quote, NO_VALUE))
    nothing = _texts(engine, f"select distinct c from {given} where lower(c) in ({marks})")
    known = f"(select c from {given} where lower(c) not in ({marks}))"
    row = engine.execute(f"select count(*), count(distinct c) from {known}").fetchone()
    assert row is not None
    count, distinct = row
    values: tuple[str, ...] = ()
    if distinct <= FEW_VALUES:
        values = _texts(engine, f"select distinct c from {known} order by c")
    kind, days, fitting = _reading(engine, known, count, values)
    odd = None
    if kind == "text":
        for holds in (*map(_is_day, ALL_DAYS), _is_number()):
            if odd := _odd_cell(engine, known, holds):
                sound = f"(select c from {known} where {holds})"
                kind, days, fitting = _reading(engine, sound, count, ())
                break
    return Cells(label, count, distinct, nothing, kind, days, fitting, values, odd)


def _is_day(day: str) -> str:
    fits = (f"try_strptime(c, {quote(day + clock)}) is not null" for clock in ALL_CLOCKS)
    return f"({' or '.join(fits)})"


def _is_number() -> str:
    patterns = " or ".join(f"regexp_full_match(c, {quote(p)})" for p in (POINT, COMMA))
    return f"(regexp_matches(c, '[0-9]') and ({patterns}))"


def _odd_cell(engine: duckdb.DuckDBPyConnection, known: str, holds: str) -> str | None:
    """The first cell that is not of a kind, where nearly all of them are."""
    found = engine.execute(
        f"select avg(cast({holds} as integer)), min(c) filter (not {holds}) from {known}"
    ).fetchone()
    return found[1] if found and found[0] is not None and MOST <= found[0] < 1 else None


def _reading(
    engine: duckdb.DuckDBPyConnection, known: str, count: int, values: Sequence[str]
) -> tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...]]:
    if not count:
        return "text", (), ()
    if values and {value.lower() for value in values} in BOOLEANS:
        return "boolean", (), ()
    if _all(engine, known, f"regexp_full_match(c, {quote(INTEGER)})"):
        # A number that begins with 0, or of eight digits that are a day each, is a code or a day.
        if _all(engine, known, "length(c) = 8 and try_strptime(c, '%Y%m%d') is not null"):
            return "date", (("%Y%m%d",),), ()
        is_code = not _all(engine, known, "not regexp_matches(c, '^0[0-9]')")
        return ("text" if is_code else "integer"), (), ()
    marks = tuple(
        mark
        for mark, pattern in (("point", POINT), ("comma", COMMA))
        if _all(engine, known, f"regexp_full_match(c, {quote(pattern)})")
    )
    if marks and _all(engine, known, "regexp_matches(c, '[0-9]')"):
        return "decimal", (), marks
    days = tuple(forms for day in ALL_DAYS if (forms := _forms(engine, known, day)))
    if days:
        has_clock = any(len(form) > len("%Y-%m-%d") + 2 for forms in days for form in forms)
        return ("timestamp" if has_clock else "date"), days, ()
    return "text", (), ()


def _forms(engine: duckdb.DuckDBPyConnection, known: str, day: str) -> tuple[str, ...]:
    """The forms of one order of day, month and year that are used, if together they fit all."""
    if not _all(engine, known, _is_day(day)):
        return ()
    forms = [day + clock for clock in ALL_CLOCKS]
    fits = [f"try_strptime(c, {quote(form)}) is not null" for form in forms]
    used = engine.execute(
        f"select {', '.join(f'bool_or({fit})' for fit in fits)} from {known}"
    ).fetchone()
    assert used is not None
    return tuple(form for form, is_used in zip(forms, used, strict=True) if is_used)


def _all(engine: duckdb.DuckDBPyConnection, known: str, holds: str) -> bool:
    """One cell that does not is enough, so the first is looked for."""
    return engine.execute(f"select 1 from {known} where not ({holds}) limit 1").fetchone() is None


def _texts(engine: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    return tuple(text for (text,) in engine.execute(query).fetchall())


def witnessed(
    engine: duckdb.DuckDBPyConnection, table: str, column: Cells, others: Sequence[Cells]
) -> tuple[tuple[str, ...], ...]:
    """The readings of a date that the month or quarter of its row, in another column, bears out.

    All readings where there is no such column.
    """
    for other in others:
        for part, words in WITNESS.items():
            if not re.search(words, other.label.lower()):
                continue
            agreeing = [
                f for f in column.days if _agree(engine, table, column.label, f, other, part)
            ]
            if agreeing:
                return tuple(agreeing)
    return column.days


def _agree(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    label: str,
    forms: Sequence[str],
    other: Cells,
    part: str,
) -> bool:
    readings = ", ".join(f"try_strptime(trim({name(label)}), {quote(form)})" for form in forms)
    number = f"try_cast(regexp_extract({name(other.label)}, '[0-9]+') as integer)"
    found = engine.execute(
        f"select count(*), count(*) filter ({part}(coalesce({readings})) = {number}) "
        f"from {name(table)} where trim({name(label)}) <> '' and {number} is not null"
    ).fetchone()
    return found is not None and found[0] == other.count > 0 and found[0] == found[1]
