"""The few figures of a run worth reading first; also watched for jumps by the second gate."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb


class Headline(NamedTuple):
    """A figure, how it reads and how it is computed on the published tables."""

    name: str
    meaning: str
    format: str
    query: str


TWELVE_MONTHS = """
    from cx.fct_customer_months
    where is_closed_month and month_date >= (
        select max(month_date) - interval 11 month
        from cx.fct_customer_months where is_closed_month
    )
"""
HEADLINES = (
    Headline(
        "active_customer_count",
        "customers active at the end of the last closed month",
        "{:,.0f}",
        """
        select count(*) filter (is_active_at_end) from cx.fct_customer_months
        where is_closed_month
        group by month_date order by month_date desc limit 1
        """,
    ),
    Headline(
        "net_revenue_12m_amount",
        "net revenue, last 12 closed months",
        "{:,.0f}",
        f"select cast(sum(net_revenue_amount) as double) {TWELVE_MONTHS}",
    ),
    Headline(
        "monthly_churn_rate",
        "of the customers active at its start were lost, per month, last 12 closed months",
        "{:.2%}",
        # every lever stands on the same rate
        "select max(monthly_churn_rate) from cx.rpt_growth_levers",
    ),
    Headline(
        "support_cost_rate",
        "of net revenue went into support, last 12 closed months",
        "{:.2%}",
        f"""
        select cast(sum(support_cost_amount) as double)
            / nullif(cast(sum(net_revenue_amount) as double), 0) {TWELVE_MONTHS}
        """,
    ),
)


def figures(database: Path) -> dict[str, float]:
    """The headline figures of a warehouse file; one that is NULL is left out."""
    found: dict[str, float] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for headline in HEADLINES:
            row = connection.execute(headline.query).fetchone()
            if row and row[0] is not None:
                found[headline.name] = float(row[0])
    return found


def sentences(values: dict[str, float]) -> list[dict[str, str]]:
    """The figures as a person reads them."""
    return [
        {"value": h.format.format(values[h.name]), "meaning": h.meaning}
        for h in HEADLINES
        if h.name in values
    ]
