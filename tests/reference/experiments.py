"""Effects where assignment was random or the design has two groups and two periods.

Sources: Deng, Xu, Kohavi & Walker (2013) for CUPED; MacKinnon & White (1985) for HC1;
Benjamini & Hochberg (1995); Bloom (1995) for the minimum detectable effect.

Here: least squares, difference in means, CUPED, two-by-two DiD, detectable effects, many tests at
once. Not here: staggered programmes (`effects`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, t

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats


@dataclass(frozen=True)
class Estimate:
    """A number, its standard error, how many observations carry it and how well the error is known.

    With infinite degrees of freedom t is the normal distribution.
    """

    effect: float
    standard_error: float
    observations: int
    degrees_of_freedom: float = np.inf

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """By the t distribution."""
        quantile = float(t.ppf(0.5 + confidence / 2, self.degrees_of_freedom))
        reach = quantile * self.standard_error
        return self.effect - reach, self.effect + reach

    @property
    def p_value(self) -> float:
        """Two-sided, against no effect, by the t distribution."""
        z = abs(self.effect / self.standard_error)
        return float(2 * t.sf(z, self.degrees_of_freedom))


def least_squares(outcome: ArrayLike, *columns: ArrayLike, robust: bool = False) -> Estimate:
    """Coefficient of the first column in a regression with intercept.

    The standard error is the classical one, or HC1 if robust.
    """
    y = np.asarray(outcome, float)
    design = np.column_stack([*(np.asarray(c, float) for c in columns), np.ones(len(y))])
    rows, width = design.shape
    if rows <= width or np.linalg.matrix_rank(design) < width:
        raise NotEstimable("too few observations, or a column that does not vary")
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residual = y - design @ coefficients
    if robust:
        meat = (design * residual[:, None] ** 2).T @ design * rows / (rows - width)
        variance = (inverse @ meat @ inverse)[0, 0]
    else:
        variance = inverse[0, 0] * (residual @ residual) / (rows - width)
    return Estimate(float(coefficients[0]), float(np.sqrt(variance)), rows)


def two_by_two(
    outcome: ArrayLike, treated: ArrayLike, after: ArrayLike, robust: bool = False
) -> Estimate:
    """Difference in differences of four group means, from single observations."""
    group, period = np.asarray(treated, float), np.asarray(after, float)
    return least_squares(outcome, group * period, group, period, robust=robust)


def difference_in_means(
    outcome: ArrayLike, treated: ArrayLike, before: ArrayLike | None = None
) -> Estimate:
    """Randomised effect with unequal variances; adjusted by CUPED if the pre-period is given.

    theta = cov(before, outcome) / var(before), both pooled *within* the arms, so that the effect
    itself does not leak into it.
    """
    y, arm = np.asarray(outcome, float), np.asarray(treated, bool)
    if min(arm.sum(), (~arm).sum()) < 2:
        raise NotEstimable("fewer than two customers in an arm")
    if before is not None:
        x = np.asarray(before, float)
        centred = x - np.where(arm, x[arm].mean(), x[~arm].mean())
        if centred @ centred > 0:
            y = y - (centred @ y) / (centred @ centred) * (x - x.mean())
    inside, outside = y[arm], y[~arm]
    variance = inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside)
    return Estimate(float(inside.mean() - outside.mean()), float(np.sqrt(variance)), len(y))


def minimum_detectable_effect(
    standard_error: float, significance: float = 0.05, power: float = 0.8
) -> float:
    """Smallest true effect that would be found with this power: 2.80 standard errors by default."""
    return float((norm.ppf(1 - significance / 2) + norm.ppf(power)) * standard_error)


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjusted p-values: rejecting those ≤ q keeps the expected share of false ones ≤ q.

    Missing p-values are not tests: they stay missing and do not count.
    """
    given = np.asarray(p_values, float)
    tested: NDArray[np.intp] = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    scaled = given[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted = np.full_like(given, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
