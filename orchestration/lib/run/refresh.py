"""What goes with the version analysts read: the restricted file, the exports and the scorecard.

Each names its version, so that one left behind (by a crash after the flip, or by going back) is
seen and made again from the file `current.duckdb` points at. Not here: moving that link
(`versions`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import exclusive
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.parquet_export import export_tables
from orchestration.lib.publication.versions import (
    SCHEMA,
    Version,
    current_version,
    database_of,
    lock_of,
    point_restricted,
    restricted_lags,
)
from orchestration.lib.reports.scorecard import SCORECARD, write_scorecard


def stale_outputs(home: Home) -> list[str]:
    """What is not of the version analysts read, in sentences."""
    version = current_version(home)
    if version is None:
        return []
    behind = {
        home.restricted: restricted_lags(home, version),
        home.exports: _exports_lag(home, version),
        _page(home): _page_lags(home, version),
    }
    return [
        f"{path} is behind {version.name}; make it again with: cxroi rollback {version.name}"
        for path, lags in behind.items()
        if lags
    ]


def mend(home: Home, currency: str) -> list[str]:
    """What a crash or a visitor left behind is put right; what cannot be is said, and waits.

    A night does not rest on the exports of the one before it.
    """
    said = set_aside_logs(home)
    try:
        refresh_outputs(home, currency)
    except (OSError, duckdb.IOException) as error:
        said.append(
            f"exports or pages still lag, as they cannot be written: {str(error).splitlines()[0]}"
        )
    return said


def set_aside_logs(home: Home) -> list[str]:
    """Write-ahead logs beside published files: a program opened one to write, and left.

    DuckDB takes a log for the last part of the file it is named after: all read what is in it.
    """
    said = []
    for folder in (home.current.parent, home.versions, home.restricted):
        for log in sorted(folder.glob("*.wal")):
            aside = log.with_name(f"{log.name}.aside")
            log.replace(aside)
            said.append(
                f"a program left {log.name} beside a published file: it is now {aside.name}"
            )
    return said


def refresh_outputs(home: Home, currency: str) -> None:
    """Make again what lags. `currency`: of a version whose run left no record of its own."""
    if not stale_outputs(home):
        return
    with exclusive(lock_of(home), "making exports and scorecard again"):
        version = current_version(home)
        assert version is not None
        if restricted_lags(home, version):
            point_restricted(home, version.name)
        if _exports_lag(home, version):
            export_tables(home, database_of(home, version.name), SCHEMA)
        if _page_lags(home, version):
            run = Evidence(home.runs, version.run_id).read("run") or {}
            write_scorecard(home, run.get("settings", {}).get("currency", currency))


def _page(home: Home) -> Path:
    return home.reports / SCORECARD


def _exports_lag(home: Home, version: Version) -> bool:
    return not home.exports.is_symlink() or home.exports.readlink().name != version.name


def _page_lags(home: Home, version: Version) -> bool:
    page = _page(home)
    return not page.exists() or version.name not in page.read_text(encoding="utf-8")
