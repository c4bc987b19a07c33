"""What can be counted exactly: tickets by what happened to them, answers by score, movements.

Each is counted from the lives, not from the rows written. Here: counts by month. Not here: money of
transactions, programmes and the file they are written to (`truth`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from orchestration.demo.base.clock import DAY, NEVER, Array, BusinessHours, Clock
from orchestration.demo.crm.contracts import ContractRows
from orchestration.demo.population.people import CHANNELS, CURRENCIES, People
from orchestration.demo.support.desk_totals import Totals
from orchestration.demo.support.priorities import TARGETS, WITHOUT_TARGET, Priorities
from orchestration.demo.support.ticket_rows import TYPES
from orchestration.demo.support.tickets import Tickets, is_generic
from orchestration.demo.survey.follow_ups import CHANGES_LEAVING
from orchestration.demo.survey.surveys import SURVEYS, Invitations

HANDLING = ("reopened", "handed_off", "switched", "generic", "repeated", "rated", "rated_good")
ANSWERS = ("answers", "best", "worst")  # promoters and detractors; low effort and the rest
FOLLOWED = ("followed_up",)
PROMISES = ("promised", "kept", "missed")
SENDS = ("sent", "delivered", "opened", "started", "completed")
MOVEMENTS = ("new", "reactivation", "cross_sell", "price", "expansion", "contraction", "churn")
REPEAT_DAYS = 7


class Counts:
    """Counts over chunks of customers, by name and place."""

    def __init__(self, clock: Clock, last: int) -> None:
        """Start at zero; `last` is the last second anything is seen of."""
        self.clock, self.last = clock, last
        self.starts = clock.starts()
        months = clock.total
        self.desk = {name: np.zeros((len(CHANNELS), months), int) for name in HANDLING}
        self.promises = {name: np.zeros((len(CHANNELS), months), int) for name in PROMISES}
        self.surveys = {
            name: np.zeros((len(SURVEYS), months), int) for name in (*ANSWERS, *FOLLOWED, *SENDS)
        }
        self.mrr = {
            name: np.zeros((len(CURRENCIES), months)) for name in ("begin", *MOVEMENTS, "end")
        }
        self.customers: Counter[str] = Counter()

    def add_people(self, people: People) -> None:
        """Who was referred, and by somebody on record."""
        self.customers["referred"] += int((people.acquisition == 2).sum())
        self.customers["referred_by_customer"] += int((people.referrer >= 0).sum())

    def add_tickets(self, tickets: Tickets, now: Totals) -> None:
        """Signs of effort and ratings, by channel and month of opening."""
        rated = now.exists & (tickets.rated_at <= now.moment)
        for name, chosen in (
            ("reopened", now.reopens > 0),
            ("handed_off", now.agents > 1),
            ("switched", tickets.at["switched"] <= now.moment),
            ("generic", is_generic(tickets) & (now.replies > 0)),
            ("repeated", self._repeated(tickets, now)),
            ("rated", rated),
            ("rated_good", rated & tickets.is_good),
        ):
            hit = now.exists & chosen
            np.add.at(self.desk[name], (tickets.channel[hit], tickets.month[hit]), 1)

    def _repeated(self, tickets: Tickets, now: Totals) -> Array:
        """Opened within a week of the customer's ticket before about the same product and type."""
        kinds = np.unique(TYPES, return_inverse=True)[1]
        matter = kinds[tickets.topic] * 2 + (tickets.number % 5 == 0)
        at = tickets.at["created"]
        known = now.exists & (tickets.customer >= 0)
        rows = np.flatnonzero(known)
        rows = rows[np.lexsort((at[rows], matter[rows], tickets.customer[rows]))]
        one, two = rows[:-1], rows[1:]
        same = (tickets.customer[one] == tickets.customer[two]) & (matter[one] == matter[two])
        soon = at[two] // DAY - at[one] // DAY <= REPEAT_DAYS
        repeated = np.zeros(tickets.size, bool)
        repeated[two[same & soon]] = True
        return repeated

    def add_promises(
        self, tickets: Tickets, priorities: Priorities, now: Totals, hours: BusinessHours
    ) -> None:
        """First replies promised, by the priority at the reply or, while there is none, now."""
        reply = tickets.at["reply"]
        answered = reply <= now.moment
        until = np.where(answered, reply, now.moment + 1)
        waited = hours.until(until) - hours.until(
            np.where(now.exists, tickets.at["created"], until)
        )
        target = TARGETS[priorities.at(until)]
        promised = now.exists & (tickets.channel != WITHOUT_TARGET)
        for name, chosen in (
            ("promised", promised),
            ("kept", promised & answered & (waited <= target)),
            ("missed", promised & (waited > target)),
        ):
            np.add.at(self.promises[name], (tickets.channel[chosen], tickets.month[chosen]), 1)

    def add_surveys(self, sent: Invitations, followed: Array) -> None:
        """Answers by month of answer, what was sent by month of sending."""
        # What will be answered later shows nothing yet; of the rest the tool shows all.
        answered = sent.completed <= self.last
        later = (sent.completed < NEVER) & ~answered
        best = np.where(sent.survey == 0, sent.score >= 9, sent.score >= 5)
        worst = np.where(sent.survey == 0, sent.score <= 6, sent.score < 5)
        gone_back = followed <= self.last
        for name, chosen in (
            ("answers", answered),
            ("best", best),
            ("worst", worst),
            ("followed_up", gone_back),
        ):
            self._by_month(name, sent, answered & chosen, sent.completed)
        opened = (sent.opened < NEVER) & ~later
        seen = sent.sent <= self.last
        for name, chosen in (
            ("sent", seen),
            ("delivered", ~sent.is_bounced),
            ("opened", opened),
            ("started", (sent.started < NEVER) & ~later),
            ("completed", answered),
        ):
            self._by_month(name, sent, seen & chosen, sent.sent)

    def _by_month(self, name: str, sent: Invitations, chosen: Array, at: Array) -> None:
        month = np.searchsorted(self.starts, at[chosen], "right") - 1
        np.add.at(self.surveys[name], (sent.survey[chosen], month), 1)

    def add_contracts(self, people: People, rows: ContractRows) -> None:
        """Monthly recurring revenue and what moved it, by currency and month."""
        size, months = people.size, self.clock.total + 1
        mrr = np.zeros((2, months, size))  # plan and add-on, on the day before each month
        plan = np.full((months, size), -1)
        for m, day in enumerate(self.starts[:months] - DAY):
            on = (rows.starts <= self.last) & (rows.starts <= day) & (rows.ends > day)
            np.add.at(mrr, (rows.is_addon[on].astype(int), m, rows.customer[on]), rows.monthly[on])
            of_plan = on & ~rows.is_addon
            plan[m, rows.customer[of_plan]] = rows.plan[of_plan]
        whole = mrr.sum(axis=0)
        ever = np.maximum.accumulate(whole, axis=0) > 0
        for m in range(self.clock.total):
            begin, end = whole[m], whole[m + 1]
            come = np.where((begin == 0) & (end > 0), end, 0.0)
            stays = (begin > 0) & (end > 0)
            change = (mrr[:, m + 1] - mrr[:, m]) * stays
            rises = np.maximum(change, 0)
            from_nothing = mrr[:, m] == 0
            held = ~from_nothing & ((plan[m] == plan[m + 1]) | (np.arange(2)[:, None] == 1))
            for name, amount in (
                ("begin", begin),
                ("new", np.where(ever[m], 0, come)),
                ("reactivation", np.where(ever[m], come, 0)),
                ("cross_sell", (rises * from_nothing).sum(axis=0)),
                ("price", (rises * held).sum(axis=0)),
                ("expansion", (rises * ~from_nothing * ~held).sum(axis=0)),
                ("contraction", np.maximum(-change, 0).sum(axis=0)),
                ("churn", np.where(end == 0, begin, 0.0)),
                ("end", end),
            ):
                np.add.at(self.mrr[name][:, m], people.currency, amount)

    def listed(self) -> dict[str, Any]:
        """The counts as they stand in the file, empty places left out."""
        return {
            "referrals": dict(self.customers),
            "handling": self._rows(self.desk, "channel", CHANNELS, HANDLING),
            "promises": self._rows(self.promises, "channel", CHANNELS, PROMISES),
            "surveys": self._rows(self.surveys, "survey", SURVEYS, (*ANSWERS, *FOLLOWED, *SENDS)),
            # Customers leave as if nobody had gone back to them.
            "follow_ups": {"log_odds_of_leaving": CHANGES_LEAVING},
            "movements": self._rows(self.mrr, "currency", CURRENCIES, ("begin", *MOVEMENTS, "end")),
        }

    def _rows(
        self, counted: dict[str, Array], place: str, places: tuple[str, ...], names: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        return [
            {
                place: where,
                "month": self.clock.month(m).isoformat(),
                **{name: counted[name][p, m].item() for name in names},
            }
            for p, where in enumerate(places)
            for m in range(self.clock.total)
            if any(counted[name][p, m] for name in names)
        ]
