"""Expected lifetimes against lives of the demo company that go on for 36 months more.

The demo's mechanism (not its draws) lives other companies of the same kind past the data date: who
they keep and what they buy is the truth that `fct_clv` of one company estimates. Aggregates only:
nobody can know one customer's future.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.demo.base.clock import Clock
from orchestration.demo.population.draws import make_draws
from orchestration.demo.population.money import contribution, exchange_rates
from orchestration.demo.population.people import make_people
from orchestration.demo.population.programmes import enrol, level_limits, lift
from orchestration.demo.population.world import simulate
from tests.conftest import Company

AHEAD, SIZE, COMPANIES = 36, 2000, 5
AS_OF = Clock(date(2025, 12, 31), 24)
LATER = Clock(date(2028, 12, 31), 24 + AHEAD)


@dataclass(frozen=True)
class Future:
    """Means over customers there at the data date."""

    contract_months: float
    yearly_contract_months: float
    purchases: float


def future(seed: int) -> Future:
    rng, now = np.random.default_rng([seed, 4]), AS_OF.total
    people = make_people(rng, 0, SIZE, AS_OF)
    draws = make_draws(rng, people, LATER)
    without = simulate(people, draws, LATER, np.zeros((LATER.total + 1, SIZE)))
    earned, _ = contribution(people, draws, without, LATER, exchange_rates(seed, LATER))
    limits = level_limits(people, without, earned, AS_OF)
    enrolled = enrol(rng, people, without, earned, limits, AS_OF)
    world = simulate(people, draws, LATER, lift(enrolled, LATER.total + 1))
    ahead = slice(now, now + AHEAD)
    # The month that began before the data date ends on the day of the month it began on.
    rest = (people.billing_day - 1) / 30.4375
    stays = np.minimum(np.cumprod(world.is_active[ahead], axis=0).sum(axis=0) + rest, AHEAD)
    in_force = people.is_account & world.is_active[now - 1]
    buyers = ~people.is_account & (world.purchases[:now].sum(axis=0) > 0)
    return Future(
        contract_months=float(stays[in_force].mean()),
        yearly_contract_months=float(stays[in_force & people.is_yearly].mean()),
        purchases=float(world.purchases[ahead].sum(axis=0)[buyers].mean()),
    )


@pytest.fixture(scope="module")
def truth() -> Future:
    lived = [future(seed) for seed in range(COMPANIES)]
    return Future(*(float(np.mean([getattr(f, n) for f in lived])) for n in vars(lived[0])))


def expected(company: Company, what: str, where: str) -> float:
    return float(str(company.value(f"select avg({what}) from cx.fct_clv where {where}")))


def test_months_under_contract_are_what_the_mechanism_gives(
    demo_company: Company, truth: Future
) -> None:
    """Within 8 %, about the width of the interval of the expectation."""
    in_force = "method in ('sbg', 'notice_given')"
    found = expected(demo_company, "expected_contract_months", in_force)
    assert found == pytest.approx(truth.contract_months, rel=0.08)
    # Contracts by the year are their own model, from 59 losses: ±18 %.
    yearly = expected(
        demo_company, "expected_contract_months", f"{in_force} and period_months = 12"
    )
    assert yearly == pytest.approx(truth.yearly_contract_months, rel=0.15)


def test_purchases_to_come_are_what_the_mechanism_gives(
    demo_company: Company, truth: Future
) -> None:
    """Within 8 %, and inside the interval of the total.

    The demo's buyers leave by the month. BG/NBD, whose buyers leave after a purchase, foretold 12 %
    too many, Pareto/NBD 3.9 %; Weibull/NBD, which the hold-out of 24 months chooses, 1.0 %.
    """
    found = expected(demo_company, "expected_purchase_days", "method = 'purchases_gamma_gamma'")
    assert found == pytest.approx(truth.purchases, rel=0.08)
    [(count, low, high)] = demo_company.query(
        "select customer_count, expected_purchase_days_low, expected_purchase_days_high "
        "from cx.fct_clv_totals where buyer_kind = 'all'"
    )
    assert low < truth.purchases * count < high
    assert demo_company.query(
        "select distinct lifetime_model from cx.fct_clv where repeat_purchase_day_count > 0"
    ) == [("weibull_nbd",)]


def test_the_hold_out_covers_what_came(demo_company: Company) -> None:
    """A year ahead, known only by its past: purchases within 8 %, months under contract 4 %.

    Contribution within 6 % of contracts, which grow on, and 8 % of buyers: the loyalty club that
    began shortly before is counted at what it costs since, or 11 % too much would be foretold.
    """
    found = {
        method: (units, money)
        for method, units, money in demo_company.query(
            "select method, error_rate, error_amount_rate from cx.fct_clv_holdout "
            "where segment = 'all' and event_bucket = 'all'"
        )
    }
    for method, units, money in (("sbg", 0.04, 0.06), ("purchases_gamma_gamma", 0.08, 0.08)):
        assert abs(found[method][0]) < units
        assert abs(found[method][1]) < money


def test_growth_of_contracts_halves_what_their_contribution_was_short_of(
    demo_company: Company,
) -> None:
    """Without it, months times what a month left on the day of the fit, 7 to 8 % were missing."""
    [(predicted, actual)] = demo_company.query(
        "select predicted_amount, actual_amount from cx.fct_clv_holdout "
        "where method = 'sbg' and segment = 'all' and event_bucket = 'all'"
    )
    [(began, ended)] = demo_company.query(
        # Who was under contract when the year before the hold-out began, and still when it ended.
        "select sum(first.mrr_begin_contract_rate_amount),"
        " sum(last.mrr_end_contract_rate_amount)"
        " from cx.fct_customer_months as first inner join cx.fct_customer_months as last"
        " using (customer_key) where first.month_date = '2024-01-01'"
        " and last.month_date = '2024-12-01'"
        " and first.mrr_begin_contract_rate_amount > 0"
        " and last.mrr_end_contract_rate_amount > 0"
    )
    growth = float(ended / began) - 1
    assert 0.05 < growth < 0.15
    # Eleven of the twelve months are served on average: 11/24 of a year's growth in the mean one.
    without = float(predicted) / (1 + growth * 11 / 24)
    short = float(actual) - without
    assert 0.06 < short / float(actual) < 0.09
    assert abs(float(predicted) - float(actual)) < 0.6 * short


def test_who_is_called_calibrated_is_told_by_plain_pandas(demo_company: Company) -> None:
    with duckdb.connect(str(demo_company.warehouse), read_only=True) as connection:
        held = connection.execute(
            "from cx.fct_clv_holdout where event_bucket in ('all', '0', '1+')"
        ).df()
        customers = connection.execute(
            "select method, segment, repeat_purchase_day_count, is_calibrated_in_holdout, "
            "not_calibrated_reason from cx.fct_clv"
        ).df()
        assert connection.execute(
            "select max(excess_over_regression) from cx.fct_clv_candidates "
            "where is_chosen and segment = 'all'"
        ).fetchone() < (2,)
    held["beyond"] = False
    for unit, chance in (
        ("count", "error_standard_error"),
        ("amount", "error_standard_error_amount"),
    ):
        error, came = (held[f"{what}_{unit}"].astype(float).abs() for what in ("error", "actual"))
        held["beyond"] |= (error > 2 * held[chance].astype(float)) & (error > 0.05 * came)
    held["beyond"] &= held["compared_customer_count"] >= 30
    beyond = {(r.method, r.segment, r.event_bucket): r.beyond for r in held.itertuples()}
    for row in customers.itertuples():
        if row.method not in ("sbg", "purchases_gamma_gamma"):
            assert pd.isna(row.is_calibrated_in_holdout)
            assert row.not_calibrated_reason == "not_held_out"
            continue
        bucket = "all"  # buyers are judged among those who came back, or did not
        if row.method != "sbg":
            bucket = "1+" if row.repeat_purchase_day_count > 0 else "0"
        own = beyond.get((row.method, row.segment, bucket), False)
        wrong = beyond[row.method, "all", bucket] or own
        assert row.is_calibrated_in_holdout == (not wrong)
        assert pd.isna(row.not_calibrated_reason) == (not wrong)


def test_segments_that_are_drawn_by_lot_get_no_models_of_their_own(demo_company: Company) -> None:
    """How a customer was won makes no difference to the demo's lifetimes, and none is found."""
    assert (
        demo_company.value(
            "select count(*) from cx.fct_clv_models where segment <> 'all' and is_usable"
        )
        == 0
    )


@pytest.fixture(scope="module")
def buyers(demo_company: Company) -> pd.DataFrame:
    """What is predicted of buyers, beside what is true of each."""
    home = demo_company.home
    with duckdb.connect(str(demo_company.warehouse), read_only=True) as connection:
        restricted = home / "warehouse" / "restricted" / "current.duckdb"
        connection.execute(f"attach '{restricted}' as restricted (read_only)")
        return connection.execute(f"""
            select repeat_purchase_day_count > 0 as is_back, probability_alive,
                expected_purchase_days,
                lives.is_active_at_end,
                lives.purchase_rate * exp(0.25 * lives.usual_satisfaction) as purchase_rate
            from cx.fct_clv
            join (
                select distinct customer_key, canonical_customer_id as customer_id
                from restricted.restricted.customer_identities
            ) using (customer_key)
            join '{home / "truth" / "customers.parquet"}' as lives using (customer_id)
            where method = 'purchases_gamma_gamma'""").df()


def test_the_probability_of_being_active_is_the_share_who_are(buyers: pd.DataFrame) -> None:
    """Of those who came back within 6 points, of the others within 10: fewer than half of them are.

    Below one half few who came back are, above 0.97 nearly all.
    """
    back = buyers[buyers["is_back"]]
    assert len(back) > 900
    assert back["probability_alive"].mean() == pytest.approx(
        back["is_active_at_end"].mean(), abs=0.06
    )
    assert back.loc[back["probability_alive"] < 0.5, "is_active_at_end"].mean() < 0.1
    assert back.loc[back["probability_alive"] > 0.97, "is_active_at_end"].mean() > 0.95
    once = buyers[~buyers["is_back"]]
    assert once["is_active_at_end"].mean() < 0.5
    assert once["probability_alive"].mean() == pytest.approx(
        once["is_active_at_end"].mean(), abs=0.1
    )


def test_who_is_active_is_expected_to_buy_as_often_as_they_do(buyers: pd.DataFrame) -> None:
    active = buyers[buyers["is_active_at_end"]]
    assert active["expected_purchase_days"].corr(active["purchase_rate"]) > 0.8
