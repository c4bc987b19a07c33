"""Support tickets as histories of moments.

Every ticket has the same list of possible steps; a step that never comes is at NEVER. Here: who
asks, by which channel, and the moments. Not here: the tool's totals (`desk_totals`), rows of files
(`ticket_rows`, `event_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import DAY, HISTORY, NEVER, Array, BusinessHours, Clock
from orchestration.demo.population.draws import MOST_TICKETS, Draws
from orchestration.demo.population.people import People
from orchestration.demo.population.world import World

LIVE = (2, 3)  # chat and phone: positions in people.CHANNELS, asked while the desk is open
STEPS = (
    "created",
    "bot_reply",
    "assigned",
    "note",
    "reply",
    "pending",
    "held",
    "reassigned",
    "regrouped",
    "switched",
    "customer_reply",
    "opened",
    "unheld",
    "second_reply",
    "solved",
    "customer_return",
    "reopened",
    "third_reply",
    "solved_again",
    "closed",
)
STATUS = {  # steps that change the status, in the order in which they can come
    "created": "new",
    "pending": "pending",
    "held": "hold",
    "opened": "open",
    "unheld": "open",
    "solved": "solved",
    "reopened": "open",
    "solved_again": "solved",
    "closed": "closed",
}
REPLIES = ("reply", "second_reply", "third_reply")


@dataclass(frozen=True)
class Tickets:
    """One entry per ticket. `customer` −1 is somebody no other system knows."""

    customer: Array
    month: Array
    number: Array
    channel: Array
    switched_to: Array
    priority: Array
    outcome: Array
    satisfaction: Array
    agent: Array
    topic: Array
    handle_seconds: Array  # of one answer
    rated_at: Array
    is_good: Array
    at: dict[str, Array]  # moment of each step

    @property
    def size(self) -> int:
        """How many."""
        return len(self.customer)


def make_tickets(
    rng: np.random.Generator,
    people: People,
    draws: Draws,
    world: World,
    clock: Clock,
    hours: BusinessHours,
    chunk: int,
) -> Tickets:
    """The tickets a world's customers opened, and about 2 % more from unknown people."""
    counts = world.tickets[HISTORY : HISTORY + clock.months]
    window, customer, which = np.nonzero(np.arange(MOST_TICKETS) < counts[:, :, None])
    strangers = max(1, len(window) // 50)
    source = np.concatenate([np.arange(len(window)), rng.integers(0, len(window), strangers)])
    window, owner, which = window[source], customer[source], which[source]
    known = np.arange(len(source)) < len(source) - strangers
    size = len(source)
    month = window + HISTORY
    possible = draws.tickets
    take = {
        name: getattr(possible, name)[window, owner, which]
        for name in possible.__dataclass_fields__
    }
    starts = clock.starts()
    begin = np.maximum(starts[month], people.signup_at[owner] + 3600)
    created = _created(rng, begin, starts[month + 1], take["channel"], hours)
    order = np.lexsort((which, created))
    at = _moments(rng, created, take, hours)
    satisfaction = world.satisfaction[month, owner]
    solved = np.where(at["solved_again"] < NEVER, at["solved_again"], at["solved"])
    rates = (solved < NEVER) & (rng.random(size) < 0.32)
    good = rng.random(size) < 1 / (1 + np.exp(-(0.6 + 0.9 * satisfaction + 1.3 * take["outcome"])))
    entries = {
        "customer": np.where(known, owner, -1),
        "month": month,
        "number": np.arange(size),
        "channel": take["channel"],
        "switched_to": (take["channel"] + rng.integers(1, 5, size)) % 5,
        "priority": rng.choice(4, size, p=[0.15, 0.6, 0.2, 0.05]),
        "outcome": take["outcome"],
        "satisfaction": satisfaction,
        "agent": rng.integers(0, 24, size),
        "topic": rng.integers(0, 6, size),
        "handle_seconds": take["handle_seconds"],
        "rated_at": np.where(rates, solved + rng.integers(600, DAY, size), NEVER),
        "is_good": good,
    }
    ordered = {name: values[order] for name, values in entries.items()}
    ordered["number"] = 1_000_000 * (chunk + 1) + np.arange(size)
    return Tickets(**ordered, at={step: at[step][order] for step in STEPS})


def _created(
    rng: np.random.Generator, begin: Array, end: Array, channel: Array, hours: BusinessHours
) -> Array:
    """Any time for written channels, opening hours for the live ones."""
    share = rng.random(len(begin))
    written = begin + (share * (end - 1 - begin)).astype(np.int64)
    opened, closes = hours.until(begin), hours.until(end)
    live = hours.add(begin, np.maximum(share * (closes - opened), 1.0))
    return np.where(np.isin(channel, LIVE) & (closes > opened + 1), live, written)


def _moments(
    rng: np.random.Generator, created: Array, take: dict[str, Array], hours: BusinessHours
) -> dict[str, Array]:
    size = len(created)

    def if_(condition: Array, moment: Array) -> Array:
        return np.where(condition, moment, NEVER)

    def some(share: float) -> Array:
        return np.asarray(rng.random(size) < share)

    def minutes(median: float, spread: float = 0.8) -> Array:
        return np.asarray(median * np.exp(spread * rng.standard_normal(size)))

    answered = ~take["is_unanswered"]
    wait = take["reply_minutes"]
    live = np.isin(take["channel"], LIVE)
    assigned = hours.add(created, wait * 0.4)
    reply = np.maximum(hours.add(created, wait), assigned + 5)
    asks = answered & take["asks_back"]
    comes_back = reply + (60 * minutes(600, 1.0)).astype(np.int64) + 60
    second = hours.add(comes_back + 1, minutes(120))
    holds = answered & ~asks & some(0.06)
    unheld = reply + 1 + (60 * minutes(2000, 0.5)).astype(np.int64)
    last = np.where(asks, second, np.where(holds, unheld, reply))
    at_once = some(0.5) | live
    solved = np.where(at_once, last + 2, hours.add(last, minutes(150)) + 2)
    # A few are forgotten for weeks, some of them for good; unanswered ones are tidied away.
    forgotten = ~answered | (some(0.05) & ~take["is_reopened"])
    found = np.where(answered, last, created) + rng.integers(5 * DAY, 40 * DAY, size)
    solved = np.where(forgotten, found, solved)
    is_solved = ~forgotten | some(0.85)
    reopens = is_solved & take["is_reopened"]
    returns = solved + rng.integers(3600, 3 * DAY, size)
    third = hours.add(returns + 1, minutes(150))
    again = np.where(some(0.5), third + 2, hours.add(third, minutes(60)) + 2)
    final = np.where(reopens, again, solved)
    handed = answered & take["is_handed_over"]
    moved = hours.add(assigned, np.maximum(wait * 0.3, 0.02))
    return {
        "created": created,
        "bot_reply": if_(some(0.22) & (take["channel"] != 3), created + 4),
        "assigned": if_(answered, assigned),
        "note": if_(take["has_note"], np.maximum(assigned + 1, reply - 2)),
        "reply": if_(answered, reply),
        "pending": if_(asks, reply + 1),
        "held": if_(holds, reply + 1),
        "reassigned": if_(handed, np.minimum(moved, reply - 1)),
        "regrouped": if_(handed & some(0.5), np.minimum(moved, reply - 1)),
        "switched": if_(answered & some(0.06), reply),
        "customer_reply": if_(asks, comes_back),
        "opened": if_(asks, comes_back + 1),
        "unheld": if_(holds, unheld),
        "second_reply": if_(asks, second),
        "solved": if_(is_solved, solved),
        "customer_return": if_(reopens, returns),
        "reopened": if_(reopens, returns + 1),
        "third_reply": if_(reopens, third),
        "solved_again": if_(reopens, again),
        "closed": if_(is_solved, final + 4 * DAY),
    }


def handle_seconds(tickets: Tickets) -> dict[str, Array]:
    """Agent seconds recorded with each step; nothing where there is no agent work."""
    one = tickets.handle_seconds
    return {"reply": one, "second_reply": one // 2, "third_reply": one // 2, "note": one // 4}


def is_generic(tickets: Tickets) -> Array:
    """Whose answers are forms that many others get word for word."""
    return np.asarray(tickets.number % 7 < 2)
