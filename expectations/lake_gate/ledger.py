"""Gate 1: every file and every row is accounted for.

Here: checks on the load ledger (one row per file and mapping). Not here: how many rows to expect
and how fresh they are (`delivery`), or what the rows say (`contract_suite`).

Accounts are checked for every file, every night. How much of a file may be bad is a question asked
once, of files that are in no published version yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from expectations.checks.model import CheckResult, verdict
from expectations.lake_gate.contract_suite import GATE
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.lake.load_summary import FileId, Judged, LedgerRow, LoadId, file_id

# Seen: one or two bad rows in nightly files of 2 to 40 rows, which any rate would refuse. From six
# bad rows on, or where nothing of a file is left, the export itself is at fault.
FEW_BAD_ROWS, FEWEST_ROWS = 5, 3
FEWEST_FOUND = 10  # of fewer references none found may be chance


def as_published(
    ledger: Sequence[LedgerRow], published: Mapping[LoadId, Judged]
) -> frozenset[FileId]:
    """The published files that give tonight what they gave then.

    What is loaded follows from the adapter and the contract too. Where an edit of theirs loses
    rows of a file, or a mapping was added, the file has not been judged yet.
    """
    worse = set()
    for row in ledger:
        if row["status"] in ("loaded", "quarantined"):
            then = published.get((*file_id(row), row["mapping"]))
            if (
                then is None
                or row["loaded_count"] < then.loaded_count
                or row["quarantined_count"] > then.quarantined_count
            ):
                worse.add(file_id(row))
    return frozenset((name, content) for name, content, _ in published) - worse


def ledger_checks(
    ledger: Sequence[LedgerRow],
    published: Collection[FileId],
    unread: Sequence[str],
    refusals: Mapping[str, str] = MappingProxyType({}),
) -> list[CheckResult]:
    """All accounting checks.

    `published` are the files of the version analysts read now that are as they were; `unread`
    says which landing files no adapter read, and why; `refusals` why the first row of a batch was
    refused.
    """
    loaded = [row for row in ledger if row["status"] == "loaded"]
    new = [row for row in ledger if file_id(row) not in published]
    mapped = [row for row in new if row["status"] == "loaded" and row["entity"]]
    primary = [row for row in _primary(new) if row["status"] == "loaded" and row["entity"]]
    return [
        _something_loaded(loaded),
        *(_accounted(table, rows) for table, rows in _by_table(loaded)),
        *(_within_quarantine(table, rows, refusals) for table, rows in _by_table(mapped)),
        *(_left_out(table, rows) for table, rows in _by_table(primary)),
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
        expected="rows = loaded + quarantined + duplicates + skipped",
        description="Every input row is loaded, quarantined with a reason, a counted duplicate, or "
        "one the mapping does not concern",
    )


def _within_quarantine(
    table: str, rows: Sequence[LedgerRow], refusals: Mapping[str, str]
) -> CheckResult:
    limit = load_contracts()[table].max_quarantine_rate
    over = [
        f"{row['file_name']}: {row['quarantined_count']} of {row['row_count']} rows quarantined"
        + (f", the first because {why}" if (why := refusals.get(str(row["batch_id"]))) else "")
        for row in rows
        if row["quarantined_count"] > limit * row["row_count"]
        and (not limit or _tells_something(row))
    ]
    return verdict(
        GATE,
        table,
        "quarantine_rate",
        over,
        checked=f"{len(rows)} new files",
        expected=f"at most {limit:.0%} of a file's rows, or {FEW_BAD_ROWS} rows"
        if limit
        else "no row refused",
        description="More bad rows than usual mean that the export itself changed",
    )


def _tells_something(row: LedgerRow) -> bool:
    """One bad row among seven of a quiet night is over the limit and says nothing."""
    bad = row["quarantined_count"]
    return bool(bad > FEW_BAD_ROWS or (bad == row["row_count"] and bad >= FEWEST_ROWS))


def _primary(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """The load of each file that its first mapping made: the ledger keeps their order."""
    first: dict[str, LedgerRow] = {}
    for row in rows:
        first.setdefault(str(row["batch_id"]), row)
    return list(first.values())


def _left_out(table: str, rows: Sequence[LedgerRow]) -> CheckResult:
    """A vendor who now writes LIVE for live is no error anywhere else: no row is refused."""
    most = [row for row in rows if row["skipped_count"] * 2 > row["file_row_count"]]
    nothing = [row for row in most if not row["loaded_count"] + row["duplicate_count"]]
    said = [
        f"{row['file_name']}: every row of {row['skipped_count']} was left out by the rule (when) "
        f"of mapping {row['mapping']}"
        for row in nothing
    ]
    said += [
        f"{row['file_name']}: {row['skipped_count']} of {row['file_row_count']} rows were left out "
        f"by the rule (when) of mapping {row['mapping']}"
        for row in most
        if row not in nothing
    ]
    # One or two rows, such as two previews of a survey on a quiet day, say nothing.
    lost = any(row["skipped_count"] >= FEWEST_ROWS for row in nothing)
    return verdict(
        GATE,
        table,
        "rows_left_out",
        said,
        checked=f"{len(rows)} new files",
        expected="a file's first mapping takes most of its rows, and never none",
        description="Rows the adapter's rule leaves out are in no table and in no quarantine",
        severity="error" if lost or not said else "warning",
    )


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


def found_in_lookups(
    rows: Sequence[Mapping[str, Any]], published: Collection[FileId]
) -> CheckResult:
    """New files whose rows name what a look-up lacks. Where it has nothing of all that is named,
    the ids are of another kind, or the look-up's own file did not come."""
    new = [row for row in rows if (row["file_name"], row["content_sha256"]) not in published]
    missed = [row for row in new if row["miss_count"]]
    none_found = [
        row for row in missed if row["miss_count"] == row["reference_count"] >= FEWEST_FOUND
    ]
    said = [
        f"{row['file_name']}: mapping {row['mapping']} finds {row['miss_count']:,} of "
        f"{row['reference_count']:,} not in {row['lookup']}"
        for row in sorted(missed, key=lambda row: row not in none_found)
    ]
    return verdict(
        GATE,
        "landing",
        "found_in_lookups",
        said,
        checked=f"{len(new)} look-ups of new files",
        expected="every row that names a row of another file finds it",
        description="What a look-up lacks is NULL: the value it was to give is not there",
        severity="error" if none_found or not said else "warning",
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
        f"{row['file_name']}: {', '.join(row['unknown_columns'])}{_lacks(row)}": None
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
        description="Columns the adapter does not know are ignored; one of them may be the new "
        "name of a column the file lacks",
        severity="warning",
    )


def _lacks(row: LedgerRow) -> str:
    absent = row["absent_columns"]
    return f"; it lacks {', '.join(absent)}" if absent else ""
