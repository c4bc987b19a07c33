"""Priorities that change while a ticket is open, and the reply targets that follow them.

The export shows the priority a ticket has now; only events show the one it had. Here: when a
priority changed, what was promised, rows of these events. Not here: the ticket (`tickets`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo.base.clock import DAY, NEVER, Array
from orchestration.demo.base.columns import Table, numbered, pick, times
from orchestration.demo.support.tickets import STEPS, Tickets

PRIORITIES = ("low", "normal", "high", "urgent")
TARGETS = np.array([1080, 540, 240, 60])  # open minutes to the first reply, by priority
WITHOUT_TARGET = 4  # social media: position in people.CHANNELS, of which nothing is promised
CHANGED = 0.15


@dataclass(frozen=True)
class Priorities:
    """One entry per ticket."""

    first: Array
    last: Array
    changed_at: Array  # NEVER where it kept the first

    def at(self, moment: Array | int) -> Array:
        """Priority at a moment."""
        return np.where(self.changed_at <= moment, self.last, self.first)


def make_priorities(rng: np.random.Generator, tickets: Tickets, last: int) -> Priorities:
    """Every ticket ends with its priority; some began with another one, before or after a reply."""
    size, at = tickets.size, tickets.at
    other = (tickets.priority + rng.integers(1, 4, size)) % 4
    share = rng.random(size)
    reply = np.where(at["reply"] < NEVER, at["reply"], at["created"] + DAY)
    solved = np.where(at["solved"] < NEVER, at["solved"], reply + DAY)
    is_early = rng.random(size) < 0.5
    begin, end = np.where(is_early, at["created"] + 1, reply), np.where(is_early, reply, solved)
    moment = begin + (share * np.maximum(end - begin, 0)).astype(np.int64)
    changes = (rng.random(size) < CHANGED) & (moment <= last)
    return Priorities(
        first=np.where(changes, other, tickets.priority),
        last=tickets.priority,
        changed_at=np.where(changes, moment, NEVER),
    )


def priority_events(tickets: Tickets, priorities: Priorities) -> tuple[Table, Array]:
    """Events of the service-level policy, and when each becomes visible.

    The priority is told where it changes, at the creation too; the target applied, always.
    """
    created, changed = tickets.at["created"], priorities.changed_at
    has_changed, is_promised = changed < NEVER, tickets.channel != WITHOUT_TARGET
    parts = []
    for step, (moment, level, is_target, told) in enumerate(
        (
            (created, priorities.first, False, has_changed),
            (created, priorities.first, True, is_promised),
            (changed, priorities.last, False, has_changed),
            (changed, priorities.last, True, has_changed & is_promised),
        )
    ):
        rows = np.flatnonzero(told)
        words = [str(t) for t in TARGETS] if is_target else PRIORITIES
        parts.append(
            pa.table(
                {
                    "event_id": numbered("", tickets.number[rows] * 100 + len(STEPS) + step),
                    "ticket_id": numbered("", tickets.number[rows]),
                    "created_at": times(moment[rows]),
                    "type": pick(("priority", "reply_target"), np.full(len(rows), int(is_target))),
                    "value": pick(words, level[rows]),
                    "author_role": pick(("system",), np.zeros(len(rows), int)),
                }
            )
        )
    table = pa.concat_tables(parts)
    return table, np.asarray(table["created_at"].cast(pa.int64()))
