"""A randomised experiment judged by the draws there could have been.

Sources: Welch (1947) and Satterthwaite (1946) for the error of two arms; Chung & Romano (2013) for
the studentised permutation test; Wegman & Carter (1981) for four-wise independent hashes; Deng et
al. (2013) and Freedman & Lane (1983) for outcomes freed of what was known before.

Here: effect, error and reaches of one experiment in strata, and what of an outcome was to be
expected. Not here: CUPED by one covariate as published (`experiments`), natural comparisons
(`effects`).
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.lib.science.likelihood import Floats

PRIME = 2**31 - 1
DRAWS = 1999  # 2.5 % of 2,000 is 50
SKEW_LIMIT = 15  # treated units per squared skewness from which on the upper end is right


@dataclass(frozen=True)
class Units:
    """What was drawn: amount summed over its months, number of months, arm, stratum and key."""

    amount: Floats
    months: Floats
    is_treated: NDArray[np.bool_]
    stratum: NDArray[np.int_]
    keys: list[str]


@dataclass(frozen=True)
class Judged:
    """Effect per month; the interval reaches `low_reach` errors down, `high_reach` up."""

    effect: float
    error: float
    degrees_of_freedom: float
    low_reach: float
    high_reach: float
    is_treated_skewed: bool


def hashed_number(text: str) -> int:
    """The first 32 bits of the md5 of a text, modulo the prime."""
    return int(hashlib.md5(text.encode()).hexdigest()[:8], 16) % PRIME


def coins(keys: list[str], draws: int = DRAWS) -> NDArray[np.int64]:
    """Draws × units from 0 to PRIME − 1: a polynomial of third degree in the number of the unit."""
    numbers = np.array([hashed_number(key) for key in keys], np.int64)
    coefficients = np.array(
        [[hashed_number(f"{draw}|{power}") for power in range(4)] for draw in range(draws)]
    )
    found = np.broadcast_to(coefficients[:, :1], (draws, len(keys)))
    for power in range(1, 4):
        found = (found * numbers + coefficients[:, power : power + 1]) % PRIME
    return found


def statistics(
    is_treated: NDArray[np.bool_], amount: Floats, months: Floats, stratum: NDArray[np.int_]
) -> tuple[Floats, Floats, Floats]:
    """Effect, error and degrees of freedom of each draw (draws × units).

    A stratum counts by the months of its treated; it needs two units in either arm.
    """
    shape = len(is_treated)
    total, weight, variance, fourth = (np.zeros(shape) for _ in range(4))
    for number in np.unique(stratum):
        inside = np.flatnonzero(stratum == number)
        mine = is_treated[:, inside]
        y, w = amount[inside], months[inside]
        n = [(~mine).sum(axis=1), mine.sum(axis=1)]
        counts = np.minimum(*n) >= 2
        sums = [np.where(arm, w, 0).sum(axis=1) for arm in (~mine, mine)]
        with np.errstate(divide="ignore", invalid="ignore"):
            means = [
                np.where(arm, y, 0).sum(axis=1) / s
                for arm, s in zip((~mine, mine), sums, strict=True)
            ]
            spreads = [
                np.where(arm, (y - mean[:, None] * w) ** 2, 0).sum(axis=1)
                * size
                / (size - 1)
                * (sums[1] / own) ** 2
                for arm, mean, size, own in zip((~mine, mine), means, n, sums, strict=True)
            ]
        total += np.where(counts, sums[1] * (means[1] - means[0]), 0)
        weight += np.where(counts, sums[1], 0)
        for spread, size in zip(spreads, n, strict=True):
            variance += np.where(counts, spread, 0)
            fourth += np.where(counts, spread**2 / np.maximum(size - 1, 1), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / weight, np.sqrt(variance) / weight, variance**2 / fourth


def expected(outcome: Floats, covariates: Floats, cell: NDArray[np.int_]) -> Floats:
    """What was to be expected of each customer a month, from the mean of their cell (CUPED).

    `outcome` is customers × months, NaN where there is none; of `covariates` (customers × traits)
    a NaN is taken for the mean of the cell. Slopes do not know the arms: they are of the outcomes'
    deviations from the mean of cell and month, on each covariate less what those before it tell.
    """
    left = outcome.copy()
    known = covariates.copy()
    for number in np.unique(cell):
        inside = cell == number
        for months in (left, known):
            with np.errstate(invalid="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                months[inside] -= np.nanmean(months[inside], axis=0)
    known = np.nan_to_num(known)
    total = np.zeros(len(outcome))
    told = np.empty((len(outcome), 0))
    for column in known.T:
        own = column - told @ np.linalg.lstsq(told, column, rcond=None)[0] if told.size else column
        if own @ own <= 1e-6 * (column @ column):
            continue
        told = np.column_stack([told, own])
        there = np.isfinite(left)
        slope = np.nansum(left * own[:, None]) / (there * own[:, None] ** 2).sum()
        total += slope * own
    return total


def judge(units: Units, draws: int = DRAWS) -> Judged:
    """One experiment: its statistic among those of other draws without the effect."""
    treated = units.is_treated
    effect, error, degrees = (
        float(value[0])
        for value in statistics(treated[None], units.amount, units.months, units.stratum)
    )
    residual = units.amount - effect * units.months * treated
    share = np.array([treated[units.stratum == s].mean() for s in units.stratum])
    drawn = coins(units.keys, draws) < share * PRIME
    estimates, errors, _ = statistics(drawn, residual, units.months, units.stratum)
    ordered = np.sort(estimates / errors)
    beyond = (draws + 1) // 40
    monthly = (units.amount / units.months)[treated]
    deviation = monthly - monthly.mean()
    skewness = np.mean(deviation**3) / np.mean(deviation**2) ** 1.5
    is_skewed = bool(treated.sum() < SKEW_LIMIT * skewness**2)
    return Judged(
        effect,
        error,
        degrees,
        float(ordered[-beyond]),
        float(-ordered[beyond - 1]) * (2 if is_skewed else 1),
        is_skewed,
    )
