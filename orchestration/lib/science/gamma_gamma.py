"""Spend per purchase of customers without a contract: the Gamma-Gamma model.

Spend varies around a customer's own mean (gamma: p), and the means vary over customers (q, gamma).
Spend must not depend on how often a customer buys: publish the correlation beside the result.
Source: Fader & Hardie (2013), "The Gamma-Gamma model of monetary value", brucehardie.com/notes/025.

Here: fit and predictions. Not here: how often they buy (`bgnbd`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats, Maximum, Objective, maximise


def fit(x: ArrayLike, mean_spend: ArrayLike, counts: ArrayLike | None = None) -> Maximum:
    """Maximum-likelihood (p, q, gamma) from repeaters: x > 0 repeat purchases of mean spend > 0."""
    purchases, spend = np.asarray(x, float), np.asarray(mean_spend, float)
    weight = np.ones_like(purchases) if counts is None else np.asarray(counts, float)
    if not len(purchases):
        raise NotEstimable("nobody has bought twice")
    if np.any(purchases <= 0) or np.any(spend <= 0):
        raise NotEstimable("repeat purchases and their mean spend must be positive")
    if spend.max() - spend.min() <= 1e-9 * spend.max():
        raise NotEstimable("everybody spends the same: there is nothing to tell customers apart by")
    scale = float(np.average(spend, weights=weight))
    objective = _objective(purchases, spend, weight, scale)
    found = maximise(objective, (2.0, 2.0, 1.0), float(weight.sum()))
    p, q, gamma = found.parameters
    if q <= 1:
        raise NotEstimable("q ≤ 1: mean spend has no finite expectation")
    return replace(found, parameters=(p, q, gamma * scale))


def log_likelihood(
    parameters: Sequence[float], x: ArrayLike, mean_spend: ArrayLike, counts: ArrayLike
) -> float:
    """Of other parameters on these customers: do others' parameters do as well?"""
    purchases, spend = np.asarray(x, float), np.asarray(mean_spend, float)
    objective = _objective(purchases, spend, np.asarray(counts, float), 1.0)
    return objective(np.asarray(parameters, float))[0]


def _objective(purchases: Floats, spend: Floats, weight: Floats, scale: float) -> Objective:
    # Gamma functions depend on x alone, which takes few values however many customers there are.
    level, position = np.unique(purchases, return_inverse=True)
    by_level = np.bincount(position, weights=weight)
    value_of = spend / scale
    log_total = np.log(value_of * purchases)
    sum_log = np.bincount(position, weights=weight * log_total)
    constant = -float(weight @ np.log(spend))

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        p, q, gamma = parameters
        shape = p * level
        log_sum = np.log(gamma + value_of * purchases)
        sums = np.bincount(position, weights=weight * log_sum)
        fixed = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        value = by_level @ fixed + shape @ sum_log - (shape + q) @ sums + constant
        inverse = np.bincount(position, weights=weight / (gamma + value_of * purchases))
        d_p = by_level @ (level * (digamma(shape + q) - digamma(shape)))
        d_p += level @ (sum_log - sums)
        d_q = by_level @ (digamma(shape + q) - digamma(q) + np.log(gamma)) - sums.sum()
        d_gamma = by_level.sum() * q / gamma - (shape + q) @ inverse
        return float(value), np.array([d_p, d_q, d_gamma])

    return value_and_slope


def mean_spend(parameters: Sequence[float]) -> float:
    """E[M]: mean spend per purchase of a customer nothing is known about."""
    p, q, gamma = parameters
    return p * gamma / (q - 1)


def spend_line(parameters: Sequence[float], x: ArrayLike) -> Floats:
    """E[M | x, mean] = intercept + slope × mean: both by x, in the last dimension.

    So a customer's expected spend is exact though only the distinct x are looked at.
    """
    p, q, gamma = parameters
    purchases = np.asarray(x, float)
    divisor = p * purchases + q - 1
    return np.stack([p * gamma / divisor, p * purchases / divisor], axis=-1)


def spend_correlation(x: ArrayLike, observed: ArrayLike, counts: ArrayLike | None = None) -> float:
    """Correlation of repeat purchases and mean spend, which the model takes to be 0; or NaN."""
    values = np.vstack([np.asarray(x, float), np.asarray(observed, float)])
    weight = np.ones(values.shape[1]) if counts is None else np.asarray(counts, float)
    covariance = np.atleast_2d(np.cov(values, aweights=weight, ddof=0))
    spread = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    return float(covariance[0, 1] / spread) if spread > 0 else float("nan")
