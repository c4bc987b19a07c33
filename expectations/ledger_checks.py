"""Gate 1: every file and every row is accounted for.

Here: checks on the load ledger (one row per file and mapping). Not here: how many rows to expect
and how fresh they are (`delivery_checks`), or what the rows say (`lake_suite`).

Accounts are checked for every file, every night. How much of a file may be bad is a question asked
once, of files that are in no published version yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from expectations.checks import CheckResult, verdict
from expectations.lake_suite import GATE
from orchestration.lib.contracts import load_contracts

LedgerRow = Mapping[str, Any]
FileId = tuple[str, str]  # name and content
# Seen: one or two bad rows in nightly files of 2 to 40 rows, which any rate would refuse. From six
# bad rows on, or where nothing of a file is left, the export itself is at fault.
FEW_BAD_ROWS, FEWEST_ROWS = 5, 3


def file_id(row: LedgerRow) -> FileId:
    """What makes a landing file the same file: its name and its content."""
    return str(row["file_name"]), str(row["content_sha256"])


def ledger_checks(
    ledger: Sequence[LedgerRow], published: Collection[FileId], unread: Sequence[str]
) -> list[CheckResult]:
    """All accounting checks.

    `published` are the files of the version analysts read now; `unread` says which landing files
    no adapter read, and why.
    """
    loaded = [row for row in ledger if row["status"] == "loaded"]
    new = [row for row in ledger if file_id(row) not in published]
    mapped = [row for row in new if row["status"] == "loaded" and row["entity"]]
    return [
        _something_loaded(loaded),
        *(_accounted(table, rows) for table, rows in _by_table(loaded)),
        *(_within_quarantine(table, rows) for table, rows in _by_table(mapped)),
        *_readable(ledger, published),
        _unread(unread),
        _unknown_columns(new),
    ]


def _something_loaded(loaded: Sequence[LedgerRow]) -> CheckResult:
    return verdict(
        GATE,
        "ledger",
        "something_loaded",
        [] if loaded else ["No file was loaded. Is CX_LANDING right?"],
        checked=f"{len(loaded)} loads",
        expected="at least one file",
        description="A night without data is not a night",
    )


def _by_table(rows: Sequence[LedgerRow]) -> Iterator[tuple[str, list[LedgerRow]]]:
    for table, group in groupby(sorted(rows, key=_table), key=_table):
        yield table, list(group)


def _table(row: LedgerRow) -> str:
    return str(row["entity"] or f"look-ups of {row['source_system']}")


def _accounted(table: str, rows: Sequence[LedgerRow]) -> CheckResult:
    wrong = []
    for row in rows:
        parts = [row[f"{kind}_count"] for kind in ("loaded", "quarantined", "duplicate")]
        concerned = row["file_row_count"] - row["skipped_count"]
        if not concerned == row["row_count"] == sum(parts):
            wrong.append(
                f"{row['file_name']}: {row['file_row_count']} rows, but {parts[0]} loaded + "
                f"{parts[1]} quarantined + {parts[2]} duplicates + {row['skipped_count']} skipped"
            )
    return verdict(
        GATE,
        table,
        "rows_accounted",
        wrong,
        checked=f"{len(rows)} files",
        expected="rows = loaded + quarantined + duplicates + those the mapping does not concern",
        description="Every input row is loaded, quarantined with a reason, or a counted duplicate",
    )


def _within_quarantine(table: str, rows: Sequence[LedgerRow]) -> CheckResult:
    limit = load_contracts()[table].max_quarantine_rate
    over = [
        f"{row['file_name']}: {row['quarantined_count']} of {row['row_count']} rows quarantined"
        for row in rows
        if row["quarantined_count"] > limit * row["row_count"] and _tells_something(row)
    ]
    return verdict(
        GATE,
        table,
        "quarantine_rate",
        over,
        checked=f"{len(rows)} new files",
        expected=f"at most {limit:.0%} of a file's rows, or {FEW_BAD_ROWS} rows",
        description="More bad rows than usual mean that the export itself changed",
    )


def _tells_something(row: LedgerRow) -> bool:
    """One bad row among seven of a quiet night is over the limit and says nothing."""
    bad = row["quarantined_count"]
    return bool(bad > FEW_BAD_ROWS or (bad == row["row_count"] and bad >= FEWEST_ROWS))


def _readable(ledger: Sequence[LedgerRow], published: Collection[FileId]) -> Iterator[CheckResult]:
    """One check per source. Sending a file again under its name takes it out of quarantine."""
    ordered = sorted(ledger, key=lambda row: str(row["source_system"]))
    for system, group in groupby(ordered, key=lambda row: str(row["source_system"])):
        rows = list(group)
        lost = [row for row in rows if row["status"] == "quarantined"]
        is_new = any(file_id(row) not in published for row in lost)
        yield verdict(
            GATE,
            system,
            "file_is_readable",
            [f"{row['file_name']}: {row['reason']}" for row in lost],
            checked=f"{len({file_id(row) for row in rows})} files",
            expected="no file refused as a whole",
            description="A file that cannot be read is missing data until it is sent again",
            severity="error" if is_new or not lost else "warning",
        )


def _unread(files: Sequence[str]) -> CheckResult:
    return verdict(
        GATE,
        "landing",
        "every_file_read",
        list(files),
        checked=f"{len(files)} files left aside",
        expected="every file belongs to an adapter",
        description="A file that matches no adapter is not loaded; its name may have changed",
        severity="warning",
    )


def _unknown_columns(rows: Sequence[LedgerRow]) -> CheckResult:
    said = {
        f"{row['file_name']}: {', '.join(row['unknown_columns'])}": None
        for row in rows
        if row["unknown_columns"]
    }
    return verdict(
        GATE,
        "landing",
        "every_column_known",
        list(said),
        checked=f"{len({file_id(row) for row in rows})} new files",
        expected="every column is named in the adapter",
        description="Columns the adapter does not know are ignored",
        severity="warning",
    )
