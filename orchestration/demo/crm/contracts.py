"""Contracts of accounts: a row per price that held, and the add-on as a second product line.

Here: rows of the contracts file in their versions. Not here: what is invoiced (`transactions`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo.base.clock import DAY, NEVER, Array, Clock
from orchestration.demo.base.columns import Table, days, numbered, pick, times
from orchestration.demo.population.people import CURRENCIES, PLANS, People
from orchestration.demo.population.world import World

REASONS = ("price", "poor_service", "competitor", "missing_features", "not_needed")
UNHAPPY_REASON = (0.22, 0.62, 0.80, 0.93)  # cumulative; happier customers leave for other reasons
HAPPY_REASON = (0.25, 0.30, 0.45, 0.60)


@dataclass(frozen=True)
class ContractRows:
    """One entry per contract; times are seconds, NEVER where there is none."""

    customer: Array  # position in the chunk
    first_month: Array  # index of the first month invoiced
    number: Array  # unique in the company
    is_addon: Array
    plan: Array
    monthly: Array
    setup: Array
    starts: Array
    ends: Array
    noticed: Array  # notice given; NEVER for a contract that was replaced or still runs
    closed: Array  # when the end became known
    reason: Array  # index of REASONS, −1 none, len(REASONS) payment failure


def make_contracts(
    people: People, world: World, reason: Array, setup: Array, clock: Clock
) -> ContractRows:
    """The contracts that a world's months amount to."""
    plan = _spells(people, world.is_active & people.is_account, world.price, world.plan)
    addon = _spells(people, world.addon_price > 0, world.addon_price, 0 * world.plan)
    parts = [
        _rows(people, world, reason, setup, clock, spells, is_addon)
        for spells, is_addon in ((plan, False), (addon, True))
    ]
    return ContractRows(
        **{
            name: np.concatenate([part[name] for part in parts])
            for name in ContractRows.__dataclass_fields__
        }
    )


def _spells(people: People, on: Array, price: Array, plan: Array) -> tuple[Array, Array, Array]:
    """Customer, first month and the month after the last of every stretch at one price."""
    on, price, plan = on.T, price.T, plan.T
    before = np.zeros_like(on)
    before[:, 1:] = on[:, :-1]
    same = np.zeros_like(on)
    same[:, 1:] = (price[:, 1:] == price[:, :-1]) & (plan[:, 1:] == plan[:, :-1])
    starts = on & ~(before & same)
    breaks = starts | (~on & before)
    months = on.shape[1]
    begin = np.flatnonzero(starts.ravel())
    edges = np.append(np.flatnonzero(breaks.ravel()), on.size)
    until = edges[np.searchsorted(edges, begin, "right")]
    customer = begin // months
    last = np.where(until // months == customer, until % months, months)
    return customer, begin % months, last


def _rows(
    people: People,
    world: World,
    reason: Array,
    setup: Array,
    clock: Clock,
    spells: tuple[Array, Array, Array],
    is_addon: bool,
) -> dict[str, Array]:
    customer, first, last = spells
    months = clock.total + 1
    runs_on = last >= months
    at = np.minimum(last, months - 1)
    billing = (people.billing_day[customer] - 1) * DAY
    starts = clock.starts()[first] + billing
    ends = np.where(runs_on, NEVER, clock.starts()[at] + billing)
    left = ~runs_on & world.leaves[last - 1, customer]
    dropped = left if not is_addon else ~runs_on & (world.addon_price[at, customer] == 0)
    # Notice comes 1–26 days before the day the next month would be invoiced.
    draw = reason[last - 1, customer]
    noticed = np.where(dropped, ends - (1 + (draw * 26).astype(np.int64)) * DAY + 36_000, NEVER)
    noticed = np.where(dropped, np.maximum(noticed, starts + 40_000), NEVER)
    unhappy = world.satisfaction[last - 1, customer] < 0
    edges = np.where(unhappy[:, None], UNHAPPY_REASON, HAPPY_REASON)
    why = (((draw * 97) % 1)[:, None] > edges).sum(axis=1)
    failed = world.is_payment_failure[last - 1, customer] & left
    return {
        "customer": customer,
        "first_month": first,
        "number": (people.index[customer] * 128 + first) * 2 + is_addon,
        "is_addon": np.full(len(customer), is_addon),
        "plan": world.plan[first, customer],
        "monthly": (world.addon_price if is_addon else world.price)[first, customer],
        "setup": np.where(is_addon, 0.0, setup[first, customer]),
        "starts": starts,
        "ends": ends,
        "noticed": noticed,
        "closed": np.where(dropped, noticed, ends),
        "reason": np.where(dropped, np.where(failed, len(REASONS), why), -1),
    }


def contract_table(
    people: People, rows: ContractRows, references: Table, is_closed: Array
) -> Table:
    """The rows as exported; the end shows only where it is known already."""
    at = rows.customer
    yearly = people.is_yearly[at] & ~rows.is_addon
    noticed = np.where(is_closed, rows.noticed, NEVER)
    known = is_closed & (rows.reason >= 0)
    return pa.table(
        {
            "contract_id": numbered("K", rows.number),
            "customer_id": references.take(pa.array(at)),
            "product": pick((*PLANS, "Insights"), np.where(rows.is_addon, 4, rows.plan)),
            "product_category": pick(("core", "addon"), rows.is_addon.astype(int)),
            "contract_kind": pick(("subscription",), 0 * at),
            "signed_date": days(rows.starts),
            "start_date": days(rows.starts),
            "end_date": days(np.where(is_closed, rows.ends, NEVER)),
            "cancelled_at": times(noticed),
            "cancel_reason": pick((*REASONS, "payment_failed"), np.where(known, rows.reason, -1)),
            "is_voluntary": pa.array(rows.reason < len(REASONS), mask=~known),
            "billing_period": pick(("month", "year"), yearly.astype(int)),
            "recurring_amount": rows.monthly * np.where(yearly, 12, 1),
            "one_off_amount": rows.setup,
            "currency": pick(CURRENCIES, people.currency[at]),
            "updated_at": times(np.where(is_closed, rows.closed, rows.starts + 50_000)),
        }
    )
