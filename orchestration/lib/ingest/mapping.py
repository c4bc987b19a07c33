"""Vendor rows of one batch into rows of one entity, judged by its contract.

The result is named after everything it follows from, so it is computed once and never changed: a
new mapping, contract or look-up has a new name. Not here: reading landing files (`parse_file`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb

from orchestration.lib.adapters.model import Adapter, MappingRule, SourceFile
from orchestration.lib.base.messages import of_mapping
from orchestration.lib.base.sql import name, quote, quoted_list
from orchestration.lib.contracts.contract import Contract, load_contracts
from orchestration.lib.contracts.lake_columns import stored_columns
from orchestration.lib.ingest.batches import Batch
from orchestration.lib.ingest.contract_rules import (
    mapped_select,
    mapping_query,
    shape_problems,
    zone_of,
)
from orchestration.lib.ingest.files import read_json, whole, write_json
from orchestration.lib.ingest.lookup_misses import count_misses

ON_RECORD = "_on_record"  # after a role: all its rows so far
RULES_VERSION = 4  # raise it when this code gives other rows for the same input


@dataclass(frozen=True)
class Outcome:
    """What a mapping made of the readable rows of a batch, counted where they ended up."""

    skipped_count: int  # rows the mapping does not concern, or makes nothing of
    loaded_count: int
    record_count: int  # rows of the entity that the loaded ones became
    quarantined_count: int
    duplicate_count: int
    reason: str | None = None  # the mapping itself failed on this batch
    # Of each look-up: rows that name something it lacks, and rows that name something.
    lookups: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One mapping of one batch, with the batches its look-ups see."""

    adapter: Adapter
    rule: MappingRule
    batch: Batch
    lookups: Mapping[str, Sequence[Batch]]

    @cached_property
    def stem(self) -> str:
        """Name of the result: system, mapping and a hash of all it follows from."""
        contract = load_contracts()[self.rule.entity]
        rules = [
            (c.name, c.type, c.required, c.allowed, c.min, c.max, c.not_after_extract)
            for c in contract.columns
        ]
        seen = {role: [b.batch_id for b in batches] for role, batches in self.lookups.items()}
        inputs = (
            *(RULES_VERSION, self.rule, contract.key, contract.version_column, contract.adds_up),
            *(rules, contract.rules),
        )
        text = repr((*inputs, self.batch.batch_id, sorted(seen.items())))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self.adapter.system}.{self.rule.name}.{digest}"

    def rows_path(self, lake: Path) -> Path:
        """Rows of the entity."""
        return lake / "entity" / self.rule.entity / f"{self.stem}.parquet"

    def rejected_path(self, lake: Path) -> Path:
        """Rows the contract refuses."""
        return lake / "quarantine" / f"{self.stem}.parquet"

    def outcome_path(self, lake: Path) -> Path:
        """The record that the mapping is done."""
        return self.rows_path(lake).with_suffix(".json")

    def outcome(self, lake: Path) -> Outcome | None:
        """What came of it, or None if it has not been done."""
        path = self.outcome_path(lake)
        return Outcome(**read_json(path)) if path.is_file() else None


def lookup_roles(adapter: Adapter, rule: MappingRule) -> tuple[str, ...]:
    """The other files of the tool that the mapping's SQL joins."""
    words = _tables_of(rule)
    return tuple(f.role for f in adapter.files if f.role in words and f.role != rule.source)


def on_record(rule: MappingRule) -> str | None:
    """The table of all rows of its own role up to this extract, if the mapping's SQL reads it. A
    log that comes in nightly pieces has the beginning of a ticket in an earlier one."""
    table = f"{rule.source}{ON_RECORD}"
    return table if table in _tables_of(rule) else None


def _tables_of(rule: MappingRule) -> set[str]:
    return set(re.findall(r"\b(?:from|join)\s+\"?(\w+)", rule.sql or "", re.IGNORECASE))


def run_mapping(connection: duckdb.DuckDBPyConnection, lake: Path, task: Task) -> Outcome:
    """Compute the result of a task unless it is there already."""
    if (known := task.outcome(lake)) is not None:
        return known
    try:
        connection.execute("begin")
        outcome = _compute(connection, lake, task)
    except (duckdb.ProgrammingError, duckdb.DataError) as error:
        # The mapping's own mistake. A full disk or too little memory is not, and stops the run.
        columns = [c.name for c in task.adapter.file(task.rule.source).columns]
        sql = f"{task.rule.sql} {task.rule.when}"
        outcome = _failed(task, of_mapping(error, sql, columns))
    finally:
        connection.execute("rollback")  # the tables and views of one task concern no other
    write_json(task.outcome_path(lake), asdict(outcome))
    return outcome


def _failed(task: Task, error: str) -> Outcome:
    reason = f"mapping {task.rule.name} of adapter {task.adapter.system} fails: {error}"
    return Outcome(0, 0, 0, task.batch.good_count, 0, reason)


def _compute(connection: duckdb.DuckDBPyConnection, lake: Path, task: Task) -> Outcome:
    rule, contract = task.rule, load_contracts()[task.rule.entity]
    driving = task.adapter.file(rule.source)
    table = name(rule.source)
    lineage = {
        "source_system": quote(task.batch.source_system),
        "batch_id": quote(task.batch.batch_id),
        "extract_date": f"date {quote(str(task.batch.extract_date))}",
        "file_name": quote(task.batch.file_name),
    }
    constants = ", ".join(f"{text} as {column}" for column, text in lineage.items())
    rows = typed_rows(driving, [task.batch.source_path(lake)])
    connection.execute(f"create temp table {table} as select *, {constants} from ({rows})")
    skipped = 0
    if rule.when:
        connection.execute(
            f"create temp table _concerned as select row_number from {table} where {rule.when}"
        )
        skipped = _changed(
            connection,
            f"delete from {table} where row_number not in (select row_number from _concerned)",
        )
    for role, batches in task.lookups.items():
        if role == on_record(rule):
            paths = [batch.source_path(lake) for batch in batches]
            seen = f"select * exclude (row_number) from ({typed_rows(driving, paths)})"
        else:
            seen = _latest(task.adapter.file(role), batches, lake)
        connection.execute(f"create temp view {name(role)} as {seen}")
    connection.execute(f"create temp view _given as {mapping_query(rule, driving, contract)}")
    given = {str(row[0]): str(row[1]) for row in connection.execute("describe _given").fetchall()}
    if problems := shape_problems(rule, contract, given):
        return _failed(task, "; ".join(problems))
    judged = mapped_select(
        rule, contract, given, "_given", lineage["extract_date"], zone_of(driving)
    )
    connection.execute(
        f"create temp table _mapped as {_wholly(judged) if rule.several else judged}"
    )
    count = _number(connection, f"select count(*) from {table}")
    if problem := _row_problem(connection, table, count, several=rule.several):
        return _failed(task, problem)
    if rule.several:
        skipped += count - _number(connection, "select count(distinct row_number) from _mapped")
    duplicates = _drop_duplicates(connection, contract)
    columns = ", ".join(
        f"{lineage.get(column) or name(column)}::{kind} as {name(column)}"
        for column, kind in stored_columns(contract).items()
    )
    order = ", ".join(["row_number", *map(name, contract.key)])
    good = "from _mapped where _problem is null"
    loaded = _copy(connection, f"select {columns} {good} order by {order}", task.rows_path(lake))
    written = quote(task.rows_path(lake))
    records = _number(connection, f"select count(*) from read_parquet({written})")
    refused = 0
    if _number(connection, "select count(*) from _mapped where _problem is not null"):
        refused = _copy(
            connection,
            f"select row_number, _problem.column_name, _problem.reason, "
            f"cast(to_json(vendor) as varchar) as raw_line "
            f"from (select distinct row_number, _problem from _mapped where _problem is not null) "
            f"inner join {table} as vendor using (row_number) order by row_number",
            task.rejected_path(lake),
        )
    roles = [role for role in task.lookups if role != on_record(rule)]
    misses: dict[str, tuple[int, int]] = {}
    if roles and rule.sql:
        with suppress(duckdb.Error):  # a query of another form is not counted, and does no harm
            misses = count_misses(connection, rule.sql, roles)
    return Outcome(skipped, loaded, records, refused, duplicates, lookups=misses)


def _wholly(judged: str) -> str:
    """A row that becomes several is refused whole, for the reason of the first of them by name."""
    reason = "_problem.column_name || ' ' || _problem.reason"
    first = f"arg_min(_problem, {reason}) over (partition by row_number)"
    return f"select * replace ({first} as _problem) from ({judged})"


def typed_rows(file: SourceFile, paths: Sequence[Path]) -> str:
    """Rows of source files in the declared columns, also where an old file lacks one."""
    columns = {"row_number": "bigint"} | {c.name: c.duckdb_type for c in file.columns}
    empty = ", ".join(f"cast(null as {kind}) as {name(c)}" for c, kind in columns.items())
    query = f"select {empty} where false"
    if paths:
        files = quoted_list(paths)
        query += f" union all by name select * from read_parquet({files}, union_by_name = true)"
    return query


def _latest(file: SourceFile, batches: Sequence[Batch], lake: Path) -> str:
    """The latest version per key over the batches, which come in the order of extracts.

    Without row_number, so that a mapping can say row_number and mean its own rows.
    """
    key = ", ".join(name(column) for column in file.key)
    parts = (
        " union all by name ".join(
            f"select *, {i} as _order from ({typed_rows(file, [batch.source_path(lake)])})"
            for i, batch in enumerate(batches)
        )
        or f"select *, 0 as _order from ({typed_rows(file, [])})"
    )
    return (
        f"select * exclude (_order, row_number) from ({parts}) qualify row_number() over "
        f"(partition by {key} order by _order desc, row_number desc) = 1"
    )


def _row_problem(
    connection: duckdb.DuckDBPyConnection, table: str, count: int, *, several: bool
) -> str | None:
    """A mapping gives one row for each row it is given, or the accounts would not close; one that
    is said to give several gives them for rows it was given."""
    given = _number(connection, "select count(*) from _mapped")
    matched = _number(
        connection,
        f"select count(*) from {table} where row_number in (select row_number from _mapped)",
    )
    if several:
        strange = _number(
            connection,
            f"select count(*) from _mapped "
            f"where row_number is null or row_number not in (select row_number from {table})",
        )
        return f"{strange:,} of its rows have the row_number of no row" if strange else None
    if given == matched == count:
        return None
    return (
        f"it gives {given:,} rows for {count:,}, {matched:,} of them once or more; a look-up may "
        f"not be unique, or rows are dropped in SQL instead of by when. Where a row is meant to "
        f"become several, say so in its mapping: several: true"
    )


def _drop_duplicates(connection: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    """Of rows with one key the last version stays, and of equal versions the last row.

    Entries of a ledger add up: there only rows equal in every column are duplicates. The number of
    rows of the file of which nothing stays.
    """
    every = [c.name for c in contract.columns]
    columns = every if contract.adds_up else contract.key
    key = ", ".join(name(column) for column in columns)
    good = "from _mapped where _problem is null"
    rows = _number(connection, f"select count(*) {good}")
    if _number(connection, f"select count(*) from (select distinct {key} {good})") == rows:
        return 0
    version = (
        f"{name(contract.version_column)} desc nulls last, " if contract.version_column else ""
    )
    # One row may give a key twice: then whatever its columns say decides, the same every time.
    others = ", ".join(map(name, every))
    before = _number(connection, f"select count(distinct row_number) {good}")
    connection.execute(
        f"delete from _mapped where _problem is null and rowid not in (select rowid "
        f"{good} qualify row_number() over (partition by {key} order by {version}"
        f"row_number desc, {others}) = 1)",
    )
    return before - _number(connection, f"select count(distinct row_number) {good}")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write rows and count of how many rows of the landing file they are."""
    with whole(path) as temporary:
        file = quote(temporary)
        connection.execute(f"copy ({query}) to {file} (format parquet, compression zstd)")
        return _number(connection, f"select count(distinct row_number) from read_parquet({file})")


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


_changed = _number  # a statement that changes rows answers with their number
