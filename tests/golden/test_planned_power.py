"""An experiment finds what its plan said: planned, drawn, and judged by the product's SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from orchestration.lib.planning.assignment import draw
from orchestration.lib.planning.panel import Panel
from orchestration.lib.planning.plan import LOOK_FACTOR, power_of, scatter_of, strata_of
from tests.simulation.randomised_experiments import Past, judged_from_before

CUSTOMERS, PAST, MONTHS = 240, 20, 4
SHOPS, DRAWS = 40, 8


def shop(rng: np.random.Generator) -> np.ndarray:
    """Customers × months: a level of their own (lognormal), a walk about it, noise; 2 % a month
    leave and bring nothing from then on.
    """
    shape = CUSTOMERS, PAST + MONTHS
    level = 40 * rng.lognormal(0, 0.7, CUSTOMERS)[:, None]
    path = 1 + np.cumsum(rng.normal(0, 0.05, shape), axis=1) + rng.normal(0, 0.2, shape)
    left = np.cumsum(rng.random(shape) < 0.02, axis=1) > 0
    return np.round(level * path * ~left, 4)


def panel(outcome: np.ndarray) -> Panel:
    """The first months of it, as published."""
    past = outcome[:, :PAST]
    keys = np.array([f"c{n}" for n in range(len(past))])
    return Panel(
        customers=keys,
        ids=keys,
        is_deleted=np.zeros(len(past), bool),
        months=[date(2024 + n // 12, n % 12 + 1, 1) for n in range(PAST)],
        outcome=past,
        tenure=np.tile(np.arange(PAST, dtype=float) + 1, (len(past), 1)),
        is_active=past != 0,
        segments={},
        programmes=frozenset(),
    )


def planned(number: int) -> Iterator[Past]:
    """Draws of one shop, treated with the effect that its plan calls detectable."""
    outcome = shop(np.random.default_rng(number))
    known = panel(outcome)
    there = np.flatnonzero(known.is_active[:, -1])
    scatter = scatter_of(known, np.ones(CUSTOMERS, bool), MONTHS)
    size = len(there)
    effect = power_of(scatter, MONTHS, size // 2, size - size // 2).detectable
    assert effect is not None
    ids, strata = [str(known.ids[i]) for i in there], [strata_of(known)[i] for i in there]
    for draws in range(DRAWS):
        _, treated = draw(f"P{number}-{draws}", "a secret", ids, strata, size, 0.5)
        since = np.arange(PAST + MONTHS) >= PAST
        lifted = outcome[there] + effect * treated[:, None] * since
        yield Past(lifted[:, PAST - 9 :], known.tenure[there, -1] + 1, treated)


def test_the_effect_that_is_detectable_is_found_four_times_in_five() -> None:
    """In 40 shops together: each varies more or less after the plan than before it."""
    rows = judged_from_before(past for number in range(SHOPS) for past in planned(number))
    # On the evaluation date, where looks before it have spent a little of the 5 %.
    reach = LOOK_FACTOR * rows["low_reach"]
    low = rows["effect_amount"] - reach * rows["effect_standard_error_amount"]
    assert len(rows) == SHOPS * DRAWS
    assert (low > 0).mean() == pytest.approx(0.8, abs=0.06)
