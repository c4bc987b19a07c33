"""Is this installation fit for a run? Each finding is a sentence a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import duckdb

from orchestration.lib.adapter_tools.check import check_adapter
from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.adapters.model import AdapterError
from orchestration.lib.base.home import Home
from orchestration.lib.publication.versions import current_version, verify
from orchestration.lib.run.disk import space_for
from orchestration.lib.run.refresh import stale_outputs
from orchestration.settings import Settings


def findings(settings: Settings, home: Home) -> Iterator[tuple[bool, str]]:
    """(is it all right, what was found), in the order a run would meet them."""
    yield True, f"settings: environment {settings.environment}, home {home.root}"
    yield from _landing(settings, home)
    for folder in settings.adapter_folders:
        for adapter in sorted(folder.glob("**/adapter.yml")):
            problems = check_adapter(adapter.parent)
            yield not problems, f"adapter {adapter.parent.name}: {'; '.join(problems) or 'sound'}"
    yield True, f"DuckDB {duckdb.__version__}, SQLite {sqlite3.sqlite_version}"
    yield from _published(home)


def _landing(settings: Settings, home: Home) -> Iterator[tuple[bool, str]]:
    files = [p for p in settings.landing.rglob("*") if p.is_file()]
    yield bool(files), f"landing: {len(files)} files in {settings.landing}"
    if not files:
        return
    try:
        space = space_for(home, settings.landing, load_adapters(settings.adapter_folders))
    except AdapterError:
        return  # said below, of the adapter
    yield space.free >= space.needed, f"disk: {space}"


def _published(home: Home) -> Iterator[tuple[bool, str]]:
    version = current_version(home)
    if version is None:
        yield True, "published: nothing yet"
        return
    problems = verify(home)
    yield not problems, f"published: {version.name}, {'; '.join(problems) or 'sound'}"
    for sentence in stale_outputs(home):
        yield False, sentence
