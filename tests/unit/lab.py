"""A landing folder and a lake of one's own, and short ways to fill and ask them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.adapters.load import load_adapters, read_adapter
from orchestration.lib.adapters.model import Adapter
from orchestration.lib.ingest.lake_snapshot import ledger_rows, quarantine_rows, snapshot_files
from orchestration.lib.ingest.problems import LIMITS, Limits
from orchestration.lib.ingest.run import IngestReport, ingest

DAY = date(2024, 3, 1)
CUSTOMERS = f"native/{DAY}/customers.csv"
Row = dict[str, Any]


@cache
def built_in() -> Sequence[Adapter]:
    return load_adapters()


@dataclass
class Lab:
    root: Path
    adapters: Sequence[Adapter] = field(default_factory=built_in)
    limits: Limits = LIMITS

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    def drop(self, name: str, content: str | bytes) -> Path:
        """Put a file into the landing folder."""
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def teach(self, system: str, declaration: str, **sql: str) -> None:
        """Add an adapter, written as a user would."""
        folder = self.root / "adapters" / system
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "adapter.yml").write_text(f"system: {system}\n{declaration}", encoding="utf-8")
        for name, text in sql.items():
            (folder / f"{name}.sql").write_text(text, encoding="utf-8")
        adapter, problems = read_adapter(folder)
        assert adapter, problems
        others = [a for a in self.adapters if a.system != system]
        self.adapters = (*others, adapter)

    def run(self, day: date | None = DAY) -> IngestReport:
        tmp = self.root / "tmp"
        progress: list[str] = []
        return ingest(
            self.landing, self.lake, tmp, self.adapters, day, progress.append, self.limits
        )

    def ledger(self, day: date = DAY) -> list[Row]:
        return ledger_rows(self.lake, self.adapters, day).to_pylist()

    def entry(self, day: date = DAY) -> Row:
        [row] = self.ledger(day)
        return row

    def quarantine(self, day: date = DAY) -> list[Row]:
        return quarantine_rows(self.lake, self.adapters, day, with_raw_line=True).to_pylist()

    def rows(self, entity: str, columns: str = "*", day: date = DAY) -> list[tuple[Any, ...]]:
        """Rows a run of that day reads, in the order of files and rows."""
        files = [str(f) for f in snapshot_files(self.lake, self.adapters, day).get(entity, [])]
        if not files:
            return []
        with duckdb.connect() as connection:
            return connection.execute(
                f"select {columns} from read_parquet($files) "
                "order by extract_date, file_name, row_number",
                {"files": files},
            ).fetchall()


def refused(lab: Lab, content: str | bytes, name: str = CUSTOMERS) -> str:
    """The reason why a file is in quarantine as a whole, having checked that nothing got in."""
    lab.drop(name, content)
    report = lab.run()
    entry = lab.entry()
    assert entry["status"] == "quarantined"
    assert (entry["loaded_count"], entry["row_count"]) == (0, 0)
    assert lab.rows("customers") == []
    assert report.quarantined == (f"{name} {entry['reason']}",)
    return str(entry["reason"])


def closes(row: Row) -> bool:
    """The two identities of a ledger row."""
    parts = row["loaded_count"] + row["quarantined_count"] + row["duplicate_count"]
    return bool(
        row["row_count"] == parts
        and row["file_row_count"] == row["row_count"] + row["skipped_count"]
    )


def counts(row: Row) -> tuple[int, ...]:
    names = ("file_row", "row", "loaded", "quarantined", "duplicate", "skipped", "footer")
    return tuple(row[f"{name}_count"] for name in names)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its content, but for the wall clock."""
    return {
        path.relative_to(folder).as_posix(): b""
        if path.parent.name == "ledger"
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
