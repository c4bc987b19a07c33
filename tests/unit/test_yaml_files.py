"""YAML says nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = {"var", "build", "node_modules"}


def files(*suffixes: str) -> list[Path]:
    """The project's own files: hidden folders, environments and what runs write are not."""
    found = [path for path in ROOT.rglob("*") if path.suffix in suffixes and path.is_file()]
    return [path for path in found if not _is_foreign(path.relative_to(ROOT))]


def _is_foreign(path: Path) -> bool:
    return any(part.startswith(".") or part in FOREIGN for part in path.parts[:-1])


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, of which YAML silently drops the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # Of scalars the text, so that `<<`, which merges another mapping in, is a key like any.
        keys = [getattr(key, "value", key) for key, _ in node.value]
        if twice := {str(key) for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(
                None, None, f"twice: {', '.join(twice)}", node.start_mark
            )
        return super().construct_mapping(node, deep)


def test_every_yaml_file_can_be_read_and_says_nothing_twice() -> None:
    found = files(".yml", ".yaml")
    assert len(found) > 100
    wrong = []
    for path in found:
        try:
            for _ in yaml.load_all(path.read_text(encoding="utf-8"), Strict):  # a SafeLoader
                pass
        except yaml.YAMLError as error:
            wrong.append(f"{path.relative_to(ROOT)}: {error}")
    assert wrong == []


def test_the_reader_here_sees_a_key_that_stands_twice() -> None:
    with pytest.raises(yaml.YAMLError, match="twice: b"):
        yaml.load("a: {b: 1, c: 2, b: 3}", Strict)
    assert yaml.load("{a: &a {b: 1}, c: {<<: *a, b: 2}}", Strict)["c"] == {"b": 2}
