"""Find the adapters of an installation: the native one, the built-in ones, a company's own.

Here: folders, and which adapter wins. Not here: the words of `adapter.yml` (`parse`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import yaml

from orchestration.lib.adapters.model import Adapter, AdapterError
from orchestration.lib.adapters.native import native_adapter
from orchestration.lib.adapters.parse import AdapterReader

BUILT_IN = Path(__file__).resolve().parents[2] / "adapters"


def load_adapters(
    extra_folders: Iterable[Path] = (), time_zone: str = "UTC", full_extracts: Iterable[str] = ()
) -> tuple[Adapter, ...]:
    """Every adapter by name of its system; one in an extra folder replaces the built-in one.

    An extra folder holds adapter folders, or is one itself. `time_zone` is that of the company:
    local times of an adapter that names no zone are in it. `full_extracts`: kinds of files, such as
    native/contracts, whose files are the whole list, whatever their adapter says.
    """
    found = {"native": native_adapter()}
    for folder in (BUILT_IN, *extra_folders):
        for home in adapter_folders(folder):
            adapter, problems = read_adapter(home, time_zone)
            if adapter is None or problems:
                raise AdapterError("\n".join(problems))
            found[adapter.system] = adapter
    wanted = set(full_extracts)
    known = {
        f"{adapter.system}/{file.role}" for adapter in found.values() for file in adapter.files
    }
    if strange := sorted(wanted - known):
        raise AdapterError(
            f"CX_FULL_EXTRACTS names {', '.join(strange)}, which is no kind of file. Write tool "
            f"and file as adapters do, such as native/contracts."
        )
    return tuple(_with_full_extracts(found[name], wanted) for name in sorted(found))


def _with_full_extracts(adapter: Adapter, wanted: Collection[str]) -> Adapter:
    files = (
        replace(file, full_extract=file.full_extract or f"{adapter.system}/{file.role}" in wanted)
        for file in adapter.files
    )
    return replace(adapter, files=tuple(files))


def adapter_folders(folder: Path) -> list[Path]:
    """The adapter folders in a folder, or the folder itself if it is one."""
    if (folder / "adapter.yml").is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob("*/adapter.yml"))


def read_adapter(folder: Path, time_zone: str = "UTC") -> tuple[Adapter | None, list[str]]:
    """The adapter in a folder, and everything that is wrong with how it is written."""
    path = folder / "adapter.yml"
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"]
    reader = AdapterReader(folder, time_zone)
    adapter = reader.adapter(raw)
    return (None if reader.problems else adapter), [f"{path}: {p}" for p in reader.problems]
