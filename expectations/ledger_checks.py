"""Gate 1: every file and every row is accounted for.

Here: checks on the load ledger (one row per file and mapping). Not here: how many rows to expect
and how fresh they are (`delivery_checks`), or what the rows say (`lake_suite`).

A file is *new* until it is part of a published version. Only new files block: what was published,
with a reason or before a rule existed, is shown as a warning from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from expectations.checks import CheckResult, verdict
from expectations.lake_suite import GATE
from orchestration.lib.contracts import load_contracts

LedgerRow = Mapping[str, Any]
FileId = tuple[str, str]  # name and content


def file_id(row: LedgerRow) -> FileId:
    """What makes a landing file the same file: its name and its content."""
    return str(row["file_name"]), str(row["content_sha256"])


def ledger_checks(
    ledger: Sequence[LedgerRow],
    published: Collection[FileId],
    unclaimed: Sequence[str],
    unknown_columns: Mapping[str, Sequence[str]],
) -> list[CheckResult]:
    """All accounting checks. `published` are the files of the version analysts read now."""
    loaded = [row for row in ledger if row["status"] == "loaded"]
    return [
        _something_loaded(loaded),
        *_per_table(loaded, published, _accounted),
        *_per_table(
            [r for r in loaded if r["entity"] in load_contracts()], published, _within_quarantine
        ),
        *_readable(ledger, published),
        _unclaimed(unclaimed),
        _unknown_columns(unknown_columns),
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


def _per_table(
    rows: Sequence[LedgerRow],
    published: Collection[FileId],
    check: Callable[[str, Sequence[LedgerRow], bool], CheckResult],
) -> Iterator[CheckResult]:
    """One check per table over its new files and, if it failed there before, its old ones."""
    ordered = sorted(rows, key=_table)
    for table, group in groupby(ordered, key=_table):
        listed = list(group)
        new = [row for row in listed if file_id(row) not in published]
        old = [row for row in listed if file_id(row) in published]
        yield check(table, new, True)
        if (past := check(table, old, False)).status != "passed":
            yield past


def _table(row: LedgerRow) -> str:
    return str(row["entity"] or f"look-ups of {row['source_system']}")


def _accounted(table: str, rows: Sequence[LedgerRow], is_new: bool) -> CheckResult:
    wrong = [
        f"{row['file_name']}: {row['row_count']} rows, but {row['loaded_count']} loaded + "
        f"{row['quarantined_count']} quarantined + {row['duplicate_count']} duplicates"
        for row in rows
        if row["row_count"]
        != row["loaded_count"] + row["quarantined_count"] + row["duplicate_count"]
    ]
    return verdict(
        GATE,
        table,
        "rows_accounted",
        wrong,
        checked=f"{len(rows)} files",
        expected="rows = loaded + quarantined + duplicates",
        description="Every input row is loaded, quarantined with a reason, or a counted duplicate",
        severity="error" if is_new else "warning",
    )


def _within_quarantine(table: str, rows: Sequence[LedgerRow], is_new: bool) -> CheckResult:
    limit = load_contracts()[table].max_quarantine_rate
    over = [row for row in rows if row["quarantined_count"] > limit * row["row_count"]]
    return verdict(
        GATE,
        table,
        "quarantine_rate",
        [
            f"{row['file_name']}: {row['quarantined_count']} of {row['row_count']} rows quarantined"
            for row in over
        ],
        checked=f"{len(rows)} files",
        expected=f"at most {limit:.0%} of a file's rows",
        description="More bad rows than usual mean that the export itself changed",
        severity="error" if is_new else "warning",
        failed_count=len(over),
    )


def _readable(ledger: Sequence[LedgerRow], published: Collection[FileId]) -> Iterator[CheckResult]:
    """One check per source: no file is quarantined whole, unless a good one came in its place."""
    replaced = {_delivery(row) for row in ledger if row["status"] == "loaded"}
    by_system = groupby(
        sorted(ledger, key=lambda row: str(row["source_system"])),
        key=lambda row: str(row["source_system"]),
    )
    for system, group in by_system:
        rows = list(group)
        lost = {
            file_id(row): row
            for row in rows
            if row["status"] == "quarantined" and _delivery(row) not in replaced
        }
        is_new = any(identity not in published for identity in lost)
        yield verdict(
            GATE,
            system,
            "file_is_readable",
            [f"{row['file_name']}: {row['reason']}" for row in lost.values()],
            checked=f"{len({file_id(row) for row in rows})} files",
            expected="no file refused as a whole",
            description="A file that cannot be read is missing data until it is sent again",
            severity="error" if is_new or not lost else "warning",
        )


def _delivery(row: LedgerRow) -> tuple[Any, ...]:
    return row["source_system"], row["file_role"], row["extract_date"]


def _unclaimed(files: Sequence[str]) -> CheckResult:
    return verdict(
        GATE,
        "landing",
        "every_file_claimed",
        list(files),
        checked=f"{len(files)} files nobody reads",
        expected="every file belongs to an adapter",
        description="A file that matches no adapter is not loaded; its name may have changed",
        severity="warning",
    )


def _unknown_columns(columns: Mapping[str, Sequence[str]]) -> CheckResult:
    return verdict(
        GATE,
        "landing",
        "every_column_known",
        [f"{file}: {', '.join(names)}" for file, names in columns.items()],
        checked=f"{len(columns)} files with new columns",
        expected="every column is named in the adapter",
        description="Columns the adapter does not know are ignored",
        severity="warning",
    )
