"""The evidence as tables of the published file: what ran, was loaded, refused, checked, restated.

Here: the tables and their descriptions. Nothing personal: no raw line, no masked value, and
what looks like an e-mail address in a message is masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from expectations.checks.model import MASK
from orchestration.lib.base.home import Home
from orchestration.lib.base.sql import quote
from orchestration.lib.contracts.contract import EMAIL
from orchestration.lib.lake.load_summary import COUNTED
from orchestration.lib.publication.evidence import GATES, Document, Evidence
from orchestration.lib.publication.fingerprint import TableFingerprint, fingerprints
from orchestration.lib.publication.restatements import record_restatements
from orchestration.lib.publication.run_record import all_runs
from orchestration.lib.publication.versions import SCHEMA


class AuditTable(NamedTuple):
    """A table: what a row is, and type and meaning of each column."""

    comment: str
    columns: Mapping[str, tuple[str, str]]


COUNT = "bigint"
FILE = {
    "file_name": ("varchar", "Landing file, relative to the landing folder"),
    "source_system": ("varchar", "Adapter that read it"),
    "file_role": ("varchar", "Which of the adapter's files it is"),
    "mapping": (
        "varchar",
        "Mapping onto the contract; NULL for files only looked things up in",
    ),
    "entity": ("varchar", "Entity of the contract the mapping fills"),
    "extract_date": ("date", "Day the extract was taken"),
    "batch_id": ("varchar", "Load of one content of one landing file"),
}
TABLES = {
    "run_log": AuditTable(
        "Grain: one row per run, this one included.",
        {
            "run_id": ("varchar", "Id of the run"),
            "as_of_date": ("date", "Data date"),
            "status": ("varchar", "published, checked, refused (a gate failed), failed, crashed"),
            "started_at": ("timestamp", "Start (UTC)"),
            "ended_at": ("timestamp", "End (UTC); NULL for this run and for crashed ones"),
            "reasons": ("varchar", "Why it was not published"),
            "accepted": ("varchar", "Failed checks a person vouched for, with the reason"),
            "stale_sources": (
                "varchar",
                "Sources and kinds of files that did not come for the data date, with the day they "
                "are of: what rests on them is old; NULL = all came",
            ),
            "file_count": (COUNT, "Landing files that count for its data date (files)"),
            "row_count": (
                COUNT,
                "Rows in them, each once = loaded + quarantined + duplicate + skipped (rows)",
            ),
            "loaded_count": (COUNT, "Rows loaded (rows)"),
            "quarantined_count": (COUNT, "Rows refused (rows)"),
            "duplicate_count": (COUNT, "Rows that were there already (rows)"),
            "skipped_count": (COUNT, "Rows the adapter leaves out, such as survey previews (rows)"),
            "code_version": ("varchar", "Version of the pipeline"),
            "git_commit": ("varchar", "Commit of the pipeline, if run from a repository"),
            "duckdb_version": ("varchar", "Version of DuckDB"),
        },
    ),
    "load_ledger": AuditTable(
        "Grain: one row per version of a landing file and mapping.",
        FILE
        | {
            "is_first_mapping": (
                "boolean",
                "Whether each row of the file is counted here once, in run_log too",
            ),
            "content_sha256": ("varchar", "SHA-256 of the file"),
            "version": (COUNT, "Counts the contents this file has had"),
            "status": ("varchar", "loaded, quarantined (as a whole), duplicate or superseded"),
            "reason": ("varchar", "Why the file was refused"),
            "unknown_columns": ("varchar[]", "Columns the adapter does not know; ignored"),
            "absent_columns": (
                "varchar[]",
                "Optional columns the file lacks, NULL in every row; NULL = not noted at the time",
            ),
            "file_row_count": (COUNT, "Rows in the file (rows)"),
            "row_count": (COUNT, "loaded + quarantined + duplicate; + skipped = the file (rows)"),
            "loaded_count": (COUNT, "Rows loaded (rows)"),
            "record_count": (
                COUNT,
                "Rows of the entity they became: more where a row becomes several (rows)",
            ),
            "quarantined_count": (COUNT, "Rows refused (rows)"),
            "duplicate_count": (COUNT, "Rows that were there already (rows)"),
            "skipped_count": (COUNT, "Rows the mapping does not concern (rows)"),
            "footer_count": (COUNT, "Trailing lines that are no rows (lines)"),
            "loaded_at": ("varchar", "When the file was read (UTC)"),
        },
    ),
    "quarantine": AuditTable(
        "Grain: one row per refused row. The line itself stays in the restricted part.",
        FILE
        | {
            "row_number": (COUNT, "Row in the file, the first after the headings being 1"),
            "column_name": ("varchar", "Column at fault"),
            "reason": ("varchar", "Why the row was refused"),
        },
    ),
    "quality_results": AuditTable(
        "Grain: one row per check of the run that published this file.",
        {
            "run_id": ("varchar", "Id of the run"),
            "gate": ("varchar", "lake (before the build), dbt (its data tests), marts (after)"),
            "table_name": ("varchar", "Table or source that was checked"),
            "check_name": ("varchar", "Name of the check"),
            "column_name": ("varchar", "Column, if the check is about one"),
            "severity": ("varchar", "error blocks publication, warning does not"),
            "status": ("varchar", "passed or failed"),
            "observed": ("varchar", "What was found"),
            "expected": ("varchar", "What was expected"),
            "failed_count": (COUNT, "Rows or files that broke the rule"),
            "sample": ("varchar", "First examples; personal values are masked"),
            "description": ("varchar", "Why the check is made"),
        },
    ),
    "restatements": AuditTable(
        "Grain: one row per headline metric, closed month and publication that changed it.",
        {
            "metric_name": ("varchar", "Column of fct_segment_roi, all customers, by month"),
            "month_date": ("date", "First day of the closed month"),
            "run_id": ("varchar", "Run that published another value"),
            "as_of_date": ("date", "Its data date"),
            "restated_at": ("timestamp", "Its start (UTC)"),
            "value": ("double", "What it says; NULL = not known (unit of the metric)"),
            "previous_value": ("double", "What analysts read before (unit of the metric)"),
            "difference": ("double", "value − previous_value (unit of the metric)"),
            "previous_run_id": ("varchar", "Run that first said so"),
            "previous_as_of_date": ("date", "Its data date"),
            "cause": (
                "varchar",
                "files (read since, or read no longer), code, settings, or recomputed: it moved "
                "with data of other months",
            ),
            "file_count": (COUNT, "Files that speak of the month and were not read before (files)"),
            "files": ("varchar", "The first five of them"),
        },
    ),
}


def write_audit_tables(
    home: Home, evidence: Evidence, ledger: pa.Table, quarantine: pa.Table
) -> dict[str, TableFingerprint]:
    """Write the tables into the candidate. Their fingerprints, for the publication."""
    rows = {
        "run_log": pa.Table.from_pylist(_runs(home, evidence.run_id)),
        "load_ledger": ledger,
        "quarantine": quarantine,
        "quality_results": pa.Table.from_pylist(quality_rows(evidence)),
        "restatements": pa.Table.from_pylist(record_restatements(home, evidence, ledger)),
    }
    with duckdb.connect(str(home.candidate)) as connection:
        for name, table in TABLES.items():
            _write(connection, name, table, rows[name])
    return fingerprints(home.candidate, SCHEMA, only=TABLES)


def quality_rows(evidence: Evidence) -> list[Document]:
    """Every check of a run as flat rows: both gates and dbt's tests."""
    rows = []
    for gate in GATES:
        for result in evidence.results(gate):
            row = result.as_row()
            row["table_name"], row["column_name"] = row.pop("table"), row.pop("column")
            rows.append(row)
        if gate == "lake":
            rows += [_dbt_row(n) for n in _dbt_nodes(evidence) if n["kind"] == "test"]
    return [{"run_id": evidence.run_id, **row} for row in rows]


def _dbt_nodes(evidence: Evidence) -> list[Document]:
    return list((evidence.read("dbt") or {}).get("nodes", []))


def _dbt_row(node: Mapping[str, Any]) -> Document:
    failures = node["failures"] or 0
    return {
        "gate": "dbt",
        "table_name": node["table"],
        "check_name": node["name"],
        "column_name": None,
        "severity": "warning" if node["status"] == "warn" else "error",
        "status": "passed" if node["status"] == "pass" else "failed",
        "observed": (node["message"] or f"{failures} rows") if failures else "as expected",
        "expected": "no row breaks the rule",
        "failed_count": failures,
        "sample": node["sample"],
        "description": node["description"],
    }


def _runs(home: Home, run_id: str) -> list[Document]:
    """This run is called published: nobody can read the table before it is."""
    return [
        {
            "run_id": run["run_id"],
            "as_of_date": run["as_of_date"],
            "status": "published" if run["run_id"] == run_id else run["status"],
            "started_at": run["started_at"],
            "ended_at": run["ended_at"],
            "reasons": " ".join(run["reasons"]) or None,
            "accepted": "; ".join(f"{k}: {v}" for k, v in run["accepted"].items()) or None,
            "stale_sources": "; ".join(run.get("stale", ())) or None,
            **{f"{kind}_count": run["counts"].get(kind) for kind in COUNTED},
            "code_version": run["versions"]["cx-roi"],
            "git_commit": run["git_commit"],
            "duckdb_version": run["versions"]["duckdb"],
        }
        for run in all_runs(home.runs, run_id)
    ]


def _write(
    connection: duckdb.DuckDBPyConnection, name: str, table: AuditTable, rows: pa.Table
) -> None:
    target = f"{SCHEMA}.{name}"
    declared = ", ".join(f"{column} {type_}" for column, (type_, _) in table.columns.items())
    connection.execute(f"create or replace table {target} ({declared})")
    if rows.num_rows:
        connection.register("incoming", rows)
        values = ", ".join(_cast(column, type_) for column, (type_, _) in table.columns.items())
        connection.execute(f"insert into {target} select {values} from incoming")
        connection.unregister("incoming")
    connection.execute(f"comment on table {target} is {quote(table.comment)}")
    for column, (_, comment) in table.columns.items():
        connection.execute(f"comment on column {target}.{column} is {quote(comment)}")


def _cast(column: str, type_: str) -> str:
    if type_ == "varchar":
        return f"regexp_replace(cast({column} as varchar), {quote(EMAIL)}, {quote(MASK)}, 'g')"
    if type_ == "timestamp":
        return f"cast(cast({column} as timestamptz) at time zone 'UTC' as timestamp)"
    return f"cast({column} as {type_})"
