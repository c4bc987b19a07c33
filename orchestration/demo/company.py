"""Writes the demo company: chunk by chunk, so that memory does not grow with its customers.

Here: the order of things. Not here: what any of them is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from orchestration.demo import contacts as crm
from orchestration.demo import reference_data as reference
from orchestration.demo import surveys, ticket_rows
from orchestration.demo.clock import DAY, HISTORY, NEVER, Array, BusinessHours, Clock, Zone, seconds
from orchestration.demo.columns import numbered, where
from orchestration.demo.contracts import contract_table, make_contracts
from orchestration.demo.draws import make_draws
from orchestration.demo.drops import Bad, Drops, FileKind
from orchestration.demo.interactions import make_interactions
from orchestration.demo.money import amounts, contribution, exchange_rates
from orchestration.demo.people import make_people
from orchestration.demo.programmes import (
    enrol,
    enrolled_at,
    enrolment_months,
    level_limits,
    lift,
)
from orchestration.demo.reference_data import native
from orchestration.demo.tickets import make_tickets, totals
from orchestration.demo.transactions import make_movements, transaction_table
from orchestration.demo.truth import Truth
from orchestration.demo.world import simulate

CHUNK = 5000  # customers at a time; part of what a seed means
HUBSPOT_ZONE = "UTC"
CONTACTS = FileKind(
    "hubspot",
    "hubspot-crm-exports-contacts.csv",
    "Record ID",
    (Bad("Create Date", "2025-02-30 10:00"),),
)
COMPANIES = FileKind("hubspot", "hubspot-crm-exports-companies.csv", "Record ID")
TICKETS = FileKind("zendesk", "tickets.csv", "Id", (Bad("Created at", "2025-13-45 10:00:00"),))
EVENTS = FileKind("zendesk", "ticket_events.jsonl", "event_id", (Bad("created_at", "yesterday"),))
ANSWERS = {
    survey: FileKind(
        "qualtrics",
        f"{survey}.csv",
        "ResponseId",
        (
            Bad("Q1", "seven"),
            Bad("Q1", "99", "out_of_scale_rows"),
            Bad("Status", "Survey Preview", "preview_rows"),
        ),
        preamble=surveys.heading_rows(survey),
    )
    for survey in surveys.SURVEYS
}
TRANSACTIONS = native(
    "transactions",
    Bad("amount", "12,5o"),
    Bad("occurred_at", "2025-02-30 10:00:00"),
    key="transaction_id",
    is_dirty=True,
)
CONTRACTS = native("contracts", Bad("start_date", "soon"), key="contract_id", is_dirty=True)
INTERACTIONS = native("interactions", Bad("channel", ""), key="interaction_id", is_dirty=True)
INVITATIONS = native("survey_invitations")
ENROLMENTS = native("programme_enrolments")


@dataclass(frozen=True)
class DemoSummary:
    """What was written."""

    files: int
    rows: int
    customers: int


@dataclass
class _Company:
    """What all chunks share."""

    seed: int
    clock: Clock
    drops: Drops
    truth: Truth
    rates: Array
    hours: BusinessHours
    zones: dict[str, Zone]
    limits: Array | None = None

    def rng(self, chunk: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, 2, chunk, purpose])

    def chunk(self, number: int, first: int, size: int) -> None:
        """Live and write the customers of one chunk."""
        clock, drops, truth = self.clock, self.drops, self.truth
        people = make_people(self.rng(number, 0), first, size, clock)
        draws = make_draws(self.rng(number, 1), people, clock)
        without = simulate(people, draws, clock, np.zeros((clock.total + 1, size)))
        before, seconds_before = contribution(people, draws, without, clock, self.rates)
        if self.limits is None:  # the first chunk stands for all
            self.limits = level_limits(people, without, before, clock)
        enrolments = enrol(self.rng(number, 2), people, without, before, self.limits, clock)
        world = simulate(people, draws, clock, lift(enrolments, clock.total + 1))
        after, seconds_after = contribution(people, draws, world, clock, self.rates)
        truth.add_effects(
            people, enrolments, world, without, after - before, seconds_after - seconds_before
        )
        truth.add_customers(people, world, enrolments, after)
        references = crm.customer_references(people)

        people_known = crm.make_contacts(self.rng(number, 3), people, truth.last)
        drops.add(
            COMPANIES,
            crm.company_table(people, self.zones["crm"]),
            drops.drop_of(people.signup_at[people.is_account]),
            number,
        )
        self._two_versions(
            CONTACTS,
            lambda second: crm.contact_table(people, people_known, self.zones["crm"], second),
            people_known.created,
            people_known.changed,
            number,
        )
        truth.counts["duplicate_contacts"] += int(people_known.is_duplicate.sum())

        made = amounts(people, draws, world)
        rows = make_contracts(people, world, draws.reason, made.setup, clock)
        truth.add_contracts(people, rows)
        self._two_versions(
            CONTRACTS,
            lambda second: contract_table(people, rows, references, second),
            rows.starts,
            rows.closed,
            number,
        )
        moves = make_movements(self.rng(number, 4), people, world, made, rows, clock)
        truth.add_money(people, moves)
        ids = number * 10_000_000 + np.arange(moves.size)
        second_record = people_known.second_record[moves.customer]
        on_second = (second_record >= 0) & (ids % 2 == 0)
        buyers = where(
            on_second, numbered("contact-", second_record), references.take(moves.customer)
        )
        self._two_versions(
            TRANSACTIONS,
            lambda second: transaction_table(people, moves, ids, buyers, second),
            moves.known,
            moves.corrected,
            number,
        )
        truth.counts["late_transactions"] += int(
            ((moves.known > moves.at) & (moves.known <= truth.last)).sum()
        )
        truth.counts["corrected_transactions"] += int((moves.corrected <= truth.last).sum())
        table, at = reference.enrolment_table(
            people, enrolments, enrolled_at(self.rng(number, 5), enrolments, clock), references
        )
        drops.add(ENROLMENTS, table, drops.drop_of(at), number)
        table, at = make_interactions(
            self.rng(number, 6), people, people_known, world, clock, number
        )
        drops.add(INTERACTIONS, table, drops.drop_of(at), number)

        tickets = make_tickets(self.rng(number, 7), people, draws, world, clock, self.hours, number)
        who = ticket_rows.requesters(self.rng(number, 8), people_known, tickets, people)
        steps = np.array([*tickets.at.values(), tickets.rated_at])
        for k, end in enumerate(drops.ends()):
            now = totals(tickets, end, self.hours)
            table = ticket_rows.ticket_table(
                people, people_known, tickets, who, now, self.zones["desk"]
            )
            news = ((steps <= end) & (steps > end - DAY)).any(axis=0)
            shown = now.exists & (news | (k == 0))
            drops.add(TICKETS, table, np.where(shown[now.exists], k, NEVER), number)
        truth.add_tickets(tickets, now)
        truth.counts["tickets_known_by_domain"] += int(
            (ticket_rows.is_known_by_domain(people, tickets) & now.exists).sum()
        )
        table, at = ticket_rows.event_table(people, tickets)
        drops.add(EVENTS, table, drops.drop_of(at), number)

        sent = surveys.make_invitations(
            self.rng(number, 9), people, people_known, world, tickets, who, clock, number
        )
        last_news = np.maximum(sent.sent, np.where(sent.completed < NEVER, sent.completed, 0))
        self._two_versions(
            INVITATIONS,
            lambda second: surveys.invitation_table(
                people_known, sent, np.where(second, NEVER - 1, sent.sent)
            ),
            sent.sent,
            last_news,
            number,
        )
        for which, survey in enumerate(surveys.SURVEYS):
            table, at = surveys.answer_table(
                self.rng(number, 10 + which),
                people,
                people_known,
                sent,
                which,
                self.zones["survey"],
            )
            drops.add(ANSWERS[survey], table, drops.drop_of(at), number)

    def _two_versions(
        self,
        kind: FileKind,
        table: Callable[[Array], Any],
        first: Array,
        second: Array,
        chunk: int,
    ) -> None:
        """Rows as they were when new, and once more when something about them changed."""
        one, two = self.drops.drop_of(first), self.drops.drop_of(second)
        changed_at_once = two <= one
        self.drops.add(kind, table(changed_at_once), one, chunk)
        again = np.where(changed_at_once | (two > self.drops.nights), NEVER, two)
        rows = np.flatnonzero(again < NEVER)
        if len(rows):
            changed = table(np.ones(len(first), bool)).take(rows)
            self.drops.add_changed(kind, changed, again[rows])

    def reference_files(self) -> None:
        """Everything that is not about single customers."""
        drops, clock = self.drops, self.clock
        first = clock.month(enrolment_months(clock).start)
        for name, table in (
            ("schedules", reference.schedules()),
            ("holidays", reference.holiday_table(clock)),
            ("surveys", reference.surveys()),
            ("programmes", reference.programmes(first)),
        ):
            drops.add_twice(native(name), table)
        for name, (table, at) in (
            ("exchange_rates", reference.exchange_rate_table(clock, self.rates)),
            ("support_expenses", reference.expense_table(clock, self.truth.ledger())),
            (
                "programme_costs",
                reference.programme_cost_table(clock, self.truth.programme_costs()),
            ),
        ):
            drops.add(native(name), table, drops.drop_of(at))


def write_demo(
    landing: Path,
    truth: Path,
    customers: int,
    months: int,
    seed: int,
    nights: int = 5,
    end: date = date(2025, 12, 31),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DemoSummary:
    """Write extracts of `months` months up to `end`, and the truth about them.

    The first drop is whole; `nights` more hold what is new or changed each day. The same arguments
    give the same files, byte for byte. `progress` is told how many customers of how many are done.
    """
    clock = Clock(end, months)
    first, last = seconds(clock.month(HISTORY)) - DAY, seconds(end) + 200 * DAY
    company = _Company(
        seed,
        clock,
        Drops(landing, end, nights, seed),
        Truth(truth, clock, exchange_rates(seed, clock)),
        exchange_rates(seed, clock),
        BusinessHours(first, last),
        {
            "crm": Zone(HUBSPOT_ZONE, seconds(clock.month(0)), last),
            "desk": Zone(ticket_rows.ACCOUNT_ZONE, first, last),
            "survey": Zone(surveys.ACCOUNT_ZONE, first, last),
        },
    )
    try:
        for number, begin in enumerate(range(0, customers, CHUNK)):
            company.chunk(number, begin, min(CHUNK, customers - begin))
            progress(min(begin + CHUNK, customers), customers)
        company.reference_files()
    finally:
        company.drops.close()
    counts = {name: dict(counted) for name, counted in sorted(company.drops.counts.items())}
    settings = {
        "customers": customers,
        "months": months,
        "seed": seed,
        "nights": nights,
        "end": end.isoformat(),
    }
    company.truth.write(settings, counts)
    return DemoSummary(len(counts), sum(c["rows"] for c in counts.values()), customers)
