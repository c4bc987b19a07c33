"""Rows of the support desk's export: 43 columns per ticket, one JSON line per event.

Here: rows. Not here: what happened (`tickets`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from orchestration.demo.base import phrases
from orchestration.demo.base.clock import DAY, NEVER, Array, Zone
from orchestration.demo.base.columns import (
    Table,
    join,
    maybe,
    numbered,
    pick,
    times,
    to_minute,
    where,
)
from orchestration.demo.crm.contacts import TLD, Contacts, domain_of, written_emails
from orchestration.demo.population.people import LANGUAGES, People
from orchestration.demo.support.desk_totals import Totals
from orchestration.demo.support.priorities import PRIORITIES, Priorities
from orchestration.demo.support.tickets import Tickets

ACCOUNT_ZONE = "UTC"
STRANGERS = f"unknown-mail.{TLD}"
VIA = ("Mail", "Web form", "Chat", "Phone call (inbound)", "X Corp Post")  # as people.CHANNELS
TYPES = ("question", "incident", "question", "problem", "question", "task")  # as topics
TASK = 5  # the topic whose tickets are promised by a day
GROUPS = ("First line", "Second line")
AGENTS = tuple(f"Agent {number:02d}" for number in range(1, 25))
HEADINGS = (
    "First reply time",
    "First resolution time",
    "Full resolution time",
    "Agent wait time",
    "Requester wait time",
    "On hold time",
)


def requesters(
    rng: np.random.Generator, contacts: Contacts, tickets: Tickets, people: People
) -> Array:
    """Position of the contact who asked, −1 for unknown people."""
    counts = np.where(people.is_account, people.contact_count, 1)
    which = (rng.random(tickets.size) * counts[tickets.customer]).astype(np.int64)
    chosen = contacts.first[tickets.customer] + which
    # A colleague whose record is younger than the ticket cannot have asked yet.
    chosen = np.where(
        contacts.created[chosen] > tickets.at["created"], contacts.first[tickets.customer], chosen
    )
    return np.where(tickets.customer < 0, -1, chosen)


def ticket_table(
    people: People,
    contacts: Contacts,
    tickets: Tickets,
    priorities: Priorities,
    who: Array,
    now: Totals,
    zone: Zone,
) -> Table:
    """One row per ticket that exists at the moment of the totals."""
    rows = np.flatnonzero(now.exists)
    who, owner = who[rows], tickets.customer[rows]
    number = tickets.number[rows]
    known = who >= 0
    by_domain = is_known_by_domain(people, tickets)[rows]
    contact = np.where(known, who, 0)
    language = people.language[np.where(known, owner, 0)]
    emails = where(
        known & ~by_domain,
        written_emails(contacts, contact, number % 11 == 0),
        join(numbered("visitor", number), "@", _domains(people, owner, by_domain)),
    )
    domains = pa.compute.replace_substring_regex(
        pa.compute.utf8_trim_whitespace(pa.compute.utf8_lower(emails)), ".*@", ""
    )
    by_id = known & ~by_domain & (number % 4 > 0)  # a quarter is recognised by e-mail alone
    topic = tickets.topic[rows]
    subjects = [
        phrases.SUBJECTS[lang][which]
        for lang, which in zip(language.tolist(), topic.tolist(), strict=True)
    ]
    for i in np.flatnonzero(number % 397 == 0).tolist():
        subjects[i] = phrases.FORMULAS[i % len(phrases.FORMULAS)]
    agent = tickets.agent[rows]
    held = now.agents[rows]
    last_agent = np.where(held == 0, -1, (agent + (held > 1)) % len(AGENTS))
    created, solved = tickets.at["created"][rows], now.solved[rows]
    raised = np.where(priorities.changed_at <= now.moment, priorities.changed_at, 0)
    names = pa.array([f"{a} {b}" for a, b in contacts.name], pa.string())
    columns = {
        "Summation column": pa.array(np.ones(len(rows), np.int64)),
        "Id": pa.array(number),
        "Requester": where(known, names.take(pa.array(contact)), "Unknown"),
        "Requester id": pa.array(7_000_000_000 + np.where(known, contacts.number[contact], number)),
        "Requester external id": where(by_id, numbered("contact-", contacts.number[contact]), None),
        "Requester email": emails,
        "Requester domain": domains,
        "Submitter": where(known, names.take(pa.array(contact)), "Unknown"),
        "Assignee": pick(AGENTS, last_agent),
        "Group": pick(GROUPS, (now.groups[rows] > 1).astype(np.int64)),
        "Subject": pa.array(subjects, pa.string()),
        "Tags": join(pick(phrases.TOPICS, topic), " ", pick(LANGUAGES, language)),
        "Status": pick([s.title() for s in now.status], now.status_code[rows]),
        "Priority": pick([p.title() for p in PRIORITIES], priorities.at(now.moment)[rows]),
        "Via": pick(VIA, tickets.channel[rows]),
        "Ticket type": pick([t.title() for t in TYPES], topic),
        "Created at": to_minute(zone.local(created)),
        "Updated at": local(zone, np.maximum(now.updated, raised)[rows]),
        "Assigned at": local(zone, now.assigned[rows]),
        "Organization": pa.array([None] * len(rows), pa.string()),
        "Due date": local(zone, np.where(topic == TASK, created + 3 * DAY, NEVER)),
        "Initially assigned at": local(zone, now.first_assigned[rows]),
        "Solved at": local(zone, solved),
        "Resolution time": maybe(
            (np.minimum(solved, created + 9999 * DAY) - created) // 3600, solved < NEVER
        ),
        "Satisfaction Score": pick(
            ("Not Offered", "Offered", "Good", "Bad"), _satisfaction(tickets, rows, now)
        ),
        "Group stations": pa.array(now.groups[rows]),
        "Assignee stations": pa.array(held),
        "Reopens": pa.array(now.reopens[rows]),
        "Replies": pa.array(now.replies[rows]),
    }
    for heading, measure in zip(HEADINGS, now.minutes, strict=True):
        calendar, business = (values[rows] for values in now.minutes[measure])
        columns[f"{heading} in minutes"] = maybe(calendar, calendar >= 0)
        columns[f"{heading} in minutes within business hours"] = maybe(business, business >= 0)
    columns["Product [list]"] = pick(("core", "addon"), (number % 5 == 0).astype(np.int64))
    columns["Language [list]"] = pick(LANGUAGES, language)
    columns["Created at"] = local(zone, created)
    return pa.table(columns)


def local(zone: Zone, moments: Array) -> Table:
    """Wall-clock times of the account; null for what has not come."""
    shown = zone.local(np.minimum(moments, NEVER - 10 * DAY))
    return times(np.where(moments >= NEVER, NEVER, shown))


def is_known_by_domain(people: People, tickets: Tickets) -> Array:
    """A colleague nobody entered into the CRM, at the domain of an account."""
    of_account = (tickets.customer >= 0) & people.is_account[tickets.customer]
    return np.asarray(of_account & (tickets.number % 61 == 0))


def _domains(people: People, owner: Array, is_account: Array) -> Table:
    index = people.index[np.maximum(owner, 0)]
    return pa.array(
        [
            domain_of(i) if known else STRANGERS
            for i, known in zip(index.tolist(), is_account.tolist(), strict=True)
        ],
        pa.string(),
    )


def _satisfaction(tickets: Tickets, rows: Array, now: Totals) -> Array:
    rated = tickets.rated_at[rows] <= now.moment
    offered = (now.first_solved[rows] < NEVER) & (tickets.number[rows] % 5 > 0)
    score = np.where(tickets.is_good[rows], 2, 3)
    return np.where(rated, score, offered.astype(np.int64))
