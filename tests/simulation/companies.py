"""Small companies whose programme has a known effect, many of them quickly.

Customers are accounts that pay a price each month or persons who buy now and then; satisfaction
drifts, drives purchases and leaving, and sums are heavy-tailed, as in real books. A programme takes
customers by tenure and by what they brought in lately. Here: the company. Not here: how the product
judges it (`product`), worlds in which a verdict is put to the test (`worlds`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.lib.science.likelihood import Floats

MONTHS = 30
ENTRIES = range(10, 19)
OVERLAPPING_ENTRIES = range(11, 24)
WARM_UP = 24
# Chance of being taken, tenure band (<6, <12, <24 months, above) × third of recent contribution.
RULES = {
    "newcomers": ((0.95, 0.9, 0.8), (0.9, 0.85, 0.7), (0.8, 0.7, 0.6), (0.7, 0.65, 0.5)),
    "best": ((0.02, 0.04, 0.1), (0.05, 0.1, 0.3), (0.1, 0.4, 0.9), (0.15, 0.5, 0.95)),
    "anybody": ((0.6,) * 3,) * 4,
}
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Company:
    """Customers × months; months before a customer's first are NaN."""

    outcome: Floats
    is_active: Bools
    first_month: Floats
    is_account: Bools
    cohort: Floats
    other_cohort: Floats
    effect: Floats
    risk: Floats | None = None

    @property
    def true_effect(self) -> float:
        """Mean effect per treated customer and month since entry."""
        return float(self.effect[self.is_exposed].mean())

    @property
    def is_exposed(self) -> Bools:
        """Customers × months: treated by then."""
        return np.asarray(np.arange(MONTHS) >= self.cohort[:, None])


def company(
    seed: int, customers: int, rule: str, effect: float, with_other: bool, overlaps: bool = False
) -> Company:
    """One company; `effect` is about what a month as an active, treated customer adds.

    `with_other` adds a second programme without effect that takes other customers by another rule;
    where it `overlaps` it takes those of the first one too, in months of its own.
    """
    rng = np.random.default_rng([seed, customers, list(RULES).index(rule)])
    first = rng.integers(-WARM_UP, MONTHS - 6, customers)
    is_account = rng.random(customers) < 0.35
    amounts, active = _life(rng, first, is_account)
    chosen, other = rng.random(customers) < 0.25, rng.random(customers) < 0.25
    month, draw = rng.choice(ENTRIES, customers), rng.random(customers)
    cohort, other_cohort = np.full((2, customers), np.inf)
    second = "newcomers" if rule == "best" else "best"

    def taken(entry: int, by: str, months: NDArray[np.int64], draws: Floats) -> Bools:
        recent = amounts[:, entry - 3 : entry].sum(axis=1)
        eligible = active[:, entry - 1] & (entry - first >= 3) & ((recent > 0) | is_account)
        third = _thirds(recent, is_account, active[:, entry - 1])
        band = np.digitize(entry - first, (6, 12, 24))
        return np.asarray(eligible & (months == entry) & (draws < np.array(RULES[by])[band, third]))

    for entry in ENTRIES:
        cohort[chosen & taken(entry, rule, month, draw)] = entry
        if with_other and not overlaps:
            other_cohort[other & ~chosen & taken(entry, second, month, draw)] = entry
    if with_other and overlaps:
        # Drawn apart, so that companies without overlap stay what they were.
        apart = np.random.default_rng([seed, customers, 99])
        month, draw = apart.choice(OVERLAPPING_ENTRIES, customers), apart.random(customers)
        for entry in OVERLAPPING_ENTRIES:
            other_cohort[taken(entry, second, month, draw) & (cohort != entry)] = entry
    months = np.arange(MONTHS)[None, :]
    each = effect * np.where(is_account, 1.6, 0.7)  # effects differ between customers
    added = each[:, None] * active * (months >= cohort[:, None])
    seen = months >= np.maximum(first, 0)[:, None]
    return Company(
        outcome=np.where(seen, np.round(amounts + added, 4), np.nan),
        is_active=active,
        first_month=first,
        is_account=is_account,
        cohort=cohort,
        other_cohort=other_cohort,
        effect=added,
    )


def _life(
    rng: np.random.Generator, first: NDArray[np.int64], is_account: Bools
) -> tuple[Floats, Bools]:
    size = len(first)
    usual = rng.normal(0, 0.7, size)
    mood = usual.copy()
    price = 0.78 * np.exp(rng.normal(4.2, 0.6, size))
    rate, basket = np.exp(rng.normal(-0.9, 0.6, size)), 0.5 * np.exp(rng.normal(3.6, 0.3, size))
    amounts, active = np.zeros((size, MONTHS)), np.zeros((size, MONTHS), bool)
    here = np.zeros(size, bool)
    for month in range(-WARM_UP, MONTHS):
        here |= first == month
        mood = usual + 0.8 * (mood - usual) + 0.35 * rng.normal(size=size)
        step = rng.random(size)
        price = price * np.where(step < 0.012, 1.45, np.where(step > 0.994, 1 / 1.45, 1))
        bought = basket * rng.poisson(rate * np.exp(0.25 * mood))
        tickets = rng.poisson(0.2 * np.exp(-0.25 * mood)) * rng.gamma(3, 4, size)
        if month >= 0:
            amounts[:, month] = (np.where(is_account, price, bought) - tickets) * here
            active[:, month] = here
        here = here & (rng.random(size) > 1 / (1 + np.exp(3.9 + mood)))
    return amounts, active


def _thirds(recent: Floats, is_account: Bools, eligible: Bools) -> NDArray[np.intp]:
    third = np.zeros(len(recent), np.intp)
    for kind in (True, False):
        limits = np.quantile(recent[eligible & (is_account == kind)], (1 / 3, 2 / 3))
        inside = is_account == kind
        third[inside] = np.searchsorted(limits, recent[inside])
    return third
