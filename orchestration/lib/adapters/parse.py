"""The words of `adapter.yml`: every key that is not part of the language is refused, by name.

Here: from parsed YAML to the typed form. Not here: whether it fits the contracts (`adapter_tools`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestration.lib.adapters.model import (
    DURATION_UNITS,
    NAME,
    TYPES,
    Adapter,
    HeadingForm,
    MappingRule,
    SourceColumn,
    SourceFile,
    name_of,
)
from orchestration.lib.contracts.contract import load_contracts

HEADINGS = {"preamble_rows": int, "header_rows": int, "name_row": int, "time_zone_row": int}


def _with_unused_columns(file: SourceFile, rules: Sequence[MappingRule]) -> SourceFile:
    """The file with those columns marked that no mapping speaks of."""
    texts = [f"{rule.sql} {rule.when or ''}" for rule in rules if rule.sql]
    texts += [
        f"{' '.join(c.name for c in load_contracts()[rule.entity].columns)} {rule.when or ''}"
        for rule in rules
        if not rule.sql and rule.source == file.role and rule.entity in load_contracts()
    ]
    words = {word for text in texts for word in re.findall(r"\w+", text.lower())}
    is_read = file.role in words or any(rule.source == file.role for rule in rules)
    # A star may be all columns; counting rows is not.
    if not is_read or any(re.search(r"(?<!count\()\*", text.lower()) for text in texts):
        return file
    used = words.union(file.key)
    columns = (replace(column, is_used=column.name in used) for column in file.columns)
    return replace(file, columns=tuple(columns))


class AdapterReader:
    """Turns YAML into an Adapter and collects what is wrong instead of stopping at it."""

    def __init__(self, folder: Path, time_zone: str) -> None:
        """Read for a folder, whose SQL files belong to it, and a company's time zone."""
        self.folder = folder
        self.time_zone = time_zone
        self.problems: list[str] = []

    def adapter(self, raw: object) -> Adapter:
        """The adapter as far as it can be understood; the rest is in `problems`."""
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
        files = [_with_unused_columns(file, mappings) for file in files]
        return Adapter(system, str(top.get("description", "")), tuple(files), tuple(mappings))

    def _file(self, role: str, raw: object, defaults: Mapping[str, Any]) -> SourceFile:
        where = f"file {role}"
        simple = {
            "encoding": str,
            "time_zone": str,
            "delimiter": str,
            "sheet": str,
            "footer": str,
            "unknown_columns": str,
            "min_rows": int,
            "full_extract": bool,
            "final_newline": bool,
        }
        optional = (*simple, *HEADINGS, "name_rows", "forms", "key")
        body = self._known(raw, where, ("path", "format", "columns"), optional)
        given = {
            key: self._typed(body[key], kind, f"{where}, {key}")
            for key, kind in simple.items()
            if key in body
        }
        columns = self._mapping(body.get("columns"), f"{where}, columns")
        path = body.get("path", "")
        others = body.get("forms", [])
        if not isinstance(others, list):
            self.problems.append(
                f"{where}: forms must be a list such as [{{header_rows: 2, name_row: 2}}]."
            )
            others = []
        forms = [self._known(o, f"{where}, forms", (), (*HEADINGS, "name_rows")) for o in others]
        return SourceFile(
            role=role,
            paths=self._texts([path] if isinstance(path, str) else path, f"{where}, path"),
            format=str(body.get("format", "csv")),
            columns=tuple(self._column(where, str(k), v) for k, v in columns.items()),
            key=self._texts(body.get("key", []), f"{where}, key"),
            headings=self._headings(where, body),
            forms=tuple(self._headings(f"{where}, forms", form) for form in forms),
            **{**defaults, **given},
        )

    def _headings(self, where: str, body: Mapping[str, Any]) -> HeadingForm:
        given = {
            key: self._typed(body[key], kind, f"{where}, {key}")
            for key, kind in HEADINGS.items()
            if key in body
        }
        rows = body.get("name_rows", [])
        together = tuple(self._typed(row, int, f"{where}, name_rows") for row in rows)
        return HeadingForm(name_rows=together, **given)

    def _column(self, where: str, label: str, raw: object) -> SourceColumn:
        where = f"{where}, column {label!r}"
        lists = ("formats", "also", "null_markers", "allowed")
        optional = ("as", "required", "optional", "unit", "round", "time_zone", "place")
        body = self._known(raw, where, ("type",), (*optional, *lists))
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
        texts: dict[str, Any] = {
            key: self._texts(body.get(key, []), f"{where}, {key}") for key in lists
        }
        name = name_of(label)
        if "as" in body:
            name = self._name(body["as"], where)
        elif not name:
            self.problems.append(f"{where}: its heading makes no name; add one, as: some_name.")
        place = self._typed(body["place"], int, f"{where}, place") if "place" in body else None
        return SourceColumn(
            label=label,
            name=name,
            place=place,
            type=kind,
            unit=unit,
            time_zone=body.get("time_zone"),
            **flags,
            **texts,
        )

    def _rule(self, name: str, raw: object) -> MappingRule:
        where = f"mapping {name}"
        body = self._known(raw, where, ("from", "to"), ("when", "constants", "several"))
        constants = self._mapping(body.get("constants", {}), f"{where}, constants")
        sql = self.folder / f"{name}.sql"
        return MappingRule(
            name=name,
            source=str(body.get("from", "")),
            entity=str(body.get("to", "")),
            when=body.get("when"),
            constants=tuple((k, None if v is None else str(v)) for k, v in constants.items()),
            sql=sql.read_text(encoding="utf-8") if sql.is_file() else None,
            several=self._typed(body.get("several", False), bool, f"{where}, several"),
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
