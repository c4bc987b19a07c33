"""Lives and writes the customers of one chunk.

Here: the order of things and what each file takes from them. Not here: what any of them is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from orchestration.demo.base.clock import DAY, NEVER, Array, BusinessHours, Clock, Zone
from orchestration.demo.base.columns import numbered, where
from orchestration.demo.crm.contacts import (
    Contacts,
    company_table,
    contact_table,
    customer_references,
    make_contacts,
)
from orchestration.demo.crm.contracts import contract_table, make_contracts
from orchestration.demo.crm.interactions import make_interactions
from orchestration.demo.crm.transactions import make_movements, transaction_table
from orchestration.demo.extracts import kinds
from orchestration.demo.extracts.drops import Drops, FileKind
from orchestration.demo.extracts.reference_data import enrolment_table
from orchestration.demo.population.draws import make_draws
from orchestration.demo.population.money import amounts, contribution
from orchestration.demo.population.people import make_people
from orchestration.demo.population.programmes import enrol, enrolled_at, level_limits, lift
from orchestration.demo.population.world import simulate
from orchestration.demo.support import event_rows, priorities, ticket_rows
from orchestration.demo.support.desk_totals import totals
from orchestration.demo.support.tickets import Tickets, make_tickets
from orchestration.demo.survey import follow_ups, surveys
from orchestration.demo.truth.truth import Truth

HUBSPOT_ZONE = "UTC"


@dataclass
class Company:
    """What all chunks share."""

    seed: int
    clock: Clock
    drops: Drops
    truth: Truth
    rates: Array
    hours: BusinessHours
    zones: dict[str, Zone]
    limits: Array | None = None  # of contribution levels; the first chunk stands for all


class Chunk:
    """Customers `first` … `first + size − 1`, from their draws to their rows."""

    def __init__(self, company: Company, number: int, first: int, size: int) -> None:
        """Their lives, with programmes and without, and the effect of the difference."""
        self.company, self.number = company, number
        self.clock, self.drops, self.truth = company.clock, company.drops, company.truth
        clock, rates = company.clock, company.rates
        self.people = people = make_people(self.rng(0), first, size, clock)
        self.draws = draws = make_draws(self.rng(1), people, clock)
        without = simulate(people, draws, clock, np.zeros((clock.total + 1, size)))
        before, seconds_before = contribution(people, draws, without, clock, rates)
        if company.limits is None:
            company.limits = level_limits(people, without, before, clock)
        self.enrolments = enrol(self.rng(2), people, without, before, company.limits, clock)
        world = simulate(people, draws, clock, lift(self.enrolments, clock.total + 1))
        after, seconds_after = contribution(people, draws, world, clock, rates)
        self.world = world
        self.truth.effects.add(
            people,
            self.enrolments,
            world,
            without,
            (after, before),
            (seconds_after, seconds_before),
        )
        self.truth.add_customers(people, world, self.enrolments, after)
        self.references = customer_references(people)
        self.contacts = make_contacts(self.rng(3), people, self.truth.last)

    def rng(self, purpose: int) -> np.random.Generator:
        """Independent random numbers for each purpose."""
        return np.random.default_rng([self.company.seed, 2, self.number, purpose])

    def write(self) -> None:
        """Append every row of the chunk to the files of its drops."""
        self._crm()
        self._money()
        self._programmes_and_touches()
        self._support_and_surveys()

    def _crm(self) -> None:
        people, contacts, zone = self.people, self.contacts, self.company.zones["crm"]
        joined = self.drops.drop_of(people.signup_at[people.is_account])
        self.drops.add(kinds.COMPANIES, company_table(people, zone), joined, self.number)
        self._two_versions(
            kinds.CONTACTS,
            lambda second: contact_table(people, contacts, zone, second),
            contacts.created,
            contacts.changed,
        )
        # The CRM exports what was opened for editing, changed or not.
        night = people.index[contacts.customer] % 250
        touched = (night > self.drops.drop_of(contacts.created)) & ~self._changes(contacts)
        table = contact_table(people, contacts, zone, contacts.changed < self.truth.last)
        self.drops.add_again(kinds.CONTACTS, table, np.where(touched, night, 0), "touched_rows")
        self.truth.counts["duplicate_contacts"] += int(contacts.is_duplicate.sum())

    def _changes(self, contacts: Contacts) -> Array:
        """Contacts that come again in a night for something new anyhow."""
        night = self.drops.drop_of(contacts.changed)
        return np.asarray((night > 0) & (night <= self.drops.nights))

    def _money(self) -> None:
        people, truth = self.people, self.truth
        made = amounts(people, self.draws, self.world)
        rows = make_contracts(people, self.world, self.draws.reason, made.setup, self.clock)
        truth.add_contracts(people, rows)
        self._two_versions(
            kinds.CONTRACTS,
            lambda second: contract_table(people, rows, self.references, second),
            rows.starts,
            rows.closed,
        )
        moves = make_movements(self.rng(4), people, self.world, made, rows, self.clock)
        truth.add_money(people, moves)
        ids = self.number * 10_000_000 + np.arange(moves.size)
        second_record = self.contacts.second_record[moves.customer]
        buyers = where(
            (second_record >= 0) & (ids % 2 == 0),
            numbered("contact-", second_record),
            self.references.take(moves.customer),
        )
        self._two_versions(
            kinds.TRANSACTIONS,
            lambda second: transaction_table(people, moves, ids, buyers, second),
            moves.known,
            moves.corrected,
        )
        late = (moves.known > moves.at) & (moves.known <= truth.last)
        truth.counts["late_transactions"] += int(late.sum())
        truth.counts["corrected_transactions"] += int((moves.corrected <= truth.last).sum())

    def _programmes_and_touches(self) -> None:
        at = enrolled_at(self.rng(5), self.enrolments, self.clock)
        table, at = enrolment_table(self.people, self.enrolments, at, self.references)
        self.drops.add(kinds.ENROLMENTS, table, self.drops.drop_of(at), self.number)
        table, at = make_interactions(
            self.rng(6), self.people, self.contacts, self.world, self.clock, self.number
        )
        self.drops.add(kinds.INTERACTIONS, table, self.drops.drop_of(at), self.number)

    def _support_and_surveys(self) -> None:
        people, contacts, truth = self.people, self.contacts, self.truth
        tickets = make_tickets(
            self.rng(7),
            people,
            self.draws,
            self.world,
            self.clock,
            self.company.hours,
            self.number,
        )
        who = ticket_rows.requesters(self.rng(8), contacts, tickets, people)
        levels = priorities.make_priorities(self.rng(13), tickets, truth.last)
        steps = np.array([*tickets.at.values(), tickets.rated_at, levels.changed_at])
        for k, end in enumerate(self.drops.ends()):
            now = totals(tickets, end, self.company.hours)
            table = ticket_rows.ticket_table(
                people, contacts, tickets, levels, who, now, self.company.zones["desk"]
            )
            has_news = np.any((steps <= end) & (steps > end - DAY), axis=0)
            drop = np.where(has_news[now.exists] | (k == 0), k, NEVER)
            self.drops.add(kinds.TICKETS, table, drop, self.number)
        truth.add_tickets(tickets, now)
        truth.exact.add_promises(tickets, levels, now, self.company.hours)
        by_domain = ticket_rows.is_known_by_domain(people, tickets) & now.exists
        truth.counts["tickets_known_by_domain"] += int(by_domain.sum())
        table, at = event_rows.event_table(people, tickets)
        self.drops.add(kinds.EVENTS, table, self.drops.drop_of(at), self.number)
        table, at = priorities.priority_events(tickets, levels)
        self.drops.add(kinds.POLICY_EVENTS, table, self.drops.drop_of(at), self.number)
        self._surveys(tickets, who)

    def _surveys(self, tickets: Tickets, who: Array) -> None:
        people, contacts = self.people, self.contacts
        sent = surveys.make_invitations(
            self.rng(9), people, contacts, self.world, tickets, who, self.clock, self.number
        )
        followed = follow_ups.follow_ups(self.rng(12), sent)
        self.truth.exact.add_surveys(sent, followed)
        self._two_versions(
            kinds.INVITATIONS,
            lambda second: surveys.invitation_table(
                contacts, sent, np.where(second, NEVER - 1, sent.sent)
            ),
            sent.sent,
            np.maximum(sent.sent, np.where(sent.completed < NEVER, sent.completed, 0)),
        )
        for which, kind in enumerate(kinds.ANSWERS):
            zone = self.company.zones["survey"]
            table, at, rows = surveys.answer_table(
                self.rng(10 + which), people, contacts, sent, which, zone
            )
            add_follow_ups = partial(surveys.with_follow_ups, table, zone, followed[rows])
            later = np.where(followed[rows] < NEVER, followed[rows], 0)
            self._two_versions(kind, add_follow_ups, at, later)

    def _two_versions(
        self, kind: FileKind, table: Callable[[Array], Any], first: Array, second: Array
    ) -> None:
        """Rows as they were when new, and once more when something about them changed."""
        one, two = self.drops.drop_of(first), self.drops.drop_of(second)
        at_once = two <= one
        again = np.where(at_once | (two > self.drops.nights), NEVER, two)
        self.drops.add(kind, table(at_once), one, self.number, again < NEVER)
        rows = np.flatnonzero(again < NEVER)
        if len(rows):
            changed = table(np.ones(len(first), bool)).take(rows)
            self.drops.add_again(kind, changed, again[rows], "changed_rows")
