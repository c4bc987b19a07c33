"""Wrong exports that look right, and changes that are none: what is said of each.

A company is published; a day later its tables are made again with something changed, on the new day
or over the whole history. Companies of three sizes; each change is one line of SQL.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.mart_gate.watched_figures import (
    RESTATED,
    UNUSUAL,
    Moments,
    checks,
    new_levels,
    odd_figures,
    pooled,
    stats_of,
)

PUBLISHED, TONIGHT = date(2025, 9, 30), date(2025, 10, 1)  # a Tuesday; September is new, too
# Rows of a year by hash, so that they are the same every time: amounts lognormal(0.6), scores in
# steps, most tickets between 8 and 20 hours, fewer of everything on week-ends.
COMPANY = """
    create schema cx;
    create macro uniform(what, i) as (hash(what || '|' || i) % 1000003 + 0.5) / 1000004;
    create macro normal(what, i) as
        sqrt(-2 * ln(uniform(what || 'r', i))) * cos(2 * pi() * uniform(what || 'a', i));
    create table happened as
    select i, day::date as day
    from (
        select i, date '2024-10-02' + interval (floor(365 * uniform('day', i))::int) day as day
        from range({rows}) as rows(i)
    ) where isodow(day) < 6 or i % 3 = 0;
    create table cx.fct_transactions as
    select 'sale' as transaction_kind, case when i % 4 = 0 then 'JPY' else 'EUR' end as currency,
        day as business_date, i,
        (case when i % 4 = 0 then 0.0068 else 1 end)
            * exp(0.004 * normal('rate', day::varchar)) as rate_to_reporting,
        50 * exp(0.6 * normal('amount', i)) as gross_revenue_amount,
        0.0 as refund_amount, 0.0 as payment_amount
    from happened;
    create table cx.fct_contracts as
    select 'recurring' as contract_kind, day as start_date, i, i % 50 > 0 as is_open,
        30 * exp(0.4 * normal('mrr', i)) as mrr_amount
    from happened where i % 10 = 0;
    create table cx.fct_survey_responses as
    select 'tool' as source_system, 'nps' as survey_kind, day as business_date, i,
        round(greatest(0, least(10, 7.8 + 1.8 * normal('score', i)))) * 10 as score_normalised
    from happened where i % 3 = 0;
    create table cx.fct_tickets as
    select 'desk' as source_system, day as opened_date, i,
        day + interval (floor(60 * least(23.9, greatest(0, 13 + 3.5 * normal('hour', i))))::int)
            minute as created_at,
        30 * exp(normal('reply', i)) as first_reply_time_calendar_minutes
    from happened where i % 2 = 0;
    create table cx.fct_customer_months as
    select month::date as month_date, month < '2025-10-01' as is_closed_month,
        100 * exp(0.1 * normal('tickets', month::varchar)) as ticket_count,
        100 * 8 * exp(0.1 * normal('cost', month::varchar)) as support_cost_amount,
        10000.0 as gross_revenue_amount,
        4000 * exp(0.05 * normal('sales', month::varchar)) as cost_of_sales_amount
    from range(timestamp '2024-10-01', timestamp '2025-11-01', interval 1 month) as months(month);
"""
NEW = "'2025-10-01'"
DAYS = {
    "fct_transactions": "business_date",
    "fct_contracts": "start_date",
    "fct_survey_responses": "business_date",
    "fct_tickets": "opened_date",
}
AMOUNT, COST = "gross_revenue_amount", "support_cost_amount"


def changed(table: str, column: str, value: str, where: str = "true") -> str:
    """An update; `value` after the column, as in `* 100`, or alone."""
    value = f"{column} {value}" if value[0] in "*/+-" else value
    return f"update cx.{table} set {column} = {value} where {where}"


def new(table: str, column: str, value: str, where: str = "true") -> str:
    """An update of the rows of the new day, or of the month that has ended with it."""
    day = DAYS.get(table, "month_date")
    last = NEW if table in DAYS else "'2025-09-01'"
    return changed(table, column, value, f"{day} = {last} and {where}")


WRONG = {
    "all sales again under new ids": "insert into cx.fct_transactions from cx.fct_transactions",
    "amounts in cents": changed("fct_transactions", AMOUNT, "* 100"),
    "new amounts in cents": new("fct_transactions", AMOUNT, "* 100"),
    "new amounts in thousands": new("fct_transactions", AMOUNT, "/ 1000"),
    "rates upside down": changed("fct_transactions", "rate_to_reporting", "1 / rate_to_reporting"),
    "new rates upside down": new("fct_transactions", "rate_to_reporting", "1 / rate_to_reporting"),
    "costs in cents": changed("fct_customer_months", COST, "* 100"),
    "new costs in cents": new("fct_customer_months", COST, "* 100"),
    "new costs of another company": new("fct_customer_months", "cost_of_sales_amount", "* 10"),
    "yearly prices as monthly": changed("fct_contracts", "mrr_amount", "* 12"),
    "cancellations gone": changed("fct_contracts", "is_open", "true"),
    "everybody cancelled": changed("fct_contracts", "is_open", "false"),
    "scores turned round": changed(
        "fct_survey_responses", "score_normalised", "100 - score_normalised"
    ),
    "new scores turned round": new(
        "fct_survey_responses", "score_normalised", "100 - score_normalised"
    ),
    "scores one too low": changed(
        "fct_survey_responses", "score_normalised", "greatest(0, score_normalised - 10)"
    ),
    "ticket times nine hours off": changed("fct_tickets", "created_at", "+ interval 9 hour"),
    "new ticket times nine hours off": new("fct_tickets", "created_at", "+ interval 9 hour"),
    "replies in seconds": changed("fct_tickets", "first_reply_time_calendar_minutes", "* 60"),
    "all answers again": "insert into cx.fct_survey_responses from cx.fct_survey_responses",
    "half of the tickets again": "insert into cx.fct_tickets from cx.fct_tickets where i % 4 = 0",
}
MISSED = {
    20: {  # a day has one row at most, and 20 rows of a year say nothing
        "new amounts in cents",
        "new amounts in thousands",
        "new rates upside down",
        "new scores turned round",
        "new ticket times nine hours off",
    },
}
RIGHT = {
    "nothing": "select 1",
    "late rows": "insert into cx.fct_transactions from cx.fct_transactions where i % 50 = 1",
    "a price rise of a tenth": new("fct_transactions", AMOUNT, "* 1.1"),
    "a sale at two thirds": new("fct_transactions", AMOUNT, "* 0.67"),
    "five times as many sales": f"insert into cx.fct_transactions select transaction_kind, "
    f"currency, date {NEW}, i + 7, rate_to_reporting, gross_revenue_amount, 0, 0 "
    "from cx.fct_transactions where business_date between '2025-09-22' and '2025-09-25'",
    "a new country": f"insert into cx.fct_transactions select transaction_kind, 'BRL', "
    f"date {NEW}, i, 0.18, gross_revenue_amount, 0, 0 "
    "from cx.fct_transactions where business_date = '2025-09-25'",
    "a new survey": "insert into cx.fct_survey_responses select source_system, 'ces', "
    f"date {NEW}, i, 100 - score_normalised from cx.fct_survey_responses "
    "where business_date >= '2025-09-22'",
    "a rate that falls by 3 %": new("fct_transactions", "rate_to_reporting", "* 0.97"),
    "an angry day": new(
        "fct_survey_responses", "score_normalised", "greatest(0, score_normalised - 10)"
    ),
    "a quiet day": f"delete from cx.fct_tickets where opened_date = {NEW} and i % 8 > 0",
    "nobody wrote": f"delete from cx.fct_tickets where opened_date = {NEW}",
    "a dear month": new("fct_customer_months", COST, "* 1.4"),
    "one in hundred cancels": changed("fct_contracts", "is_open", "false", "i % 1000 = 10"),
    "answers withdrawn": "delete from cx.fct_survey_responses where i % 60 = 0",
    "a product of twice the price": new("fct_transactions", AMOUNT, "* 2", "i % 3 = 0"),
    "a correction of a week": changed(
        "fct_transactions", AMOUNT, "* 1.2", "business_date between '2025-05-05' and '2025-05-11'"
    ),
    "a night shift": new("fct_tickets", "created_at", "+ interval 2 hour"),
    "slow replies": new("fct_tickets", "first_reply_time_calendar_minutes", "* 3"),
    "a table that is new": "alter table cx.fct_tickets rename to fct_other",
    "no contracts any more": "delete from cx.fct_contracts where start_date >= '2025-09-01'",
}
ROWS = {20: 400, 2000: 40_000, 20_000: 400_000}  # a year


@pytest.fixture(scope="module", params=[20, 2000, pytest.param(20_000, marks=pytest.mark.long)])
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("company")
    with duckdb.connect(str(folder / "tonight.duckdb")) as connection:
        connection.execute(COMPANY.format(rows=ROWS[request.param]))
    shutil.copy(folder / "tonight.duckdb", folder / "published.duckdb")
    with duckdb.connect(str(folder / "published.duckdb")) as connection:
        for table, day in DAYS.items():
            connection.execute(f"delete from cx.{table} where {day} > '{PUBLISHED}'")
        connection.execute(
            "update cx.fct_customer_months set is_closed_month = false"
            " where month_date = '2025-09-01'"
        )
    yield request.param, folder


def said(folder: Path, change: str) -> dict[str, str]:
    """Severity by check of what is said of the changed tables; empty where nothing is."""
    changed = folder / "changed.duckdb"
    shutil.copy(folder / "tonight.duckdb", changed)
    with duckdb.connect(str(changed)) as connection:
        connection.execute(change)
    before, now = (stats_of(f, TONIGHT) for f in (folder / "published.duckdb", changed))
    results = checks(odd_figures(before, now, PUBLISHED, {}))
    return {r.check_name: r.severity for r in results if r.status == "failed"}


def test_wrong_exports_are_stopped(company: tuple[int, Path]) -> None:
    """All of 20 for companies of 2,000 and 20,000; of 20 customers what is wrong in all rows."""
    size, folder = company
    missed = {
        name for name, change in WRONG.items() if "error" not in said(folder, change).values()
    }
    assert missed == MISSED.get(size, set())


def test_changes_that_are_none_stop_no_night(company: tuple[int, Path]) -> None:
    """And at most two of 20 are looked at."""
    _, folder = company
    found = {name: outcome for name, change in RIGHT.items() if (outcome := said(folder, change))}
    assert [name for name, outcome in found.items() if "error" in outcome.values()] == []
    assert len(found) <= 2, found


@pytest.mark.parametrize("company", [2000], indirect=True)
def test_what_moved_is_said_with_both_values(company: tuple[int, Path]) -> None:
    _, folder = company
    changed = folder / "changed.duckdb"
    said(folder, WRONG["new scores turned round"])
    before, now = (stats_of(f, TONIGHT) for f in (folder / "published.duckdb", changed))
    [odd] = odd_figures(before, now, PUBLISHED, {})
    assert odd.check_name == UNUSUAL
    assert odd.text.startswith("mean score, 0 to 100, tool nps: 2")
    assert " before (" in odd.text and odd.text.endswith("errors apart)")


SCORES = ("score", "tool nps")


def scores(*means: float, first: int = 1) -> dict[date, Moments]:
    """Thirty answers a day, 10 points apart from the mean, from a day of September on."""
    return {
        date(2025, 9, first + n): Moments(30, 30 * mean, 30 * (mean**2 + 100))
        for n, mean in enumerate(means)
    }


def test_a_new_day_far_from_those_before_it() -> None:
    """Of 70 and 71 by turns, 40 is 30 away: the error is √(100.25/30 + 100.25/300), 1.92."""
    base = [70.0, 71.0] * 5
    now = {SCORES: scores(*base, 40.0)}
    [odd] = odd_figures({SCORES: scores(*base)}, now, date(2025, 9, 10), {})
    assert odd.is_stop
    assert odd.text == (
        "mean score, 0 to 100, tool nps: 40 in 30 new rows, 70.5 in 300 before (16 errors apart)"
    )
    assert (
        odd_figures({SCORES: scores(*base)}, {SCORES: scores(*base, 65.0)}, date(2025, 9, 10), {})
        == []
    )


def test_what_was_accepted_is_usual_from_then_on() -> None:
    """A new way of asking moved scores from 70 to 40 on the 11th; a person vouched for it."""
    base = [70.0, 71.0] * 5
    days = scores(*base, 40.0)
    odd = odd_figures({SCORES: scores(*base)}, {SCORES: days}, date(2025, 9, 10), {})
    levels = new_levels({}, odd, date(2025, 9, 10), {UNUSUAL: "asked by phone"})
    assert levels == {SCORES: date(2025, 9, 11)}
    assert new_levels({}, odd, date(2025, 9, 10), {RESTATED: "another thing"}) == {}
    later = scores(*base, 40.0, 41.0)
    published = {SCORES: days}
    assert odd_figures(published, {SCORES: later}, date(2025, 9, 11), levels) == []
    assert odd_figures(published, {SCORES: later}, date(2025, 9, 11), {}) != []
    back = scores(*base, 40.0, 70.0)
    [again] = odd_figures(published, {SCORES: back}, date(2025, 9, 11), levels)
    assert "70 in 30 new rows, 40 in 30 before" in again.text


def test_moments_of_all_days_together() -> None:
    one, two = Moments(1, 2.0, 4.0), Moments(3, 9.0, 35.0)  # 2; and 1, 3, 5
    both = pooled({date(2025, 9, 1): one, date(2025, 9, 2): two})
    assert (both.rows, both.mean) == (4, 11 / 4)
    assert both.variance == pytest.approx((4 + 1 + 9 + 25) / 4 - (11 / 4) ** 2)
