"""Fits and predictions of lifetime models as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orchestration.lib.science import bgnbd, gamma_gamma, sbg
from orchestration.lib.science import lifetime_predictions as predictions
from orchestration.lib.science.regression import regression_predictions
from tests.reference.lifetimes import conditional_spend, counts_from_survivors
from tests.unit.science.lifetimes.conftest import (
    HIGH_END,
    PURCHASE,
    SPEND,
    TENURE,
    cohort,
    empty,
    fits,
    table,
)


def test_a_cohort_counted_by_age_gives_the_published_fit() -> None:
    [row] = fits(table(TENURE, cohort(HIGH_END))).to_dict("records")
    assert (round(row["alpha"], 3), round(row["beta"], 3)) == (0.668, 3.806)
    assert round(row["log_likelihood"], 2) == -1611.16
    assert (row["customer_count"], row["event_count"]) == (1000, 1000 - 491)
    assert pd.isna(row["reason"]) and row["is_converged"] and not row["is_on_boundary"]


def test_predicted_months_are_the_residual_lifetime_of_the_paper() -> None:
    """Renewal due now: 12 × the first three renewals; a whole year paid for: one year and two."""
    groups = table(TENURE, [*cohort(HIGH_END, 0.0), (7, False, 100, 12.0), (0, False, 9, 12.0)])
    fitted = fits(groups)
    found = predictions.tenure_predictions(fitted, groups).to_pandas()
    months = found.set_index(["period_count", "left_months"])["expected_months"]
    p = tuple(fitted.loc[0, ["alpha", "beta"]])
    assert months[7, 0.0] == pytest.approx(12 * sbg.remaining_tenure(p, 8, horizon=3))
    assert months[7, 12.0] == pytest.approx(12 + 12 * sbg.remaining_tenure(p, 8, horizon=2))
    assert months[0, 12.0] == pytest.approx(12 + 12 * sbg.remaining_tenure(p, 1, horizon=2))
    assert months[7, 12.0] > months[0, 12.0]  # who has renewed seven times is likelier to again
    at_end = found.set_index(["period_count", "left_months"])["horizon_rate"][0, 12.0]
    assert at_end == pytest.approx(float(sbg.survival(p, 3)))  # in force after renewals 1, 2 and 3


def test_discounted_months_lose_what_the_rate_takes() -> None:
    groups = table(TENURE, cohort(HIGH_END, 12.0))
    found = predictions.tenure_predictions(fits(groups), groups).to_pandas().iloc[0]
    p = tuple(fits(groups).loc[0, ["alpha", "beta"]])
    alive = sbg.survival(p, [7, 8, 9]) / sbg.survival(p, 7)
    middle = 12 * alive @ (1.1 ** -np.array([0.5, 1.5, 2.5]))  # from the middle of each year
    assert found["discounted_months"] == pytest.approx(middle, rel=1e-3)


def test_the_error_of_an_expectation_is_what_refits_on_redrawn_customers_show() -> None:
    """300 cohorts drawn from the fitted model against the delta method."""
    rows = cohort(HIGH_END)
    groups = table(TENURE, rows)
    found = predictions.tenure_predictions(fits(groups), groups).to_pandas().iloc[0]
    rng = np.random.default_rng(1)
    alive = sbg.survival(tuple(fits(groups).loc[0, ["alpha", "beta"]]), np.arange(8))
    share = np.append(-np.diff(alive), alive[-1])
    drawn = []
    for counts in rng.multinomial(1000, share, 300):
        again = table(TENURE, [(*r[:2], n, r[3]) for r, n in zip(rows, counts, strict=True)])
        drawn.append(predictions.tenure_predictions(fits(again), groups).to_pandas().iloc[0, 5])
    spread = np.std(drawn) / found["expected_months"]
    assert found["relative_error"] == pytest.approx(spread, rel=0.1)


def simulated(size: int, seed: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x, t_x, T in days and mean spend of buyers who follow the models."""
    rng = np.random.default_rng(seed)
    rate, drop = rng.gamma(0.8, 1 / 40, size), rng.beta(0.9, 3.0, size)
    observed = rng.integers(60, 700, size)
    clock, last, x = np.zeros(size), np.zeros(size), np.zeros(size, int)
    alive = np.ones(size, bool)
    while alive.any():
        clock = clock + rng.exponential(1 / rate)
        alive &= clock < observed
        x, last = x + alive, np.where(alive, clock, last)
        alive &= rng.random(size) > drop
    means = 6 * rng.gamma(3.7, 1, size) ** -1 * 40
    spend = rng.gamma(6.25 * np.maximum(x, 1), means / 6.25 / np.maximum(x, 1))
    return x, np.floor(last), observed, spend


def test_weeks_instead_of_days_move_no_parameter_by_half_a_percent() -> None:
    """Beyond 20,000 buyers histories are grouped by week, each standing for its mean."""
    x, last, observed, _ = simulated(30_000)
    days = bgnbd.fit(*bgnbd.group(x, last, observed))
    frame = pd.DataFrame({"x": x, "t": last, "T": observed, "n": 1.0})
    weeks = frame.groupby([x, last // 7, observed // 7]).agg(
        {"x": "mean", "t": "mean", "T": "mean", "n": "sum"}
    )
    coarse = bgnbd.fit(weeks[["x", "t", "T"]], weeks["n"])
    assert len(weeks) < 0.75 * len(frame)
    assert coarse.parameters == pytest.approx(days.parameters, rel=5e-3)
    ahead = [
        bgnbd.conditional_purchases(m.parameters, 365, x, last, observed).sum()
        for m in (days, coarse)
    ]
    assert ahead[1] == pytest.approx(ahead[0], rel=5e-4)


def test_bands_of_spend_change_the_fifth_digit() -> None:
    x, _, _, spend = simulated(5_000)
    x, spend = x[x > 0], spend[x > 0]
    exact = gamma_gamma.fit(x, spend)
    frame = pd.DataFrame({"x": x, "m": spend, "n": 1})
    bands = frame.groupby([x, np.floor(100 * np.log(spend))]).agg(
        {"x": "mean", "m": "mean", "n": "sum"}
    )
    banded = gamma_gamma.fit(bands["x"], bands["m"], bands["n"])
    assert banded.parameters == pytest.approx(exact.parameters, rel=1e-4)


def test_the_line_of_expected_spend_and_its_variance() -> None:
    x, _, _, spend = simulated(2_000)
    groups = table(SPEND, [(n, m, 1) for n, m in zip(x[x > 0], spend[x > 0], strict=True)])
    fitted = fits(spend=groups)
    found = predictions.spend_predictions(fitted, groups).to_pandas().set_index("spend_count")
    row = fitted.iloc[0]
    p = (row["p"], row["q"], row["gamma"])
    line = found.loc[3]
    assert line["intercept"] + 50 * line["slope"] == pytest.approx(
        float(conditional_spend(p, 3, 50))
    )
    nobody = found.loc[0]
    assert (nobody["intercept"], nobody["slope"]) == pytest.approx((gamma_gamma.mean_spend(p), 0))
    logs = np.log(p) + 1e-5 * np.eye(3)[:, None] * np.array([[1], [-1]])
    slope = [
        (conditional_spend(np.exp(up), 3, 50)
         - conditional_spend(np.exp(down), 3, 50)) / 2e-5
        for up, down in logs
    ]  # fmt: skip
    variance = np.array(slope) @ np.array(row["log_covariance"]).reshape(3, 3) @ np.array(slope)
    own = line["intercept_variance"] + 100 * line["covariance"] + 2500 * line["slope_variance"]
    assert own == pytest.approx(variance, rel=1e-4)


def test_customers_all_alike_have_a_number_without_an_interval_and_only_together() -> None:
    """Loss rates that rise with age are no mixture: one rate for all, whose error is not known."""
    rows = [(1, True, 40, None), (2, True, 35, None), (3, True, 30, None), (3, False, 10, 12.0)]
    together, segment = table(TENURE, rows), table(TENURE, rows, "web")
    groups = pd.concat([together, segment])
    fitted = fits(groups).set_index("segment")
    assert pd.isna(fitted.loc["all", "reason"]) and fitted.loc["all", "is_on_boundary"]
    assert fitted.loc["web", "reason"] == "the segment shows no spread between its customers"
    found = predictions.tenure_predictions(fits(groups), groups).to_pandas()
    assert found["segment"].tolist() == ["all"]
    assert found["expected_months"].notna().all() and found["relative_error"].isna().all()


REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]


def test_a_segment_has_its_own_model_only_if_it_differs_beyond_chance() -> None:
    """Fader & Hardie's two segments differ; halves of one of them do not."""
    two = fits(pd.concat([table(TENURE, cohort(c), s) for c, s in (
        (HIGH_END, "high"), (REGULAR, "regular"),
        ([a + b for a, b in zip(HIGH_END, REGULAR, strict=True)], "all"),
    )])).set_index("segment")  # fmt: skip
    assert two.loc[["high", "regular"], "reason"].isna().all()
    assert (two.loc[["high", "regular"], "same_as_all_p_value"] < 1e-9).all()
    assert round(two.loc["regular", "alpha"], 3) == 0.704
    half = [n // 2 for n in HIGH_END]
    whole = [2 * n for n in half]
    same = fits(pd.concat([table(TENURE, cohort(c), s) for c, s in (
        (half, "one"), (half, "other"), (whole, "all"),
    )])).set_index("segment")  # fmt: skip
    assert same.loc["one", "same_as_all_p_value"] == pytest.approx(1, abs=1e-4)
    assert same.loc["one", "reason"] == "no better than the model of all (p = 1.00)"


@pytest.mark.parametrize("model", ["sbg", "bgnbd", "gamma_gamma"])
def test_the_likelihood_of_given_parameters_is_that_of_the_fit(model) -> None:
    x, last, observed, spend = simulated(500)
    if model == "sbg":
        given = counts_from_survivors(HIGH_END)
        found, again = sbg.fit(*given), sbg.log_likelihood
    elif model == "bgnbd":
        given = bgnbd.group(x, last, observed)
        found, again = bgnbd.fit(*given), bgnbd.log_likelihood
    else:
        given = (x[x > 0], spend[x > 0], np.ones((x > 0).sum()))
        found, again = gamma_gamma.fit(*given), gamma_gamma.log_likelihood
    assert again(found.parameters, *given) == pytest.approx(found.log_likelihood, rel=1e-12)
    worse = tuple(1.1 * p for p in found.parameters[:1]) + found.parameters[1:]
    assert again(worse, *given) < found.log_likelihood


def test_the_order_of_rows_changes_nothing() -> None:
    x, last, observed, _ = simulated(800)
    rows = [(int(a), float(b), float(c), 1) for a, b, c in zip(x, last, observed, strict=True)]
    one, other = table(PURCHASE, rows), table(PURCHASE, rows).sample(frac=1, random_state=3)
    assert fits(purchases=one).equals(fits(purchases=other))


def test_nothing_in_nothing_out() -> None:
    assert len(fits()) == 0
    for predict, columns in (
        (predictions.tenure_predictions, TENURE),
        (predictions.purchase_predictions, PURCHASE),
        (predictions.spend_predictions, SPEND),
    ):
        assert len(predict(fits(), empty(columns))) == 0


def counted(size: int, seed: int = 4) -> pd.DataFrame:
    x, last, observed, _ = simulated(size, seed)
    frame = pd.DataFrame({"x": x, "t": last, "T": observed})
    rows = frame.value_counts(sort=False).reset_index().itertuples(index=False)
    return table(PURCHASE, [tuple(row) for row in rows])


def test_each_model_of_buyers_predicts_each_history() -> None:
    groups = counted(800)
    found = predictions.purchase_predictions(fits(purchases=groups), groups).to_pandas()
    assert found.groupby("model").size().to_dict() == dict.fromkeys(
        ("bgnbd", "mbgnbd", "pareto_nbd", "pareto_nbd_once", "weibull_nbd"), len(groups)
    )
    expected = found.groupby("model")["expected_purchases"]
    assert (expected.min() > 0).all()
    assert (found["discounted_purchases"] < found["expected_purchases"]).all()
    once = found[found["repeat_count"] == 0].groupby("model")["alive_rate"]
    assert once.min()["bgnbd"] == 1 and once.max()["mbgnbd"] < 1 and once.max()["pareto_nbd"] <= 1


def test_the_error_of_a_total_is_what_refits_on_redrawn_buyers_show() -> None:
    """100 companies drawn alike: loadings are summed over customers before they are squared."""
    groups = counted(1_500)
    totals, said = [], []
    for seed in range(100):
        fitted = fits(purchases=counted(1_500, 100 + seed))
        found = predictions.purchase_predictions(fitted, groups).to_pandas()
        own = found[found["model"] == "bgnbd"]
        count = groups.set_index(["repeat_count", "recency_step", "observed_step"])[
            "customer_count"
        ].loc[
            list(zip(own["repeat_count"], own["recency_step"], own["observed_step"], strict=True))
        ]
        totals.append(count.to_numpy() @ own["expected_purchases"].to_numpy())
        parts = own[[f"error_{n}" for n in range(1, 6)]].to_numpy()
        said.append(np.sqrt(((count.to_numpy() @ parts) ** 2).sum()))
    assert np.mean(said) == pytest.approx(np.std(totals), rel=0.2)


def test_the_regression_learns_from_the_period_before() -> None:
    """Everybody buys as often again as until then: half as much in half the time."""
    rng = np.random.default_rng(5)
    rows = [(int(n), 300 + int(n), 400, 10) for n in rng.integers(0, 30, 60)]
    learned = table(PURCHASE, rows).assign(fit="holdout_long", training_for="holdout")
    came = learned["repeat_count"] * learned["customer_count"] / 2
    learned = learned.assign(training_count=came, training_days=200.0)
    asked = table(PURCHASE, rows).assign(fit="holdout", horizon_days=400.0)
    found = regression_predictions(pd.concat([learned, asked]))
    assert [part["fit"].iloc[0] for part in found] == ["holdout"]
    assert found[0]["expected_purchases"].to_numpy() == pytest.approx(
        asked["repeat_count"].to_numpy(), abs=1e-6
    )
    assert found[0]["error_1"].isna().all()


def test_there_is_no_regression_without_more_histories_than_slopes() -> None:
    learned = table(PURCHASE, [(1, 10, 20, 9)]).assign(fit="holdout_long", training_for="holdout")
    asked = table(PURCHASE, [(1, 10, 20, 9)]).assign(fit="holdout")
    assert regression_predictions(pd.concat([learned, asked])) == []
