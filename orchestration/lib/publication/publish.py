"""From an audited candidate to the version analysts read, in steps that survive a power cut.

Here: the order of the steps. Whatever happens between two of them, `current.duckdb` is the old
version or the new one, whole, and the next publication cleans up. Not here: whether the run may
be published (`decision`, which the caller must pass on).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.lib.base.files import sha256_of, sync_file, sync_folder, write_text
from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import exclusive
from orchestration.lib.publication.fingerprint import Fingerprints, differences, fingerprints
from orchestration.lib.publication.parquet_export import point_exports, write_exports
from orchestration.lib.publication.publication_history import moves, rollback_path
from orchestration.lib.publication.versions import (
    SCHEMA,
    PublishError,
    Version,
    all_versions,
    current_version,
    database_of,
    lock_of,
    point_current,
    refuse_beside_wal,
    sidecar_of,
)

RESTRICTED_SCHEMA = "restricted"


def publish(
    home: Home,
    *,
    run_id: str,
    as_of_date: str,
    audited: Fingerprints,
    figures: Mapping[str, float],
    keep_versions: int,
    on_step: Callable[[str], None] = lambda step: None,
) -> Version:
    """Publish the candidate if it still is what was audited. Raises PublishError before any change.

    `audited` holds every table the file may have, `figures` the headline numbers to remember.
    `on_step` is told each step before it is taken.
    """
    with exclusive(lock_of(home), f"run {run_id}"):
        on_step("checkpoint")
        _tidy(home)
        for path in (home.candidate, home.restricted_candidate):
            _checkpoint(path)
        refuse_beside_wal(home.current)

        on_step("scan")
        tables = _scan(home, audited)
        version = Version(
            name=f"{as_of_date}_{run_id}",
            run_id=run_id,
            as_of_date=as_of_date,
            published_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            duckdb_version=duckdb.__version__,
            sha256=sha256_of(home.candidate),
            bytes=home.candidate.stat().st_size,
            tables=tables,
            figures=figures,
        )

        on_step("seal")
        _seal(home.candidate, 0o444)
        _seal(home.restricted_candidate, 0o600)
        for folder in (home.versions, home.restricted):
            folder.mkdir(parents=True, exist_ok=True)
        home.restricted.chmod(0o700)

        on_step("restricted")
        home.restricted_candidate.replace(home.restricted / f"{version.name}.duckdb")
        sync_folder(home.restricted)

        on_step("sidecar")
        target = database_of(home, version.name)
        write_text(sidecar_of(home, version.name), version.to_json())

        on_step("rename")
        home.candidate.replace(target)
        sync_folder(home.versions)

        on_step("exports")
        exported = write_exports(home, target, SCHEMA)

        before = current_version(home)
        # A day run again beside a newer one is there to be looked at; analysts stay where they are.
        if before is None or as_of_date >= before.as_of_date:
            on_step("flip")
            point_current(home, version.name)

            on_step("flip exports")
            point_exports(home, exported)

        on_step("prune")
        _prune(home, keep_versions, version.name)
        on_step("done")
    return version


def _checkpoint(database: Path) -> None:
    """Everything into the one file. A log found before we opened it is not ours to replay."""
    if not database.exists():
        raise PublishError(f"{database} is not there: nothing was built.")
    refuse_beside_wal(database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("checkpoint")
    refuse_beside_wal(database)


def _scan(home: Home, audited: Fingerprints) -> Fingerprints:
    try:
        tables = fingerprints(home.candidate, SCHEMA)
        fingerprints(home.restricted_candidate, RESTRICTED_SCHEMA)
    except duckdb.Error as error:
        raise PublishError(f"A table of the candidate cannot be read: {error}") from None
    changed = differences(audited, tables)
    if changed or not tables:
        found = "; ".join(changed) or "it has no table"
        raise PublishError(f"The candidate is not the file that was audited: {found}.")
    return tables


def _seal(database: Path, mode: int) -> None:
    database.chmod(mode)  # read-only: a forgetful writer gets an error instead of the lock
    sync_file(database)


def _tidy(home: Home) -> None:
    """Remove what a crash left of a publication that did not come through."""
    for sidecar in home.versions.glob("*.json"):
        if not sidecar.with_suffix(".duckdb").exists():
            sidecar.unlink()
    complete = {v.name for v in all_versions(home)}
    for folder in (home.versions, home.restricted):
        for database in folder.glob("*.duckdb"):
            if database.stem not in complete and not database.is_symlink():
                database.unlink()


def _prune(home: Home, keep_versions: int, new: str) -> None:
    """Keep the last versions analysts can go back to and, beside them, as many others.

    The others are past days run again and what was gone back from: they take no place from the
    ones that were read and found good.
    """
    back = rollback_path(moves(home))
    others = [v.name for v in all_versions(home) if v.name not in back]
    keep = {new, *back[-keep_versions:], *others[:keep_versions]}
    for version in all_versions(home):
        if version.name in keep:
            continue
        for path in (
            database_of(home, version.name),
            home.restricted / f"{version.name}.duckdb",
            sidecar_of(home, version.name),
        ):
            path.unlink(missing_ok=True)
