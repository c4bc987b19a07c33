"""Second estimates of a programme against statsmodels, by hand, and where one of them is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm

from orchestration.lib.science.programme_regressions import (
    TRAITS,
    Sample,
    lagged,
    negative_control,
    robust,
    second_estimates,
)


def sample(size: int, seed: int) -> Sample:
    """One month of entry; tenure is all that is known of customers, and who enters hangs on it."""
    rng = np.random.default_rng(seed)
    tenure = rng.normal(0, 1, size)
    treated = rng.random(size) < 1 / (1 + np.exp(1 - tenure))
    base = rng.normal(10, 3, size)
    traits = np.ones((size, len(TRAITS)))
    traits[:, TRAITS.index("tenure")] = tenure
    return Sample(
        customer=np.arange(size),
        entry=np.full(size, 100),
        kind=np.zeros(size, np.int64),
        cell=np.zeros(size, np.int64),
        is_treated=treated,
        weight=np.ones(size),
        months=np.full(size, 5.0),
        outcome=base + 2 * tenure + rng.normal(0, 1, size) + 3 * treated,
        left=np.zeros(size),
        base=base,
        early=base,
        traits=traits,
    )


def test_without_anything_known_it_is_the_difference_of_mean_changes() -> None:
    """Treated change by 5 and 9, untreated by 1 and 3: 7 − 2 = 5; errors 8/2 and, of n, 1/2."""
    one = sample(4, 1)
    one = replace(
        one,
        traits=np.ones((4, len(TRAITS))),
        is_treated=np.array([True, True, False, False]),
        base=np.zeros(4),
        outcome=np.array([5.0, 9.0, 1.0, 3.0]),
    )
    found = robust(one)
    assert found.effect == pytest.approx(5, abs=1e-5)
    assert found.error**2 == pytest.approx(2 * (4 + 4) / 4 + 2 * (1 + 1) / 4, abs=1e-4)


def test_robust_equals_its_formula_on_the_fits_of_statsmodels() -> None:
    one = sample(800, 2)
    design = sm.add_constant(one.traits[:, TRAITS.index("tenure")])
    treated, change = one.is_treated, one.outcome - one.base
    chance = sm.Logit(treated, design).fit(disp=0).predict()
    line = sm.OLS(change[~treated], design[~treated]).fit()
    left, odds = change - line.predict(design), ~treated * chance / (1 - chance)
    expected = left[treated].mean() - odds @ left / odds.sum()
    found = robust(one)
    assert found.effect == pytest.approx(expected, abs=0.1 * found.error)
    assert found.effect == pytest.approx(3, abs=3 * found.error)
    raw = change[treated].mean() - change[~treated].mean()
    assert abs(raw - 3) > 10 * found.error  # what was taken out


def test_its_error_is_how_it_scatters() -> None:
    found = [robust(sample(300, seed)) for seed in range(200)]
    scatter = np.std([one.effect for one in found])
    assert np.mean([one.error for one in found]) == pytest.approx(scatter, rel=0.15)


@pytest.mark.parametrize("is_lasting", [True, False])
def test_each_is_right_where_the_other_is_wrong(is_lasting: bool) -> None:
    """Chosen by what they bring in anyway, of which the base is a noisy view; or by the base."""
    rng = np.random.default_rng(3)
    one = sample(4000, 3)
    value, passing = rng.normal(50, 10, 4000), rng.normal(0, 10, 4000)
    base, outcome = value + passing, value + rng.normal(0, 3, 4000)
    by = value - 50 if is_lasting else 50 - base
    treated = rng.random(4000) < 1 / (1 + np.exp(1 - by / 5))
    one = replace(
        one, is_treated=treated, base=base, early=base, outcome=outcome,
        traits=np.ones((4000, len(TRAITS))),
    )  # fmt: skip
    differenced, adjusted = robust(one), lagged(one)
    right, wrong = (differenced, adjusted) if is_lasting else (adjusted, differenced)
    assert abs(right.effect) < 3 * right.error
    assert abs(wrong.effect) > 10 * wrong.error
    # The truth, none, lies between them.
    assert min(differenced.effect, adjusted.effect) < 3 * right.error
    assert max(differenced.effect, adjusted.effect) > -3 * right.error


def test_a_negative_control_is_the_matched_difference_by_the_chance_of_being_chosen() -> None:
    """Chances by statsmodels, cells one by one; the treated take no part but in the chances."""
    one = sample(800, 6)
    one = replace(one, cell=np.arange(800) % 3, early=np.ones(800), months=1.0 + np.arange(800) % 5)
    design = sm.add_constant(one.traits[:, TRAITS.index("tenure")])
    chance = sm.Logit(one.is_treated, design).fit(disp=0).predict()
    change, sums, weight = one.outcome - one.base, 0.0, 0.0
    for cell in range(3):
        own = (one.cell == cell) & ~one.is_treated
        taken, left = one.months[own] * chance[own], one.months[own] * (1 - chance[own])
        gap = taken @ change[own] / taken.sum() - left @ change[own] / left.sum()
        sums, weight = sums + taken.sum() * gap, weight + taken.sum()
    amount, error = negative_control(one)
    assert amount == pytest.approx(sums / weight, abs=0.05 * error)
    assert amount > 5 * error  # tenure moves the outcome and is in no cell
    treated = replace(one, outcome=one.outcome + 100 * one.is_treated)
    assert negative_control(treated) == (amount, error)


def test_the_error_of_a_negative_control_is_how_it_scatters() -> None:
    found = np.array([negative_control(sample(400, seed)) for seed in range(200)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.25)


@pytest.mark.parametrize("is_passing", [True, False])
def test_a_negative_control_shows_what_a_rule_makes_of_nothing(is_passing: bool) -> None:
    """Chosen while they bring in little, which passes; or by chance."""
    rng = np.random.default_rng(7)
    one = sample(4000, 7)
    value, passing = rng.normal(50, 10, 4000), rng.normal(0, 10, 4000)
    base = value + passing
    by = (50 - base) / 5 if is_passing else np.zeros(4000)
    one = replace(
        one,
        is_treated=rng.random(4000) < 1 / (1 + np.exp(1 - by)),
        base=base, early=base, outcome=value + rng.normal(0, 3, 4000),
        traits=np.ones((4000, len(TRAITS))),
    )  # fmt: skip
    change = one.outcome - one.base
    bias = change[one.is_treated].mean() - change[~one.is_treated].mean()
    amount, error = negative_control(one)
    assert abs(amount - (bias if is_passing else 0)) < (0.5 * bias if is_passing else 3 * error)
    assert (amount > 10 * error) == is_passing


def test_where_nobody_is_left_to_compare_there_is_no_negative_control() -> None:
    one = sample(400, 8)
    alone = replace(one, cell=np.arange(400))
    assert np.isnan(negative_control(alone)).all()


def table(one: Sample, size: int) -> pa.Table:
    columns = dict(zip(TRAITS, one.traits.T, strict=True))
    rows = {
        "programme_id": ["p"] * size,
        "segmentation": ["all"] * size,
        "segment": ["all"] * size,
        "entry_number": one.entry,
        "customer_key": [f"c{i:05d}" for i in range(size)],
        "customer_kind": ["person"] * size,
        "cell_number": one.cell,
        "is_treated": one.is_treated,
        "month_count": one.months,
        "weight": one.weight,
        "outcome_amount": one.outcome,
        "left_rate": np.where(one.is_treated, 0.1, 0.2),
        "base_amount": one.base,
        "early_amount": one.early,
    }
    return pa.table(rows | columns)


def influences(one: Sample, effect: float, size: int) -> pa.Table:
    return pa.table(
        {
            "programme_id": ["p"] * size,
            "segmentation": ["all"] * size,
            "segment": ["all"] * size,
            "customer_key": [f"c{i:05d}" for i in range(size)],
            "effect_amount": np.full(size, effect),
            "influence": np.zeros(size),
        }
    )


def test_how_far_two_estimates_are_apart_is_in_errors_of_their_difference() -> None:
    one = sample(400, 4)
    [row] = second_estimates(table(one, 400), influences(one, 0.0, 400)).to_pylist()
    found = robust(one)
    assert row["robust_amount"] == pytest.approx(found.effect, abs=1e-6)
    assert row["disagreement_z"] == pytest.approx(found.effect / found.error, rel=1e-6)
    assert (row["treated_left_rate"], row["control_left_rate"]) == pytest.approx((0.1, 0.2))
    # Moving with the same customers, two estimates are not apart by chance.
    own = influences(one, found.effect + 1, 400)
    moved = own.set_column(5, "influence", pa.array(found.influence * 0.9))
    [row] = second_estimates(table(one, 400), moved).to_pylist()
    assert row["disagreement_z"] == pytest.approx(-1 / (0.1 * found.error), rel=1e-5)


def test_too_few_on_a_side_have_no_second_estimate() -> None:
    one = sample(60, 5)
    few = replace(one, is_treated=np.arange(60) < 19)
    assert second_estimates(table(few, 60), influences(few, 0.0, 60)).num_rows == 0
