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

    `outcomes` is customers × months, `covariates` customers × what was known before. As the nights
    judge: customers of whom the first is not known (NaN) are compared among themselves, any other
    NaN is taken for the mean. NaN of fewer than two customers.
    """
    left = outcomes.mean(axis=1)
    before = covariates.astype(float)
    is_new = ~np.isfinite(before[:, 0])
    for part in (is_new, ~is_new):
        if part.any():
            left[part] -= left[part].mean()
            before[part] -= np.ma.masked_invalid(before[part]).mean(axis=0).filled(0)
    before = np.nan_to_num(before)
    left -= before @ np.linalg.lstsq(before, left, rcond=None)[0]
    return float(np.std(left, ddof=1)) if len(left) > 1 else float("nan")


def detectable(scatter: float, treated: int, control: int, look_factor: float = 1) -> float:
    """True effect found four times in five at 5 %, two-sided, in the unit of `scatter`.

    `look_factor`: how much farther than at a single look the interval reaches.
    """
    if min(treated, control) < 2:
        return float("nan")
    error = scatter * np.sqrt(1 / treated + 1 / control)
    freedom = treated + control - 2
    reach = look_factor * stats.t.ppf(1 - LEVEL / 2, freedom) + stats.t.ppf(POWER, freedom)
    return float(reach * error)
