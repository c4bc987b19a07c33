"""The lake as dbt sees it: one DuckDB file of views over the Parquet files a run may read.

Here: lineage columns, the views, and the run's parameters. Not here: how the files came to be
(`ingest`), or what is made of them (`dbt_project`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.lib.base.sql import quoted_list
from orchestration.lib.contracts.contract import Contract, load_contracts

LINEAGE = {
    "source_system": ("varchar", "Adapter that read the row"),
    "batch_id": ("varchar", "Load of one landing file"),
    "extract_date": ("date", "Day the extract was taken"),
    "file_name": ("varchar", "Landing file, relative to the landing folder"),
    "row_number": ("bigint", "Row in that file, the first row after the headings being 1"),
}


@dataclass(frozen=True)
class RunParameters:
    """What a run is told: the one row of `lake.main.run_parameters`."""

    run_id: str
    as_of_date: date
    time_zone: str
    reporting_currency: str
    pseudonym_key: str


def lake_columns(contract: Contract) -> dict[str, str]:
    """Column names and DuckDB types of an entity's Parquet files, in order."""
    return {c.name: c.duckdb_type for c in contract.columns} | {
        n: t for n, (t, _) in LINEAGE.items()
    }


def build_lake_database(
    path: Path, files: Mapping[str, Sequence[Path]], parameters: RunParameters
) -> None:
    """Write `path` anew: a view per entity (empty where there is no file) and the parameters."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        for entity, contract in load_contracts().items():
            connection.execute(_entity_view(contract, files.get(entity, ())))
        connection.execute(
            "create table run_parameters (run_id varchar, as_of_date date, time_zone varchar, "
            "reporting_currency varchar, pseudonym_key varchar)"
        )
        connection.execute(
            "insert into run_parameters values (?, ?, ?, ?, ?)", list(asdict(parameters).values())
        )


def _entity_view(contract: Contract, files: Sequence[Path]) -> str:
    columns = lake_columns(contract)
    if files:
        names = ", ".join(columns)
        body = f"select {names} from read_parquet({quoted_list(files)}, union_by_name = true)"
    else:
        body = "select " + ", ".join(f"cast(null as {t}) as {n}" for n, t in columns.items())
        body += " where false"
    return f"create view {contract.entity} as {body}"
