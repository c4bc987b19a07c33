"""A first adapter for files nobody has seen: what can be told, and what has to be asked.

Keys and references are told by their values, dates and numbers by every cell. What a column means
is guessed by its heading and marked so. A `?` is a question: `cxroi adapters check` refuses the
adapter until all are answered. Here: from files to the text of an adapter. Not here: the readings
of a column (`cells`), the words (`words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import openpyxl
import pyarrow as pa

from orchestration.lib.adapter_tools.cells import Cells, cells_of, witnessed
from orchestration.lib.adapter_tools.words import NEEDED, SIGNS, VALUES, WORDS
from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.adapters.model import Adapter, SourceFile, name_of
from orchestration.lib.base.sql import name, quote
from orchestration.lib.contracts.contract import Column, load_contracts

ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx")
ENCODINGS = ("utf-8-sig", "cp1252", "cp932", "gb18030", "cp1256")
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
CUSTOMER = r"customer|client|kunde|cliente|account|user|顧客|会員"
WORD = r"[^\W\d_]+"
QUESTION = re.compile(r"""["']\?["']|-- \?""")
LEAST_OVERLAP = 0.9  # of the values of a reference that are keys of the other file
LEAST_KNOWN = 3  # columns by which a file of a known tool is told
DATES = ("date", "timestamp")
FITS = {
    "text": ("text", "integer", "boolean", *DATES),
    "integer": ("integer",),
    "decimal": ("integer", "decimal"),
    "boolean": ("boolean",),
    "date": DATES,
    "timestamp": DATES,
    "currency": ("text",),
}


class NoDraft(ValueError):
    """The folder holds nothing an adapter could be drafted from."""


@dataclass
class Kind:
    """Files with the same headings: one kind of file of the export."""

    role: str
    paths: list[Path]
    table: str
    format: str
    columns: list[Cells]
    delimiter: str = ","
    encodings: tuple[str, ...] = ("utf-8",)
    key: tuple[str, ...] = ()
    references: dict[str, tuple[Kind, str]] = field(default_factory=dict)
    entity: str | None = None
    targets: dict[str, str] = field(default_factory=dict)

    def name(self, label: str) -> str:
        """What a column is called in the adapter."""
        labels = [column.label for column in self.columns]
        return name_of(label) or f"column_{labels.index(label) + 1}"

    def cells(self, label: str) -> Cells:
        """A column by its heading."""
        return next(column for column in self.columns if column.label == label)


@dataclass(frozen=True)
class Draft:
    """The files of the adapter by name, and what a person should know."""

    files: dict[str, str]
    told: list[str]
    questions: list[str]


def draft(folder: Path, system: str, adapters: Sequence[Adapter] | None = None) -> Draft:
    """An adapter for the files of a folder that are of no tool that is known."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in ENDINGS)
    if not paths:
        raise NoDraft(f"{folder} holds no {', '.join(ENDINGS)}.")
    told: list[str] = []
    with duckdb.connect() as engine:
        kinds = _kinds(engine, folder, paths, told)
        known = load_adapters() if adapters is None else adapters
        kinds = [kind for kind in kinds if not _is_known(kind, known, told)]
        _find_keys(engine, kinds)
        _find_references(engine, kinds)
        for kind in kinds:
            _guess_entity(kind)
        _guess_customers(kinds)
        prefixed = _colliding(engine, kinds)
        files = {"adapter.yml": _yml(engine, system, folder, kinds)}
        files |= {f"{k.role}.sql": _sql(k, prefixed) for k in kinds if k.entity}
    told += [_told(kind) for kind in kinds]
    questions = [
        question for file, text in files.items() for question in open_questions(file, text)
    ]
    return Draft(files if kinds else {}, told, questions)


def open_questions(file: str, text: str) -> list[str]:
    """The lines of a file of an adapter that hold a ? to be answered."""
    return [
        f"{file}, line {number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if QUESTION.search(line)
    ]


def _kinds(
    engine: duckdb.DuckDBPyConnection, folder: Path, paths: Sequence[Path], told: list[str]
) -> list[Kind]:
    found: dict[tuple[str, ...], Kind] = {}
    for path in paths:
        table = f"file_{len(found)}"
        try:
            form, delimiter, encodings = _load(engine, table, path)
        except (duckdb.Error, UnicodeDecodeError, ValueError) as error:
            told.append(f"{path.relative_to(folder)} cannot be read: {str(error).splitlines()[0]}")
            continue
        labels = tuple(row[0] for row in engine.execute(f"describe {table}").fetchall())
        if labels in found:
            engine.execute(f"insert into {found[labels].table} select * from {table}")
            found[labels].paths.append(path.relative_to(folder))
            continue
        found[labels] = Kind("", [path.relative_to(folder)], table, form, [], delimiter, encodings)
    _name(list(found.values()))
    for labels, kind in found.items():
        kind.columns = [cells_of(engine, kind.table, label) for label in labels]
    return list(found.values())


def _name(kinds: Sequence[Kind]) -> None:
    """By the name of the file, without days, numbers and words that most of the names share."""
    words = [re.findall(WORD, kind.paths[0].stem) for kind in kinds]
    for place in (0, -1):
        ends = [w[place] for w in words if w]
        most = max(ends, key=ends.count, default="")
        if ends.count(most) > max(1, len(kinds) // 2):
            for w in words:
                if len(w) > 1 and w[place] == most:
                    w.pop(place)
    for number, (kind, left) in enumerate(zip(kinds, words, strict=True), 1):
        role = name_of(" ".join(left)) or f"file_{number}"
        is_taken = role in {other.role for other in kinds}
        kind.role = f"{role}_{number}" if is_taken else role


def _load(
    engine: duckdb.DuckDBPyConnection, table: str, path: Path
) -> tuple[str, str, tuple[str, ...]]:
    """A file as a table of texts: its format, delimiter and the encodings that fit its bytes."""
    ending = path.suffix.lower()
    if ending == ".parquet":
        engine.execute(f"create or replace table {table} as from read_parquet({quote(path)})")
        _as_texts(engine, table)
        return "parquet", ",", ("utf-8",)
    if ending in (".jsonl", ".ndjson"):
        engine.execute(
            f"create or replace table {table} as from read_json({quote(path)},"
            " format = 'newline_delimited', sample_size = -1)"
        )
        _as_texts(engine, table)
        return "jsonl", ",", ("utf-8",)
    if ending == ".xlsx":
        _load_workbook(engine, table, path)
        return "xlsx", ",", ("utf-8",)
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        fitting: tuple[str, ...] = ("utf-16",)
    else:
        fitting = tuple(e for e in ENCODINGS if _decodes(raw, e))
        fitting = fitting[:1] if fitting[:1] == ("utf-8-sig",) else fitting
    if not fitting:
        raise ValueError("its bytes are of no encoding that is tried")
    with TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy.csv"
        copy.write_text(raw.decode(fitting[0]), encoding="utf-8", newline="")
        sniffed = engine.execute(
            "select delimiter from sniff_csv(?, sample_size = -1)", [str(copy)]
        ).fetchone()
        delimiter = str(sniffed[0]) if sniffed else ","
        engine.execute(
            f"create or replace table {table} as from read_csv({quote(copy)}, header = true,"
            f" all_varchar = true, sample_size = -1, delim = {quote(delimiter)})"
        )
    return "csv", delimiter, tuple("utf-8" if e == "utf-8-sig" else e for e in fitting)


def _load_workbook(engine: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    rows = [["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)]
    if not rows:
        raise ValueError("its first sheet is empty")
    columns = {heading: [row[i] for row in rows[1:]] for i, heading in enumerate(rows[0])}
    engine.register("cells", pa.table(columns))
    engine.execute(f"create or replace table {table} as from cells")
    engine.unregister("cells")


def _as_texts(engine: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = [row[0] for row in engine.execute(f"describe {table}").fetchall()]
    texts = ", ".join(f"cast({name(c)} as varchar) as {name(c)}" for c in columns)
    engine.execute(f"create or replace table {table} as select {texts} from {table}")


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_known(kind: Kind, adapters: Sequence[Adapter], told: list[str]) -> bool:
    """Whether a tool's adapter reads such files: all it requires is there, and enough of it."""
    labels = {column.label for column in kind.columns}
    claims = {
        (adapter.system, file.role): known
        for adapter in adapters
        for file in adapter.files
        if (known := _known_columns(file, labels)) >= LEAST_KNOWN
    }
    if not claims:
        return False
    best = max(claims.values())
    system, role = min(claim for claim, known in claims.items() if known == best)
    if 2 * best < len(labels):
        return False
    told.append(
        f"{kind.paths[0]} has {best} of the columns of {system} ({role}): put it below "
        f"landing/{system} as orchestration/adapters/{system}/README.md says"
        if system != "native"
        else f"{kind.paths[0]} has the columns of the contract {role}: put it into "
        f"landing/native/<day>/{role}.csv"
    )
    return True


def _known_columns(file: SourceFile, labels: set[str]) -> int:
    """How many columns of a declared file are there; 0 if one is not that has to be."""
    there = [not labels.isdisjoint(column.labels) for column in file.columns]
    must = [h for h, c in zip(there, file.columns, strict=True) if not c.optional]
    return sum(there) if must and all(must) else 0


def _find_keys(engine: duckdb.DuckDBPyConnection, kinds: Sequence[Kind]) -> None:
    """The first column, or the first two together, that differ in every row."""
    for kind in kinds:
        row = engine.execute(f"select count(*) from {kind.table}").fetchone()
        assert row is not None
        total = row[0]
        whole = [c for c in kind.columns if c.count == total and c.kind not in ("decimal", *DATES)]
        single = next((c for c in whole if c.distinct == total and total > 1), None)
        if single:
            kind.key = (single.label,)
            continue
        for one, other in combinations(whole[:6], 2):
            pair = f"select distinct {name(one.label)}, {name(other.label)} from {kind.table}"
            found = engine.execute(f"select count(*) from ({pair})").fetchone()
            if found and found[0] == total > 1:
                kind.key = (one.label, other.label)
                break


def _find_references(engine: duckdb.DuckDBPyConnection, kinds: Sequence[Kind]) -> None:
    """Columns nearly all of whose values are keys of another file."""
    for kind, other in ((k, o) for k in kinds for o in kinds if k is not o and len(o.key) == 1):
        [key] = other.key
        for column in kind.columns:
            is_like_a_key = column.distinct > 1 and column.kind in ("text", "integer")
            if not is_like_a_key or (column.values and column.label != key):
                continue
            if column.kind == "integer" and _words_of(column.label) != _words_of(key):
                continue  # small numbers are in every numbering
            found = engine.execute(
                f"select avg(cast(c in (select trim({name(key)}) from {other.table}) as integer))"
                f" from (select distinct trim({name(column.label)}) as c from {kind.table})"
                " where c <> ''"
            ).fetchone()
            if found and (found[0] or 0) >= LEAST_OVERLAP and column.label not in kind.references:
                kind.references[column.label] = (other, key)


def _words_of(label: str) -> set[str]:
    return set(re.findall(WORD, label.lower()))


def _guess_entity(kind: Kind) -> None:
    """The entity most of whose columns have their words in the headings, with values that fit."""
    best = 0
    for entity, words in WORDS.items():
        contract = load_contracts()[entity]
        targets: dict[str, str] = {}
        for target, pattern in words.items():
            wanted = FITS[contract.column(target).type]
            for column in kind.columns:
                taken = column.label in (*kind.key, *kind.references, *targets.values())
                fits = column.count > 0 and column.kind in wanted
                if not taken and fits and re.search(pattern, column.label.lower()):
                    targets[target] = column.label
                    break
        if entity == "customers" and any(
            k.entity == "customers" for k, _ in kind.references.values()
        ):
            continue
        lacking = [n for n in NEEDED.get(entity, ()) if n not in targets]
        signs = sum(sign in targets for sign in SIGNS[entity])
        score = len(targets) + signs if signs and not lacking else 0
        if score > best:
            best, kind.entity, kind.targets = score, entity, targets


def _guess_customers(kinds: Sequence[Kind]) -> None:
    """Where no file looks like one of customers: the one whose key is called so."""
    if not any(kind.entity == "customers" for kind in kinds):
        for kind in kinds:
            if len(kind.key) == 1 and re.search(CUSTOMER, kind.key[0].lower()):
                kind.entity, kind.targets = "customers", {}
                return


def _colliding(engine: duckdb.DuckDBPyConnection, kinds: Sequence[Kind]) -> set[str]:
    """Roles whose ids need a prefix: of one id the entity keeps one record.

    Customers, to whom others refer, where they share ids; other kinds wherever an entity has two.
    """
    entities = [kind.entity for kind in kinds]
    found = {
        kind.role
        for kind in kinds
        if kind.entity not in (None, "customers") and entities.count(kind.entity) > 1
    }
    customers = [k for k in kinds if k.entity == "customers" and len(k.key) == 1]
    for one, other in combinations(customers, 2):
        shared = engine.execute(
            f"select 1 from {one.table} where {name(one.key[0])} in "
            f"(select {name(other.key[0])} from {other.table}) limit 1"
        ).fetchone()
        if shared:
            found |= {one.role, other.role}
    return found


def _yml(
    engine: duckdb.DuckDBPyConnection, system: str, folder: Path, kinds: Sequence[Kind]
) -> str:
    lines = [
        f"# Drafted from {folder.name}. Every ? is a question; answer it and take the ? away.",
        f"system: {system}",
        'description: "?"  # what the tool is, and how the files are exported',
        'time_zone: "?"  # IANA zone of its times, such as Europe/Berlin',
        *_number(kinds),
        "files:",
    ]
    for kind in kinds:
        lines += _file(engine, kind)
    lines.append("mappings:")
    for kind in kinds:
        if kind.entity:
            lines.append(f"  {kind.role}: {{from: {kind.role}, to: {kind.entity}}}  # guess")
        else:
            lines.append(f"  # {kind.role}: no entity was told; see expectations/contracts")
    return "\n".join(lines) + "\n"


def _number(kinds: Sequence[Kind]) -> Iterator[str]:
    """The marks of the numbers that are text: one declaration for all files of a tool."""
    found = {
        column.marks
        for kind in kinds
        if kind.format == "csv"
        for column in kind.columns
        if column.kind == "decimal"
    }
    fitting = [mark for mark in ("point", "comma") if all(mark in marks for marks in found)]
    if found and fitting == ["comma"]:
        yield 'number: {decimal: ",", thousands: "."}'
    elif found and fitting != ["point"]:
        said = "fit a point and a comma" if fitting else "have a point here and a comma there"
        yield f'number: {{decimal: "?"}}  # its numbers {said}'


def _file(engine: duckdb.DuckDBPyConnection, kind: Kind) -> Iterator[str]:
    yield f"  {kind.role}:"
    yield f"    path: {_path(kind)}"
    yield f"    format: {kind.format}"
    if len(kind.encodings) > 1:
        yield f'    encoding: "?"  # its bytes fit {", ".join(kind.encodings)}'
    elif kind.encodings[0] != "utf-8":
        yield f"    encoding: {kind.encodings[0]}"
    if kind.format == "csv" and kind.delimiter != ",":
        yield f"    delimiter: {_text(kind.delimiter)}"
    if kind.key:
        yield f"    key: [{', '.join(kind.name(label) for label in kind.key)}]"
    yield "    columns:"
    used = set(kind.targets.values())
    for column in kind.columns:
        yield f"      {_column(engine, kind, column, column.label in used)}"


def _path(kind: Kind) -> str:
    """Days as {date}, other numbers that differ from file to file as a star."""
    shown = {DATED.sub("{date}", path.as_posix(), count=1) for path in kind.paths}
    if len(shown) > 1:
        shown = {re.sub(r"[0-9]+", "*", path) for path in shown}
    return f"[{', '.join(map(_text, sorted(shown)))}]" if len(shown) > 1 else _text(*shown)


def _column(engine: duckdb.DuckDBPyConnection, kind: Kind, column: Cells, is_used: bool) -> str:
    named = kind.name(column.label)
    parts = [] if named == name_of(column.label) else [f"as: {named}"]
    note = ""
    is_id = column.label in (*kind.key, *kind.references)
    type_ = "text" if is_id else column.kind
    parts.append(f"type: {type_}")
    if type_ in DATES and column.days != (("%Y-%m-%d",),):
        days = witnessed(engine, kind.table, column, kind.columns)
        if len(days) == 1:
            parts.append(f"formats: [{', '.join(map(_text, days[0]))}]")
        elif is_used:
            parts.append('formats: ["?"]')
            fitting = " or ".join(f"[{', '.join(map(_text, forms))}]" for forms in days)
            note = f"  # every cell fits {fitting}"
        else:
            parts[-1] = "type: text"
    if column.nothing:
        parts.append(f"null_markers: [{', '.join(map(_text, column.nothing))}]")
        note += "  # guess: no value"
    if column.odd is not None:
        note += f"  # not {column.odd!r}, and perhaps others: such rows are refused"
    if column.label in kind.key:
        parts.append("required: true")
    return f"{_text(column.label)}: {{{', '.join(parts)}}}{note}"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def _sql(kind: Kind, prefixed: set[str]) -> str:
    """The mapping: keys and references, guessed columns, and a ? for what the contract asks for."""
    assert kind.entity is not None
    contract = load_contracts()[kind.entity]
    joins: dict[str, str] = {}
    lines = [f"{kind.role}.row_number"]
    notes = [""]

    def add(target: str, expression: str, note: str) -> None:
        lines.append(f"{expression} as {target}")
        notes.append(note)

    for column in contract.columns:
        if column.name == contract.key[0]:
            add(
                column.name,
                _id(kind, prefixed),
                "" if kind.key else "? no column is a key",
            )
        elif column.references == "customers" and column.name == "customer_id":
            add(column.name, *_customer(kind, prefixed, joins))
        elif column.name == "billing_period" and _is_monthly(kind):
            add(column.name, "'month'", "guess: the amount is of a month")
        elif column.name in kind.targets:
            label = kind.targets[column.name]
            add(column.name, *_value(kind, label, column))
        elif column.name in ("created_at", "occurred_at") and (found := _joined_date(kind, joins)):
            add(column.name, found, "guess: of the record it refers to")
        elif column.required or column.name == "customer_kind":
            add(column.name, "'?'", _question(column))
    read = {*kind.targets.values(), *kind.key, *kind.references}
    unread = [column.label for column in kind.columns if column.label not in read]
    body = [
        f"    {line}{',' if i + 1 < len(lines) else ''}" + (f"  -- {note}" if note else "")
        for i, (line, note) in enumerate(zip(lines, notes, strict=True))
    ]
    head = [f"-- Grain: one row per row of {kind.role}."]
    if unread:
        head.append(f"-- Not read: {', '.join(unread)}.")
    return "\n".join([*head, "select", *body, f"from {kind.role}", *joins.values()]) + "\n"


def _id(kind: Kind, prefixed: set[str]) -> str:
    parts = [f"{kind.role}.{kind.name(label)}" for label in kind.key] or ["'?'"]
    return _prefix(kind, prefixed) + " || '-' || ".join(parts)


def _prefix(kind: Kind, prefixed: set[str]) -> str:
    """What goes before an id of the kind, its own and where others refer to it."""
    return f"'{kind.role}-' || " if kind.role in prefixed else ""


def _customer(kind: Kind, prefixed: set[str], joins: dict[str, str]) -> tuple[str, str]:
    """The customer, by a reference, or by that of the record the row refers to."""
    for label, (other, _) in kind.references.items():
        if other.entity == "customers":
            own = f"{kind.role}.{kind.name(label)}"
            return _prefix(other, prefixed) + own, f"{other.role} has these ids"
    for label, (other, key) in kind.references.items():
        for further, (customers, _) in other.references.items():
            if customers.entity == "customers":
                _join(kind, label, other, key, joins)
                theirs = f"{other.role}.{other.name(further)}"
                return _prefix(customers, prefixed) + theirs, f"of its {other.role}"
    for column in kind.columns:
        if re.search(CUSTOMER, column.label.lower()) and column.kind in ("text", "integer"):
            return f"{kind.role}.{kind.name(column.label)}", "guess: no file has these ids as key"
    return "cast(null as varchar)", "? no column holds ids of customers"


def _joined_date(kind: Kind, joins: dict[str, str]) -> str | None:
    for label, (other, key) in kind.references.items():
        date = next((c for c in other.columns if c.kind in DATES and len(c.days) == 1), None)
        if date:
            _join(kind, label, other, key, joins)
            return f"{other.role}.{other.name(date.label)}"
    return None


def _join(kind: Kind, label: str, other: Kind, key: str, joins: dict[str, str]) -> None:
    joins[other.role] = (
        f"left join {other.role} on {other.role}.{other.name(key)} = {kind.role}.{kind.name(label)}"
    )


def _is_monthly(kind: Kind) -> bool:
    """An amount of a month is one whatever the customer is billed by."""
    label = kind.targets.get("recurring_amount", "").lower()
    return re.search(r"mrr|month|monat|mensual|mensuel|月", label) is not None


def _value(kind: Kind, label: str, column: Column) -> tuple[str, str]:
    given = f"{kind.role}.{kind.name(label)}"
    if not column.allowed:
        return given, "guess"
    known = VALUES.get(column.name, {})
    cases = []
    for value in kind.cells(label).values:
        meant = known.get(value.lower(), value.lower())
        cases.append(
            f"when {quote(value.lower())} then {quote(meant if meant in column.allowed else '?')}"
        )
    if not cases:
        return "'?'", f"{label} has too many values for {', '.join(column.allowed)}"
    text = f"case lower(trim({given}))\n        " + "\n        ".join(cases) + "\n    end"
    return text, f"guess; one of {', '.join(column.allowed)}"


def _question(column: Column) -> str:
    return f"one of {', '.join(column.allowed)}" if column.allowed else column.description


def _told(kind: Kind) -> str:
    refers = [f"{label} refers to {other.role}" for label, (other, _) in kind.references.items()]
    key = f"key {', '.join(kind.key)}" if kind.key else "no key"
    what = f"taken for {kind.entity}" if kind.entity else "no entity takes it"
    return f"{', '.join(map(str, kind.paths))}: {what}; " + "; ".join([key, *refers])
