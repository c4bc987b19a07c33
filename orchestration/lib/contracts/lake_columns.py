"""Columns of an entity in the lake: those of its contract, and where each row came from.

Here: names, types and descriptions. Not here: the files (`ingest`), or the views (`lake`).
"""

from __future__ import annotations

from orchestration.lib.contracts.contract import Contract

LINEAGE = {
    "source_system": ("varchar", "Adapter that read the row"),
    "batch_id": ("varchar", "Load of one landing file"),
    "extract_date": ("date", "Day the extract was taken"),
    "file_name": ("varchar", "Landing file, relative to the landing folder"),
    "row_number": ("bigint", "Row in that file, the first row after the headings being 1"),
}

# Not in the files: it follows from those that came later.
GONE = {
    "gone_date": ("date", "Day of the first full extract that lacks what the file holds, if any")
}


def lake_columns(contract: Contract) -> dict[str, str]:
    """Column names and DuckDB types of an entity as dbt sees it, in order."""
    return stored_columns(contract) | {n: t for n, (t, _) in GONE.items()}


def stored_columns(contract: Contract) -> dict[str, str]:
    """Column names and DuckDB types of an entity's Parquet files, in order."""
    return {c.name: c.duckdb_type for c in contract.columns} | {
        n: t for n, (t, _) in LINEAGE.items()
    }
