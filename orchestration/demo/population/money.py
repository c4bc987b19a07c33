"""Amounts: what a month of a life is worth, in local currency and in US dollars.

Here: prices, rates and the contribution of a customer-month. Not here: rows of files
(`transactions`, `contracts`), which take their amounts from here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import HISTORY, Array, Clock
from orchestration.demo.population.draws import MOST_PURCHASES, MOST_TICKETS, Draws
from orchestration.demo.population.people import CURRENCIES, LIST_FACTOR, People
from orchestration.demo.population.world import World

COST_RATE = {"plan": 0.22, "addon": 0.18, "goods": 0.48, "shipping": 0.80}
DOLLARS_PER_HANDLE_SECOND = 0.0125  # 45 an hour, fully loaded
SHIPPING_DOLLARS = 6.0


def exchange_rates(seed: int, clock: Clock) -> Array:
    """US dollars for one unit, month × currency; a slow random walk, 8 decimals."""
    rng = np.random.default_rng([seed, 1])
    steps = 0.012 * rng.standard_normal((clock.total + 1, len(CURRENCIES)))
    steps[:, 0] = 0.0
    return np.asarray(np.round(np.exp(np.cumsum(steps, axis=0)) / LIST_FACTOR, 8))


def rounded(amount: Array, currency: Array) -> Array:
    """Amounts as money of the currency: yen have no cents."""
    return np.where(currency == CURRENCIES.index("JPY"), np.rint(amount), np.round(amount, 2))


@dataclass(frozen=True)
class Amounts:
    """Local-currency amounts, month × customer (purchases: × number)."""

    plan: Array
    addon: Array
    usage: Array
    setup: Array
    basket: Array
    is_refunded: Array
    shipping: Array

    def revenue(self) -> Array:
        """Sales and shipping without refunds."""
        fixed = self.plan + self.addon + self.usage + self.setup
        return np.asarray(fixed + (self.basket + self.shipping).sum(axis=2))

    def refunds(self) -> Array:
        """Paid back."""
        return np.asarray((self.basket * self.is_refunded).sum(axis=2))


def amounts(people: People, draws: Draws, world: World) -> Amounts:
    """What is invoiced and bought in each month of a world."""
    currency = people.currency[None, :]
    paying = world.is_active & people.is_account
    plan = world.price * paying
    grows = 0.35 * np.exp(0.4 * world.satisfaction) * draws.usage
    bought = np.arange(MOST_PURCHASES) < world.purchases[:, :, None]
    dollars = people.basket[None, :, None] * draws.basket
    local = rounded(dollars * LIST_FACTOR[people.currency][None, :, None], currency[:, :, None])
    small = rounded(SHIPPING_DOLLARS * LIST_FACTOR[people.currency], people.currency)
    risk = 0.035 * np.exp(-0.4 * world.satisfaction)
    return Amounts(
        plan=plan,
        addon=world.addon_price * paying,
        usage=rounded(plan * grows * people.is_metered, currency),
        setup=plan * (world.begins & people.is_yearly),
        basket=local * bought,
        is_refunded=bought & (draws.refund < risk[:, :, None]),
        shipping=small[None, :, None] * (bought & draws.shipping),
    )


def cost_of(amount: Array, kind: str, currency: Array) -> Array:
    """Cost of what was sold, rounded as money."""
    return rounded(amount * COST_RATE[kind], currency)


def contribution(
    people: People, draws: Draws, world: World, clock: Clock, rates: Array
) -> tuple[Array, Array]:
    """Contribution in US dollars and handle seconds, month × customer.

    Contribution = sales + shipping − refunds − cost of what was sold − support cost.
    """
    made = amounts(people, draws, world)
    currency = people.currency[None, :]
    costs = (
        cost_of(made.plan + made.usage, "plan", currency)
        + cost_of(made.addon, "addon", currency)
        + cost_of(made.basket, "goods", currency[:, :, None]).sum(axis=2)
        + cost_of(made.shipping, "shipping", currency[:, :, None]).sum(axis=2)
    )
    local = made.revenue() - made.refunds() - costs
    seconds = np.zeros(local.shape)
    months = slice(HISTORY, HISTORY + clock.months)
    opened = np.arange(MOST_TICKETS) < world.tickets[months, :, None]
    seconds[months] = (draws.tickets.total_handle_seconds() * opened).sum(axis=2)
    dollars = local * rates[:, people.currency]
    return dollars - seconds * DOLLARS_PER_HANDLE_SECOND, seconds
