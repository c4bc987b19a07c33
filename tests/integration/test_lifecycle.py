"""Cohorts, engagement, referrals and members, counted again in plain Python from the tables below.

Written from the definitions, not from the SQL: a month at a time, a customer at a time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date

import pytest

from tests.conftest import Company


def rows(company: Company, sql: str) -> list[dict]:
    """The answer to a question, a dictionary a row."""
    columns = [name for name, *_ in company.query(f"describe {sql}")]
    return [dict(zip(columns, row, strict=True)) for row in company.query(sql)]


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def test_the_ltv_curve_is_the_mean_of_who_has_been_watched(demo_company: Company) -> None:
    """Who came late must not pull down months that have not come for them.

    A month of a cohort with a contribution that is not known (no support ledger yet) is left out,
    unless it is only of somebody who had not bought yet.
    """
    months = rows(demo_company, "select * from cx.fct_customer_months where is_closed_month")
    active = [m for m in months if m["is_active_at_start"] or m["is_active_at_end"] or m["is_new"]]
    start: dict[str, date] = {}
    for m in active:
        start[m["customer_key"]] = min(m["month_date"], start.get(m["customer_key"], date.max))
    people: dict[int, set[str]] = defaultdict(set)
    money: dict[tuple[date, int], float | None] = defaultdict(float)
    cohorts: dict[tuple[date, int], int] = defaultdict(int)
    stayed: dict[int, int] = defaultdict(int)
    for m in months:
        if (begun := start.get(m["customer_key"])) is None:
            continue
        since = max(0, months_between(begun, m["month_date"]))
        sum_so_far, added = money[begun, since], m["contribution_amount"]
        if added is None and m["month_date"] < begun:
            added = 0
        unknown = sum_so_far is None or added is None
        money[begun, since] = None if unknown else sum_so_far + float(added)
        if m["month_date"] >= begun:
            cohorts[begun, since] += 1
            people[since].add(m["customer_key"])
            stayed[since] += m["is_active_at_end"]
    curve = 0.0
    for row in rows(
        demo_company,
        "select * from cx.fct_cohort_value where segment = 'all' and cohort = 'all' "
        "order by months_since_start",
    ):
        since = row["months_since_start"]
        known = [at for at, amount in money.items() if at[1] == since and amount is not None]
        counted = sum(cohorts[at] for at in known)
        curve += sum(money[at] or 0 for at in known) / counted
        assert 0 < row["contribution_customer_count"] == counted
        assert (row["customer_count"], row["retained_count"]) == (len(people[since]), stayed[since])
        assert float(row["contribution_to_date_per_customer_amount"]) == pytest.approx(
            curve, abs=1e-3
        )


def test_members_are_who_was_enrolled_when_the_month_began(demo_company: Company) -> None:
    """Counted one customer-month at a time, where the model takes everybody less the enrolled."""
    months = rows(
        demo_company,
        "select * from cx.fct_customer_months where is_closed_month and is_active_at_start",
    )
    table = rows(demo_company, "select * from cx.fct_programme_members")
    assert {row["member_group"] for row in table} == {"member", "control", "non_member"}
    for programme in {row["programme_id"] for row in table}:
        groups = {r["member_group"]: r for r in table if r["programme_id"] == programme}
        first = min(r["first_month_date"] for r in groups.values())
        inside = [m for m in months if m["month_date"] >= first]
        assert sum(r["customer_month_count"] for r in groups.values()) == len(inside)
        assert sum(r["lost_customer_month_count"] for r in groups.values()) == sum(
            m["is_churned"] for m in inside
        )
        assert sum(r["net_revenue_amount"] for r in groups.values()) == sum(
            m["net_revenue_amount"] for m in inside
        )


def test_a_trend_is_a_change_that_chance_would_not_make(demo_company: Company) -> None:
    """Active days of the month against the three before, by the days each had."""
    table = rows(demo_company, "select * from cx.fct_engagement order by customer_key, month_date")
    by_customer: dict[str, list[dict]] = defaultdict(list)
    for row in table:
        by_customer[row["customer_key"]].append(row)
    checked = 0
    for history in by_customer.values():
        for at, row in enumerate(history):
            if row["engagement_change_z"] is None:
                continue
            before = history[at - 3 : at]
            days = row["observed_day_count"] + sum(b["observed_day_count"] for b in before)
            n = row["active_day_count"] + sum(b["active_day_count"] for b in before)
            p = row["observed_day_count"] / days
            surplus = row["active_day_count"] - n * p
            z = max(abs(surplus) - 0.5, 0) / math.sqrt(n * p * (1 - p))
            assert row["engagement_change_z"] == pytest.approx(math.copysign(z, surplus), abs=1e-5)
            assert row["engagement_trend"] == (
                "steady" if z < 1.96 else "rising" if surplus > 0 else "falling"
            )
            checked += 1
    assert checked > 1000


def test_a_referral_saves_what_the_others_cost_more(demo_company: Company) -> None:
    """Against customers of the same kind who came by themselves."""
    customers = rows(demo_company, "select * from cx.dim_customers where customer_key <> 'unknown'")
    costs: dict[str, list[float]] = defaultdict(list)
    referred = {}
    for c in customers:
        if c["referred_by_customer_key"] or c["acquisition_channel"] == "referral":
            referred[c["customer_key"]] = c
        elif c["acquisition_cost_amount"] is not None:
            costs[c["customer_kind"]].append(float(c["acquisition_cost_amount"]))
    table = rows(demo_company, "select * from cx.fct_referrals")
    assert {row["referred_customer_key"] for row in table} == set(referred)
    for row in table:
        customer = referred[row["referred_customer_key"]]
        known = costs[customer["customer_kind"]]
        own = customer["acquisition_cost_amount"]
        assert row["other_acquisition_cost_known_count"] == len(known)
        if own is None:
            assert row["acquisition_cost_saved_amount"] is None
        else:
            saved = sum(known) / len(known) - float(own)
            assert float(row["acquisition_cost_saved_amount"]) == pytest.approx(saved, abs=1e-3)


def test_what_a_company_does_not_record_is_not_made_up(ravenstack: Company) -> None:
    """No use, no margins, no referrals, no later stage: nothing, which is not the same as 0."""
    for table, column in (
        ("fct_cohort_value", "contribution_to_date_per_customer_amount"),
        ("fct_onboarding", "is_onboarding_complete"),
        ("fct_onboarding", "product_use_count"),
        ("fct_engagement", "product_use_count"),
        ("fct_earned_growth", "earned_growth_rate"),
        ("fct_journey", "median_days_in_stage"),
    ):
        assert ravenstack.value(f"select count(*) > 0 from cx.{table}"), table
        assert ravenstack.value(f"select count({column}) from cx.{table}") == 0, (table, column)
