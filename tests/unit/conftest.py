"""Small ledgers and DuckDB files that the gate tests spoil one at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.checks.model import CheckResult, GateReport
from expectations.gates import Published, check_marts
from orchestration.lib.base.files import write_text
from orchestration.lib.base.home import Home
from orchestration.lib.publication.fingerprint import fingerprints
from orchestration.lib.publication.publish import publish
from orchestration.lib.transform.table_shapes import shapes_of

Row = dict[str, Any]


@pytest.fixture
def ledger_row() -> Callable[..., Row]:
    """A load that is in order: 100 rows of one file, 98 loaded, 1 quarantined, 1 duplicate."""

    def make(day: str = "2025-03-03", **changes: Any) -> Row:
        row: Row = {
            "file_name": f"crm/{day}/customers.csv",
            "source_system": "crm",
            "file_role": "customers",
            "mapping": "customers",
            "entity": "customers",
            "extract_date": date.fromisoformat(day),
            "batch_id": f"b-{day}",
            "content_sha256": f"sha-{day}",
            "status": "loaded",
            "reason": None,
            "file_row_count": 100,
            "row_count": 100,
            "loaded_count": 98,
            "quarantined_count": 1,
            "duplicate_count": 1,
            "skipped_count": 0,
            "is_first_mapping": True,
            "version": 1,
            "footer_count": 0,
            "unknown_columns": [],
            "loaded_at": "2025-03-04T01:00:00+00:00",
        }
        return row | changes

    return make


@pytest.fixture
def database(tmp_path: Path) -> Callable[..., Path]:
    """A DuckDB file made of the given statements."""

    def make(*statements: str, name: str = "some.duckdb") -> Path:
        path = tmp_path / name
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return make


def mart_node(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "unique_id": f"model.cx_roi.{name}",
        "name": name,
        "resource_type": "model",
        "schema": "cx",
        "columns": {},
        "meta": {},
        "config": {},
        "depends_on": {"nodes": ["model.cx_roi.int_a"]},
    } | changes


def check_candidate(
    path: Path,
    *,
    manifest: dict[str, Any],
    before: Published | None = None,
    parent_rows: int = 2,
    delivered: Collection[str] = ("tickets", "contracts"),
) -> GateReport:
    found = shapes_of(path)
    return check_marts(
        path,
        manifest=manifest,
        tables={name: table.columns for name, table in found.items()},
        row_counts={"int_a": parent_rows, **{name: t.row_count for name, t in found.items()}},
        delivered=delivered,
        before=before,
        figures={},
        as_of_date=date(2025, 1, 2),
        accepted={},
    )


def blocking(report: GateReport) -> dict[str, CheckResult]:
    assert report.passed != any(r.blocks for r in report.results)
    return {r.check_name: r for r in report.results if r.blocks}


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


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")
