"""Gate 1: is all there that was there before?

Here: files without rows or columns, whole lists, and files sent again, from the load ledger. Not
here: how many rows are usual (`volume`), whether rows add up (`ledger`), or whether something did
not come (`freshness`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from expectations.checks.model import CheckResult, verdict
from expectations.checks.thresholds import FEW_LOST, MOST_LOST, is_cut
from expectations.lake_gate.contract_suite import GATE
from expectations.lake_gate.volume import DELIVERED
from orchestration.lib.lake.load_summary import FileId, Judged, LedgerRow, LoadId, file_id


def empty_files(ledger: Sequence[LedgerRow], published: Collection[FileId]) -> CheckResult:
    """New files with headings alone: a quiet day of a kind that had rows before, or no export."""
    delivered = [row for row in ledger if row["status"] in DELIVERED]
    first: dict[str, date] = {}
    for row in delivered:
        if row["file_row_count"]:
            day = first.get(_kind(row), date.max)
            first[_kind(row)] = min(day, row["extract_date"])
    empty = {
        str(row["file_name"]): first.get(_kind(row), date.max) > row["extract_date"]
        for row in delivered
        if not row["file_row_count"] and file_id(row) not in published
    }
    ordered = sorted(empty.items(), key=lambda item: not item[1])
    said = [
        f"{name} has no rows" + (", nor had any of its kind before" if is_first else "")
        for name, is_first in ordered
    ]
    return verdict(
        GATE,
        "landing",
        "empty_file",
        said,
        checked=f"{len({file_id(row) for row in delivered} - set(published))} new files",
        expected="rows in every file; at least in the first of its kind",
        description="A file without rows is a quiet day, or an export that failed quietly",
        severity="error" if any(empty.values()) or not said else "warning",
    )


def columns_lost(ledger: Sequence[LedgerRow], published: Collection[FileId]) -> CheckResult:
    """New files without a column that every file of their name had on the day before.

    Its values would be NULL from now on, and take the place of the good ones of the same records.
    Keys of JSON lines come and go with the records, so these are not compared.
    """
    days: dict[str, dict[date, list[frozenset[str]]]] = defaultdict(lambda: defaultdict(list))
    for row in ledger:
        if row["status"] in DELIVERED and row["is_first_mapping"] and _has_headings(row):
            absent = frozenset(row["absent_columns"])
            days[_series(row)][row["extract_date"]].append(absent)
    new = [
        row
        for row in ledger
        if row["status"] == "loaded" and row["is_first_mapping"] and _has_headings(row)
        if file_id(row) not in published
    ]
    said = []
    for row in new:
        earlier = [day for day in days[_series(row)] if day < row["extract_date"]]
        if not earlier:
            continue
        lacked = frozenset().union(*days[_series(row)][max(earlier)])
        if lost := [label for label in row["absent_columns"] if label not in lacked]:
            unknown = ", ".join(row["unknown_columns"])
            said.append(
                f"{row['file_name']} lacks {', '.join(lost)}, there on {max(earlier)}"
                + (f"; it has the unknown {unknown}" if unknown else "")
            )
    return verdict(
        GATE,
        "landing",
        "column_lost",
        said,
        checked=f"{len(new)} new files",
        expected="every column the files of the day before had",
        description="A column that is gone, or has another name, is NULL in every row",
    )


def _series(row: LedgerRow) -> str:
    """Files that differ in days and numbers only: a file beside them may have fewer columns."""
    return f"{_kind(row)} {re.sub('[0-9]+', '', str(row['file_name']))}"


def _has_headings(row: LedgerRow) -> bool:
    named = str(row["file_name"]).removesuffix(".gz")
    return row["absent_columns"] is not None and not named.endswith(".jsonl")


def full_extract(
    ledger: Sequence[LedgerRow],
    published: Collection[FileId],
    kinds: Collection[tuple[str, str]],
) -> CheckResult:
    """New whole lists, each against the one before: what is missing in them is taken as gone.

    A list of which rows were refused is none, and takes nothing away; that is said.
    """
    rows: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    refused: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    new = set()
    for row in ledger:
        kind = (str(row["source_system"]), str(row["file_role"]))
        if kind not in kinds or row["status"] == "superseded":
            continue
        day = row["extract_date"]
        lost = row["file_row_count"] if row["status"] == "quarantined" else row["quarantined_count"]
        refused[kind][day] += max(lost, row["status"] == "quarantined")
        if row["is_first_mapping"]:
            rows[kind][day] += row["file_row_count"]
        if file_id(row) not in published:
            new.add((kind, day))
    short, incomplete = [], []
    for kind, day in sorted(new):
        name = "/".join(kind)
        if refused[kind][day]:
            incomplete.append(
                f"{name}, {day}: {refused[kind][day]:,} rows or files refused, so nothing that is "
                f"missing is taken as gone"
            )
            continue
        whole = [d for d in rows[kind] if d < day and not refused[kind][d]]
        if whole and is_cut(before := rows[kind][max(whole)], rows[kind][day]):
            short.append(
                f"{name}, {day}: {rows[kind][day]:,} rows, {before:,} on {max(whole)}; what is "
                f"missing would be taken as gone"
            )
    return verdict(
        GATE,
        "landing",
        "full_extract",
        [*short, *incomplete],
        checked=f"{len(new)} new days of {len(kinds)} kinds of files",
        expected=f"at most {MOST_LOST:.0%} or {FEW_LOST} rows fewer than the day before, none "
        f"refused",
        description="Of a full extract what is missing is gone: a cut one would end contracts",
        severity="error" if short or not incomplete else "warning",
    )


def corrections(ledger: Sequence[LedgerRow], published: Mapping[LoadId, Judged]) -> CheckResult:
    """Files sent again, each beside the content of it that analysts read: what it replaces is gone.

    The median of other days says nothing here: a first whole export is like none of them.
    """
    replaced: dict[tuple[object, ...], int] = {}
    for row in ledger:
        then = published.get(_load(row))
        if row["status"] == "superseded" and then:
            replaced[_place(row)] = max(replaced.get(_place(row), 0), then.loaded_count)
    again = [
        row
        for row in ledger
        if row["status"] in DELIVERED
        and _place(row) in replaced
        and not (_load(row) in published and published[_load(row)].loaded_count)
    ]
    cut = [
        f"{row['file_name']}: {kept:,} rows, {before:,} published"
        for row in again
        if is_cut(
            before := replaced[_place(row)], kept := row["loaded_count"] + row["duplicate_count"]
        )
    ]
    return verdict(
        GATE,
        "landing",
        "correction",
        cut,
        checked=f"{len(again)} files sent again",
        expected=f"at most {MOST_LOST:.0%} of the rows taken back, or {FEW_LOST} rows",
        description="A file sent again replaces the one before, with all that is missing in it",
    )


def _kind(row: LedgerRow) -> str:
    return f"{row['source_system']}/{row['file_role']}"


def _load(row: LedgerRow) -> LoadId:
    return (*file_id(row), row["mapping"])


def _place(row: LedgerRow) -> tuple[object, ...]:
    """What versions of one file have in common."""
    return row["file_name"], row["extract_date"], row["mapping"]
