"""What a tool's export looks like and how it maps onto the contracts: the adapter language.

Here: the typed form of an adapter, and reading `adapter.yml`, which refuses every key it does not
know. Not here: whether an adapter fits the contracts (`adapter_check`), or reading a single export
(`ingest`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

BUILT_IN = Path(__file__).resolve().parents[1] / "adapters"
NAME = re.compile(r"[a-z][a-z0-9_]*")
FORMATS = ("csv", "jsonl", "parquet", "xlsx", "auto")
TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(38,10)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "duration_minutes": "decimal(38,10)",
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
        """Changes when the declaration does, so that files are read again under the new one."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


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
    from orchestration.lib.native import native_adapter  # builds on the classes above

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
    path = folder / "adapter.yml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [f"{path}: cannot be read as YAML: {error}"]
    reader = _Reader(folder, time_zone)
    adapter = reader.adapter(raw)
    return (None if reader.problems else adapter), [f"{path}: {p}" for p in reader.problems]


class _Reader:
    """Turns YAML into an Adapter and collects what is wrong instead of stopping at it."""

    def __init__(self, folder: Path, time_zone: str) -> None:
        self.folder = folder
        self.time_zone = time_zone
        self.problems: list[str] = []

    def adapter(self, raw: object) -> Adapter:
        top = self._known(
            raw,
            "the adapter",
            ("system", "description", "files"),
            ("time_zone", "null_markers", "number", "mappings"),
        )
        system = self._name(top.get("system", ""), "system")
        if system and system != self.folder.name:
            self.problems.append(f"system {system!r} must be in a folder of that name.")
        number = self._known(top.get("number", {}), "number", (), ("decimal", "thousands"))
        defaults = {
            "time_zone": str(top.get("time_zone", self.time_zone)),
            "null_markers": self._texts(top.get("null_markers", [""]), "null_markers"),
            "decimal_mark": str(number.get("decimal", ".")),
            "thousands_mark": number.get("thousands"),
        }
        files = [
            self._file(self._name(role, "a file"), body, defaults)
            for role, body in self._mapping(top.get("files"), "files").items()
        ]
        rules = self._mapping(top.get("mappings", {}), "mappings")
        mappings = [self._rule(self._name(n, "a mapping"), body) for n, body in rules.items()]
        return Adapter(system, str(top.get("description", "")), tuple(files), tuple(mappings))

    def _file(self, role: str, raw: object, defaults: Mapping[str, Any]) -> SourceFile:
        where = f"file {role}"
        simple = {
            "encoding": str,
            "time_zone": str,
            "delimiter": str,
            "preamble_rows": int,
            "header_rows": int,
            "name_row": int,
            "time_zone_row": int,
            "footer": str,
            "unknown_columns": str,
            "min_rows": int,
            "final_newline": bool,
        }
        body = self._known(raw, where, ("path", "format", "columns"), (*simple, "key"))
        given = {
            key: self._typed(body[key], kind, f"{where}, {key}")
            for key, kind in simple.items()
            if key in body
        }
        columns = self._mapping(body.get("columns"), f"{where}, columns")
        path = body.get("path", "")
        return SourceFile(
            role=role,
            paths=self._texts([path] if isinstance(path, str) else path, f"{where}, path"),
            format=str(body.get("format", "csv")),
            columns=tuple(self._column(where, str(k), v) for k, v in columns.items()),
            key=self._texts(body.get("key", []), f"{where}, key"),
            **{**defaults, **given},
        )

    def _column(self, where: str, label: str, raw: object) -> SourceColumn:
        where = f"{where}, column {label!r}"
        optional = ("required", "optional", "formats", "unit", "round", "time_zone")
        body = self._known(raw, where, ("as", "type"), optional)
        kind = str(body.get("type", ""))
        if kind and kind not in TYPES:
            self.problems.append(f"{where}: type {kind!r} is none of {', '.join(TYPES)}.")
        unit = body.get("unit")
        if unit is not None and unit not in DURATION_UNITS:
            self.problems.append(f"{where}: unit {unit!r} is none of {', '.join(DURATION_UNITS)}.")
        flags = {
            key: self._typed(body.get(key, False), bool, f"{where}, {key}")
            for key in ("required", "optional", "round")
        }
        return SourceColumn(
            label=label,
            name=self._name(body.get("as", ""), where),
            type=kind,
            formats=self._texts(body.get("formats", []), f"{where}, formats"),
            unit=unit,
            time_zone=body.get("time_zone"),
            **flags,
        )

    def _rule(self, name: str, raw: object) -> MappingRule:
        where = f"mapping {name}"
        body = self._known(raw, where, ("from", "to"), ("when", "constants"))
        constants = self._mapping(body.get("constants", {}), f"{where}, constants")
        sql = self.folder / f"{name}.sql"
        return MappingRule(
            name=name,
            source=str(body.get("from", "")),
            entity=str(body.get("to", "")),
            when=body.get("when"),
            constants=tuple((k, None if v is None else str(v)) for k, v in constants.items()),
            sql=sql.read_text(encoding="utf-8") if sql.is_file() else None,
        )

    def _known(
        self, raw: object, where: str, needed: Sequence[str], optional: Sequence[str]
    ) -> dict[str, Any]:
        body = self._mapping(raw, where)
        for key in body:
            if key not in (*needed, *optional):
                known = ", ".join((*needed, *optional))
                self.problems.append(f"{where}: key {key!r} is unknown; known are {known}.")
        for key in needed:
            if key not in body:
                self.problems.append(f"{where}: {key!r} is missing.")
        return body

    def _mapping(self, raw: object, where: str) -> dict[str, Any]:
        if isinstance(raw, dict):
            return raw
        self.problems.append(f"{where}: must be a mapping of names to values.")
        return {}

    def _texts(self, raw: object, where: str) -> tuple[str, ...]:
        if isinstance(raw, list):
            return tuple(str(item) for item in raw)
        self.problems.append(f"{where}: must be a list.")
        return ()

    def _typed(self, raw: object, kind: type, where: str) -> Any:
        if type(raw) is not kind:
            self.problems.append(f"{where}: {raw!r} must be a {kind.__name__}.")
            return kind()
        return raw

    def _name(self, raw: object, where: str) -> str:
        if not isinstance(raw, str) or not NAME.fullmatch(raw):
            self.problems.append(f"{where}: {raw!r} must be lower_snake_case.")
            return ""
        return raw
