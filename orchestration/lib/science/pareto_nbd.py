"""Purchases of customers without a contract who leave at any time: the Pareto/NBD model.

While alive a customer buys at a rate of their own (gamma: r, alpha) and leaves at a rate of their
own (gamma: s, beta), whether they have just bought or not. With a fifth parameter some customers
never come back after the first purchase: `odds` to one. Without it many of them would be taken for
a tail of very different rates of leaving, and who has come back for one who stays for ever.
Sources: Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what
will they do next?", Management Science 33(1); Fader & Hardie (2005), "A note on deriving the
Pareto/NBD model and related expressions", brucehardie.com/notes/009.
Data per customer: x = repeat purchase days, t_x = time of the last one since the first, T = time
observed since the first.

Here: fit and predictions. Not here: who leaves after a purchase (`bgnbd`) or the sooner the longer
they have been there (`weibull_nbd`), money (`gamma_gamma`), or how x, t_x, T are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats, Maximum, Objective, maximise

# Nodes of the integral over the time of leaving; with eight times as many the log-likelihood of
# CDNOW changes by 2e-7.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
# Logarithms of r, alpha, s, beta and odds from those of r, r ÷ alpha, s, s ÷ beta and odds.
FROM_RATES = np.array(
    [[1.0, 0, 0, 0, 0], [1, -1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, -1, 0], [0, 0, 0, 0, 1]]
)
POSITIONS, SHARES = (NODES + 1) / 2, WEIGHTS / 2


def fit(rows: ArrayLike, counts: ArrayLike, some_never_back: bool = False) -> Maximum:
    """Maximum-likelihood (r, alpha, s, beta[, odds]) from distinct (x, t_x, T) and counts."""
    data, weight = np.asarray(rows, float), np.asarray(counts, float)
    if not (weight @ (data[:, 0] > 0)) > 0:
        raise NotEstimable("nobody has bought twice")
    # Times are scaled so that all parameters are of order one, whatever the unit of time.
    scale = float(np.average(data[:, 2], weights=weight))
    start = (0.5, 1.0, 0.5, 1.0, 0.5)[: 4 + some_never_back]
    found = maximise(_by_rates(_objective(data, weight, scale)), start, float(weight.sum()))
    r, buying, s, leaving, *odds = found.parameters
    back = FROM_RATES[: len(start), : len(start)]
    return replace(
        found,
        parameters=(r, r / buying * scale, s, s / leaving * scale, *odds),
        log_covariance=back @ found.log_covariance @ back.T,
        known_covariance=back @ np.asarray(found.known_covariance) @ back.T,
    )


def _by_rates(objective: Objective) -> Objective:
    """The same searched by the mean rates r ÷ alpha and s ÷ beta; a fifth parameter as it is.

    Where customers leave at one rate, s and beta go to infinity together, and a search by them does
    not arrive.
    """

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        r, buying, s, leaving = parameters[:4]
        inside = np.array([r, r / buying, s, s / leaving, *parameters[4:]])
        value, (d_r, d_alpha, d_s, d_beta, *d_fifth) = objective(inside)
        d_buying, d_leaving = -d_alpha * r / buying**2, -d_beta * s / leaving**2
        return value, np.array(
            [d_r + d_alpha / buying, d_buying, d_s + d_beta / leaving, d_leaving, *d_fifth]
        )

    return value_and_slope


def log_likelihood(parameters: Sequence[float], rows: ArrayLike, counts: ArrayLike) -> float:
    """Of other parameters on these rows: do others' parameters do as well?"""
    objective = _objective(np.asarray(rows, float), np.asarray(counts, float), 1.0)
    return objective(np.asarray(parameters, float))[0]


def scaled(
    data: Floats, weight: Floats, scale: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """x, t_x and T in units of `scale`; the distinct x, and how many customers have each.

    Gamma functions depend on x alone, which takes few values however many customers there are.
    """
    x, t_x, observed = data.T
    level, position = np.unique(x, return_inverse=True)
    by_level = np.asarray(np.bincount(position, weights=weight), float)
    return x, t_x / scale, observed / scale, level, by_level


def _objective(data: Floats, weight: Floats, scale: float) -> Objective:
    x, t_last, t_end, level, by_level = scaled(data, weight, scale)
    purchases = float(weight @ x)

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = parameters[:4]
        log_alive, log_gone, left = _paths(parameters, x, t_last, t_end)
        either = np.logaddexp(log_alive, np.logaddexp.reduce(log_gone, axis=0))
        p_alive, p_left = np.exp(log_alive - either), np.exp(log_gone - either)
        whole, comes_back = _with_never_back(parameters[4:], x, either)
        gone, share = 1 - p_alive, weight * comes_back

        def mean(of_time: Callable[[Floats], Floats]) -> Floats:
            """Over the end of the time in which the customer could buy, given the purchases."""
            return np.asarray(p_alive * of_time(t_end) + (p_left * of_time(left)).sum(axis=0))

        fixed = gammaln(r + level) - gammaln(r) - level * np.log(alpha)
        value = by_level @ fixed + weight @ whole - purchases * np.log(scale)
        d_r = by_level @ (digamma(r + level) - digamma(r))
        d_r -= share @ mean(lambda t: np.log1p(t / alpha))
        d_alpha = share @ ((r + x) * mean(lambda t: t / (alpha + t)) - x) / alpha
        d_s = share @ (gone / s - mean(lambda t: np.log1p(t / beta)))
        hazard = s * mean(lambda t: t / (beta + t)) + (p_left * left / (beta + left)).sum(axis=0)
        d_beta = share @ (hazard - gone) / beta
        d_odds = [weight @ (1 - comes_back) / odds - weight.sum() / (1 + odds)
                  for odds in parameters[4:]]  # fmt: skip
        return float(value), np.array([d_r, d_alpha, d_s, d_beta, *d_odds])

    return value_and_slope


def _with_never_back(odds: ArrayLike, x: Floats, either: Floats) -> tuple[Floats, Floats]:
    """Log-likelihood with those who never come back, and the chance that one could have."""
    odds = np.atleast_1d(np.asarray(odds, float))
    if not odds.size:
        return either, np.ones_like(either)
    both = np.where(x > 0, either, np.logaddexp(either, np.log(odds[0])))
    return both - np.log1p(odds[0]), np.exp(either - both)


def _paths(
    parameters: ArrayLike, x: Floats, t_x: Floats, observed: Floats
) -> tuple[Floats, Floats, Floats]:
    """Logarithms of what buying and leaving say of each path: alive at the end, or left at each of
    the times of the third array, which with their weights make up the integral.
    """
    r, alpha, s, beta = np.asarray(parameters, float)[:4]
    log_bought, log_width, left = buying_paths(r, alpha, x, t_x, observed)
    log_alive = log_bought - s * np.log1p(observed / beta)
    return log_alive, log_width + np.log(s / beta) - (s + 1) * np.log1p(left / beta), left


def buying_paths(
    r: float, alpha: float, x: Floats, t_x: Floats, observed: Floats
) -> tuple[Floats, Floats, Floats]:
    """Logarithms of (1 + t ÷ alpha)^−(r+x) at the end, and at the times of leaving of the third
    array, with the weight of each in the integral.

    The times are those of Gauss and Legendre in a power of (alpha + t) that falls from the last
    purchase to the end, the third root of the one in the integral: so they lie close where many
    purchases make a silence unlikely, and what is integrated is smooth there. Logarithms of 1 + t ÷
    beta and not of beta + t: where both s and beta are large the difference would be lost.
    """
    log_last, log_end = np.log1p(t_x / alpha), np.log1p(observed / alpha)
    power = (r + x) / 3
    step = -np.expm1(-power * (log_end - log_last))
    log_fall = np.log1p(-POSITIONS[:, None] * step)
    log_left = log_last - log_fall / power
    left = alpha * np.expm1(log_left)
    with np.errstate(divide="ignore"):  # who bought on the last day has had no time to leave
        log_width = np.log(SHARES[:, None] * step)
    log_width = log_width + 2 * log_fall - (r + x) * log_last + log_left - np.log(power / alpha)
    return -(r + x) * log_end, log_width, left


def probability_alive(
    parameters: Sequence[float], x: ArrayLike, t_x: ArrayLike, observed: ArrayLike
) -> Floats:
    """P(alive | x, t_x, T)."""
    columns = [np.atleast_1d(np.asarray(column, float)) for column in (x, t_x, observed)]
    log_alive, log_gone, _ = _paths(parameters, *columns)
    either = np.logaddexp(log_alive, np.logaddexp.reduce(log_gone, axis=0))
    _, comes_back = _with_never_back(parameters[4:], columns[0], either)
    return np.asarray((np.exp(log_alive - either) * comes_back).reshape(np.shape(x)))


def expected_purchases(parameters: Sequence[float], time: ArrayLike) -> Floats:
    """E[X(t)]: repeat purchases of a new customer within `time` (note 009, equation 27)."""
    r, alpha, s, beta, *odds = parameters
    stays = _time_alive(s, beta, np.asarray(time, float)) / (1 + sum(odds))
    return np.asarray(r / alpha * stays)


def conditional_purchases(
    parameters: Sequence[float], time: ArrayLike, x: ArrayLike, t_x: ArrayLike, observed: ArrayLike
) -> Floats:
    """E[Y(t) | x, t_x, T]: purchases in the next `time` (note 009, equation 41)."""
    r, alpha, s, beta = parameters[:4]
    end = np.asarray(observed, float)
    rate = (r + np.asarray(x, float)) / (alpha + end)
    if_alive = rate * _time_alive(s, beta + end, time)
    return np.asarray(if_alive * probability_alive(parameters, x, t_x, observed))


def _time_alive(s: float, beta: ArrayLike, time: ArrayLike) -> Floats:
    """Expected time until leaving, at most `time`: ∫ (beta ÷ (beta + t))^s, with its limit at 1."""
    scale = np.asarray(beta, float)
    growth = np.log1p(np.asarray(time, float) / scale)
    power = (1 - s) * growth
    # (exp(power) − 1) ÷ (1 − s), without the pole.
    return np.asarray(
        scale
        * growth
        * np.where(power == 0, 1.0, np.expm1(power) / np.where(power == 0, 1.0, power))
    )
