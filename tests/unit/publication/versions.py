"""Versions to publish, each of one small run that says everywhere which one it is."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.lib.base.files import write_text
from orchestration.lib.base.home import Home
from orchestration.lib.publication.fingerprint import fingerprints
from orchestration.lib.publication.publish import publish


def build_files(home: Home, number: int) -> None:
    """A night's files: every table says which night it is of."""
    home.build.mkdir(parents=True, exist_ok=True)
    for path in (home.candidate, home.restricted_candidate):
        path.unlink(missing_ok=True)
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("create schema cx")
        for table in ("fct_a", "fct_b"):
            connection.execute(f"create table cx.{table} as select {number} as night, 1.5 as x")
    with duckdb.connect(str(home.restricted_candidate)) as connection:
        connection.execute("create schema restricted.restricted")
        connection.execute(f"create table restricted.restricted.people as select {number} as night")


def publish_night(home: Home, number: int, *, keep: int = 3, **options: object) -> str:
    build_files(home, number)
    audited = fingerprints(home.candidate, "cx")
    version = publish(
        home,
        run_id=f"run{number}",
        as_of_date=f"2025-01-{number:02}",
        audited=audited,
        figures={"customers": 3},
        keep_versions=keep,
        **options,  # type: ignore[arg-type]
    )
    write_text(home.reports / "scorecard.html", current_name(home))  # as a night does
    return version.name


def current_name(home: Home) -> str:
    return home.current.readlink().stem


def nights_in(path: Path) -> set[int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("select night from cx.fct_a union select night from cx.fct_b")
        return {night for (night,) in rows.fetchall()}


def nights_exported(home: Home) -> set[int]:
    with duckdb.connect() as connection:
        rows = connection.execute(f"select night from '{home.exports}/*.parquet'").fetchall()
    return {night for (night,) in rows}
