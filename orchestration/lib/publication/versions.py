"""The published versions: which there are, which one analysts read, whether it is sound.

Here: reading them and moving the link. Not here: how a version comes to be (`publish`), or what
has to move with it (`run.refresh`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from orchestration.lib.base.files import point_link, sha256_of, wal_of
from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import exclusive
from orchestration.lib.publication.fingerprint import TableFingerprint, differences, fingerprints
from orchestration.lib.publication.parquet_export import export_tables
from orchestration.lib.publication.publication_history import moves, record_move, rollback_path

SCHEMA = "cx"
CURRENT = "current.duckdb"  # in the restricted folder, as in the public one


class PublishError(RuntimeError):
    """A version cannot be published, found or used. The message says what to do."""


@dataclass(frozen=True)
class Version:
    """What the sidecar of a published file says about it."""

    name: str
    run_id: str
    as_of_date: str
    published_at: str
    duckdb_version: str
    sha256: str
    bytes: int
    tables: Mapping[str, TableFingerprint]
    figures: Mapping[str, float]

    def to_json(self) -> str:
        """The text of the sidecar."""
        return json.dumps(asdict(self), indent=1)


def database_of(home: Home, name: str) -> Path:
    """The file of a version."""
    return home.versions / f"{name}.duckdb"


def sidecar_of(home: Home, name: str) -> Path:
    """What is known about a version."""
    return home.versions / f"{name}.json"


def lock_of(home: Home) -> Path:
    """Held while versions are added, removed or pointed at."""
    return home.current.parent / "versions.lock"


def all_versions(home: Home) -> list[Version]:
    """Every complete version, newest publication first."""
    found = [
        _read(path) for path in home.versions.glob("*.json") if path.with_suffix(".duckdb").exists()
    ]
    return sorted(found, key=lambda v: (v.published_at, v.name), reverse=True)


def current_version(home: Home) -> Version | None:
    """The version analysts read, or None before the first publication."""
    if not home.current.is_symlink():
        return None
    return _read(sidecar_of(home, home.current.readlink().stem))


def rollback(home: Home, name: str | None = None) -> str:
    """Point analysts at another version (default: what they read before this one). Its name.

    Raises PublishError, and moves nobody, if it is not the file that was published.
    """
    with exclusive(lock_of(home), "a rollback"):
        refuse_beside_wal(home.current)
        version = _earlier(home, name)
        _refuse_damaged(home, version)
        point_current(home, version.name)
        export_tables(home, database_of(home, version.name), SCHEMA)
    return version.name


def point_current(home: Home, name: str) -> None:
    """The moment analysts, and those who may see persons, move to a version."""
    before = moves(home)
    point_link(home.current, database_of(home, name))
    record_move(home, before, name)
    point_restricted(home, name)


def point_restricted(home: Home, name: str) -> None:
    """Move those who may see persons to a version, if it holds any."""
    own = home.restricted / f"{name}.duckdb"
    if own.exists():
        point_link(home.restricted / CURRENT, own)


def restricted_lags(home: Home, version: Version) -> bool:
    """Whether they still read another version than analysts, as after a crash in between."""
    link, own = home.restricted / CURRENT, home.restricted / f"{version.name}.duckdb"
    return own.exists() and not (link.is_symlink() and link.readlink().name == own.name)


def verify(home: Home, name: str | None = None) -> list[str]:
    """What is wrong with a version (default: the current one): checksum, opening, every value."""
    versions = {v.name: v for v in all_versions(home)}
    current = current_version(home)
    version = versions.get(name or (current.name if current else ""))
    if version is None:
        return [f"There is no version {name!r}." if name else "Nothing is published yet."]
    path = database_of(home, version.name)
    if sha256_of(path) != version.sha256:
        return [f"{path.name} is not the file that was published: its checksum differs."]
    try:
        _open(path, version)
        return differences(version.tables, fingerprints(path, SCHEMA))
    except (PublishError, duckdb.Error) as error:
        return [str(error)]


def refuse_beside_wal(database: Path) -> None:
    """DuckDB would replay a write-ahead log it finds beside a file, even one of another file."""
    wal = wal_of(database)
    if wal.exists():
        raise PublishError(
            f"{wal} exists: somebody opened {database.name} for writing. "
            f"Close that program, remove the .wal file, and run again."
        )


def _earlier(home: Home, name: str | None) -> Version:
    if name is None and current_version(home) is None:
        raise PublishError("Nothing is published yet.")
    versions = {v.name: v for v in all_versions(home)}
    names = ", ".join(versions) or "none"
    if name is None:
        back = [earlier for earlier in rollback_path(moves(home))[:-1] if earlier in versions]
        if not back:
            raise PublishError(
                f"There is no version before the current one that analysts have read; "
                f"name one of: {names}."
            )
        return versions[back[-1]]
    if name not in versions:
        raise PublishError(f"There is no version {name!r}; there are: {names}.")
    return versions[name]


def _refuse_damaged(home: Home, version: Version) -> None:
    wrong = verify(home, version.name)
    if not wrong:
        return
    others = (v.name for v in all_versions(home) if v.name != version.name)
    sound = next((name for name in others if not verify(home, name)), None)
    advice = f"This one is sound: cxroi rollback {sound}" if sound else "No other version is sound."
    raise PublishError(f"{' '.join(wrong)} Analysts stay where they are. {advice}")


def _open(path: Path, version: Version) -> None:
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        raise PublishError(
            f"{path.name} was written by DuckDB {version.duckdb_version} and does not open with "
            f"{duckdb.__version__}: {error}"
        ) from None


def _read(sidecar: Path) -> Version:
    raw = json.loads(sidecar.read_text(encoding="utf-8"))
    tables = {name: TableFingerprint(**body) for name, body in raw.pop("tables").items()}
    return Version(tables=tables, **raw)
