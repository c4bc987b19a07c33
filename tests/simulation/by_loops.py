"""The published effect and its error, customer by customer in plain loops, from changes alone.

A second writing of what `effects.average_over_treated` and macro `estimates_by_customer` compute,
without their arrays, influence functions or joins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any


@dataclass(frozen=True)
class Change:
    """How a customer's month differs from before; `weight` is for whom they stand in that month,
    `kind_weight` for whom the matched of their kind do.
    """

    customer: Any
    cell: Any
    month: int
    is_treated: bool
    amount: float
    weight: float = 1.0
    kind_weight: float = 1.0


@dataclass(frozen=True)
class Published:
    """The effect and the two parts of its error.

    How far the treated scatter, and how well the means of others are known.
    """

    effect: float
    own_error: float
    control_error: float

    @property
    def error(self) -> float:
        return sqrt(self.own_error**2 + self.control_error**2)


def published(changes: Iterable[Change]) -> Published:
    """The mean gap per treated customer and month."""
    by_cell: dict[Any, dict[int, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for change in changes:
        by_cell[change.cell][change.month].append(change)
    gap_of: dict[Any, float] = defaultdict(float)
    months_of: dict[Any, float] = defaultdict(float)
    moved: dict[Any, float] = defaultdict(float)
    shared: dict[Any, float] = defaultdict(float)
    for cell in by_cell.values():
        for rows in cell.values():
            treated = [row for row in rows if row.is_treated]
            others = [row for row in rows if not row.is_treated]
            if not treated or len(others) < 2:
                continue
            total = sum(row.weight for row in others)
            mean = sum(row.weight * row.amount for row in others) / total
            for row in treated:
                gap_of[row.customer] += row.kind_weight * row.weight * (row.amount - mean)
                months_of[row.customer] += row.kind_weight * row.weight
            # Of n equal weights that say as much as these, n − 1 are free.
            number = total**2 / sum(row.weight**2 for row in others)
            served = sum(row.weight for row in treated)
            once = sqrt(sum(row.weight**2 for row in treated))
            for row in others:
                away = row.kind_weight * (row.amount - mean) * row.weight / total
                moved[row.customer] -= away * served * sqrt(number / (number - 1))
                shared[row.customer] -= away * once * sqrt(number / (number - 1))
    months = sum(months_of.values())
    effect = sum(gap_of.values()) / months
    size = len(gap_of)
    scatter = sum((gap_of[who] - effect * months_of[who]) ** 2 for who in gap_of)
    scatter *= size / (size - 1) if size > 1 else nan  # one cannot scatter
    control = sum(moves**2 for moves in moved.values())
    held = sum(moves**2 for moves in shared.values()) - control / size
    own = max(scatter - held, scatter / 4)
    return Published(effect, sqrt(own) / months, sqrt(control) / months)


def error_of_both_arms(changes: Iterable[Change]) -> float:
    """Of a randomised programme: how far the effect would be off by who was drawn (Welch).

    What counts is a customer's sum over the months, in both arms alike.
    """
    cells: dict[Any, dict[bool, dict[Any, list[float]]]] = defaultdict(
        lambda: {True: defaultdict(list), False: defaultdict(list)}
    )
    for change in changes:
        cells[change.cell][change.is_treated][change.customer].append(change.amount)
    variance = total = 0.0
    for arms in cells.values():
        treated_months = sum(len(amounts) for amounts in arms[True].values())
        total += treated_months
        for customers in arms.values():
            months = sum(len(amounts) for amounts in customers.values())
            mean = sum(sum(amounts) for amounts in customers.values()) / months
            squares = sum(
                (sum(amounts) - mean * len(amounts)) ** 2 for amounts in customers.values()
            )
            size = len(customers)
            variance += (treated_months / months) ** 2 * squares * size / (size - 1)
    return sqrt(variance) / total
