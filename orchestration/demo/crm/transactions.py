"""Money movements: invoices of accounts, purchases and refunds of persons, a few payments.

Here: rows of the transactions file in their versions. Not here: how large they are (`money`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo.base.clock import DAY, NEVER, Array, Clock, seconds
from orchestration.demo.base.columns import Table, maybe, numbered, pick, times
from orchestration.demo.crm.contracts import ContractRows
from orchestration.demo.population.money import Amounts, cost_of, rounded
from orchestration.demo.population.people import CURRENCIES, PLANS, People
from orchestration.demo.population.world import World

SALE, SHIPPING, REFUND, PAYMENT = range(4)
KINDS = ("sale", "shipping", "refund", "payment")
PRODUCTS = (*PLANS, "Insights", "Set-up", "Starter kit", "Refill", "Accessory", "Gift box")
SETUP, FIRST_GOOD = 5, 6
CATEGORIES = ("core", "addon", "setup", "goods", "delivery")
CHANNELS = ("invoice", "web", "store", "app")
LATE, CORRECTED = 0.015, 0.006  # shares of rows


@dataclass(frozen=True)
class Movements:
    """One entry per movement."""

    customer: Array
    month: Array
    at: Array
    kind: Array
    amount: Array
    cost: Array  # −1 where it has none
    product: Array
    category: Array
    channel: Array
    contract: Array  # number of the contract, −1 none
    order: Array  # −1 none
    known: Array  # when it first appears in an export
    corrected: Array  # when its right amount appears; NEVER = was right at once

    @property
    def size(self) -> int:
        """How many."""
        return len(self.customer)


def make_movements(
    rng: np.random.Generator,
    people: People,
    world: World,
    made: Amounts,
    contracts: ContractRows,
    clock: Clock,
) -> Movements:
    """Every movement of a world up to its last month, ordered by customer and time."""
    parts = [
        *_invoices(people, made, contracts, clock),
        *_purchases(rng, people, world, made, clock),
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    size = len(columns["customer"])
    late = rng.random(size) < LATE
    columns["known"] = columns["at"] + late * rng.integers(1, 10, size) * DAY
    wrong = ~late & (rng.random(size) < CORRECTED)
    fixed = columns["at"] + rng.integers(1, 13, size) * DAY
    columns["corrected"] = np.where(wrong & (fixed < seconds(clock.end)), fixed, NEVER)
    order = np.lexsort((columns["kind"], columns["at"], columns["customer"]))
    return Movements(**{name: values[order] for name, values in columns.items()})


def _invoices(
    people: People, made: Amounts, contracts: ContractRows, clock: Clock
) -> list[dict[str, Array]]:
    """Plan with metered use, add-on and set-up lines, and what was paid on them."""
    parts = []
    shape = made.plan.shape
    core, addon = np.full(shape, -1), np.full(shape, -1)
    for lines, is_addon in ((core, False), (addon, True)):
        chosen = contracts.is_addon == is_addon
        lines[contracts.first_month[chosen], contracts.customer[chosen]] = contracts.number[chosen]
        for t in range(1, shape[0]):  # a contract runs until the next one begins
            lines[t] = np.where(lines[t] >= 0, lines[t], lines[t - 1])
    plan = np.full(shape, -1)
    plan[contracts.first_month, contracts.customer] = contracts.plan
    for t in range(1, shape[0]):
        plan[t] = np.where(plan[t] >= 0, plan[t], plan[t - 1])
    for matrix, kind, product, category, number in (
        (made.plan + made.usage, "plan", plan, 0, core),
        (made.addon, "addon", np.full(shape, 4), 1, addon),
        (made.setup, "plan", np.full(shape, SETUP), 2, core),
    ):
        month, customer = np.nonzero(matrix[: clock.total] > 0)
        amount = matrix[month, customer]
        currency = people.currency[customer]
        cost = cost_of(amount, kind, currency)
        at = clock.starts()[month] + (people.billing_day[customer] - 1) * DAY + 8 * 3600
        line = {
            "customer": customer,
            "month": month,
            "at": np.maximum(at, people.signup_at[customer] + 60),
            "kind": np.full(len(month), SALE),
            "amount": amount,
            "cost": cost,
            "product": product[month, customer],
            "category": np.full(len(month), category),
            "channel": np.zeros(len(month), int),
            "contract": number[month, customer],
            "order": np.full(len(month), -1),
        }
        parts.append(line)
        if kind == "plan" and category == 0:  # Brazilian customers' payments come with the export
            paid = currency == CURRENCIES.index("BRL")
            payment = {name: values[paid] for name, values in line.items()}
            size = len(payment["at"])
            payment |= {
                "at": payment["at"] + 5 * DAY,
                "kind": np.full(size, PAYMENT),
                "cost": np.full(size, -1.0),
            }
            parts.append(payment)
    return parts


def _purchases(
    rng: np.random.Generator, people: People, world: World, made: Amounts, clock: Clock
) -> list[dict[str, Array]]:
    month, customer, number = np.nonzero(made.basket[: clock.total] > 0)
    size = len(month)
    starts = clock.starts()
    begin = np.maximum(starts[month], people.signup_at[customer] + 60)
    at = begin + (rng.random(size) * (starts[month + 1] - 1 - begin)).astype(np.int64)
    currency = people.currency[customer]
    amount = made.basket[month, customer, number]
    product = FIRST_GOOD + rng.choice(4, size, p=[0.2, 0.45, 0.25, 0.1])
    base = {
        "customer": customer,
        "month": month,
        "at": at,
        "kind": np.full(size, SALE),
        "amount": amount,
        "cost": cost_of(amount, "goods", currency),
        "product": product,
        "category": np.full(size, 3),
        "channel": rng.choice([1, 2, 3], size, p=[0.6, 0.2, 0.2]),
        "contract": np.full(size, -1),
        "order": (people.index[customer] * 128 + month) * 8 + number,
    }
    sent = made.shipping[month, customer, number]
    shipping = {name: values[sent > 0] for name, values in base.items()}
    paid = sent[sent > 0]
    shipping |= {
        "kind": np.full(len(paid), SHIPPING),
        "amount": paid,
        "cost": cost_of(paid, "shipping", currency[sent > 0]),
        "category": np.full(len(paid), 4),
    }
    back = made.is_refunded[month, customer, number]
    refund = {name: values[back] for name, values in base.items()}
    later = refund["at"] + (2 * DAY + rng.random(back.sum()) * 18 * DAY).astype(np.int64)
    refund |= {
        "at": np.minimum(later, starts[refund["month"] + 1] - 1),
        "kind": np.full(int(back.sum()), REFUND),
        "cost": np.full(int(back.sum()), -1.0),
    }
    return [base, shipping, refund]


def transaction_table(
    people: People, moves: Movements, numbers: Array, references: Table, is_corrected: Array
) -> Table:
    """The rows as exported: a wrong amount until the correction, the right one after it."""
    currency = people.currency[moves.customer]
    waits = (moves.corrected < NEVER) & ~is_corrected
    amount = np.where(waits, moves.amount * 1.1, moves.amount)
    return pa.table(
        {
            "transaction_id": numbered("T", numbers),
            "customer_id": references,
            "occurred_at": times(moves.at),
            "transaction_kind": pick(KINDS, moves.kind),
            "amount": rounded(amount, currency),
            "currency": pick(CURRENCIES, currency),
            "cost_amount": maybe(rounded(moves.cost, currency), moves.cost >= 0),
            "product": pick(PRODUCTS, moves.product),
            "product_category": pick(CATEGORIES, moves.category),
            "quantity": np.ones(moves.size),
            "channel": pick(CHANNELS, moves.channel),
            "contract_id": numbered("K", moves.contract),
            "order_id": numbered("O", moves.order),
            "updated_at": times(np.where(is_corrected, moves.corrected, moves.known)),
        }
    )
