"""Whether an adapter fits the contracts and the engine: everything wrong with it, in sentences.

Its SQL is bound against empty tables of the declared types, so that a mistake in it shows before
the first file lands. Not here: how `adapter.yml` is read (`adapters.parse`).
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from zoneinfo import available_timezones

import duckdb

from orchestration.lib.adapter_tools.draft import open_questions
from orchestration.lib.adapter_tools.sql_literals import given_texts
from orchestration.lib.adapters.load import read_adapter
from orchestration.lib.adapters.model import (
    FORMATS,
    Adapter,
    HeadingForm,
    MappingRule,
    SourceFile,
)
from orchestration.lib.base.sql import name
from orchestration.lib.contracts.contract import Contract, load_contracts
from orchestration.lib.contracts.lake_columns import LINEAGE
from orchestration.lib.ingest.cast import YEARS, value
from orchestration.lib.ingest.contract_rules import (
    mapped_select,
    mapping_query,
    shape_problems,
    zone_of,
)
from orchestration.lib.ingest.mapping import lookup_roles, on_record, typed_rows

RESERVED = tuple(LINEAGE)
Engine = duckdb.DuckDBPyConnection
Problem = tuple[str, str]  # the file at fault, a sentence
YML = "adapter.yml"
A_MOMENT = "timestamp '2031-11-23 14:45:00'"  # its day is like no other part of it
AN_EARLY_DAY = "timestamp '2004-03-02 01:00:00'"  # each of its parts may be taken for another
# What people write for {date}: another bracket, or the form the day has.
NO_DATE = re.compile(r"[(\[<%$]+date\b|\by{4}\b", re.IGNORECASE)


def check_adapter(folder: Path) -> list[str]:
    """Everything wrong with the adapter in a folder; nothing if it is sound."""
    if not (folder / "adapter.yml").is_file():
        inside = sorted(path.parent for path in folder.glob("*/adapter.yml"))
        hint = f" Did you mean {inside[0]}?" if inside else ""
        return [f"{folder} holds no adapter.yml.{hint}"]
    files = [folder / YML, *sorted(folder.glob("*.sql"))]
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in files}
    open_ = [q for path, text in texts.items() for q in open_questions(str(path), text)]
    if open_:
        return [f"{question}: answer the ?." for question in open_]
    adapter, problems = read_adapter(folder)
    if adapter is None:
        return problems
    rules = {f"{rule.name}.sql" for rule in adapter.mappings}
    problems += [
        f"{path}: no mapping is called {path.stem!r}."
        for path in sorted(folder.glob("*.sql"))
        if path.name not in rules
    ]
    return problems + [f"{folder / place}: {p}" for place, p in adapter_problems(adapter)]


def adapter_problems(adapter: Adapter) -> list[Problem]:
    """What is wrong with an adapter that could be read, and in which of its files."""
    with duckdb.connect() as engine:
        problems = [(YML, p) for file in adapter.files for p in _file_problems(file, engine)]
    return problems or [p for rule in adapter.mappings for p in _rule_problems(adapter, rule)]


def _file_problems(file: SourceFile, engine: Engine) -> Iterator[str]:
    where = f"file {file.role}"
    if file.format not in FORMATS:
        yield f"{where}: format {file.format!r} is none of {', '.join(FORMATS)}."
    if file.unknown_columns not in ("warn", "fail", "ignore"):
        yield f"{where}: unknown_columns is none of warn, fail, ignore."
    if not file.paths or not all(file.paths):
        yield f"{where}: path is empty."
    for path in file.paths:
        if path.startswith("/") or ".." in path.split("/"):
            yield f"{where}: path {path!r} leads out of the landing folder."
        if path.count("{date}") > 1 or set(re.findall(r"\{.*?\}", path)) - {"{date}"}:
            yield f"{where}: path {path!r} may hold {{date}} once and nothing else in braces."
        if NO_DATE.search(path):
            yield f"{where}: path {path!r}: the day of the extract is written {{date}}."
        if path.endswith(".gz"):
            yield f"{where}: leave .gz off the path; packed files are found anyway."
    try:
        codecs.getincrementaldecoder(file.encoding)
    except LookupError:
        yield f"{where}: encoding {file.encoding!r} is unknown."
    if len(file.delimiter) != 1 or file.delimiter in '"\r\n':
        yield f"{where}: delimiter {file.delimiter!r} must be one character, no quote or break."
    for form in (file.headings, *file.forms):
        yield from _heading_problems(form, file, where)
    yield from _form_problems(file, where)
    if file.sheet is not None and file.format not in ("xlsx", "auto"):
        yield f"{where}: sheet {file.sheet!r} belongs to workbooks; write format: xlsx."
    if file.footer is not None and (problem := _regex_problem(file.footer)):
        yield f"{where}: footer is no regular expression: {problem}."
    if len(file.decimal_mark) != 1 or file.decimal_mark == file.thousands_mark:
        yield f"{where}: number.decimal must be one character other than number.thousands."
    if file.thousands_mark is not None and len(file.thousands_mark) != 1:
        yield f"{where}: number.thousands must be one character."
    for text, count in Counter(c.name for c in file.columns).items():
        if count > 1:
            yield f"{where}: {count} columns are called {text!r}; name one of them by as: …."
        if text in RESERVED:
            yield f"{where}: a column cannot be called {text!r}; every row has one already."
    yield from (
        f"{where}: key {key!r} is no column of it."
        for key in file.key
        if key not in {c.name for c in file.columns}
    )
    yield from _column_problems(file, where, engine)


def _heading_problems(form: HeadingForm, file: SourceFile, where: str) -> Iterator[str]:
    rows = form.header_rows
    if rows == 0:
        if bare := [c.label for c in file.columns if c.place is None]:
            yield (
                f"{where}: with header_rows: 0 a column is bound by its place; add place: 1 (or "
                f"another) to {', '.join(map(repr, bare))}."
            )
        if file.format in ("jsonl", "parquet"):
            yield f"{where}: {file.format} has no heading rows; leave header_rows off."
    elif not 1 <= form.name_row <= rows:
        yield f"{where}: name_row {form.name_row} must be one of the {rows} header_rows."
    if form.name_rows and (
        len(form.name_rows) != 2 or not all(1 <= n <= rows for n in form.name_rows)
    ):
        yield f"{where}: name_rows must be two of the {rows} header_rows, as in name_rows: [1, 2]."
    if form.time_zone_row is not None and not 1 <= form.time_zone_row <= rows:
        yield f"{where}: time_zone_row {form.time_zone_row} must be one of the {rows} header_rows."


def _form_problems(file: SourceFile, where: str) -> Iterator[str]:
    """Two forms must not fit one file: with a heading row too many a row of data goes for one."""
    for one, other in combinations((file.headings, *file.forms), 2):
        named = [(f.preamble_rows, f.name_rows or (f.name_row,)) for f in (one, other)]
        if named[0] == named[1] and one.time_zone_row == other.time_zone_row:
            yield (
                f"{where}: two of its forms take their names from the same row, so one file fits "
                f"both; tell them apart by name_row, name_rows or time_zone_row."
            )


def _column_problems(file: SourceFile, where: str, engine: Engine) -> Iterator[str]:
    for column in file.columns:
        at = f"{where}, column {column.label!r}"
        zone = column.time_zone or file.time_zone
        if column.type == "timestamp" and zone not in available_timezones():
            yield f"{at}: {zone!r} is no IANA time zone."
        if column.formats and column.type not in ("date", "timestamp"):
            yield f"{at}: formats belong to dates and timestamps."
        if column.unit is not None and column.type != "duration_minutes":
            yield f"{at}: a unit belongs to duration_minutes."
        if column.place is not None and (column.place < 1 or column.also):
            yield f"{at}: place {column.place} must be 1 or more, and needs no other headings."
        if column.place is not None and (file.format == "jsonl" or _may_be_jsonl(file)):
            yield f"{at}: a JSON object has no places; leave off place: {column.place}."
        if column.round and column.type != "decimal":
            yield f"{at}: round belongs to decimals."
        if column.required and column.optional:
            yield f"{at}: it is required in every row, so it cannot be optional."
        try:
            engine.execute(f"select {value('cell', column, file)} from (select '' as cell)")
        except duckdb.Error as error:
            yield f"{at}: {_line(error)}"
            continue
        for form in column.formats if column.type in ("date", "timestamp") else ():
            if not _says_the_day(form, engine):
                yield f"{at}: format {form!r} does not say year, month and day, as %d.%m.%Y does."
        for one, other in combinations(column.formats, 2):
            if column.type in ("date", "timestamp") and (cell := _read_as_two(one, other, engine)):
                yield (
                    f"{at}: {cell!r} is one day in format {one!r} and another in {other!r}; keep "
                    f"the one this export uses."
                )


def _may_be_jsonl(file: SourceFile) -> bool:
    return file.format == "auto" and any(path.endswith(".jsonl") for path in file.paths)


def _read_as_two(one: str, other: str, engine: Engine) -> str | None:
    """A cell that both formats fit and do not agree on, if there is one."""
    for first, second in ((one, other), (other, one)):
        row = engine.execute(
            f"select strftime({AN_EARLY_DAY}, $first) as cell, "
            f"try_strptime(cell, $first) as a, try_strptime(cell, $second) as b "
            f"where a <> b and year(b) between {YEARS[0]} and {YEARS[1]}",
            {"first": first, "second": second},
        ).fetchone()
        if row:
            return str(row[0])
    return None


def _says_the_day(form: str, engine: Engine) -> bool:
    there_and_back = f"try_strptime(strftime({A_MOMENT}, $form), $form)"
    row = engine.execute(
        f"select cast({there_and_back} as date) = cast({A_MOMENT} as date)", {"form": form}
    ).fetchone()
    return bool(row and row[0])


def _rule_problems(adapter: Adapter, rule: MappingRule) -> list[Problem]:
    where = f"mapping {rule.name}"
    files = {file.role: file for file in adapter.files}
    contract = load_contracts().get(rule.entity)
    if rule.source not in files:
        return [(YML, f"{where}: from {rule.source!r} is no file of this adapter.")]
    if contract is None:
        return [(YML, f"{where}: to {rule.entity!r} is no entity of the contract.")]
    lookups = lookup_roles(adapter, rule)
    problems = [(YML, f"look-up {r!r} declares no key") for r in lookups if not files[r].key]
    problems += [(YML, p) for p in _not_allowed(contract, dict(rule.constants).items())]
    if rule.several and not rule.sql:
        problems.append((YML, f"several: true needs {rule.name}.sql, which says which rows"))
    if not problems:
        with duckdb.connect() as engine:
            problems = _sql_problems(rule, contract, files, lookups, engine)
    return [(place, f"{where}: {problem}.") for place, problem in problems]


def _sql_problems(
    rule: MappingRule,
    contract: Contract,
    files: dict[str, SourceFile],
    lookups: Sequence[str],
    engine: Engine,
) -> list[Problem]:
    """Bind `when` and the SQL against empty tables of the declared types."""
    _make_empty_tables(rule, files, lookups, engine)
    driving = files[rule.source]
    place = f"{rule.name}.sql" if rule.sql else YML
    problems = []
    try:
        engine.execute(f"select 1 from {name(rule.source)} where {rule.when or 'true'}")
    except duckdb.Error as error:
        problems.append((YML, f"when does not fit: {_line(error)}"))
    query = mapping_query(rule, driving, contract)
    try:
        described = engine.execute(f"describe {query}").fetchall()
        given = {str(row[0]): str(row[1]) for row in described}
        shape = shape_problems(rule, contract, given)
        constants = tuple(f"column {column!r}" for column, _ in rule.constants)
        problems += [(YML if p.startswith(constants) else place, p) for p in shape]
        if not shape:
            zone = zone_of(driving)
            engine.execute(mapped_select(rule, contract, given, f"({query})", "current_date", zone))
            written = given_texts(engine, query).items()
            pairs = ((column, text) for column, texts in written for text in texts)
            problems += [(place, p) for p in _not_allowed(contract, pairs)]
    except duckdb.Error as error:
        problems.append((place, f"its SQL does not fit: {_line(error)}"))
    return problems


def _make_empty_tables(
    rule: MappingRule, files: dict[str, SourceFile], lookups: Sequence[str], engine: Engine
) -> None:
    lineage = ", ".join(
        f"cast(null as {kind}) as {column}"
        for column, (kind, _) in LINEAGE.items()
        if column != "row_number"
    )
    rows = typed_rows(files[rule.source], [])
    engine.execute(f"create table {name(rule.source)} as select *, {lineage} from ({rows})")
    if table := on_record(rule):
        rows = typed_rows(files[rule.source], [])
        engine.execute(f"create table {name(table)} as select * exclude (row_number) from ({rows})")
    for role in lookups:
        rows = typed_rows(files[role], [])
        engine.execute(f"create table {name(role)} as select * exclude (row_number) from ({rows})")


def _not_allowed(contract: Contract, given: Iterable[tuple[str, str | None]]) -> list[str]:
    """Values written out in the adapter that the contract would refuse in every row."""
    allowed = {column.name: column.allowed for column in contract.columns if column.allowed}
    return [
        f"{column!r} is given {text!r}, which is none of {', '.join(allowed[column])}"
        for column, text in given
        if column in allowed and text is not None and text.strip().lower() not in allowed[column]
    ]


def _regex_problem(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return None


def _line(error: Exception) -> str:
    return " ".join(str(error).split("LINE 1:")[0].split())
