"""Who was active, and what that makes of retention, once more from the events in plain pandas."""

from __future__ import annotations

import math

import pandas as pd

from tests.conftest import Company


def frame(demo: Company, sql: str, *columns: str) -> pd.DataFrame:
    table = pd.DataFrame(demo.query(sql), columns=list(columns))
    for column in table.columns.intersection(["day", "month"]):
        table[column] = pd.to_datetime(table[column])
    return table


def test_persons_without_a_contract_are_active_as_their_purchases_and_uses_say(
    demo_company: Company,
) -> None:
    """Window: 95th percentile of the pauses over when a quarter began, kept for the year."""
    bought = frame(
        demo_company,
        "select distinct customer_key, business_date from cx.fct_transactions "
        "join cx.dim_customers using (customer_key) where customer_kind = 'person' "
        "and transaction_kind = 'sale' and contract_id is null order by all",
        "customer",
        "day",
    )
    used = frame(
        demo_company,
        "select distinct customer_key, business_date from cx.fct_interactions "
        "join cx.dim_customers using (customer_key) where customer_kind = 'person' "
        "and interaction_kind = 'product_use'",
        "customer",
        "day",
    )
    published = frame(
        demo_company,
        "select customer_key, month_date, is_active_at_end from cx.fct_customer_months "
        "join cx.dim_customers using (customer_key) where customer_kind = 'person' "
        "and activity_rule = 'inactivity_window' and is_closed_month",
        "customer",
        "month",
        "is_active",
    )
    bought["pause"] = bought.groupby("customer")["day"].diff().dt.days
    use_counts_from = (used["day"].min().to_period("M") + 1).start_time
    window, year, compared = 365.0, 0, 0
    for month in sorted(published["month"].unique()):
        quarter = month.to_period("Q").start_time
        if quarter.year != year:
            window, year, is_known = 365.0, quarter.year, False
        pauses = bought.loc[bought["day"] < quarter, "pause"].dropna().sort_values()
        if not is_known and len(pauses) >= 30:
            usual = pauses.iloc[math.ceil(0.95 * len(pauses)) - 1]
            is_known = 4 * usual <= (quarter - bought["day"].min()).days
            window = usual if is_known else window
        events = bought[["customer", "day"]]
        if (quarter - use_counts_from).days >= window:
            events = pd.concat([events, used])
        end = month + pd.offsets.MonthEnd(0)
        last = events[events["day"] <= end].groupby("customer")["day"].max()
        active = set(last[(end - last).dt.days <= window].index)
        there = published[published["month"] == month]
        assert set(there.loc[there["is_active"], "customer"]) == active & set(there["customer"])
        compared += len(there)
    assert compared > 20_000
