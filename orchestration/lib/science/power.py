"""What an experiment would find, from the scatter that its customers had without it.

Sources: Bloom (1995) for the minimum detectable effect; Deng et al. (2013) for CUPED; Welch (1947)
for the error of two arms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
POWER = 0.8
LEVEL = 0.05


def adjusted_scatter(outcomes: Floats, covariates: Floats) -> float:
    """Standard deviation of a customer's mean monthly outcome, less what covariates foretell.

    `outcomes` is customers × months, `covariates` customers × what was known before; a customer
    with a NaN among them is not adjusted. As the nights judge: slopes over all months together,
    of deviations from the mean of the month. NaN of fewer than two customers.
    """
    mean = outcomes.mean(axis=1)
    known = np.isfinite(covariates).all(axis=1)
    left = np.zeros(len(mean))
    for part in (known, ~known):
        if part.any():
            left[part] = mean[part] - mean[part].mean()
    if known.sum() > covariates.shape[1] + 1:
        before = covariates[known] - covariates[known].mean(axis=0)
        slopes = np.linalg.lstsq(before, left[known], rcond=None)[0]
        left[known] -= before @ slopes
    return float(np.std(left, ddof=1)) if len(left) > 1 else float("nan")


def detectable(scatter: float, treated: int, control: int) -> float:
    """True effect found four times in five at 5 %, two-sided, in the unit of `scatter`."""
    if min(treated, control) < 2:
        return float("nan")
    error = scatter * np.sqrt(1 / treated + 1 / control)
    freedom = treated + control - 2
    reach = stats.t.ppf(1 - LEVEL / 2, freedom) + stats.t.ppf(POWER, freedom)
    return float(reach * error)
