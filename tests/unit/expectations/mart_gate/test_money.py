"""The same money counted in two published tables is the same amount."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.unit.expectations.candidates import blocking, check_candidate, mart_node, reasons_against


def test_money_that_differs_between_two_tables_blocks(database: Callable[..., Path]) -> None:
    def path(billed: str) -> Path:
        months = (
            f"select {billed}::decimal(18,4) as net_revenue_amount, 1 as rateable_revenue_amount"
        )
        days = "(values (date '2025-01-02'), (date '2025-01-03')) v (business_date)"
        return database(
            "create schema cx",
            f"create table cx.fct_customer_months as {months}",
            f"create table cx.fct_transactions as select 10 as net_revenue_amount, * from {days}",
            name=f"money{billed}.duckdb",
        )

    nodes = {name: mart_node(name) for name in ("fct_customer_months", "fct_transactions")}
    assert (
        reasons_against(check_candidate(path("11"), manifest={"nodes": nodes})) == []
    )  # 11 - 1 = 10 up to the day
    found = blocking(check_candidate(path("11.01"), manifest={"nodes": nodes}))
    assert found["billed_net_revenue"].sample == ("here=10.0100, there=10",)


def test_a_cost_booked_in_every_month_instead_of_once_blocks(database: Callable[..., Path]) -> None:
    path = database(
        "create schema cx",
        "create table cx.dim_customers (customer_key varchar, acquisition_cost_amount bigint)",
        "insert into cx.dim_customers values ('k', 50)",
        "create table cx.fct_customer_months as select * from cx.dim_customers, range(3)",
    )
    nodes = {name: mart_node(name) for name in ("fct_customer_months", "dim_customers")}
    found = blocking(check_candidate(path, manifest={"nodes": nodes}))
    assert found["acquisition_cost_booked_once"].sample == ("here=150, there=50",)
