"""Exports in the exact shapes of the tools load to rows of the contract worked out by hand.

`tests/fixtures/exports/<case>/landing` is what a tool writes, of invented rows; `expected` holds,
per entity, the rows it must become, `accounts.csv` what became of every row and `refused.csv` which
rows are refused. A column of the contract that an expected file does not name is empty in every
row. Business zone: New York.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from orchestration.lib.adapters.load import BUILT_IN, load_adapters
from orchestration.lib.adapters.model import Adapter
from orchestration.lib.contracts.contract import load_contracts
from tests.unit.lab import Lab, Row

CASES = sorted(p.parent for p in Path(__file__).parents[2].glob("fixtures/exports/*/expected"))
COUNTS = ("loaded", "quarantined", "duplicate", "skipped", "footer")


@cache
def adapters() -> Sequence[Adapter]:
    return load_adapters(time_zone="America/New_York")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_export_loads_to_the_rows_worked_out_by_hand(case: Path, tmp_path: Path) -> None:
    lab = Lab(tmp_path, adapters())
    shutil.copytree(case / "landing", lab.landing)
    day = date.fromisoformat(max(path.name for path in lab.landing.glob("*/*")))
    lab.run(day)
    expected = {path.stem: written(path) for path in sorted((case / "expected").glob("*.csv"))}
    assert in_order(lab.ledger(day), [f"{kind}_count" for kind in COUNTS]) == [
        tuple(row.values()) for row in expected.pop("accounts")
    ]
    assert in_order(lab.quarantine(day), ["row_number", "column_name"]) == [
        tuple(row.values()) for row in expected.pop("refused", [])
    ]
    loaded = {entity: found(lab, entity, day) for entity in load_contracts()}
    assert {entity for entity, rows in loaded.items() if rows} == set(expected)
    for entity, rows in expected.items():
        given = [{column: text for column, text in row.items() if text} for row in rows]
        assert sorted(loaded[entity], key=cells) == sorted(given, key=cells)


@pytest.mark.parametrize("system", sorted(p.parent.name for p in BUILT_IN.glob("*/adapter.yml")))
def test_a_built_in_adapter_has_a_page_and_an_export_worked_out(system: str) -> None:
    page = (BUILT_IN / system / "README.md").read_text(encoding="utf-8")
    assert {"## What becomes of it", "## What is not read"} <= set(page.splitlines())
    assert f"[{system}]({system}/README.md)" in (BUILT_IN / "README.md").read_text(encoding="utf-8")
    assert any((case / "landing" / system).is_dir() for case in CASES)


def in_order(rows: list[Row], columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Name of the file, mapping and these columns as text, sorted."""
    named = [
        (Path(row["file_name"]).name, row["mapping"] or "", *(str(row[c]) for c in columns))
        for row in rows
    ]
    return sorted(named)


def cells(row: dict[str, str]) -> list[tuple[str, str]]:
    """What to sort by: the rows that one row became come in no order."""
    return sorted(row.items())


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def found(lab: Lab, entity: str, day: date) -> list[dict[str, str]]:
    """The rows of an entity as text, without what is empty."""
    columns = [column.name for column in load_contracts()[entity].columns]
    return [
        {column: text(cell) for column, cell in zip(columns, row, strict=True) if cell is not None}
        for row in lab.rows(entity, ", ".join(columns), day)
    ]


def text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return str(cell)
