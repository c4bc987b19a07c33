"""What unit tests spoil one at a time: small ledgers, DuckDB files, a landing folder and a lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.base.home import Home
from tests.unit.lab import Lab

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
            "absent_columns": [],
            "loaded_at": "2025-03-04T01:00:00+00:00",
        }
        # Each row of the file is one of the entity, unless the test says otherwise.
        row["record_count"] = changes.get("loaded_count", row["loaded_count"])
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


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A landing folder and a lake of one's own."""
    (tmp_path / "landing").mkdir()
    return Lab(tmp_path)
