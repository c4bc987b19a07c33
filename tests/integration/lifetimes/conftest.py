"""The lifetime models of the night on CDNOW and on Fader & Hardie's cohort, to the printed digits.

The same SQL counts histories and the same Python models fit them as at night; only what is upstream
of them stands ready as tables. CDNOW: 2,357 customers of a music shop from 1997, calibration to
1997-09-30, hold-out to 1998-06-30 (39 weeks). The transactions ship with the `lifetimes` package;
only its data file is read. Contracts: 2,000 yearly ones of 1990, lost as in the paper's "High End"
and "Regular".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.lib.transform.dbt import _invoke
from tests.integration.upstream import opened, prepared

WEEK = 7
AS_OF = date(1998, 6, 30)
PLANS = {
    "high_end": [1000, 869, 743, 653, 593, 551, 517, 491],
    "regular": [1000, 631, 468, 382, 326, 289, 262, 241],
}
SETTINGS = {
    "clv_horizon_months": "36",
    "clv_discount_rate": "0.1",
    "clv_segmentation": "plan",
    "clv_minimum_events__pooled": "10",
    "clv_holdout_months": "9",
}


def cdnow() -> pd.DataFrame:
    spec = find_spec("lifetimes")
    assert spec is not None and spec.origin is not None
    data = pd.read_csv(
        Path(spec.origin).parent / "datasets" / "CDNOW_sample.txt",
        sep=r"\s+",
        names=["master_id", "customer", "day", "disks", "amount"],
        dtype={"day": str},
    )
    return pd.DataFrame(
        {
            "customer_key": "c" + data["customer"].astype(str),
            "business_date": pd.to_datetime(data["day"], format="%Y%m%d").dt.date,
            "transaction_kind": "sale",
            "gross_revenue_amount": data["amount"],
            "contract_id": None,
        }
    )


def contracts() -> pd.DataFrame:
    """Yearly contracts of 30 September 1990: the seventh year ends with the calibration."""
    rows: list[tuple[str, date | None]] = []
    for plan, alive in PLANS.items():
        for year, lost in enumerate(-np.diff(alive), 1):
            rows += [(plan, date(1990 + year, 9, 30))] * lost
        rows += [(plan, None)] * alive[-1]
    table = pd.DataFrame(rows, columns=["plan", "end_date"]).reset_index(names="number")
    return table.assign(
        contract_id="k" + table["number"].astype(str),
        customer_key="a" + table["number"].astype(str),
        contract_kind="subscription",
        start_date=date(1990, 9, 30),
        notice_date=None,
        billing_period="year",
        mrr_amount=100.0,
    ).drop(columns="number")


def fill(work: duckdb.DuckDBPyConnection) -> None:
    """What the lifetime models read, for a company of buyers and of contracts."""
    for schema in ("staging", "intermediate", "seeds", "candidate.cx"):
        work.execute(f"create schema if not exists {schema}")
    settings = pd.DataFrame(SETTINGS.items(), columns=["setting_name", "setting_value"])
    for name, table in (("sold", cdnow()), ("signed", contracts()), ("settings", settings)):
        work.register(name, table)
    work.execute(f"create table staging.stg_run__parameters as select date '{AS_OF}' as as_of_date")
    work.execute("create table seeds.analyst_settings as select * from settings")
    work.execute("""
        create table intermediate.int_contracts__enriched as
        select * replace (
            cast(end_date as date) as end_date, cast(notice_date as date) as notice_date
        ), 12 as billing_months from signed""")
    work.execute("""
        create table candidate.cx.fct_transactions as
        select * replace (cast(contract_id as varchar) as contract_id) from sold""")
    work.execute("""
        create table intermediate.int_contracts__price_periods as
        select contract_id, mrr_amount, start_date as from_date, end_date as to_date,
            true as is_last_period
        from intermediate.int_contracts__enriched""")
    work.execute("""
        create table intermediate.int_customer_segments__backdated as
        select customer_key, 'plan' as segmentation, plan as segment,
            date '0001-01-01' as valid_from_date, date '9999-12-31' as valid_to_date
        from (
            select customer_key, 'none' as plan from sold
            union select customer_key, plan from signed
        )""")
    # Half of every purchase is left, and 60 of the 100 that a contract pays a month.
    work.execute("""
        create table candidate.cx.fct_customer_months as
        select customer_key, cast(date_trunc('month', business_date) as date) as month_date,
            cast(sum(gross_revenue_amount) / 2 as decimal(18, 4)) as contribution_amount,
            cast(0 as decimal(18, 4)) as programme_cost_amount,
            cast(0 as decimal(18, 4)) as mrr_begin_contract_rate_amount,
            cast(0 as decimal(18, 4)) as mrr_end_contract_rate_amount,
            'inactivity_window' as activity_rule
        from sold group by all
        union all
        select customer_key, cast(month_at as date), 60, 0, 100, 100, 'contract'
        from signed, range(timestamp '1996-01-01', timestamp '1998-07-01', interval 1 month)
            as months (month_at)
        where end_date is null""")
    work.execute("""
        create table candidate.cx.fct_customer_roi as
        select distinct customer_key, as_of_date, 'person' as customer_kind,
            cast(0 as decimal(18, 4)) as historic_clv_amount,
            true as is_support_cost_recorded,
            cast(0 as bigint) as support_cost_unknown_month_count
        from intermediate.int_customer_segments__backdated, staging.stg_run__parameters""")
    work.execute("create table candidate.cx.dim_customers as from candidate.cx.fct_customer_roi")
    work.execute("""
        create table intermediate.int_expected_lifetimes__by_customer_kind as
        select 'person' as customer_kind, 0.01 as monthly_churn_rate""")


# Asks every published table for its keys; here are those of lifetimes alone.
WHOLE = ("every_foreign_key_is_found",)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = prepared(tmp_path_factory.mktemp("lifetimes"), fill)
    selected = ["path:models/analysis/lifetime_value"]
    outcome = _invoke(
        home, ["build", "--select", *selected, "--exclude", "resource_type:unit_test", *WHOLE]
    )
    wrong = [r for r in outcome.result.results if str(r.status) not in ("success", "pass", "no-op")]
    assert [(r.node.name, r.message) for r in wrong] == []
    with opened(home) as work:
        yield work


def rows(results: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    return results.execute(query).df().to_dict("records")


@pytest.fixture(scope="session")
def fits(results: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, Any]]:
    """What was fitted before the hold-out, by model and segment."""
    found = rows(results, "select * from candidate.cx.fct_clv_models where fit = 'holdout'")
    return {(row["model"], row["segment"]): row for row in found}


@pytest.fixture(scope="session")
def models(fits: dict[tuple[str, str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those of all customers."""
    return {model: row for (model, segment), row in fits.items() if segment == "all"}
