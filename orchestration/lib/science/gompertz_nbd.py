"""Purchases of customers who leave the sooner the longer they have been customers: G/G/NBD.

As in Pareto/NBD (`pareto_nbd`) a customer buys at a rate of their own (gamma: r, alpha) and leaves
at a rate of their own (gamma: s, beta), but that rate grows with the time since the first purchase,
by exp(ageing × t): lives wear out. It is Pareto/NBD in which the clock of leaving runs faster with
age, (exp(ageing × t) − 1) ÷ ageing in place of t, and with no ageing it is Pareto/NBD itself.
Source: Bemmaor & Glady (2012), "Modeling purchasing behavior with sudden 'death': a flexible
customer lifetime model", Management Science 58(5).

Here: fit and predictions. Not here: rates of leaving that stay as they are (`pareto_nbd`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, expit, gammaln

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats, Maximum, Objective, maximise
from orchestration.lib.science.pareto_nbd import (
    FROM_RATES,
    POSITIONS,
    SHARES,
    buying_paths,
    by_rates,
)

MOST_EVALUATIONS = 200  # twice what the slowest fit of the demo takes
LEAST = 1e-4  # of ageing × time: below it the clock's growth is taken from its series


def fit(rows: ArrayLike, counts: ArrayLike) -> Maximum:
    """Maximum-likelihood (r, alpha, s, beta, ageing) from distinct (x, t_x, T) and counts."""
    data, weight = np.asarray(rows, float), np.asarray(counts, float)
    if not (weight @ (data[:, 0] > 0)) > 0:
        raise NotEstimable("nobody has bought twice")
    scale = float(np.average(data[:, 2], weights=weight))
    objective = by_rates(_objective(data, weight, scale))
    start = (0.5, 1.0, 0.5, 1.0, 0.5)
    found = maximise(objective, start, float(weight.sum()), MOST_EVALUATIONS)
    r, buying, s, leaving, ageing = found.parameters
    return replace(
        found,
        parameters=(r, r / buying * scale, s, s / leaving * scale, ageing / scale),
        log_covariance=FROM_RATES @ found.log_covariance @ FROM_RATES.T,
        known_covariance=FROM_RATES @ np.asarray(found.known_covariance) @ FROM_RATES.T,
    )


def log_likelihood(parameters: Sequence[float], rows: ArrayLike, counts: ArrayLike) -> float:
    """Of other parameters on these rows: do others' parameters do as well?"""
    objective = _objective(np.asarray(rows, float), np.asarray(counts, float), 1.0)
    return objective(np.asarray(parameters, float))[0]


def _objective(data: Floats, weight: Floats, scale: float) -> Objective:
    x, t_x, observed = data.T
    level, position = np.unique(x, return_inverse=True)
    by_level = np.bincount(position, weights=weight)
    t_last, t_end, purchases = t_x / scale, observed / scale, float(weight @ x)

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta, ageing = parameters
        log_bought, log_width, left = buying_paths(r, alpha, x, t_last, t_end)
        worn_end, share_end, drift_end = _wear(ageing, beta, t_end)
        worn_left, share_left, drift_left = _wear(ageing, beta, left)
        log_alive = log_bought - s * worn_end
        log_gone = log_width + np.log(s / beta) + ageing * left - (s + 1) * worn_left
        either = np.logaddexp(log_alive, np.logaddexp.reduce(log_gone, axis=0))
        p_alive, p_left = np.exp(log_alive - either), np.exp(log_gone - either)
        gone = 1 - p_alive

        def mean(at_end: Floats, at_left: Floats) -> Floats:
            """Over the end of the time in which the customer could buy, given the purchases."""
            return np.asarray(p_alive * at_end + (p_left * at_left).sum(axis=0))

        fixed = gammaln(r + level) - gammaln(r) - level * np.log(alpha)
        value = by_level @ fixed + weight @ either - purchases * np.log(scale)
        d_r = by_level @ (digamma(r + level) - digamma(r))
        d_r -= weight @ mean(np.log1p(t_end / alpha), np.log1p(left / alpha))
        bought = (r + x) * mean(t_end / (alpha + t_end), left / (alpha + left)) - x
        d_alpha = weight @ bought / alpha
        d_s = weight @ (gone / s - mean(worn_end, worn_left))
        d_beta = weight @ (mean(s * share_end, (s + 1) * share_left) - gone) / beta
        d_ageing = weight @ mean(-s * drift_end, left - (s + 1) * drift_left)
        return float(value), np.array([d_r, d_alpha, d_s, d_beta, d_ageing])

    return value_and_slope


def _log_clock(ageing: float, t: Floats) -> Floats:
    """Logarithm of the time as leaving counts it."""
    power = ageing * t
    with np.errstate(divide="ignore"):  # no time
        return np.asarray(power + np.log(-np.expm1(-power)) - np.log(ageing))


def _log_worn(ageing: float, beta: float, t: Floats) -> Floats:
    """log (1 + clock ÷ beta)."""
    return np.asarray(np.logaddexp(0, _log_clock(ageing, t) - np.log(beta)))


def _wear(ageing: float, beta: float, t: Floats) -> tuple[Floats, Floats, Floats]:
    """log (1 + clock ÷ beta), clock ÷ (beta + clock), and the growth of the first with ageing."""
    ratio = _log_clock(ageing, t) - np.log(beta)
    share = expit(ratio)
    power = ageing * t
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = t / -np.expm1(-power) - 1 / ageing
    growth = np.where(power < LEAST, t * (0.5 + power / 12), exact)
    return np.logaddexp(0, ratio), share, share * growth


def _paths(
    parameters: ArrayLike, x: Floats, t_x: Floats, observed: Floats
) -> tuple[Floats, Floats, Floats]:
    """As in Pareto/NBD, on the clock of leaving."""
    r, alpha, s, beta, ageing = np.asarray(parameters, float)
    log_bought, log_width, left = buying_paths(r, alpha, x, t_x, observed)
    log_alive = log_bought - s * _log_worn(ageing, beta, observed)
    hazard = np.log(s / beta) + ageing * left
    return log_alive, log_width + hazard - (s + 1) * _log_worn(ageing, beta, left), left


def probability_alive(
    parameters: Sequence[float], x: ArrayLike, t_x: ArrayLike, observed: ArrayLike
) -> Floats:
    """P(alive | x, t_x, T)."""
    columns = [np.atleast_1d(np.asarray(column, float)) for column in (x, t_x, observed)]
    log_alive, log_gone, _ = _paths(parameters, *columns)
    either = np.logaddexp(log_alive, np.logaddexp.reduce(log_gone, axis=0))
    return np.asarray(np.exp(log_alive - either).reshape(np.shape(x)))


def expected_purchases(parameters: Sequence[float], time: ArrayLike) -> Floats:
    """E[X(t)]: repeat purchases of a new customer within `time`."""
    r, alpha = parameters[:2]
    until = np.asarray(time, float)
    return np.asarray(r / alpha * _time_alive(parameters, np.zeros_like(until), until))


def conditional_purchases(
    parameters: Sequence[float], time: ArrayLike, x: ArrayLike, t_x: ArrayLike, observed: ArrayLike
) -> Floats:
    """E[Y(t) | x, t_x, T]: purchases in the next `time`."""
    r, alpha = parameters[:2]
    end = np.asarray(observed, float)
    rate = (r + np.asarray(x, float)) / (alpha + end)
    if_alive = rate * _time_alive(parameters, end, np.asarray(time, float))
    return np.asarray(if_alive * probability_alive(parameters, x, t_x, observed))


def _time_alive(parameters: Sequence[float], age: Floats, time: Floats) -> Floats:
    """Expected time until leaving, at most `time`, of who is alive at `age`."""
    _, _, s, beta, ageing = parameters
    worn = _log_worn(ageing, beta, age)
    stays = (
        share * np.exp(s * (worn - _log_worn(ageing, beta, age + position * time)))
        for position, share in zip(POSITIONS, SHARES, strict=True)
    )
    return np.asarray(sum(stays) * time)
