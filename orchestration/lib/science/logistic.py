"""Logistic regression with a ridge, by Newton's method.

With a ridge and both outcomes there is one minimum, and Newton's steps, halved where they
overshoot, arrive at it in five to ten. Why no library: D-147 of DECISIONS.md.
Source: le Cessie & van Houwelingen (1992), "Ridge estimators in logistic regression", Applied
Statistics 41(1).

Here: the fit. Not here: which features, or how they are scaled (`churn`, `programme_regressions`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats

STEPS = 100
SETTLED = 1e-10  # the last step, of a logarithm of odds; the error left is of its square
ROUNDING = 1e-12  # of a loss


def coefficients(features: Floats, outcome: NDArray[np.bool_], ridge: float) -> Floats:
    """The intercept and the slopes that make log losses + ridge ÷ 2 × squared slopes least.

    Raises NotEstimable where only one outcome occurs.
    """
    share = outcome.mean() if len(outcome) else 0.0
    if share in (0.0, 1.0):
        raise NotEstimable("only one outcome occurs")
    x = np.column_stack([np.ones(len(features)), features])
    penalty = np.append(0.0, np.full(features.shape[1], ridge))
    sign = np.where(outcome, -1.0, 1.0)

    def loss(at: Floats) -> float:
        return float(np.logaddexp(0, sign * (x @ at)).sum() + penalty @ at**2 / 2)

    at = np.append(np.log(share / (1 - share)), np.zeros(features.shape[1]))
    for _ in range(STEPS):
        chance = expit(x @ at)
        slope = x.T @ (chance - outcome) + penalty * at
        curvature = (x.T * (chance * (1 - chance))) @ x + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        if np.abs(step).max() < SETTLED:
            return at - step
        most = loss(at) * (1 + ROUNDING)
        while loss(at - step) > most:
            step = step / 2
        at = at - step
    raise NotEstimable("the logistic regression did not converge")
