"""The lake as dbt sees it: one DuckDB file of views over the Parquet files a run may read.

Here: the views, the run's parameters, and the holidays in it. Not here: how the files came to be
(`ingest`), or what is made of them (`dbt_project`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from orchestration.lib.base.sql import quote, quoted_list
from orchestration.lib.contracts.contract import (
    EMAIL,
    EMAIL_TAKEN_OUT,
    Contract,
    load_contracts,
)
from orchestration.lib.contracts.lake_columns import stored_columns

# What a published night said of a programme: columns and types of `lake.main.published_verdicts`.
VERDICT_COLUMNS = {
    "programme_id": "varchar",
    "programme_name": "varchar",
    "segmentation": "varchar",
    "segment": "varchar",
    "verdict_date": "date",
    "last_month_date": "date",
    "method": "varchar",
    "verdict": "varchar",
    "verdict_reason": "varchar",
    "treated_customer_count": "bigint",
    "effect_amount": "decimal(18,4)",
    "effect_standard_error_amount": "decimal(18,4)",
    "effect_low_amount": "decimal(18,4)",
    "effect_high_amount": "decimal(18,4)",
    "cost_per_month_amount": "decimal(18,4)",
    "roi_rate": "double",
    "is_final": "boolean",
}


@dataclass(frozen=True)
class RunParameters:
    """What a run is told: the one row of `lake.main.run_parameters`."""

    run_id: str
    as_of_date: date
    time_zone: str
    reporting_currency: str
    pseudonym_key: str


def build_lake_database(
    path: Path,
    files: Mapping[str, Sequence[Path]],
    parameters: RunParameters,
    verdicts: Sequence[Mapping[str, Any]] = (),
    gone: Mapping[str, date] = MappingProxyType({}),
) -> None:
    """Write `path` anew: a view per entity (empty where there is no file) and the parameters.

    `verdicts`: what published nights said of programmes, values as text. `gone`: of batches, the
    day of the first full extract that lacks what they hold.
    """
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table gone_batches (batch_id varchar, gone_date date)")
        if gone:
            connection.executemany("insert into gone_batches values (?, ?)", list(gone.items()))
        for entity, contract in load_contracts().items():
            connection.execute(_entity_view(contract, files.get(entity, ()), any_gone=bool(gone)))
        connection.execute(
            "create table run_parameters (run_id varchar, as_of_date date, time_zone varchar, "
            "reporting_currency varchar, pseudonym_key varchar)"
        )
        connection.execute(
            "insert into run_parameters values (?, ?, ?, ?, ?)", list(asdict(parameters).values())
        )
        columns = ", ".join(f"{name} {type_}" for name, type_ in VERDICT_COLUMNS.items())
        connection.execute(f"create table published_verdicts ({columns})")
        if verdicts:
            connection.executemany(
                f"insert into published_verdicts values ({', '.join('?' * len(VERDICT_COLUMNS))})",
                [[verdict[name] for name in VERDICT_COLUMNS] for verdict in verdicts],
            )


def holidays(path: Path) -> frozenset[date]:
    """Local days on which some schedule of the desk is closed."""
    with duckdb.connect(str(path), read_only=True) as connection:
        days = connection.execute("select distinct holiday_date from holidays").fetchall()
    return frozenset(day for (day,) in days if day is not None)


def _entity_view(contract: Contract, files: Sequence[Path], *, any_gone: bool) -> str:
    """The columns of today's contract; NULL in files written before a column was declared."""
    columns = stored_columns(contract)
    body = "select " + ", ".join(f"cast(null as {t}) as {n}" for n, t in columns.items())
    body += " where false"
    if files:
        read = f"read_parquet({quoted_list(files)}, union_by_name = true)"
        body = f"select {', '.join(columns)} from ({body} union all by name select * from {read})"
    labels = ", ".join(map(_without_emails, contract.labels))
    cleaned = f" replace ({labels})" if labels else ""
    dates = "gone_batches.gone_date" if any_gone else "cast(null as date) as gone_date"
    join = "left join gone_batches on gone_batches.batch_id = stored.batch_id" if any_gone else ""
    return (
        f"create view {contract.entity} as select stored.*{cleaned}, {dates}"
        f" from ({body}) as stored {join}"
    )


def _without_emails(column: str) -> str:
    """A label as it is read; the files keep what came."""
    taken_out = f"regexp_replace({column}, {quote(EMAIL)}, {quote(EMAIL_TAKEN_OUT)}, 'g')"
    return f"case when contains({column}, '@') then {taken_out} else {column} end as {column}"
