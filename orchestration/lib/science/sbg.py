"""Lifetime of contract customers: the shifted-beta-geometric model (sBG).

Each customer renews at the end of every period with a probability of their own; the probability
of *not* renewing varies over customers as a beta(alpha, beta) distribution.
Sources: Fader & Hardie (2007), "How to project customer retention", J. Interactive Marketing 21(1);
Fader & Hardie (2010), "Customer-base valuation in a contractual setting", Marketing Science 29(1).

Here: fit, projection, expected remaining tenure. Not here: money, or who has a contract.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, hyp2f1

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats, Maximum, Objective, maximise


def fit(lost: ArrayLike, censored: ArrayLike) -> Maximum:
    """Maximum-likelihood (alpha, beta) from counts by age.

    Cohorts of different ages are simply added up, since a customer of age t who is still here
    contributes S(t) whenever they started. Counts may be weights.
    """
    lost_counts, alive_counts = np.asarray(lost, float), np.asarray(censored, float)
    total = float(lost_counts.sum() + alive_counts.sum())
    if lost_counts.sum() <= 0:
        raise NotEstimable("nobody has left yet: retention cannot be projected")
    if lost_counts[1:].sum() + alive_counts[1:].sum() <= 0:
        raise NotEstimable("nobody was observed for more than one period")
    return maximise(_objective(lost_counts, alive_counts), (1.0, 1.0), total)


def log_likelihood(parameters: Sequence[float], lost: ArrayLike, censored: ArrayLike) -> float:
    """Of other parameters on these counts: do others' parameters do as well?"""
    objective = _objective(np.asarray(lost, float), np.asarray(censored, float))
    return objective(np.asarray(parameters, float))[0]


def _objective(lost_counts: Floats, alive_counts: Floats) -> Objective:
    age = np.arange(1, len(lost_counts) + 1)

    def value_and_slope(parameters: Floats) -> tuple[float, Floats]:
        alpha, beta = parameters
        norm = betaln(alpha, beta)
        log_lost = betaln(alpha + 1, beta + age - 1) - norm
        log_alive = betaln(alpha, beta + age) - norm
        both = digamma(alpha + beta) - digamma(alpha + beta + age)
        d_alpha = lost_counts @ (both + digamma(alpha + 1) - digamma(alpha)) + alive_counts @ both
        d_beta = lost_counts @ (both + digamma(beta + age - 1) - digamma(beta))
        d_beta += alive_counts @ (both + digamma(beta + age) - digamma(beta))
        value = lost_counts @ log_lost + alive_counts @ log_alive
        return float(value), np.array([d_alpha, d_beta])

    return value_and_slope


def survival(parameters: Sequence[float], age: ArrayLike) -> Floats:
    """Share of a new cohort still here after `age` periods (2007, equation 6)."""
    alpha, beta = parameters
    return np.asarray(np.exp(betaln(alpha, beta + np.asarray(age, float)) - betaln(alpha, beta)))


def retention(parameters: Sequence[float], period: ArrayLike) -> Floats:
    """Share of those alive at the start of `period` (1, 2 …) who renew at its end; rises."""
    alpha, beta = parameters
    number = np.asarray(period, float)
    return np.asarray((beta + number - 1) / (alpha + beta + number - 1))


def remaining_tenure(
    parameters: Sequence[float],
    age: ArrayLike,
    discount_rate: float = 0.0,
    horizon: int | None = None,
) -> Floats:
    """Expected discounted number of further renewals of a customer who is alive at age `age`.

    A customer in their n-th period has age n: they decide on the n-th renewal next, and that
    renewal is not discounted (2010, equation 6: DERL). With a horizon, the first `horizon`
    renewals; without one, all of them, which needs a positive rate (alpha ≤ 1 has no finite mean).
    """
    alpha, beta = parameters
    number = np.asarray(age, float)
    if horizon is not None:
        ahead = np.arange(horizon)
        alive = survival(parameters, number[..., None] + ahead)
        before = survival(parameters, number - 1)
        return np.asarray((alive / (1 + discount_rate) ** ahead).sum(axis=-1) / before)
    if discount_rate <= 0 and alpha <= 1:
        raise NotEstimable("expected tenure is infinite without a discount rate or a horizon")
    first = (beta + number - 1) / (alpha + beta + number - 1)
    rest = hyp2f1(1.0, beta + number, alpha + beta + number, 1 / (1 + discount_rate))
    return np.asarray(first * rest)


def time_in_force(
    parameters: Sequence[float],
    renewals: ArrayLike,
    left: ArrayLike,
    period: float,
    horizon: float,
    rate: float = 0.0,
) -> Floats:
    """Expected time in force within `horizon`, in the unit of `period`, of customers in force.

    After `renewals` renewals, with `left` of the current period paid for; then each renewal holds
    for one `period`. With a `rate` per unit of time each moment is discounted to now. Counting
    whole periods from a renewal that is due now, it is `remaining_tenure` with a horizon.
    """
    made, first = np.broadcast_arrays(np.asarray(renewals, float), np.asarray(left, float))
    total = _discounted_span(np.zeros_like(first), np.minimum(first, horizon), rate)
    now = survival(parameters, made)
    for number in range(1, int(np.ceil(horizon / period)) + 2):
        begin = np.minimum(first + (number - 1) * period, horizon)
        end = np.minimum(begin + period, horizon)
        alive = survival(parameters, made + number) / now
        total = total + alive * _discounted_span(begin, end, rate)
    return np.asarray(total)


def _discounted_span(begin: Floats, end: Floats, rate: float) -> Floats:
    if rate == 0:
        return end - begin
    return np.asarray((np.exp(-rate * begin) - np.exp(-rate * end)) / rate)
