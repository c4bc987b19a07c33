"""The lifetime models of the night against published figures, to the printed digits."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from orchestration.lib.science import bgnbd
from tests.integration.lifetimes.conftest import (
    AS_OF,
    WEEK,
    cdnow,
    rows,
)


def test_purchase_model_has_the_published_parameters(models, results) -> None:
    """Times are in days here and in weeks there: alpha is 7 times and each density 1/7 of it."""
    model = models["bgnbd"]
    assert (model["customer_count"], model["event_count"]) == (2357, 946)
    parameters = (model["r"], model["alpha"] / WEEK, model["a"], model["b"])
    assert [round(p, 3) for p in parameters] == [0.243, 4.414, 0.793, 2.426]
    [(repeats,)] = results.execute(
        "select sum(repeat_count) from intermediate.int_clv__buyers where fit = 'holdout'"
    ).fetchall()
    assert round(model["log_likelihood"] + repeats * np.log(WEEK), 1) == -9582.4
    assert model["group_count"] < 2357


def test_model_of_who_leaves_at_any_time_has_the_published_parameters(models) -> None:
    model = models["pareto_nbd"]
    parameters = (model["r"], model["alpha"] / WEEK, model["s"], model["beta"] / WEEK)
    assert [round(p, 3) for p in parameters] == [0.553, 10.578, 0.606, 11.669]
    assert model["is_usable"] and not model["is_on_boundary"]


def test_each_candidate_is_held_out_and_the_best_serves(results) -> None:
    """Nine months, and four; who bought once and who came back choose for themselves."""
    found = rows(
        results,
        """select * from candidate.cx.fct_clv_candidates where segment = 'all'
        order by holdout_months, buyer_kind, model""",
    )
    models = ["bgnbd", "mbgnbd", "pareto_nbd", "pareto_nbd_once", "weibull_nbd"]
    with_regression = sorted([*models, "regression"])
    assert [(r["holdout_months"], r["buyer_kind"], r["model"]) for r in found] == [
        (months, kind, model)
        for months, learned in ((4, with_regression), (9, models))
        for kind in ("one_time", "repeat")
        for model in learned
    ]
    for kind in ("one_time", "repeat"):
        deviance = {
            model: sum(
                r["deviance"] for r in found if (r["model"], r["buyer_kind"]) == (model, kind)
            )
            + (model == "pareto_nbd_once")  # for a fifth parameter
            for model in models
        }
        best = min(deviance, key=lambda model: deviance[model])
        assert {r["model"] for r in found if r["buyer_kind"] == kind and r["is_chosen"]} == {best}
        used = "repeat_purchase_day_count = 0" if kind == "one_time" else "recency_days > 0"
        assert rows(
            results,
            f"""select distinct lifetime_model from candidate.cx.fct_clv
            where method = 'purchases_gamma_gamma' and {used}""",
        ) == [{"lifetime_model": best}]


def test_the_total_of_buyers_is_the_sum_of_theirs(results) -> None:
    [both] = rows(
        results,
        """select total.*, customers.days, customers.amount from (
            select sum(expected_purchase_days) as days, sum(predictive_clv_amount) as amount
            from candidate.cx.fct_clv where method = 'purchases_gamma_gamma') as customers
        cross join (
            select * from candidate.cx.fct_clv_totals where buyer_kind = 'all') as total""",
    )
    assert both["customer_count"] == 2357 and both["holdout_count"] == 2
    assert both["days"] == pytest.approx(both["expected_purchase_days"], rel=1e-6)
    assert float(both["amount"]) == pytest.approx(float(both["predictive_clv_amount"]), rel=1e-5)
    low, high = both["expected_purchase_days_low"], both["expected_purchase_days_high"]
    errors = ("parameter_error_rate", "chance_error_rate", "model_error_rate")
    reach = 1.96 * np.sqrt(sum(both[name] ** 2 for name in errors))
    assert np.log([low, high]) - np.log(both["days"]) == pytest.approx([-reach, reach], rel=1e-3)


def test_spend_model_has_the_published_parameters(models) -> None:
    model = models["gamma_gamma"]
    assert model["customer_count"] == 946
    assert [round(model[name], 2) for name in ("p", "q", "gamma")] == [6.25, 3.74, 15.44]
    assert round(model["p"] * model["gamma"] / (model["q"] - 1), 2) == 35.17
    assert round(model["spend_correlation"], 2) == 0.11 and model["is_mean_spend_finite"]


@pytest.mark.parametrize(
    ("repeats", "recency", "expected", "alive", "digits"),
    [
        (2, 30.43, 1.226, 0.7266, 3),
        (1, 1.71, 0.2033, 0.2122, 4),
        (0, 0.0, 0.1948, 1.0, 4),
        (7, 29.43, 3.3372, 0.6418, 4),
    ],
)
def test_customers_of_the_paper(results, models, repeats, recency, expected, alive, digits) -> None:
    """First seen on 1997-01-01; 39 weeks are predicted. The paper rounds its weeks: 272 days are
    38.86 there, so its digits come from its weeks and the table's are those of the days.
    """
    p = [models["bgnbd"][name] for name in ("r", "alpha", "a", "b")]
    weeks = (repeats, WEEK * recency, WEEK * 38.86)
    assert round(float(bgnbd.conditional_purchases(p, WEEK * 39, *weeks)), digits) == expected
    assert round(float(bgnbd.probability_alive(p, *weeks)), 4) == alive
    [found] = rows(
        results,
        f"""select distinct p.expected_purchases, p.alive_rate
        from intermediate.int_clv__purchase_predictions p join intermediate.int_clv__buyers b
            using (fit, repeat_count, recency_step, observed_step)
        where fit = 'holdout' and p.segment = 'all' and p.model = 'bgnbd'
            and b.observed_days = 272 and b.repeat_count = {repeats}
            and b.recency_days = {round(recency * WEEK)}""",
    )
    days = (repeats, round(recency * WEEK), 272)
    assert found["expected_purchases"] == pytest.approx(
        float(bgnbd.conditional_purchases(p, 273, *days)), rel=1e-7
    )
    assert found["expected_purchases"] == pytest.approx(expected, rel=2e-3)
    assert found["alive_rate"] == pytest.approx(alive, rel=2e-3)


def test_spend_of_customers_of_the_note(results) -> None:
    """Customers 1, 2, 3 and 6; half of it is contribution here."""
    found = rows(
        results,
        """select f.customer_key, f.margin_per_unit_amount * 2 as spend
        from intermediate.int_clv__forecasts f
        where fit = 'holdout' and customer_key in ('c1', 'c2', 'c3', 'c6') order by 1""",
    )
    assert [round(float(row["spend"]), 2) for row in found] == [24.65, 18.91, 35.17, 71.46]


def test_hold_out_is_as_published(results, models) -> None:
    """Correlation .626; up to week 78 the model expects 4.1 % too few from the first day on."""
    [total] = rows(
        results,
        """select * from candidate.cx.fct_clv_holdout
        where method = 'purchases_gamma_gamma' and segment = 'all' and event_bucket = 'all'""",
    )
    assert total["customer_count"] == 2357
    assert total["horizon_end_date"].date() == AS_OF
    [foretold] = rows(
        results,
        """select corr(p.expected_purchases, b.actual_count) as correlation
        from intermediate.int_clv__purchase_predictions p join intermediate.int_clv__buyers b
            using (fit, repeat_count, recency_step, observed_step)
        where fit = 'holdout' and p.segment = 'all' and p.model = 'bgnbd'""",
    )
    assert round(foretold["correlation"], 3) == 0.626
    [seen] = rows(
        results,
        """select sum(repeat_count) as repeats, list(observed_days) as observed
        from intermediate.int_clv__buyers where fit = 'holdout'""",
    )
    p = [models["bgnbd"][name] for name in ("r", "alpha", "a", "b")]
    until_end = np.array(seen["observed"]) + (AS_OF - date(1997, 9, 30)) / timedelta(days=1)
    predicted = bgnbd.expected_purchases(p, until_end).sum()
    assert round(100 * (predicted / (seen["repeats"] + total["actual_count"]) - 1), 1) == -4.1


def test_buckets_compare_what_plain_pandas_counts(results) -> None:
    sold = cdnow()
    later = sold[sold["business_date"] > date(1997, 9, 30)].drop_duplicates(
        ["customer_key", "business_date"]
    )
    before = sold[sold["business_date"] <= date(1997, 9, 30)].drop_duplicates(
        ["customer_key", "business_date"]
    )
    repeats = before.groupby("customer_key").size() - 1
    bought = later.groupby("customer_key").size().reindex(repeats.index, fill_value=0)
    expected = bought.groupby(np.minimum(repeats, 7)).agg(["size", "sum"])
    found = rows(
        results,
        """select customer_count, actual_count from candidate.cx.fct_clv_holdout
        where method = 'purchases_gamma_gamma' and segment = 'all'
            and event_bucket not in ('all', '1+')
        order by event_bucket""",
    )
    assert [(r["customer_count"], r["actual_count"]) for r in found] == [
        (size, total) for size, total in expected.to_numpy()
    ]


@pytest.mark.parametrize(
    ("plan", "lost", "parameters", "log_likelihood"),
    [
        ("regular", 759, [0.704, 1.182], -1680.27),
        ("high_end", 509, [0.668, 3.806], -1611.16),
    ],
)
def test_contract_models_have_the_published_parameters(
    fits, plan, lost, parameters, log_likelihood
) -> None:
    model = fits["sbg", plan]
    assert (model["customer_count"], model["event_count"]) == (1000, lost)
    assert [round(model[name], 3) for name in ("alpha", "beta")] == parameters
    assert round(model["log_likelihood"], 2) == log_likelihood
    # Each says more than one model of both, so each serves its own.
    assert model["is_usable"] and model["same_as_all_p_value"] < 1e-9
    assert fits["sbg", "all"]["customer_count"] == 2000


@pytest.mark.parametrize(
    ("plan", "months", "active", "observed"),
    [("high_end", 32.62, 0.847, 42.7 / 49.1), ("regular", 31.51, 0.800, 19.4 / 24.1)],
)
def test_contracts_to_come(results, plan, months, active, observed) -> None:
    """Seven renewals made, three months left: within 36 months follow three more renewals.

    In the eighth year (beta + 7) ÷ (alpha + beta + 7) renew, for High End, 0.668 and 3.806: 10.806
    ÷ 11.474 = 0.9418, then 0.9464 and 0.9504. 3 + 12 × 0.9418 + 12 × 0.8914 + 9 × 0.8472 = 32.62
    months. For Regular, 0.704 and 1.182: 0.9208, 0.9288 and 0.9353; 3 + 12 × 0.9208 + 12 × 0.8552 +
    9 × 0.7999 = 31.51. The paper saw 2.6 % and 0.6 % more of them still there after ten years.
    """
    [found] = rows(
        results,
        f"""select distinct lifetime_fit_segment, expected_contract_months,
            probability_alive_at_horizon,
            margin_per_unit_amount, predictive_clv_amount, renewal_count
        from candidate.cx.fct_clv where method = 'sbg' and segment = '{plan}'""",
    )
    assert (found["lifetime_fit_segment"], found["renewal_count"]) == (plan, 7)
    assert float(found["margin_per_unit_amount"]) == 60
    assert round(found["expected_contract_months"], 2) == months
    assert round(found["probability_alive_at_horizon"], 3) == active
    assert found["probability_alive_at_horizon"] == pytest.approx(observed, rel=0.03)
    assert float(found["predictive_clv_amount"]) == pytest.approx(60 * months, abs=0.4)


def test_contracts_held_out(results) -> None:
    # All of the nine months held out are paid for: no renewal is due in them, nothing is unsure.
    found = rows(
        results,
        """select segment, predicted_count, actual_count from candidate.cx.fct_clv_holdout
        where method = 'sbg' and event_bucket = 'all'""",
    )
    assert {row["segment"]: row["actual_count"] for row in found} == {
        "all": (491 + 241) * 9,
        "high_end": 491 * 9,
        "regular": 241 * 9,
    }
    assert all(row["predicted_count"] == row["actual_count"] for row in found)


def test_whose_history_is_known_has_a_value(results) -> None:
    found = rows(
        results,
        """select method, count(*) as number, count(predictive_clv_amount) as valued,
            count(no_clv_reason) as reasons
        from candidate.cx.fct_clv group by all order by method""",
    )
    assert found == [
        {"method": "contract_ended", "number": 1268, "valued": 1268, "reasons": 0},
        {"method": "purchases_gamma_gamma", "number": 2357, "valued": 2357, "reasons": 0},
        {"method": "sbg", "number": 732, "valued": 732, "reasons": 0},
    ]
