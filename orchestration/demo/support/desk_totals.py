"""What the support desk says about each ticket at a given moment, from the steps come by then.

Here: status and totals. Not here: the steps (`tickets`), rows of files (`ticket_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import NEVER, Array, BusinessHours
from orchestration.demo.support.tickets import STATUS, Tickets


@dataclass(frozen=True)
class Totals:
    """What the tool says about each ticket at one moment; NEVER or −1 where it says nothing."""

    exists: Array
    status: list[str]
    status_code: Array
    updated: Array
    assigned: Array
    first_assigned: Array
    solved: Array
    first_solved: Array
    replies: Array
    reopens: Array
    agents: Array
    groups: Array
    moment: int
    minutes: dict[str, tuple[Array, Array]]  # measure: calendar and business minutes


def totals(tickets: Tickets, moment: int, hours: BusinessHours) -> Totals:
    """Totals over the steps that had come by a moment."""
    at = {step: np.where(times <= moment, times, NEVER) for step, times in tickets.at.items()}
    come = {step: (times < NEVER).astype(np.int64) for step, times in at.items()}
    code = np.zeros(tickets.size, np.int64)
    for number, step in enumerate(STATUS):
        code = np.where(come[step] > 0, number, code)
    solved = np.where(come["solved_again"] > 0, at["solved_again"], at["solved"])
    reopened = (at["reopened"] < NEVER) & (at["solved_again"] == NEVER)
    every = np.array([*at.values()])
    minutes = {
        "first_reply": _between(at["created"], at["reply"], hours),
        "first_resolution": _between(at["created"], at["solved"], hours),
        "full_resolution": _between(at["created"], np.where(reopened, NEVER, solved), hours),
    } | _waits(at, hours)
    return Totals(
        exists=at["created"] < NEVER,
        status=list(STATUS.values()),
        status_code=code,
        updated=np.where(every < NEVER, every, 0).max(axis=0),
        assigned=np.where(come["reassigned"] > 0, at["reassigned"], at["assigned"]),
        first_assigned=at["assigned"],
        solved=np.where(reopened, NEVER, solved),
        first_solved=at["solved"],
        replies=come["reply"] + come["second_reply"] + come["third_reply"],
        reopens=come["reopened"],
        agents=come["assigned"] + come["reassigned"],
        groups=come["created"] + come["regrouped"],
        moment=moment,
        minutes=minutes,
    )


def _between(start: Array, end: Array, hours: BusinessHours) -> tuple[Array, Array]:
    """Whole minutes round the clock and while open, −1 where the end has not come."""
    come = end < NEVER
    to = np.where(come, end, start)
    business = np.floor(hours.until(to) - hours.until(start) + 1e-6)
    return np.where(come, (to - start) // 60, -1), np.where(come, business, -1).astype(np.int64)


def _waits(at: dict[str, Array], hours: BusinessHours) -> dict[str, tuple[Array, Array]]:
    """Time in each kind of status between two changes; what has not ended does not count yet."""
    steps = list(STATUS)
    following = np.full(len(at["created"]), NEVER)
    ends = {}
    for step in reversed(steps):
        ends[step] = following
        following = np.minimum(following, at[step])
    waits = {}
    for measure, states in (
        ("agent_wait", ("pending",)),
        ("requester_wait", ("new", "open", "hold")),
        ("on_hold", ("hold",)),
    ):
        calendar = np.zeros(len(following))
        business = np.zeros(len(following))
        for step in steps:
            if STATUS[step] not in states:
                continue
            counts = (at[step] < NEVER) & (ends[step] < NEVER)
            start = np.where(counts, at[step], at["created"])
            end = np.where(counts, ends[step], at["created"])
            calendar += end - start
            business += hours.until(end) - hours.until(start)
        waits[measure] = (
            (calendar // 60).astype(np.int64),
            np.floor(business + 1e-6).astype(np.int64),
        )
    return waits
