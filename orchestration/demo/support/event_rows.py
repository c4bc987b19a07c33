"""Rows of the support desk's event stream: one JSON line per step of a ticket.

Here: rows. Not here: what happened (`tickets`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from orchestration.demo.base import phrases
from orchestration.demo.base.clock import NEVER, Array
from orchestration.demo.base.columns import Table, maybe, numbered, times
from orchestration.demo.population.people import CHANNELS, People
from orchestration.demo.support.ticket_rows import AGENTS, GROUPS
from orchestration.demo.support.tickets import (
    REPLIES,
    STATUS,
    STEPS,
    Tickets,
    handle_seconds,
    is_generic,
)

ROLE_OF_STEP = {
    "created": "customer",
    "customer_reply": "customer",
    "customer_return": "customer",
    "bot_reply": "bot",
    "assigned": "system",
    "closed": "system",
    "opened": "system",
    "reopened": "system",
}


def event_table(people: People, tickets: Tickets) -> tuple[Table, Array]:
    """Every step as an event, with the moment it becomes visible."""
    size = tickets.size
    every = np.array([tickets.at[step] for step in STEPS])
    seconds = handle_seconds(tickets)
    work = np.array([seconds.get(step, np.full(size, -1)) for step in STEPS])
    steps, rows = np.nonzero(every < NEVER)
    moments = every[steps, rows]
    order = np.lexsort((steps, moments, rows))
    steps, rows, moments = steps[order], rows[order], moments[order]
    language = people.language[np.maximum(tickets.customer, 0)]
    columns = _words(tickets, steps, rows, language)
    table = pa.table(
        {
            "event_id": numbered("", tickets.number[rows] * 100 + steps),
            "ticket_id": numbered("", tickets.number[rows]),
            "created_at": times(moments),
            **columns,
            "time_spent_seconds": maybe(work[steps, rows], work[steps, rows] >= 0),
        }
    )
    return table, moments


def _words(tickets: Tickets, steps: Array, rows: Array, language: Array) -> dict[str, Table]:
    kind, value, public, role, author, body = [], [], [], [], [], []
    generic = is_generic(tickets)
    for step, row, agent, lang in zip(
        np.array(STEPS)[steps].tolist(),
        rows.tolist(),
        tickets.agent[rows].tolist(),
        language[rows].tolist(),
        strict=True,
    ):
        is_comment = step in REPLIES or step in (
            "bot_reply",
            "note",
            "customer_reply",
            "customer_return",
        )
        text = None
        if step in REPLIES:
            text = phrases.ANSWERS[row % 3]
            if not generic[row]:
                text += f" Your reference is {tickets.number[row]}."
        elif step == "bot_reply":
            text = phrases.AUTOMATIC
        elif step == "note":
            text = phrases.NOTE
        elif step in ("created", "customer_reply", "customer_return"):
            topic = tickets.topic[row]
            text = phrases.SUBJECTS[lang][topic]
        by = ROLE_OF_STEP.get(step, "agent")
        kind.append("comment" if is_comment else _KIND.get(step, "status"))
        value.append(_value(tickets, step, row, agent))
        public.append(step != "note" if is_comment else None)
        role.append(by)
        author.append(AGENTS[agent] if by == "agent" else None)
        body.append(text)
    return {
        "type": pa.array(kind, pa.string()),
        "value": pa.array(value, pa.string()),
        "public": pa.array(public, pa.bool_()),
        "author_role": pa.array(role, pa.string()),
        "author_id": pa.array(author, pa.string()),
        "body": pa.array(body, pa.string()),
    }


_KIND = {
    "created": "created",
    "assigned": "assignee",
    "reassigned": "assignee",
    "regrouped": "group",
    "switched": "channel",
}


def _value(tickets: Tickets, step: str, row: int, agent: int) -> str | None:
    if step in STATUS and step != "created":
        return STATUS[step]
    if step == "assigned":
        return AGENTS[agent]
    if step == "reassigned":
        return AGENTS[(agent + 1) % len(AGENTS)]
    if step == "regrouped":
        return GROUPS[1]
    if step == "switched":
        return CHANNELS[tickets.switched_to[row]]
    return None
