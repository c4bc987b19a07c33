"""Logistic regression with a ridge: against scikit-learn, on data where an own fit may fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.logistic import coefficients

DRAW = np.random.default_rng(7)
NORMAL = DRAW.standard_normal((400, 3))
USUAL = DRAW.random(400) < expit(-1 + NORMAL @ [1.0, -0.5, 0.0])
RARE = np.arange(400) == 17


@pytest.mark.parametrize(
    "features, outcome, ridge",
    [
        pytest.param(NORMAL, USUAL, 1.0, id="usual"),
        pytest.param(NORMAL, NORMAL[:, 0] > 0.3, 0.01, id="separated"),
        pytest.param(NORMAL, RARE, 1.0, id="one of four hundred"),
        pytest.param(NORMAL, ~RARE, 1.0, id="all but one"),
        pytest.param(NORMAL[:, [0, 0, 1]], USUAL, 0.04, id="a column twice"),
        pytest.param(NORMAL * [0.0, 1.0, 1.0], USUAL, 0.04, id="a column of zeros"),
        pytest.param(NORMAL**3 * 30, USUAL, 0.01, id="far outliers"),
        pytest.param(NORMAL[:5], np.array([1, 0, 0, 0, 1], bool), 1e-4, id="more than it can tell"),
    ],
)
def test_it_is_that_of_scikit_learn(features, outcome, ridge) -> None:
    theirs = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    theirs.fit(features, outcome)
    ours = coefficients(features, outcome, ridge)
    assert ours == pytest.approx([*theirs.intercept_, *theirs.coef_[0]], rel=1e-6, abs=1e-7)
    chance = expit(ours[0] + features @ ours[1:])
    # At the minimum the sum of the chances is the number of losses, and the gradient is nought.
    assert chance.sum() == pytest.approx(outcome.sum(), abs=1e-8)
    assert features.T @ (chance - outcome) + ridge * ours[1:] == pytest.approx(0, abs=1e-6)


def test_by_hand() -> None:
    """One feature of 0 and 1 and next to no ridge: the logarithms of the odds, 1 : 3 and 1 : 1."""
    feature = np.repeat([0.0, 1.0], [40, 20])[:, None]
    outcome = np.concatenate([np.arange(40) < 10, np.arange(20) < 10])
    found = coefficients(feature, outcome, 1e-9)
    assert found == pytest.approx([-np.log(3), np.log(3)], abs=1e-6)


@pytest.mark.parametrize("outcome", [[], [True, True], [False, False]])
def test_without_both_outcomes_there_is_nothing_to_fit(outcome) -> None:
    with pytest.raises(NotEstimable):
        coefficients(np.ones((len(outcome), 1)), np.array(outcome, bool), 1.0)
