"""Purchases of customers without a contract who leave after a purchase: BG/NBD and MBG/NBD.

While alive a customer buys at a rate of their own (gamma: r, alpha) and after each purchase drops
out with a probability of their own (beta: a, b). In BG/NBD the first purchase is never the last, in
MBG/NBD it can be: `chances` are the purchases after which the customer could have left, x or x + 1.
Sources: Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science
24(2); Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for
customer base analysis", International Journal of Research in Marketing 24(3).
Data per customer: x = repeat purchase days, t_x = time of the last one since the first, T = time
observed since the first.

Here: fits and predictions. Not here: who leaves at any time (`pareto_nbd`), money (`gamma_gamma`),
or how x, t_x, T are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, hyp2f1

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats, Maximum, Objective, maximise


def group(x: ArrayLike, t_x: ArrayLike, observed: ArrayLike) -> tuple[Floats, Floats]:
    """Distinct (x, t_x, T) and how many customers share each: the fit sees only these."""
    rows = np.column_stack([np.asarray(column, float) for column in (x, t_x, observed)])
    distinct, counts = np.unique(rows, axis=0, return_counts=True)
    return distinct, counts.astype(float)


def fit(rows: ArrayLike, counts: ArrayLike, first_is_chance: bool = False) -> Maximum:
    """Maximum-likelihood (r, alpha, a, b) from distinct (x, t_x, T) rows with their counts."""
    data, weight = np.asarray(rows, float), np.asarray(counts, float)
    if not (weight @ (data[:, 0] > 0)) > 0:
        raise NotEstimable("nobody has bought twice")
    # Times are scaled so that all four parameters are of order one, whatever the unit of time.
    scale = float(np.average(data[:, 2], weights=weight))
    objective = _objective(data, weight, scale, first_is_chance)
    found = maximise(objective, (0.5, 0.5, 0.5, 2.0), float(weight.sum()))
    r, alpha, a, b = found.parameters
    return replace(found, parameters=(r, alpha * scale, a, b))


def log_likelihood(
    parameters: Sequence[float], rows: ArrayLike, counts: ArrayLike, first_is_chance: bool = False
) -> float:
    """Of other parameters on these rows: do others' parameters do as well?"""
    data, weight = np.asarray(rows, float), np.asarray(counts, float)
    return _objective(data, weight, 1.0, first_is_chance)(np.asarray(parameters, float))[0]


def _objective(data: Floats, weight: Floats, scale: float, first_is_chance: bool) -> Objective:
    x, t_x, observed = data.T
    # Gamma functions depend on x alone, which takes few values however many customers there are.
    level, position = np.unique(x, return_inverse=True)
    by_level = np.bincount(position, weights=weight)
    t_last, t_end, purchases = t_x / scale, observed / scale, float(weight @ x)
    chances, had = x + first_is_chance, level + first_is_chance
    none = chances == 0

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        log_end, log_last = np.log(alpha + t_end), np.log(alpha + t_last)
        alive = -(r + x) * log_end
        gone = np.where(none, -np.inf, np.log(a) - np.log(b + chances - 1 + none))
        gone = gone - (r + x) * log_last
        either = np.logaddexp(alive, gone)
        p_gone = np.exp(gone - either)
        p_alive = 1 - p_gone
        fixed = gammaln(r + level) - gammaln(r) + r * np.log(alpha)
        fixed += gammaln(a + b) + gammaln(b + had) - gammaln(b) - gammaln(a + b + had)
        value = by_level @ fixed + weight @ either - purchases * np.log(scale)
        rate = (r + x) * (p_alive / (alpha + t_end) + p_gone / (alpha + t_last))
        both = digamma(a + b) - digamma(a + b + had)
        d_r = by_level @ (digamma(r + level) - digamma(r) + np.log(alpha))
        d_r -= weight @ (p_alive * log_end + p_gone * log_last)
        d_alpha = weight.sum() * r / alpha - weight @ rate
        d_a = by_level @ both + weight @ p_gone / a
        d_b = by_level @ (both + digamma(b + had) - digamma(b))
        d_b -= weight @ (p_gone / (b + chances - 1 + none))
        return float(value), np.array([d_r, d_alpha, d_a, d_b])

    return value_and_slope


def expected_purchases(
    parameters: Sequence[float], time: ArrayLike, first_is_chance: bool = False
) -> Floats:
    """E[X(t)]: repeat purchases of a new customer within `time` (equation 9)."""
    r, alpha, a, b = _off_the_pole(parameters)
    stayed = b / (a + b) if first_is_chance else 1.0
    had, argument = float(first_is_chance), np.asarray(time, float) / (alpha + np.asarray(time))
    bracket = (1 - argument) ** r * hyp2f1(r, b + had, a + b + had - 1, argument)
    return np.asarray(stayed * (a + b + had - 1) / (a - 1) * (1 - bracket))


def probability_alive(
    parameters: Sequence[float],
    x: ArrayLike,
    t_x: ArrayLike,
    observed: ArrayLike,
    first_is_chance: bool = False,
) -> Floats:
    """P(alive | x, t_x, T). One by construction for those who had no chance to leave."""
    r, alpha, a, b = parameters
    purchases = np.asarray(x, float)
    chances = purchases + first_is_chance
    ratio = (alpha + np.asarray(observed, float)) / (alpha + np.asarray(t_x, float))
    odds = a / np.where(chances > 0, b + chances - 1, 1.0) * ratio ** (r + purchases)
    return np.asarray(np.where(chances > 0, 1 / (1 + odds), 1.0))


def conditional_purchases(
    parameters: Sequence[float],
    time: ArrayLike,
    x: ArrayLike,
    t_x: ArrayLike,
    observed: ArrayLike,
    first_is_chance: bool = False,
) -> Floats:
    """E[Y(t) | x, t_x, T]: purchases in the next `time` (equation 10)."""
    r, alpha, a, b = _off_the_pole(parameters)
    purchases, end = np.asarray(x, float), np.asarray(observed, float)
    until = np.asarray(time, float)
    chances = purchases + first_is_chance
    argument = until / (alpha + end + until)
    bracket = (1 - argument) ** (r + purchases)
    bracket = bracket * hyp2f1(r + purchases, b + chances, a + b + chances - 1, argument)
    if_alive = (a + b + chances - 1) / (a - 1) * (1 - bracket)
    return np.asarray(if_alive * probability_alive(parameters, x, t_x, observed, first_is_chance))


def _off_the_pole(parameters: Sequence[float]) -> tuple[float, float, float, float]:
    """The formulae have a removable pole at a = 1; a step of 1e-6 aside is exact enough."""
    r, alpha, a, b = parameters
    return r, alpha, (1 + 1e-6 if abs(a - 1) < 1e-6 else a), b
