"""What a tool's export looks like and how it maps onto the contracts: the adapter language.

Here: the typed form of an adapter. Not here: the words of `adapter.yml` (`parse`), or where
adapters are found (`load`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace

READERS_VERSION = 4  # raise it when the readers give other rows for the same file
NAME = re.compile(r"[a-z][a-z0-9_]*")
FORMATS = ("csv", "jsonl", "parquet", "xlsx", "auto")
TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(18,4)",
    "rate": "decimal(18,8)",  # more places, for what money is multiplied by
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "duration_minutes": "decimal(18,4)",
}
DURATION_UNITS = {  # to minutes
    "milliseconds": "/ 60000",
    "seconds": "/ 60",
    "minutes": "* 1",
    "hours": "* 60",
    "days": "* 1440",
    "weeks": "* 10080",
}


def name_of(label: str) -> str:
    """The name a heading gives its column: First Name is first_name, Número is numero.

    Nothing where letters would be lost on the way, so that no two scripts meet in one name.
    """
    plain = unicodedata.normalize("NFKD", label.lower())
    text = "".join(c for c in plain if not unicodedata.combining(c))
    if any(c.isalnum() and not c.isascii() for c in text):
        return ""
    text = re.sub(r"[^a-z0-9]+", "_", text).strip("_")
    return text if NAME.fullmatch(text) else ""


class AdapterError(ValueError):
    """An adapter says something that is not part of the adapter language. Exit code 2."""


@dataclass(frozen=True)
class SourceColumn:
    """One column of an export: its label there, its name and type here."""

    label: str
    name: str
    type: str
    required: bool = False  # every row has a value
    optional: bool = False  # the whole column may be absent from a file
    formats: tuple[str, ...] = ()
    unit: str | None = None
    round: bool = False
    time_zone: str | None = None
    null_markers: tuple[str, ...] = ()  # beside those of the file
    allowed: tuple[str, ...] = ()  # in any capitals; a row with another value is refused
    is_used: bool = True  # False: no mapping reads it, so that nothing in it refuses a row
    also: tuple[str, ...] = ()  # other labels of it: of an older export, of another language
    place: int | None = None  # bound by its place, from 1, where no heading tells it from others

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label it may have; a file has one of them."""
        return (self.label, *self.also)

    @property
    def duckdb_type(self) -> str:
        """The type the column has in the lake's source files."""
        return TYPES[self.type]


@dataclass(frozen=True)
class HeadingForm:
    """Where the headings of a file stand. An export may have another form than the usual one."""

    preamble_rows: int = 0
    header_rows: int = 1
    name_row: int = 1
    name_rows: tuple[int, ...] = ()  # two heading rows that name a column together
    time_zone_row: int | None = None


@dataclass(frozen=True)
class SourceFile:
    """One kind of file of an export, with the adapter's defaults filled in."""

    role: str
    paths: tuple[str, ...]
    format: str
    columns: tuple[SourceColumn, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    headings: HeadingForm = HeadingForm()
    forms: tuple[HeadingForm, ...] = ()  # other forms of its headings, tried in this order
    sheet: str | None = None  # of a workbook; without it the first
    footer: str | None = None
    unknown_columns: str = "warn"
    min_rows: int = 1
    full_extract: bool = False  # the files of a day are the whole list: what is missing is gone
    final_newline: bool = False
    key: tuple[str, ...] = ()
    time_zone: str = "UTC"
    null_markers: tuple[str, ...] = ("",)
    decimal_mark: str = "."
    thousands_mark: str | None = None

    def in_each_form(self) -> tuple[SourceFile, ...]:
        """The file with each form of its headings, the usual one first."""
        return (self, *(replace(self, headings=form) for form in self.forms))

    def fingerprint(self) -> str:
        """Changes with the declaration and the readers: files are then read again."""
        as_read = replace(self, full_extract=False)  # what its rows mean does not change them
        return hashlib.sha256(f"{READERS_VERSION} {as_read!r}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class MappingRule:
    """How rows of one kind of file become rows of one entity."""

    name: str
    source: str
    entity: str
    when: str | None = None
    constants: tuple[tuple[str, str | None], ...] = ()
    sql: str | None = None
    several: bool = False  # a row may become any number of rows of the entity


@dataclass(frozen=True)
class Adapter:
    """One tool."""

    system: str
    description: str
    files: tuple[SourceFile, ...]
    mappings: tuple[MappingRule, ...]

    def file(self, role: str) -> SourceFile:
        """The file of that role; KeyError if there is none."""
        return {f.role: f for f in self.files}[role]

    def mappings_of(self, role: str) -> tuple[MappingRule, ...]:
        """The mappings a file drives, its primary one first."""
        return tuple(m for m in self.mappings if m.source == role)
