"""What a run of a given day sees of the lake: files of rows, ledger and quarantine.

All of it follows from the ledger, the adapters and the day; nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.lib.adapters.model import Adapter
from orchestration.lib.base.sql import quote
from orchestration.lib.ingest.batches import Batch, gone_dates, read_batches, statuses
from orchestration.lib.ingest.mapping import Outcome, Task, lookup_roles, on_record

LEDGER = pa.schema(
    {
        "file_name": pa.string(),
        "source_system": pa.string(),
        "file_role": pa.string(),
        "mapping": pa.string(),
        "is_first_mapping": pa.bool_(),
        "entity": pa.string(),
        "extract_date": pa.date32(),
        "batch_id": pa.string(),
        "content_sha256": pa.string(),
        "version": pa.int64(),
        "status": pa.string(),
        "reason": pa.string(),
        "file_row_count": pa.int64(),
        "row_count": pa.int64(),
        "loaded_count": pa.int64(),
        "record_count": pa.int64(),
        "quarantined_count": pa.int64(),
        "duplicate_count": pa.int64(),
        "skipped_count": pa.int64(),
        "footer_count": pa.int64(),
        "unknown_columns": pa.list_(pa.string()),
        "absent_columns": pa.list_(pa.string()),
        "loaded_at": pa.string(),
    }
)
COUNTS = (
    *("loaded_count", "record_count", "quarantined_count", "duplicate_count", "skipped_count"),
)
QUARANTINE = {
    "file_name": "varchar",
    "source_system": "varchar",
    "file_role": "varchar",
    "mapping": "varchar",
    "entity": "varchar",
    "extract_date": "date",
    "batch_id": "varchar",
    "row_number": "bigint",
    "column_name": "varchar",
    "reason": "varchar",
    "raw_line": "varchar",
}


class NotIngested(RuntimeError):
    """The lake has not been brought up to date for the day asked for."""


def tasks(
    batches: Iterable[Batch], adapters: Sequence[Adapter], as_of_date: date
) -> Iterator[Task]:
    """The mappings a run of that day needs."""
    loaded = [b for b, status in statuses(batches, as_of_date) if status == "loaded"]
    for adapter in adapters:
        own = [b for b in loaded if b.source_system == adapter.system]
        for rule in adapter.mappings:
            lookups: dict[str, Sequence[Batch]] = {
                role: [b for b in own if b.file_role == role]
                for role in lookup_roles(adapter, rule)
            }
            so_far: list[Batch] = []
            for batch in own:
                if batch.file_role == rule.source:
                    so_far.append(batch)
                    record = {table: tuple(so_far)} if (table := on_record(rule)) else {}
                    yield Task(adapter, rule, batch, lookups | record)


def snapshot_files(
    lake: Path, adapters: Sequence[Adapter], as_of_date: date
) -> dict[str, list[Path]]:
    """The Parquet files of each entity that a run of that day reads."""
    files: dict[str, list[Path]] = {}
    for task in tasks(read_batches(lake), adapters, as_of_date):
        outcome = task.outcome(lake)
        if outcome is None:
            raise NotIngested(f"{task.batch.file_name} is not mapped as of {as_of_date}; ingest.")
        if outcome.loaded_count:
            files.setdefault(task.rule.entity, []).append(task.rows_path(lake))
    return files


def lookup_rows(lake: Path, adapters: Sequence[Adapter], as_of_date: date) -> list[dict[str, Any]]:
    """One row per file, mapping and look-up: how many rows name something, and of those how many
    something that it lacks."""
    return [
        {
            "file_name": task.batch.file_name,
            "content_sha256": task.batch.content_sha256,
            "mapping": task.rule.name,
            "lookup": role,
            "miss_count": misses,
            "reference_count": references,
        }
        for task in tasks(read_batches(lake), adapters, as_of_date)
        if (outcome := task.outcome(lake)) is not None
        for role, (misses, references) in outcome.lookups.items()
    ]


def gone_batches(lake: Path, adapters: Sequence[Adapter], as_of_date: date) -> dict[str, date]:
    """Of batches whose rows a later full extract may lack: the day of that extract."""
    kinds = [(a.system, file.role) for a in adapters for file in a.files if file.full_extract]
    if not kinds:
        return {}
    batches = read_batches(lake)
    incomplete = {
        task.batch.batch_id
        for task in tasks(batches, adapters, as_of_date)
        if (outcome := task.outcome(lake)) and outcome.quarantined_count
    }
    return {
        batch_id: day
        for kind in kinds
        for batch_id, day in gone_dates(
            [b for b in batches if (b.source_system, b.file_role) == kind], as_of_date, incomplete
        ).items()
    }


def ledger_rows(lake: Path, adapters: Sequence[Adapter], as_of_date: date) -> pa.Table:
    """One row per landing file version and mapping (one without a mapping for a look-up file).

    file_row_count is what the parser counted. skipped_count are rows the target does not concern:
    left out by `when`, or unreadable and counted under the first mapping, or of a superseded
    version. row_count is the rest, and must equal loaded + quarantined + duplicate, which are
    counted where they were written. record_count are the rows of the entity that the loaded ones
    became, which are more where a mapping makes several of one. Footer lines are no rows.
    """
    batches = read_batches(lake)
    done: dict[tuple[Batch, str | None], Outcome | None] = {
        (t.batch, t.rule.name): t.outcome(lake) for t in tasks(batches, adapters, as_of_date)
    }
    rows = []
    for batch, status in statuses(batches, as_of_date):
        for place, (mapping, entity) in enumerate(_targets(batch, adapters)):
            row: dict[str, Any] = dict.fromkeys(COUNTS, 0) | {
                "status": status,
                "reason": batch.reason,
            }
            if status == "duplicate":
                row["duplicate_count"] = batch.row_count
            elif status != "loaded":
                row["skipped_count"] = batch.row_count
            elif mapping is None:
                row["loaded_count"] = batch.good_count
                row["quarantined_count"] = batch.rejected_count
            else:
                row |= _outcome_of(batch, done[batch, mapping], is_primary=place == 0)
            row["row_count"] = batch.row_count - row["skipped_count"]
            row |= {"mapping": mapping, "is_first_mapping": place == 0, "entity": entity}
            row["file_row_count"] = batch.row_count
            rows.append(row | {n: getattr(batch, n) for n in LEDGER.names if n not in row})
    return pa.Table.from_pylist(rows, schema=LEDGER)


def _outcome_of(batch: Batch, outcome: Outcome | None, is_primary: bool) -> dict[str, Any]:
    if outcome is None:
        raise NotIngested(f"{batch.file_name} is not mapped; ingest as of that day first.")
    row: dict[str, Any] = {
        "skipped_count": outcome.skipped_count,
        "loaded_count": outcome.loaded_count,
        "record_count": outcome.record_count,
        "quarantined_count": outcome.quarantined_count,
        "duplicate_count": outcome.duplicate_count,
    }
    row["quarantined_count" if is_primary else "skipped_count"] += batch.rejected_count
    return row | ({"status": "quarantined", "reason": outcome.reason} if outcome.reason else {})


def quarantine_rows(
    lake: Path, adapters: Sequence[Adapter], as_of_date: date, with_raw_line: bool = False
) -> pa.Table:
    """One row per quarantined row of the files that count. The raw line is personal data: it is
    left out unless asked for, and then must not be published."""
    batches = read_batches(lake)
    found: list[tuple[Batch, str | None, str | None, Path]] = []
    for batch, status in statuses(batches, as_of_date):
        if status == "loaded" and batch.rejected_count:
            mapping, entity = _targets(batch, adapters)[0]
            found.append((batch, mapping, entity, batch.rejected_path(lake)))
    for task in tasks(batches, adapters, as_of_date):
        outcome = task.outcome(lake)
        if outcome and outcome.quarantined_count and not outcome.reason:
            rule = task.rule
            found.append((task.batch, rule.name, rule.entity, task.rejected_path(lake)))
    nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in QUARANTINE.items())
    query = f"select {nothing} where false"
    for batch, mapping, entity, path in found:
        lineage = [
            quote(str(text)) if text is not None else "null"
            for text in (
                batch.file_name, batch.source_system, batch.file_role, mapping, entity,
                batch.extract_date, batch.batch_id,
            )
        ]  # fmt: skip
        query += (
            f" union all select {', '.join(lineage)}, row_number, column_name, reason, raw_line "
            f"from read_parquet({quote(path)})"
        )
    hidden = "" if with_raw_line else "exclude (raw_line)"
    with duckdb.connect() as connection:
        return connection.execute(
            f"select * {hidden} from ({query}) order by file_name, batch_id, mapping, row_number"
        ).to_arrow_table()


def _targets(batch: Batch, adapters: Sequence[Adapter]) -> list[tuple[str | None, str | None]]:
    for adapter in adapters:
        if adapter.system == batch.source_system:
            rules = adapter.mappings_of(batch.file_role)
            if rules:
                return [(rule.name, rule.entity) for rule in rules]
    return [(None, None)]
