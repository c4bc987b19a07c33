"""Randomised experiments in the product's SQL: against the reference, by hand, against chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.conftest import PUBLIC_DATA
from tests.reference.randomisation import Units, judge, statistics
from tests.simulation.randomised_experiments import Outcome, Past, judged, judged_from_before

OUTCOMES = ["lognormal(1)", "lognormal(1.5)", "Pareto(1.5)", "gamma(0.5)"]
ARMS = [(40, 40), (200, 200), (1000, 1000), (200, 40)]
OLIST = PUBLIC_DATA / "olist" / "olist_order_payments_dataset.csv"


def plain(amount: np.ndarray, treated: int) -> Units:
    """One stratum, one month, the first customers treated."""
    size = len(amount)
    keys = [f"customer {i}" for i in range(size)]
    return Units(amount, np.ones(size), np.arange(size) < treated, np.zeros(size, int), keys)


def test_sql_equals_the_reference_in_strata_of_unequal_months() -> None:
    rng = np.random.default_rng(3)
    given = []
    for size in (120, 240):
        stratum = np.arange(size) % 3
        months = (1 + stratum).astype(float)
        treated = rng.random(size) < 0.4
        monthly = rng.lognormal(0, 1.2, size) + 0.3 * treated
        keys = [f"u{i}" for i in range(size)]
        given.append(Units(np.round(monthly, 4) * months, months, treated, stratum, keys))
    found = judged(given)
    for (_, row), units in zip(found.iterrows(), given, strict=True):
        # The numbers of the units in SQL are of programme and customer.
        keys = [f"{row['programme_id']}|{key}" for key in units.keys]
        mine = judge(Units(units.amount, units.months, units.is_treated, units.stratum, keys))
        assert row["effect_amount"] == pytest.approx(mine.effect, abs=1e-9)
        assert row["effect_standard_error_amount"] == pytest.approx(mine.error, rel=1e-9)
        assert row["degrees_of_freedom"] == pytest.approx(mine.degrees_of_freedom, rel=1e-9)
        assert row["low_reach"] == pytest.approx(mine.low_reach, abs=1e-8)
        assert row["high_reach"] == pytest.approx(mine.high_reach, abs=1e-8)
        assert row["is_treated_skewed"] == mine.is_treated_skewed
        # Limits are of amounts beside the mean of the cell's controls, as the models hand them on.
        control = [
            units.amount[here].sum() / units.months[here].sum()
            for s in units.stratum
            for here in [(units.stratum == s) & ~units.is_treated]
        ]
        beside = units.amount / units.months - control
        limited = np.clip(beside, *np.quantile(beside, [0.01, 0.99])) * units.months
        effect, error, freedom = (
            float(found[0])
            for found in statistics(units.is_treated[None], limited, units.months, units.stratum)
        )
        assert row["winsorised_amount"] == pytest.approx(effect, abs=1e-9)
        low = effect - stats.t.ppf(0.975, freedom) * error
        assert row["winsorised_low_amount"] == pytest.approx(low, abs=0.002 * error)


def test_accounts_that_were_drawn_count_as_one_however_many_they_are() -> None:
    """Three customers each, of whom the mean is the account: same effect, error and reaches as one.

    Counted as customers there would be three times as many, and an interval far too narrow.
    """
    rng = np.random.default_rng(5)
    units = plain(np.round(rng.lognormal(0, 1, 100), 4), 50)
    [alone] = judged([units]).to_dict("records")
    [three] = judged([units], customers=3).to_dict("records")
    for name in ("effect_amount", "effect_standard_error_amount", "degrees_of_freedom"):
        assert three[name] == pytest.approx(alone[name], rel=1e-9)
    for name in ("low_reach", "high_reach", "treated_with_outcome_count"):
        assert three[name] == pytest.approx(alone[name], abs=1e-8)


def test_one_buyer_of_forty() -> None:
    """Effect 100/40 = 2.5. The buyer deviates by 97.5, the 39 others by 2.5: 97.5² + 39 · 2.5² =
    9,750, / 39 / 40 = 6.25, so the error is 2.5 and not 0: the buyer is the doubt of the effect.
    """
    amount = np.zeros(80)
    amount[0] = 100
    [row] = judged([plain(amount, 40)]).to_dict("records")
    assert row["effect_amount"] == pytest.approx(2.5)
    assert row["effect_standard_error_amount"] == pytest.approx(2.5)
    assert row["degrees_of_freedom"] == pytest.approx(39)
    assert (row["treated_with_outcome_count"], row["control_with_outcome_count"]) == (1, 0)
    assert row["effect_amount"] - row["low_reach"] * row["effect_standard_error_amount"] < 0


def false_ones(amounts: list[np.ndarray], treated: int) -> tuple[float, float]:
    """Shares of experiments without effect whose interval lies above 0, and below."""
    rows = judged(plain(amount, treated) for amount in amounts)
    effect, error = rows["effect_amount"], rows["effect_standard_error_amount"]
    above = (effect - rows["low_reach"] * error > 0).mean()
    return float(above), float((effect + rows["high_reach"] * error < 0).mean())


@pytest.mark.parametrize("arms", [(40, 40), (200, 40)])
def test_experiments_without_effect_are_found_as_often_as_promised(arms: tuple[int, int]) -> None:
    """400 experiments: 2.5 % are 10, and 17 or more come one time in 40.

    With the control arm's error 12 to 24 % of them lay above 0.
    """
    rng = np.random.default_rng(7)
    amounts = [Outcome(OUTCOMES[i % len(OUTCOMES)]).draw(rng, sum(arms)) for i in range(400)]
    above, below = false_ones(amounts, arms[0])
    assert above <= 16 / 400
    assert below <= 16 / 400


@pytest.mark.parametrize("arms", [(40, 40), (200, 40)])
def test_what_was_known_before_takes_nothing_from_the_draw(arms: tuple[int, int]) -> None:
    """400 experiments without effect on customers whose lognormal(1.5) levels last, through CUPED:
    as above at most 16 lie above 0, at most 16 below, and intervals are far shorter than without.
    """
    rng = np.random.default_rng(19)
    size = sum(arms)
    pasts = []
    for _ in range(400):
        level = rng.lognormal(0, 1.5, size)[:, None]
        outcome = np.round(level * rng.lognormal(0, 0.3, (size, 12)), 4)
        pasts.append(Past(outcome, rng.integers(0, 60, size), rng.permutation(size) < arms[0]))
    rows = judged_from_before(pasts)
    effect, error = rows["effect_amount"], rows["effect_standard_error_amount"]
    assert (effect - rows["low_reach"] * error > 0).mean() <= 16 / 400
    assert (effect + rows["high_reach"] * error < 0).mean() <= 16 / 400
    raw = [
        np.hypot(*(y.std(ddof=1) / np.sqrt(len(y)) for y in (m[p.is_treated], m[~p.is_treated])))
        for p in pasts
        for m in [p.outcome[:, 9:].mean(axis=1)]
    ]
    assert np.median(error / raw) < 0.3


@pytest.mark.long
@pytest.mark.parametrize("arms", ARMS)
@pytest.mark.parametrize("outcome", [*OUTCOMES, "olist"])
def test_false_positives_of_skewed_money(outcome: str, arms: tuple[int, int]) -> None:
    """At most 3 % on either side, and two errors of the share as it was simulated."""
    count = {80: 4000, 240: 2000, 400: 1500, 2000: 400}[sum(arms)]
    rng = np.random.default_rng(11)
    if outcome == "olist":
        if not OLIST.exists():
            pytest.skip("the public order values are not here")
        orders = pd.read_csv(OLIST).groupby("order_id")["payment_value"].sum().to_numpy()
        amounts = [rng.choice(orders, sum(arms), replace=False) for _ in range(count)]
    else:
        amounts = [Outcome(outcome).draw(rng, sum(arms)) for _ in range(count)]
    above, below = false_ones(amounts, arms[0])
    doubt = 2 * np.sqrt(0.025 * 0.975 / count)
    assert above <= 0.03 + doubt
    assert below <= 0.03 + doubt
