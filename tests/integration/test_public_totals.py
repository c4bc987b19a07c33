"""Published totals on public data equal the figures known for that data, to the cent."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from tests.conftest import Company, public_data


def kinds(company: Company) -> dict[str, Decimal]:
    rows = company.query(
        "select transaction_kind, sum(original_amount) from cx.fct_transactions group by all"
    )
    return dict(rows)


def test_olist_money_is_all_there(olist: Company) -> None:
    """Payments, item prices and freight each add up to what the marketplace's files hold."""
    assert kinds(olist) == {
        "payment": Decimal("1428602.8100"),
        "sale": Decimal("1093264.3500"),
        "shipping": Decimal("172288.3900"),
    }


def test_olist_people_are_people_not_orders(olist: Company) -> None:
    """The tool's customer_id is one per order; 8,135 orders were placed by 8,016 people."""
    assert (
        olist.value("select count(*) from cx.dim_customers where customer_key <> 'unknown'") == 8016
    )


def test_olist_reviews_and_their_scores(olist: Company) -> None:
    """All 8,225 reviews arrive, and late delivery shows in the score as known: 4.28 and 2.50."""
    assert olist.value("select count(*) from cx.fct_survey_responses") == 8225
    assert (
        olist.value("select cast(round(avg(score), 2) as double) from cx.fct_survey_responses")
        == 3.27
    )
    by_delivery = dict(
        olist.query(
            "select touchpoint, cast(round(avg(score), 2) as double) "
            "from cx.fct_survey_responses group by all"
        )
    )
    assert by_delivery["delivery_on_time"] == 4.28
    assert by_delivery["delivery_late"] == 2.50


def test_olist_comments_keep_their_lines(olist: Company) -> None:
    """A comment with line breaks inside its quotes is one row, breaks included."""
    path = public_data("olist") / "olist_order_reviews_dataset.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reviews = list(csv.DictReader(file))
    filled = [  # a cell of blanks alone is an empty cell
        [r[c] for c in ("review_comment_title", "review_comment_message") if r[c].strip()]
        for r in reviews
    ]
    expected = sum("\n" in "\n".join(parts) for parts in filled)
    assert expected > 1000
    with_breaks = "select count(*) from cx.fct_survey_responses where contains(comment, chr(10))"
    assert olist.value(with_breaks) == expected


def test_ravenstack_satisfaction_and_response(ravenstack: Company) -> None:
    """1,175 tickets carry a score, mean 3.9813; first response takes 88.48 minutes on average."""
    [(count, mean)] = ravenstack.query(
        "select count(score), avg(score) from cx.fct_survey_responses"
    )
    assert (count, round(float(mean), 4)) == (1175, 3.9813)
    minutes = ravenstack.value("select avg(first_reply_time_calendar_minutes) from cx.fct_tickets")
    assert round(float(str(minutes)), 2) == 88.48


def test_ravenstack_recurring_revenue_on_a_day(ravenstack: Company) -> None:
    """On 2024-06-30, 1,742 subscriptions of 337 accounts brought 3,833,405 a month."""
    in_force = """
        select sum(mrr_amount), count(*), count(distinct customer_key)
        from cx.fct_contracts
        where start_date <= date '2024-06-30'
            and (end_date is null or end_date > date '2024-06-30')
    """
    assert ravenstack.query(in_force) == [(Decimal("3833405.0000"), 1742, 337)]


def test_ravenstack_refunds(ravenstack: Company) -> None:
    assert kinds(ravenstack) == {"refund": Decimal("8652.2500")}


def test_ravenstack_tickets_before_signup_are_kept_and_counted(ravenstack: Company) -> None:
    """1,077 of 2,000 tickets are older than the account: odd, so a warning, but never dropped."""
    assert ravenstack.query(
        "select count(*), count(*) filter (where is_before_signup) from cx.fct_tickets"
    ) == [(2000, 1077)]
    warned = ravenstack.query(
        "select failed_count from cx.quality_results "
        "where check_name = 'tickets_come_after_their_customers_signup' "
        "and severity = 'warning' and status = 'failed'"
    )
    assert warned == [(1077,)]


def test_olist_lifetimes_say_what_one_time_buyers_can_tell(olist: Company) -> None:
    """Of 7,263 buyers 45 came back another day, 73 times in two years: in three years each of them
    is expected to buy on 0.005 days, 35 in all. What came of one-time buyers in half a year, 7
    days where 21 were foretold, and models that 45 buyers cannot tell apart make the interval
    wide. No cost is on record, so there is no amount.
    """
    models = "fit = 'current' and segment = 'all'"
    assert olist.query(
        "select model, is_usable, customer_count, event_count from cx.fct_clv_models "
        f"where {models} order by model"
    ) == [
        ("bgnbd", True, 7263, 45),
        ("gamma_gamma", True, 45, 45),
        ("mbgnbd", True, 7263, 45),
        ("pareto_nbd", True, 7263, 45),
        ("pareto_nbd_once", True, 7263, 45),
        ("weibull_nbd", True, 7263, 45),
    ]
    # Who came back is so few that the model of dropping out is at its edge.
    assert olist.value(
        f"select is_on_boundary from cx.fct_clv_models where {models} and model = 'bgnbd'"
    )
    [(buyers, back, ahead, most, reason)] = olist.query(
        "select count(*), sum(repeat_purchase_day_count), sum(expected_purchase_days), "
        "max(expected_purchase_days), any_value(no_clv_reason) "
        "from cx.fct_clv where method = 'purchases_gamma_gamma'"
    )
    assert (buyers, back, round(ahead)) == (7263, 73, 35)
    [(low, high)] = olist.query(
        "select expected_purchase_days_low, expected_purchase_days_high from cx.fct_clv_totals "
        "where buyer_kind = 'all'"
    )
    assert 5 < low < 10 and 140 < high < 180
    assert most < 1
    assert reason == "what a purchase leaves is not known"
    assert olist.value("select count(predictive_clv_amount) from cx.fct_clv") == 0
    assert olist.value("select count(*) from cx.fct_clv where no_clv_reason is null") == 0


def test_ravenstack_has_lost_too_few_customers_for_a_model(ravenstack: Company) -> None:
    """Two of 502 tenures have ended: no model, the simple one takes its place; and no margin."""
    assert ravenstack.query(
        "select customer_count, event_count, not_usable_reason from cx.fct_clv_models "
        "where fit = 'current' and segment = 'all'"
    ) == [(502, 2, "fewer than 10 losses")]
    assert ravenstack.query(
        "select method, lifetime_fit_reason, no_clv_reason, count(*) from cx.fct_clv "
        "where customer_key <> 'unknown' group by all"
    ) == [
        ("simple", "fewer than 10 losses", "what a month under contract leaves is not known", 500)
    ]


@pytest.mark.parametrize("name", ["olist", "ravenstack"])
def test_every_row_of_every_file_is_accounted_for(
    name: str, request: pytest.FixtureRequest
) -> None:
    """Rows in a file = loaded + quarantined + duplicates, for each file and each mapping of it."""
    firm: Company = request.getfixturevalue(name)
    rows = firm.query(
        "select file_name, mapping, file_row_count, row_count, skipped_count, "
        "loaded_count + quarantined_count + duplicate_count from cx.load_ledger"
    )
    assert rows
    for file, mapping, in_file, concerned, skipped, accounted in rows:
        assert concerned == accounted, (file, mapping)
        assert in_file == concerned + skipped, (file, mapping)
