"""Writing to the lake so that a crash at any moment leaves either the old state or the new one.

Every file is written under a temporary name, flushed to disk and renamed; names follow from
content, so a second attempt writes the same files again and needs no clean-up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.lib.base.files import sync_file, sync_folder


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path` once the block has succeeded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    yield temporary
    sync_file(temporary)
    temporary.replace(path)
    sync_folder(path.parent)


def write_json(path: Path, body: dict[str, Any]) -> None:
    """Write a small record whole."""
    with whole(path) as temporary:
        text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a record back."""
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body
