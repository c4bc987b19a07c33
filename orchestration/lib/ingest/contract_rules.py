"""The contract's rules as SQL over the rows a mapping gives.

Here: types, required, allowed, minimum and maximum, not after the extract, and what the columns of
a row must be together. Not here: keys, which need the other rows (`mapping`), and references, which
need the other entities (the warehouse).
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.lib.adapters.model import MappingRule, SourceFile
from orchestration.lib.base.sql import name, quote
from orchestration.lib.contracts.contract import CURRENCY, Column, Contract
from orchestration.lib.ingest.cast import BLANKS

INEXACT = ("DOUBLE", "FLOAT")


def zone_of(file: SourceFile) -> str:
    """The zone of a file's days: that of its date columns if they name one, or the file's own."""
    named = {c.time_zone for c in file.columns if c.type == "date" and c.time_zone}
    return named.pop() if len(named) == 1 else file.time_zone


def mapping_query(rule: MappingRule, driving: SourceFile, contract: Contract) -> str:
    """The mapping's SQL; without a file of SQL, the columns that have the same name."""
    if rule.sql:
        return rule.sql.strip().rstrip(";")
    have = {column.name for column in driving.columns}
    shared = [c.name for c in contract.columns if c.name in have]
    return f"select {', '.join(map(name, ['row_number', *shared]))} from {name(rule.source)}"


def shape_problems(rule: MappingRule, contract: Contract, given: Mapping[str, str]) -> list[str]:
    """What is wrong with the columns a mapping gives, by name and engine type."""
    constants = dict(rule.constants)
    known = {c.name for c in contract.columns}
    problems = [
        f"column {column!r} is not in the contract of {contract.entity}"
        for column in (*given, *constants)
        if column not in known and column != "row_number"
    ]
    problems += [f"column {c!r} is both in the SQL and a constant" for c in constants if c in given]
    if "row_number" not in given:
        problems.append("row_number is not selected")
    for column in contract.columns:
        if column.required and column.name not in given and column.name not in constants:
            problems.append(f"required column {column.name!r} is not mapped")
        if column.type in ("decimal", "integer") and given.get(column.name) in INEXACT:
            problems.append(
                f"column {column.name!r} is a floating-point number; cast it to a decimal"
            )
    return problems


def mapped_select(
    rule: MappingRule,
    contract: Contract,
    given: Mapping[str, str],
    table: str,
    extract_date: str,
    zone: str,
) -> str:
    """SQL over what the mapping gave: row_number, every contract column typed, and _problem.

    `zone`: in which a day given for a moment begins, and whose day a moment given for a day is of.
    """
    constants = {column: quote(text) for column, text in rule.constants if text is not None}
    raws, values, problems = [], [], []
    for i, column in enumerate(contract.columns):
        raw = name(column.name) if column.name in given else constants.get(column.name, "null")
        raws.append(f"{raw} as _r{i}")
        values.append(
            f"{_typed(f'_r{i}', column, given.get(column.name), zone)} as {name(column.name)}"
        )
        problems += _problems(f"_r{i}", column, extract_date)
    # Last: what a rule says of two columns means little where one of them does not fit.
    problems += [_refused(f"not ({r.holds})", r.column, r.reason) for r in contract.rules]
    first = f"coalesce({', '.join(problems)})"
    columns = ", ".join(name(c.name) for c in contract.columns)
    return (
        f"with given as (select row_number, {', '.join(raws)} from {table}), "
        f"typed as (select *, {', '.join(values)} from given) "
        f"select row_number, {columns}, {first} as _problem from typed"
    )


def _typed(raw: str, column: Column, given: str | None, zone: str) -> str:
    if column.type == "timestamp" and given == "DATE":
        return f"timezone('UTC', timezone({quote(zone)}, cast({raw} as timestamp)))"
    if column.type == "date" and given == "TIMESTAMP":
        return f"cast(timezone({quote(zone)}, timezone('UTC', {raw})) as date)"
    if column.allowed:  # Treated is treated
        return f"nullif(lower(trim(cast({raw} as varchar), {quote(BLANKS)})), '')"
    if column.type == "text":
        return f"nullif(cast({raw} as varchar), '')"
    if column.type == "currency":  # exports write usd and " USD" for the same money
        return f"nullif(upper(trim(cast({raw} as varchar), {quote(BLANKS)})), '')"
    return f"try_cast({raw} as {column.duckdb_type})"


def _problems(raw: str, column: Column, extract_date: str) -> list[str]:
    typed = name(column.name)
    rules: list[tuple[str, str]] = []
    if column.type == "currency":
        said = "is no currency code of three letters, such as EUR (ISO 4217)"
        rules.append((f"not regexp_full_match({typed}, {quote(CURRENCY)})", said))
    elif column.type != "text":
        rules.append((f"{raw} is not null and {typed} is null", f"does not fit {column.type}"))
    if column.type == "decimal":
        places = column.duckdb_type.rstrip(")").rsplit(",", maxsplit=1)[-1]
        rules.append((f"{typed} <> {raw}", f"has more than {places} decimal places"))
    if column.type == "integer":
        rules.append((f"{typed} <> {raw}", "is no whole number"))
    if column.required:
        rules.append((f"{typed} is null", "is missing"))
    if column.allowed:
        allowed = ", ".join(map(quote, column.allowed))
        rules.append((f"{typed} not in ({allowed})", f"is none of {', '.join(column.allowed)}"))
    if column.min is not None:
        rules.append((f"{typed} < {column.min}", f"is below {column.min}"))
    if column.max is not None:
        rules.append((f"{typed} > {column.max}", f"is above {column.max}"))
    if column.not_after_extract:
        # A day of grace: the day of the extract ends later somewhere else on earth.
        late = f"{typed} >= {extract_date} + interval 2 day"
        rules.append((late, "lies after the day of the extract"))
    return [_refused(condition, column.name, reason) for condition, reason in rules]


def _refused(condition: str, column: str, reason: str) -> str:
    text = f"{{'column_name': {quote(column)}, 'reason': {quote(reason)}}}"
    return f"case when {condition} then {text} end"
