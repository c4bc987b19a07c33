"""Purchases of customers who leave the sooner or the later the longer they have been customers.

As in Pareto/NBD (`pareto_nbd`) a customer buys at a rate of their own (gamma: r, alpha) until they
leave, but how long lives last is Weibull: exp(−(t ÷ beta)^ageing) are left after t. With ageing 1
the rate of leaving stays as it is; above, lives wear out; below, who has stayed stays. Only how
lives are spread over customers can be told from purchases: rates that fall with age and rates that
differ between customers are the same, so a spread of their own beside it (Burr, or Gompertz with
gamma) could not be told from ageing, and would leave too many alive in times that no one has seen.
Sources: Schmittlein, Morrison & Colombo (1987) as in `pareto_nbd`, with lives as of Fader, Hardie,
Liu, Davin & Steenburgh (2018), "'How to project customer retention' revisited: the role of duration
dependence", Journal of Interactive Marketing 43, of time that is continuous.

Here: fit and predictions. Not here: rates of leaving that stay as they are (`pareto_nbd`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, xlogy

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats, Maximum, Objective, maximise
from orchestration.lib.science.pareto_nbd import POSITIONS, SHARES, buying_paths, scaled

MOST_EVALUATIONS = 200  # several times what the slowest fit of the demo takes
NOBODY = 1e9  # is left long before
LEAST = 1e-300  # who bought on the last day has had no time to leave
# Logarithms of r, alpha, beta and ageing from those of r, r ÷ alpha, 1 ÷ beta and ageing.
FROM_RATES = np.array([[1.0, 0, 0, 0], [1, -1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]])


def fit(rows: ArrayLike, counts: ArrayLike) -> Maximum:
    """Maximum-likelihood (r, alpha, beta, ageing) from distinct (x, t_x, T) and counts."""
    data, weight = np.asarray(rows, float), np.asarray(counts, float)
    if not (weight @ (data[:, 0] > 0)) > 0:
        raise NotEstimable("nobody has bought twice")
    scale = float(np.average(data[:, 2], weights=weight))
    objective = _by_rates(_objective(data, weight, scale))
    start = (0.5, 1.0, 0.5, 1.0)
    found = maximise(objective, start, float(weight.sum()), MOST_EVALUATIONS)
    r, buying, leaving, ageing = found.parameters
    return replace(
        found,
        parameters=(r, r / buying * scale, scale / leaving, ageing),
        log_covariance=FROM_RATES @ found.log_covariance @ FROM_RATES.T,
        known_covariance=FROM_RATES @ np.asarray(found.known_covariance) @ FROM_RATES.T,
    )


def _by_rates(objective: Objective) -> Objective:
    """The same searched by the mean rate of buying and by that of leaving."""

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        r, buying, leaving, ageing = parameters
        value, slope = objective(np.array([r, r / buying, 1 / leaving, ageing]))
        d_r, d_alpha, d_beta, d_ageing = slope
        return value, np.array(
            [d_r + d_alpha / buying, -d_alpha * r / buying**2, -d_beta / leaving**2, d_ageing]
        )

    return value_and_slope


def log_likelihood(parameters: Sequence[float], rows: ArrayLike, counts: ArrayLike) -> float:
    """Of other parameters on these rows: do others' parameters do as well?"""
    objective = _objective(np.asarray(rows, float), np.asarray(counts, float), 1.0)
    return objective(np.asarray(parameters, float))[0]


def _objective(data: Floats, weight: Floats, scale: float) -> Objective:
    x, t_last, t_end, level, by_level = scaled(data, weight, scale)
    purchases = float(weight @ x)

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        r, alpha, beta, ageing = parameters
        log_late, log_early, would = _paths(parameters, x, t_last, t_end)
        either = np.logaddexp(log_late, np.logaddexp.reduce(log_early, axis=0))
        p_late, p_early = np.exp(log_late - either), np.exp(log_early - either)
        early = 1 - p_late

        def mean(at_end: Floats, at_would: Floats) -> Floats:
            """Over the time of the purchase that would have been next, given the purchases."""
            return np.asarray(p_late * at_end + (p_early * at_would).sum(axis=0))

        fixed = gammaln(r + level) - gammaln(r) - level * np.log(alpha)
        value = by_level @ fixed + weight @ either - purchases * np.log(scale)
        d_r = by_level @ (digamma(r + level) - digamma(r))
        d_r += weight @ (early / (r + x) - mean(np.log1p(t_end / alpha), np.log1p(would / alpha)))
        bought = (r + x) * mean(t_end / (alpha + t_end), would / (alpha + would)) - x
        bought -= (p_early * alpha / (alpha + would)).sum(axis=0)
        d_alpha = weight @ bought / alpha
        worn_last, worn = _worn(beta, ageing, t_last), _worn(beta, ageing, would)
        drift_last, drift = xlogy(worn_last, t_last / beta), xlogy(worn, would / beta)
        since = np.maximum(worn - worn_last, LEAST)
        steep = p_early * np.exp(-since) / -np.expm1(-since)  # of log (1 − exp(−since))
        d_beta = weight @ (worn_last - (steep * since).sum(axis=0)) * ageing / beta
        d_ageing = weight @ ((steep * (drift - drift_last)).sum(axis=0) - drift_last)
        return float(value), np.array([d_r, d_alpha, d_beta, d_ageing])

    return value_and_slope


def _worn(beta: float, ageing: float, t: Floats) -> Floats:
    """(t ÷ beta)^ageing: what the rate of leaving has added up to by the age t."""
    with np.errstate(over="ignore"):
        return np.minimum(np.power(t / beta, ageing), NOBODY)


def _paths(
    parameters: ArrayLike, x: Floats, t_x: Floats, observed: Floats
) -> tuple[Floats, Floats, Floats]:
    """Logarithms of what buying and leaving say of when the next purchase would have been, if
    nobody left: after the end, or at each of the times of the third array, when the customer must
    have left since the last one.

    So the rate of leaving, which has no bound at age 0 where lives harden, is not integrated.
    """
    r, alpha, beta, ageing = np.asarray(parameters, float)
    log_bought, log_width, would = buying_paths(r, alpha, x, t_x, observed)
    worn_last = _worn(beta, ageing, t_x)
    worn = np.maximum(_worn(beta, ageing, would) - worn_last, LEAST)
    log_left = np.log(-np.expm1(-worn)) - worn_last
    return log_bought - worn_last, log_width + np.log((r + x) / (alpha + would)) + log_left, would


def probability_alive(
    parameters: Sequence[float], x: ArrayLike, t_x: ArrayLike, observed: ArrayLike
) -> Floats:
    """P(alive | x, t_x, T)."""
    _, _, beta, ageing = parameters
    columns = [np.atleast_1d(np.asarray(column, float)) for column in (x, t_x, observed)]
    log_late, log_early, _ = _paths(parameters, *columns)
    either = np.logaddexp(log_late, np.logaddexp.reduce(log_early, axis=0))
    since = _worn(beta, ageing, columns[2]) - _worn(beta, ageing, columns[1])
    return np.asarray(np.exp(log_late - since - either).reshape(np.shape(x)))


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
    _, _, beta, ageing = parameters
    worn = _worn(beta, ageing, age)
    stays = (
        share * np.exp(worn - _worn(beta, ageing, age + position * time))
        for position, share in zip(POSITIONS, SHARES, strict=True)
    )
    return np.asarray(sum(stays) * time)
