"""What is true of the demo company: counted and summed while its files are written.

Written beside the landing folder; nothing in the pipeline reads it. Here: sums and their file.
Not here: deciding anything.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.demo.base.clock import DAY, HISTORY, NEVER, Array, Clock, seconds
from orchestration.demo.base.columns import numbered, pick
from orchestration.demo.crm.contacts import customer_references
from orchestration.demo.crm.contracts import ContractRows
from orchestration.demo.crm.transactions import PAYMENT, REFUND, Movements
from orchestration.demo.population.effects import Effects
from orchestration.demo.population.money import DOLLARS_PER_HANDLE_SECOND
from orchestration.demo.population.people import CHANNELS, People
from orchestration.demo.population.programmes import PROGRAMMES, Enrolments
from orchestration.demo.population.world import World, leave_probability
from orchestration.demo.support.desk_totals import Totals
from orchestration.demo.support.tickets import Tickets, handle_seconds
from orchestration.demo.truth.counts import Counts


class Truth:
    """Sums over chunks of customers."""

    def __init__(self, folder: Path, clock: Clock, rates: Array) -> None:
        """Start at zero; customers are written as they come."""
        self.folder, self.clock, self.rates = folder, clock, rates
        self.starts = clock.starts()
        self.last = seconds(clock.end) + DAY - 1
        months = clock.total
        self.money = {name: np.zeros(months) for name in ("sales", "refunds", "cost_of_sales")}
        self.accounts = {
            name: np.zeros(months, int) for name in ("active_at_start", "lost", "active_at_end")
        }
        self.handle_seconds = np.zeros(months, int)
        self.desk = {
            name: np.zeros((len(CHANNELS), months))
            for name in ("tickets", "answered", "reply_minutes", "reply_business_minutes", "solved")
        }
        self.effects = Effects(clock)
        self.exact = Counts(clock, self.last)
        self.counts: dict[str, int] = defaultdict(int)
        self.writer: Any = None

    def add_money(self, people: People, moves: Movements) -> None:
        """Revenue and its cost in US dollars, by month, of what is visible at the end."""
        seen = (moves.known <= self.last) & (moves.at <= self.last) & (moves.kind != PAYMENT)
        month = np.searchsorted(self.starts, moves.at, "right") - 1
        dollars = self.rates[month, people.currency[moves.customer]]
        for name, chosen, amount in (
            ("sales", seen & (moves.kind != REFUND), moves.amount),
            ("refunds", seen & (moves.kind == REFUND), moves.amount),
            ("cost_of_sales", seen & (moves.cost >= 0), moves.cost),
        ):
            np.add.at(self.money[name], month[chosen], (amount * dollars)[chosen])

    def add_contracts(self, people: People, rows: ContractRows) -> None:
        """Accounts with a contract in force on the last day of each month."""
        size, months = people.size, self.clock.total + 1
        days = self.starts[:months] - DAY  # last day of the month before
        self.exact.add_contracts(people, rows)
        known = rows.starts <= self.last
        in_force = np.zeros((months, size), bool)
        for m in range(months):
            on = known & (rows.starts <= days[m]) & (rows.ends > days[m])
            in_force[m, rows.customer[on]] = True
        start, end = in_force[:-1], in_force[1:]
        self.accounts["active_at_start"] += start.sum(axis=1)
        self.accounts["active_at_end"] += end.sum(axis=1)
        self.accounts["lost"] += (start & ~end).sum(axis=1)

    def add_tickets(self, tickets: Tickets, now: Totals) -> None:
        """The desk by channel and month of opening, and the agents' time by month of work."""
        self.exact.add_tickets(tickets, now)
        seen = now.exists
        month = tickets.month
        reply, business = now.minutes["first_reply"]
        answered = seen & (reply >= 0)
        for name, chosen, value in (
            ("tickets", seen, np.ones(tickets.size)),
            ("answered", answered, np.ones(tickets.size)),
            ("reply_minutes", answered, reply),
            ("reply_business_minutes", answered, business),
            ("solved", seen & (now.first_solved < NEVER), np.ones(tickets.size)),
        ):
            np.add.at(self.desk[name], (tickets.channel[chosen], month[chosen]), value[chosen])
        for step, work in handle_seconds(tickets).items():
            at = tickets.at[step]
            done = at <= self.last
            worked = np.searchsorted(self.starts, at[done], "right") - 1
            np.add.at(self.handle_seconds, worked, work[done])
        self.counts["tickets"] += int(seen.sum())
        self.counts["orphan_tickets"] += int((seen & (tickets.customer < 0)).sum())

    def add_customers(
        self, people: People, world: World, enrolments: Enrolments, contribution: Array
    ) -> None:
        """One row per customer in customers.parquet."""
        self.exact.add_people(people)
        last = self.clock.total - 1
        leaves = world.leaves[: self.clock.total]
        left = leaves.any(axis=0) & ~world.is_active[last + 1]
        month = np.where(left, last - leaves[::-1].argmax(axis=0), -1)
        usual = leave_probability(people, people.mood)
        usual = np.where(people.is_account & people.is_yearly, (1 - (1 - usual) ** 9) / 12, usual)
        names = [self.clock.month(i).isoformat() for i in range(self.clock.total)]
        table = pa.table(
            {
                "customer_id": customer_references(people),
                "customer_kind": pick(("person", "account"), people.is_account.astype(int)),
                "is_contract_customer": pa.array(people.is_account),
                "signup_month": pick(names, people.signup_month),
                "is_active_at_end": pa.array(world.is_active[last + 1]),
                "left_month": pick(names, month),
                "usual_satisfaction": pa.array(people.mood),
                "satisfaction": pa.array(world.satisfaction[last]),
                "leave_probability": pa.array(world.leave_probability[last]),
                "usual_leave_probability": pa.array(usual),
                "expected_lifetime_months": pa.array(1 / usual),
                "purchase_rate": pa.array(
                    np.where(people.is_account, np.nan, people.purchase_rate)
                ),
                "contribution_amount": pa.array(contribution[HISTORY : last + 1].sum(axis=0)),
                "programme_id": pick([p.programme_id for p in PROGRAMMES], enrolments.programme),
                "is_treated": pa.array(enrolments.is_treated),
                "duplicate_contact_id": numbered(
                    "contact-",
                    np.where(people.has_duplicate, 50_000_000_009 + people.index * 10, -1),
                ),
            }
        )
        if self.writer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.writer = pq.ParquetWriter(self.folder / "customers.parquet", table.schema)
        self.writer.write_table(table)
        self.counts["customers"] += people.size

    def ledger(self) -> Array:
        """Support expenses in US dollars by month."""
        return np.round(self.handle_seconds * DOLLARS_PER_HANDLE_SECOND, 2)

    def write(self, settings: dict[str, Any], counts: dict[str, dict[str, int]]) -> None:
        """truth.json; call it once, after the last chunk."""
        self.writer.close()
        body = {
            "settings": settings,
            "counts": dict(self.counts) | {"files": counts},
            "months": self._months(),
            "desk": self._desk(),
            "programmes": self.effects.listed(),
            **self.exact.listed(),
        }
        text = json.dumps(body, indent=1, ensure_ascii=False)
        (self.folder / "truth.json").write_text(text + "\n", encoding="utf-8")

    def _months(self) -> list[dict[str, Any]]:
        ledger = self.ledger()
        return [
            {
                "month": self.clock.month(m).isoformat(),
                **{f"{name}_amount": round(float(v[m]), 2) for name, v in self.money.items()},
                **{f"accounts_{name}": int(v[m]) for name, v in self.accounts.items()},
                "support_expense_amount": float(ledger[m]),
            }
            for m in range(self.clock.total)
        ]

    def _desk(self) -> list[dict[str, Any]]:
        return [
            {
                "channel": channel,
                "month": self.clock.month(m).isoformat(),
                **{name: int(v[c, m]) for name, v in self.desk.items()},
            }
            for c, channel in enumerate(CHANNELS)
            for m in self.clock.window
            if self.desk["tickets"][c, m]
        ]
