"""All chance in a customer's life, drawn once, so that the same life can be lived twice.

With these draws fixed, a customer with and without a programme differs by the programme alone
(common random numbers). Here: random numbers and what follows from them without regard to the
customer's satisfaction. Not here: how satisfaction moves (`world`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import Array, Clock
from orchestration.demo.population.people import People

MOST_TICKETS = 4  # a customer opens in one month
MOST_PURCHASES = 6
REPLY_MEDIAN = np.array([190.0, 240.0, 3.0, 1.0, 75.0])  # open minutes, by channel
HANDLE_MEDIAN = np.array([540.0, 600.0, 480.0, 660.0, 300.0])  # agent seconds for one answer


@dataclass(frozen=True)
class PossibleTickets:
    """What each ticket would be like if it were opened: month × customer × number."""

    channel: Array
    reply_minutes: Array  # open minutes to the first public answer
    is_unanswered: Array
    asks_back: Array
    is_reopened: Array
    is_handed_over: Array
    has_note: Array
    handle_seconds: Array  # of one answer
    outcome: Array  # about −3 … 1, what it does to satisfaction

    def total_handle_seconds(self) -> Array:
        """Agent time over all answers and notes of a ticket."""
        one = self.handle_seconds
        extra = (self.asks_back.astype(int) + self.is_reopened) * (one // 2)
        return np.where(self.is_unanswered, 0, one + extra + self.has_note * (one // 4))


@dataclass(frozen=True)
class Draws:
    """Uniform and normal numbers, month × customer (× number of the purchase)."""

    leave: Array
    payment: Array
    back: Array
    change: Array
    addon: Array
    ticket: Array
    purchase: Array
    drift: Array
    usage: Array
    basket: Array
    refund: Array
    shipping: Array
    reason: Array
    tickets: PossibleTickets


def make_draws(rng: np.random.Generator, people: People, clock: Clock) -> Draws:
    """Draw everything for one chunk of customers."""
    shape = (clock.total + 1, people.size)
    deep = (*shape, MOST_PURCHASES)
    one = {
        name: rng.random(shape)
        for name in (
            "leave",
            "payment",
            "back",
            "change",
            "addon",
            "ticket",
            "purchase",
            "reason",
        )
    }
    return Draws(
        **one,
        drift=rng.standard_normal(shape),
        usage=np.exp(0.08 * rng.standard_normal(shape)),
        basket=np.exp(0.3 * rng.standard_normal(deep)),
        refund=rng.random(deep),
        shipping=rng.random(deep) < 0.12,
        tickets=_tickets(rng, people, clock),
    )


def desk_load(clock: Clock) -> Array:
    """How much slower than usual the desk answers, by month of the window; one bad quarter."""
    month = np.arange(clock.months)
    bad = (month >= clock.months * 0.2) & (month < clock.months * 0.2 + 3)
    return np.asarray(1 + 0.2 * np.sin(month / 3) + 1.6 * bad)


def _tickets(rng: np.random.Generator, people: People, clock: Clock) -> PossibleTickets:
    shape = (clock.months, people.size, MOST_TICKETS)
    other = rng.choice(5, shape, p=[0.36, 0.26, 0.20, 0.13, 0.05])
    prefers = rng.random(shape) < 0.6
    channel = np.where(prefers, people.preferred_channel[None, :, None], other)
    load = desk_load(clock)[:, None, None]
    reply = REPLY_MEDIAN[channel] * load * np.exp(0.8 * rng.standard_normal(shape))
    unanswered = rng.random(shape) < 0.03 * load
    reopened = ~unanswered & (rng.random(shape) < 0.09)
    handed = ~unanswered & (rng.random(shape) < 0.15)
    outcome = 0.75 - 0.75 * np.log1p(reply / 90) - 0.9 * reopened - 0.4 * handed
    return PossibleTickets(
        channel=channel,
        reply_minutes=reply,
        is_unanswered=unanswered,
        asks_back=~unanswered & (rng.random(shape) < 0.33),
        is_reopened=reopened,
        is_handed_over=handed,
        has_note=~unanswered & (rng.random(shape) < 0.2),
        handle_seconds=(HANDLE_MEDIAN[channel] * np.exp(0.5 * rng.standard_normal(shape))).astype(
            np.int64
        )
        + 30,
        outcome=np.clip(np.where(unanswered, -2.0, outcome), -3.0, 1.0),
    )
