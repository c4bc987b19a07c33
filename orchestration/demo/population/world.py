"""One customer life, month by month: satisfaction drives leaving, spending and tickets.

Everything a customer does follows from the satisfaction of the month and from draws that are
fixed beforehand. Here: that mechanism. Not here: amounts of money (`money`), rows of files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import HISTORY, Array, Clock
from orchestration.demo.population.draws import MOST_PURCHASES, MOST_TICKETS, Draws
from orchestration.demo.population.people import LIST_FACTOR, People

LEAVE_AT_NEUTRAL = {"account": -4.0, "person": -3.9}  # log-odds per month
LEAVE_PER_POINT = -1.0  # log-odds per point of satisfaction
PAYMENT_FAILURE = 0.002  # per month, whatever the satisfaction
SEASON = np.array([0.92, 0.9, 0.97, 1.0, 1.0, 0.98, 0.95, 0.95, 1.0, 1.03, 1.12, 1.2])


@dataclass(frozen=True)
class World:
    """What happened, month × customer; one month more than the clock has, for what ends then."""

    satisfaction: Array
    is_active: Array  # pays for the month (accounts), can still buy (persons)
    begins: Array  # first month, or back after having left
    leaves: Array  # gives notice in the month
    is_payment_failure: Array
    price: Array  # monthly price of the plan, local currency
    plan: Array
    addon_price: Array
    tickets: Array
    purchases: Array
    leave_probability: Array


def leave_probability(people: People, satisfaction: Array) -> Array:
    """Chance that a customer decides to leave in a month, before contract terms."""
    base = np.where(people.is_account, LEAVE_AT_NEUTRAL["account"], LEAVE_AT_NEUTRAL["person"])
    return np.asarray(1 / (1 + np.exp(-(base + LEAVE_PER_POINT * satisfaction))))


def simulate(people: People, draws: Draws, clock: Clock, lift: Array) -> World:
    """Live the months; `lift` (month × customer) is added to satisfaction by programmes."""
    months, size = clock.total + 1, people.size
    record: dict[str, list[Array]] = {name: [] for name in World.__dataclass_fields__}
    mood, feeling = people.mood, people.mood + 0.4 * draws.drift[0]
    active = np.zeros(size, bool)
    plan, price = people.plan.copy(), people.price.copy()
    addon = np.zeros(size)
    since = np.full(size, -1)
    gone = np.full(size, 10_000)
    for t in range(months):
        away = t - gone
        back = people.is_account & (away >= 3) & (away <= 9) & (draws.back[t] < 0.03)
        begins = (people.signup_month == t) | back
        active = active | begins
        since = np.where(begins, t, since)
        gone = np.where(begins, 10_000, gone)
        now = feeling + lift[t]
        tickets = _tickets(people, draws, t, now, active) if t in clock.window else 0 * plan
        rate = people.purchase_rate * np.exp(0.25 * now) * SEASON[clock.month(t).month - 1]
        buys = active & ~people.is_account
        purchases = buys * poisson(draws.purchase[t], rate, MOST_PURCHASES)
        chance = _leave_chance(people, now, t - since)
        failure = active & people.is_account & (draws.payment[t] < PAYMENT_FAILURE)
        leaves = active & ((draws.leave[t] < chance) | failure)
        for name, value in (
            ("satisfaction", now),
            ("is_active", active),
            ("begins", begins),
            ("leaves", leaves),
            ("is_payment_failure", failure),
            ("price", price),
            ("plan", plan),
            ("addon_price", addon),
            ("tickets", tickets),
            ("purchases", purchases),
            ("leave_probability", chance),
        ):
            record[name].append(value)
        stays = active & ~leaves & people.is_account
        january = clock.month(t + 1).month == 1
        plan, price = _change(people, draws.change[t], now, stays, plan, price)
        price = np.where(stays & january & (t - since >= 11), np.rint(price * 1.05), price)
        addon = _addon(people, draws.addon[t], now, stays, addon, price)
        gone = np.where(leaves, t, gone)
        active = active & ~leaves
        feeling = mood + 0.8 * (feeling - mood) + 0.2 * draws.drift[t] + _shock(draws, t, tickets)
    return World(**{name: np.array(values) for name, values in record.items()})


def poisson(uniform: Array, rate: Array, most: int) -> Array:
    """Counts by inversion: the same draw and a higher rate never give fewer."""
    term = np.exp(-rate)
    cumulative = term.copy()
    count = np.zeros(len(uniform), np.int64)
    for k in range(1, most + 1):
        count += uniform > cumulative
        term = term * rate / k
        cumulative = cumulative + term
    return count


def _tickets(people: People, draws: Draws, t: int, now: Array, active: Array) -> Array:
    rate = np.where(people.is_account, 0.30, 0.19) * np.exp(-0.25 * now)
    rate = rate * np.where(t - people.signup_month < 3, 1.8, 1.0)
    return active * poisson(draws.ticket[t], rate, MOST_TICKETS)


def _leave_chance(people: People, now: Array, age: Array) -> Array:
    """Yearly contracts can only be left at the end of a year, then for nine months' worth."""
    monthly = leave_probability(people, now)
    at_term = np.where(age % 12 == 11, 1 - (1 - monthly) ** 9, 0.0)
    return np.where(people.is_account & people.is_yearly, at_term, monthly)


def _change(
    people: People, uniform: Array, now: Array, stays: Array, plan: Array, price: Array
) -> tuple[Array, Array]:
    up = stays & (plan < 3) & (uniform < 0.012 * np.exp(0.5 * now))
    down = stays & (plan > 0) & (uniform > 1 - 0.006 * np.exp(-0.5 * now))
    factor = np.where(up, 1.4, np.where(down, 1 / 1.4, 1.0))
    return plan + up - down, np.where(up | down, np.rint(price * factor), price)


def _addon(
    people: People, uniform: Array, now: Array, stays: Array, addon: Array, price: Array
) -> Array:
    buys = stays & (addon == 0) & (uniform < 0.012 * np.exp(0.4 * now))
    drops = (addon > 0) & (uniform > 1 - 0.02 * np.exp(-0.3 * now))
    small = LIST_FACTOR[people.currency] * 15  # an add-on costs at least that
    bought = np.where(buys, np.maximum(np.rint(price * 0.25), np.rint(small)), addon)
    return np.where(stays & ~drops, bought, 0.0)


def _shock(draws: Draws, t: int, tickets: Array) -> Array:
    if t < HISTORY or t - HISTORY >= len(draws.tickets.outcome):
        return np.zeros(len(tickets))
    opened = np.arange(MOST_TICKETS)[None, :] < tickets[:, None]
    return np.asarray(0.45 * (draws.tickets.outcome[t - HISTORY] * opened).sum(axis=1))
