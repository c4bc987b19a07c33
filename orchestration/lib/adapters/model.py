"""What a tool's export looks like and how it maps onto the contracts: the adapter language.

Here: the typed form of an adapter, and finding adapters. Not here: the words of `adapter.yml`
(`adapter_reader`), whether an adapter fits the contracts (`adapter_check`), or reading a single
export (`ingest`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

READERS_VERSION = 1  # raise it when the readers give other rows for the same file
BUILT_IN = Path(__file__).resolve().parents[2] / "adapters"
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
DURATION_UNITS = {"seconds": "/ 60", "minutes": "* 1", "hours": "* 60"}  # to minutes


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

    @property
    def duckdb_type(self) -> str:
        """The type the column has in the lake's source files."""
        return TYPES[self.type]


@dataclass(frozen=True)
class SourceFile:
    """One kind of file of an export, with the adapter's defaults filled in."""

    role: str
    paths: tuple[str, ...]
    format: str
    columns: tuple[SourceColumn, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    preamble_rows: int = 0
    header_rows: int = 1
    name_row: int = 1
    time_zone_row: int | None = None
    footer: str | None = None
    unknown_columns: str = "warn"
    min_rows: int = 1
    final_newline: bool = False
    key: tuple[str, ...] = ()
    time_zone: str = "UTC"
    null_markers: tuple[str, ...] = ("",)
    decimal_mark: str = "."
    thousands_mark: str | None = None

    def fingerprint(self) -> str:
        """Changes with the declaration and the readers: files are then read again."""
        return hashlib.sha256(f"{READERS_VERSION} {self!r}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class MappingRule:
    """How rows of one kind of file become rows of one entity."""

    name: str
    source: str
    entity: str
    when: str | None = None
    constants: tuple[tuple[str, str | None], ...] = ()
    sql: str | None = None


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


def load_adapters(
    extra_folders: Iterable[Path] = (), time_zone: str = "UTC"
) -> tuple[Adapter, ...]:
    """Every adapter by name of its system; one in an extra folder replaces the built-in one.

    An extra folder holds adapter folders, or is one itself. `time_zone` is that of the company:
    local times of an adapter that names no zone are in it.
    """
    from orchestration.lib.adapters.native import native_adapter  # builds on the classes above

    found = {"native": native_adapter()}
    for folder in (BUILT_IN, *extra_folders):
        for home in adapter_folders(folder):
            adapter, problems = read_adapter(home, time_zone)
            if adapter is None or problems:
                raise AdapterError("\n".join(problems))
            found[adapter.system] = adapter
    return tuple(found[name] for name in sorted(found))


def adapter_folders(folder: Path) -> list[Path]:
    """The adapter folders in a folder, or the folder itself if it is one."""
    if (folder / "adapter.yml").is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob("*/adapter.yml"))


def read_adapter(folder: Path, time_zone: str = "UTC") -> tuple[Adapter | None, list[str]]:
    """The adapter in a folder, and everything that is wrong with how it is written."""
    from orchestration.lib.adapters.parse import AdapterReader  # builds on the classes above

    path = folder / "adapter.yml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"]
    reader = AdapterReader(folder, time_zone)
    adapter = reader.adapter(raw)
    return (None if reader.problems else adapter), [f"{path}: {p}" for p in reader.problems]
