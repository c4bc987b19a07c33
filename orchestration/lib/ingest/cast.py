"""Text cells into typed values by strict rules in SQL: what does not fit says why, nothing rounds.

Here: for each declared type, the SQL of the value and of the reason it is refused. Reasons never
quote the value: they are published, the value may be personal. Not here: the contract's own rules
(`contract_rules`).
"""

from __future__ import annotations

import re

from orchestration.lib.adapters.model import DURATION_UNITS, SourceColumn, SourceFile
from orchestration.lib.base.sql import quote

# Full-width, Arabic-Indic, Persian and Devanagari digits, and the marks that come with them.
_DIGITS = "".join(chr(start + i) for start in (0xFF10, 0x660, 0x6F0, 0x966) for i in range(10))
_MARKS = {"．": ".", "，": ",", "－": "-", "−": "-", "／": "/", "：": ":", "٫": ".", "٬": ","}
_FROM = _DIGITS + "".join(_MARKS)
_TO = "0123456789" * 4 + "".join(_MARKS.values())
BLANKS = " \t\r\n\u00a0\u202f\u3000"
_OFFSET = r"(Z|UTC|[+-]\d{2}(:?\d{2})?)"
_ISO = rf"\d{{4}}-\d{{2}}-\d{{2}}([ T]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?( ?{_OFFSET})?)?"
_DAYS_AND_CLOCK = r"(?:(\d{1,5}) ?d(?:ays?)?,? ?)?(\d{1,6}:[0-5]\d(?::[0-5]\d)?)"
_AMOUNT = r"(\d{1,6}(?:\.\d{1,6})?) ?"
_NAMED_PARTS = "[ ,]*".join(
    rf"({_AMOUNT}{unit})?"
    for unit in ("w(eeks?)?", "d(ays?)?", "h((ou)?rs?)?", "m(in(ute)?s?)?", "s(ec(ond)?s?)?")
)
# Years and months have no length, so they are no part of it.
_ISO_DURATION = rf"P({_AMOUNT}W)?({_AMOUNT}D)?(T({_AMOUNT}H)?({_AMOUNT}M)?({_AMOUNT}S)?)?".replace(
    " ?", ""
)
PLACES = {"decimal": 4, "rate": 8}  # digits that are kept after the decimal mark
YEARS = (1900, 2199)  # outside: a typing error or a stand-in for "no date"


def cell(raw: str, file: SourceFile, column: SourceColumn | None = None) -> str:
    """The cell, or null if it holds one of the null markers. Otherwise exactly as exported."""
    known = (*file.null_markers, *(column.null_markers if column else ()))
    markers = ", ".join(quote(m.strip()) for m in known)
    blank = f"trim({raw}, {quote(BLANKS)})"
    return f"case when {blank} not in ({markers}) then {raw} end" if markers else raw


def plain(text: str) -> str:
    """A cell that is no text: without blanks around it, digits of any script made Latin."""
    bare = f"trim({text}, {quote(BLANKS)})"
    latin = f"translate({bare}, {quote(_FROM)}, {quote(_TO)})"
    return f"case when regexp_full_match({bare}, '[ -~]*') then {bare} else {latin} end"


def value(plain: str, column: SourceColumn, file: SourceFile, zone: str | None = None) -> str:
    """SQL that turns a cell into the column's type, or null where it does not fit."""
    if column.type == "text":
        return plain
    if column.type == "boolean":
        return _boolean(plain)
    if column.type == "date":
        return _date(plain, column)
    if column.type == "timestamp":
        return _timestamp(plain, column, zone or column.time_zone or file.time_zone)
    if column.type == "integer":
        return f"try_cast({_number(plain, file, _mark(file) + '0+')} as bigint)"
    if column.type in PLACES:
        return _decimal(plain, column, file)
    return _minutes(plain, column, file)


def is_in_doubt(plain: str, file: SourceFile) -> str:
    """SQL of whether a number fits two readings: 1.500 is one and a half, or fifteen hundred in
    another country. NULL without a mark; false where the marks leave one reading, as in 0.500."""
    mark = quote(file.decimal_mark)
    two = quote(rf"[^0-9]*[1-9]\d{{0,2}}{_mark(file)}\d{{3}}[^0-9]*")
    return f"case when contains({plain}, {mark}) then regexp_full_match({plain}, {two}) end"


def reason(column: SourceColumn) -> str:
    """Why a cell of the column is refused, in words."""
    if column.formats:
        said = " or ".join(column.formats)
        if len(column.formats) > 1:
            said += ", or is another one in each"
        extra = f", between {YEARS[0]} and {YEARS[1]}, that exists in its time zone"
        kind = "day" if column.type == "date" else "point in time"
        return f"is no {kind} in the form {said}{extra if column.type != 'date' else ''}"
    return {
        "integer": "is no whole number",
        "decimal": "is no plain decimal number of at most 4 decimal places",
        "rate": "is no plain decimal number of at most 8 decimal places",
        "boolean": "is neither true nor false",
        "date": f"is no day in the form 2024-01-31, between {YEARS[0]} and {YEARS[1]}",
        "timestamp": f"is no point in time in the form 2024-01-31 23:59:59, between {YEARS[0]} "
        f"and {YEARS[1]}, that exists in its time zone",
        "duration_minutes": "is no duration"
        + (f" in {column.unit}" if column.unit else " such as 26:03:00, 1d 2h 3min or P1DT2H3M"),
    }.get(column.type, "cannot be read")


def _mark(file: SourceFile) -> str:
    return re.escape(file.decimal_mark)


def _number(text: str, file: SourceFile, fraction: str) -> str:
    """Canonical digits of a number in the declared marks, with an optional currency sign."""
    whole = r"\d+"
    if file.thousands_mark:
        thousands = re.escape(file.thousands_mark)
        if file.thousands_mark in BLANKS:
            thousands = "[ \u00a0\u202f]"
        whole = rf"(\d+|\d{{1,3}}({thousands}\d{{3}})+)"
    sign = r"([+-]?\p{Sc}?[ \x{a0}]?|\p{Sc}[+-])"
    pattern = rf"{sign}{whole}({fraction})?[ \x{{a0}}]?\p{{Sc}}?"
    kept = f"regexp_replace({text}, {quote(f'[^0-9{_mark(file)}+-]')}, '', 'g')"
    canonical = f"replace({kept}, {quote(file.decimal_mark)}, '.')"
    return f"case when regexp_full_match({text}, {quote(pattern)}) then {canonical} end"


def _decimal(text: str, column: SourceColumn, file: SourceFile) -> str:
    if column.round:
        number = _number(text, file, _mark(file) + r"\d+")
        return f"try_cast(round(try_cast({number} as decimal(38,18)), 4) as decimal(18,4))"
    number = _number(text, file, _mark(file) + rf"\d{{1,{PLACES[column.type]}}}0*")
    return f"try_cast({number} as {column.duckdb_type})"


def _boolean(text: str) -> str:
    low = f"lower({text})"
    return (
        f"case when {low} in ('true', 't', 'yes', 'y', '1') then true "
        f"when {low} in ('false', 'f', 'no', 'n', '0') then false end"
    )


def _date(text: str, column: SourceColumn) -> str:
    if column.formats:
        days = (f"cast(try_strptime({text}, {quote(f)}) as date)" for f in column.formats)
        return _agreed([_plausible(day) for day in days])
    pattern = quote(r"\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?)?")
    iso = f"case when regexp_full_match({text}, {pattern}) then {text} end"
    return _plausible(f"try_cast(left({iso}, 10) as date)")


def _agreed(readings: list[str]) -> str:
    """What those formats that fit a cell make of it, or null where they differ: 01-09 may be a day
    of January or of September, and no order of the formats says which."""
    if len(readings) == 1:
        return readings[0]
    both = ", ".join(readings)
    return f"case when least({both}) = greatest({both}) then least({both}) end"


def _timestamp(text: str, column: SourceColumn, zone: str) -> str:
    if column.formats:
        moments = []
        for form in column.formats:
            parsed = f"try_strptime({text}, {quote(form)})"
            moment = f"{parsed} at time zone 'UTC'" if "%z" in form else _utc(parsed, zone)
            moments.append(_plausible(moment))
        return _agreed(moments)
    iso = f"case when regexp_full_match({text}, {quote(_ISO)}) then {text} end"
    # The engine wants seconds before an offset, and no blank before its sign.
    near = f"regexp_replace({iso}, ' ([+-])', '\\1')"
    full = f"regexp_replace({near}, '([ T]\\d{{1,2}}:\\d\\d)( ?(Z|UTC|[+-].*))$', '\\1:00\\2')"
    has_offset = f"regexp_matches({text}, {quote(rf':[0-9][0-9].*{_OFFSET}$')})"
    moment = (
        f"case when {has_offset} then try_cast({full} as timestamptz) at time zone 'UTC' "
        f"else {_utc(f'try_cast({iso} as timestamp)', zone)} end"
    )
    return _plausible(moment)


def _utc(local: str, zone: str) -> str:
    """Local to UTC. A local time that the clocks skip is refused, for the zone must be wrong; of
    one they show twice the later is taken."""
    if zone == "UTC":
        return local
    there = f"(({local}) at time zone {quote(zone)})"
    back = f"{there} at time zone {quote(zone)}"
    return f"case when {back} = {local} then {there} at time zone 'UTC' end"


def _plausible(moment: str) -> str:
    return f"case when year({moment}) between {YEARS[0]} and {YEARS[1]} then {moment} end"


def _minutes(text: str, column: SourceColumn, file: SourceFile) -> str:
    if column.unit:
        number = _number(text, file, _mark(file) + r"\d{1,10}0*")
        factor = DURATION_UNITS[column.unit]
        return f"try_cast(round(try_cast({number} as double) {factor}, 4) as decimal(18,4))"
    low = f"lower({text})"
    days, rest = (f"regexp_extract({low}, {quote(_DAYS_AND_CLOCK)}, {i})" for i in (1, 2))
    parts = f"string_split({rest}, ':')"
    clock = " + ".join(
        [f"coalesce(try_cast({days} as bigint), 0) * 86400"]
        + [
            f"coalesce(try_cast({parts}[{i}] as bigint), 0) * {n}"
            for i, n in ((1, 3600), (2, 60), (3, 1))
        ]
    )
    named = " + ".join(
        f"coalesce(try_cast(regexp_extract({low}, {quote(_AMOUNT + unit)}, 1) as double), 0) * {n}"
        for unit, n in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    )
    return (
        f"case when regexp_full_match({low}, {quote(_DAYS_AND_CLOCK)}) "
        f"then cast(round(({clock}) / 60.0, 4) as decimal(18,4)) "
        f"when regexp_matches({text}, '[0-9]') "
        f"and (regexp_full_match({low}, {quote(_NAMED_PARTS)}) "
        f"or regexp_full_match({text}, {quote(_ISO_DURATION)})) "
        f"then cast(round(({named}) / 60.0, 4) as decimal(18,4)) end"
    )
