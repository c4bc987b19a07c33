"""Gate 2: the same money, counted in two tables, is the same amount.

dbt tests compare a mart with what it is made of; these compare published tables with each other,
on the file analysts will get.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from expectations.checks.model import Check
from expectations.mart_gate.mart_catalogue import SCHEMA
from expectations.mart_gate.mart_suite import GATE


class Identity(NamedTuple):
    """A sum over a table that equals a sum over another."""

    name: str
    table: str
    amount: str
    other: str
    other_amount: str
    other_where: str = "true"


IDENTITIES = (
    Identity(
        "billed_net_revenue",
        "fct_customer_months",
        "net_revenue_amount - rateable_revenue_amount",
        "fct_transactions",
        "net_revenue_amount",
        "business_date <= date '{as_of_date}'",
    ),
    Identity(  # booked once, in the month the customer came
        "acquisition_cost_booked_once",
        "fct_customer_months",
        "acquisition_cost_amount",
        "dim_customers",
        "acquisition_cost_amount",
        "customer_key in (select customer_key from cx.fct_customer_months)",
    ),
    Identity(
        "lifetime_net_revenue",
        "fct_customer_roi",
        "net_revenue_lifetime_amount",
        "fct_customer_months",
        "net_revenue_amount",
    ),
)


def money_suite(marts: Collection[str], as_of_date: date) -> list[Check]:
    """The identities between tables the dbt project declares."""
    return [_check(i, as_of_date) for i in IDENTITIES if {i.table, i.other} <= set(marts)]


def _check(identity: Identity, as_of_date: date) -> Check:
    here = f"select coalesce(sum({identity.amount}), 0) from {{batch}}"
    there = (
        f"select coalesce(sum({identity.other_amount}), 0) from {SCHEMA}.{identity.other} "
        f"where {identity.other_where.format(as_of_date=as_of_date)}"
    )
    return Check(
        gate=GATE,
        table=f"{SCHEMA}.{identity.table}",
        check_name=identity.name,
        kind="no_rows",
        description=f"{identity.amount} adds up to {identity.other_amount} of {identity.other}",
        query=f"select * from (select ({here}) as here, ({there}) as there) where here <> there",
    )
