"""Intervals that the night computes in SQL against statsmodels and scipy, also where few hit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from tests.product_sql import values


def test_welch_interval_of_the_example() -> None:
    # 10, 20, 30 against 10, 10, 40, 60: squared errors 100/3 and 600/4, 4.17 degrees of freedom
    exact = stats.ttest_ind([10, 20, 30], [10, 10, 40, 60], equal_var=False).confidence_interval()
    given = {"one": [100 / 3], "two": [600 / 4]}
    bounds = [values(f"welch_bound(-10, 'one', 3, 'two', 4, {s})", **given)[0] for s in (-1, 1)]
    assert bounds == pytest.approx((exact.low, exact.high), rel=5e-4)


def test_welch_interval_of_samples_of_all_sizes() -> None:
    rng = np.random.default_rng(1)
    # 6 and more a side: from 5 degrees of freedom on the quantile is right to 0.02 %.
    samples = [[rng.gamma(0.7, 30, rng.integers(6, 90)) for _ in "ab"] for _ in range(200)]
    exact = [stats.ttest_ind(*both, equal_var=False).confidence_interval() for both in samples]
    given = {
        "gap": [one.mean() - two.mean() for one, two in samples],
        **{f"n_{i}": [len(both[i]) for both in samples] for i in (0, 1)},
        **{f"e_{i}": [both[i].var(ddof=1) / len(both[i]) for both in samples] for i in (0, 1)},
    }
    for side, expected in ((-1, [e.low for e in exact]), (1, [e.high for e in exact])):
        bound = values(f"welch_bound('gap', 'e_0', 'n_0', 'e_1', 'n_1', {side})", **given)
        reach = abs(np.array(expected) - given["gap"])
        assert (abs(bound - expected) < 3e-4 * reach).all()


# Who referred after a reply: none of 55 of the slowest is no certainty that nobody ever does.
SHARES = [(7, 389, 0, 55), (0, 55, 7, 389), (0, 55, 0, 389), (0, 3, 3, 3), (10, 100, 20, 100)]


def test_newcombe_interval_of_two_shares_also_at_none_and_all_of_n() -> None:
    rng = np.random.default_rng(2)
    totals = rng.integers(1, 300, (200, 2))
    hits = rng.binomial(totals, rng.choice([0, 0.02, 0.5, 1], (200, 2)))
    drawn = [(h[0], n[0], h[1], n[1]) for h, n in zip(hits, totals, strict=True)]
    x, n, y, m = np.array(SHARES + drawn).T
    given = {"x": x, "n": n, "y": y, "m": m}
    low, high = (
        values(f"share_difference_bound('x', 'n', 'y', 'm', {s})", **given) for s in (-1, 1)
    )
    exact = [
        confint_proportions_2indep(*row, compare="diff", method="newcomb") for row in SHARES + drawn
    ]
    bounds = np.column_stack([low, high])
    assert bounds == pytest.approx(np.array(exact), abs=5e-8)
    difference = x / n - y / m
    is_between = (low < difference) & (difference < high)
    # One end is the difference itself only where all hit on one side and none on the other.
    assert (is_between | (abs(difference) == 1)).all()


def test_what_a_drift_takes_off_the_interval() -> None:
    """Over 16 months, error of the effect 3 (D-088).

    0.2 a month, known to 0.1: 3.2, and √(3² + 1.6²) errors instead of 3. Within its error, 0.2
    known to 0.2, only what was seen. Downwards or unknown, nothing is taken off this end.
    """
    taken = values(
        "drift_allowance('drift', 'error')",
        drift=[0.2, 0.2, -0.2, None],
        error=[0.1, 0.2, 0.1, None],
        drift_months=16.0,
        effect_error=3.0,
    )
    assert taken == pytest.approx([3.2 + 1.96 * (3.4 - 3), 3.2, 0, 0], abs=1e-4)
