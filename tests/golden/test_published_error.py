"""The published standard error against a second writing of it, and against chance itself.

A company without any effect: 290 customers of four kinds whose outcomes wander, by skewed steps,
each kind at its own speed. Customers of a kind are alike, so who enters is a draw within it.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.reference import effects
from tests.simulation.by_loops import Change, published

PERIODS = 10
ENTERED = {4: 60, 5: 25, 7: 45}
NEVER = 160


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes (customers × periods), the period each entered in, and what kind each is of."""
    rng = np.random.default_rng(seed)
    cohort = np.repeat([np.inf, *ENTERED], [NEVER, *ENTERED.values()])
    # Not as many of each kind among those who enter as among the others.
    kind = np.minimum(rng.integers(0, 4, len(cohort)), rng.integers(0, 4 + 2 * (cohort == np.inf)))
    steps = (rng.gamma(0.5, 4, (len(cohort), PERIODS)) - 2) * (1 + kind[:, None] / 2)
    noise = rng.normal(0, 3, steps.shape)
    return steps.cumsum(axis=1) + noise + 2.0 * kind[:, None] * np.arange(PERIODS), cohort, kind


def group_times(
    outcome: np.ndarray, cohort: np.ndarray, kind: np.ndarray, controls: str = "not_yet_treated"
) -> list[effects.GroupTime]:
    panel = effects.Panel(np.arange(len(cohort)), np.arange(PERIODS), outcome, cohort)
    found = effects.group_time_effects(
        panel, controls, lambda _: kind, minimum_controls=2, small_sample=True
    )
    return [e for e in found if e.event >= 0]


def changes(outcome: np.ndarray, cohort: np.ndarray, kind: np.ndarray) -> list[Change]:
    """Of those who enter in a period, and of everybody who has not until the month compared."""
    return [
        Change(who, (entry, int(kind[who])), month, bool(cohort[who] == entry), float(amount))
        for entry in ENTERED
        for month in range(entry, PERIODS)
        for who in range(len(cohort))
        if cohort[who] == entry or cohort[who] > month
        for amount in [outcome[who, month] - outcome[who, entry - 1]]
        if np.isfinite(amount)
    ]


def some_gone(outcome: np.ndarray, share: float, seed: int) -> np.ndarray:
    """From period 6 on nothing is known of some, so they are watched for less long than others."""
    is_gone = np.random.default_rng(seed).random(len(outcome)) < share
    return np.where(is_gone[:, None] & (np.arange(PERIODS) >= 6), np.nan, outcome)


@pytest.mark.parametrize("gone", [0.0, 0.2])
def test_error_is_that_of_plain_loops(gone: float) -> None:
    for seed in (1, 2, 3):
        outcome, cohort, kind = draw(seed)
        outcome = some_gone(outcome, gone, seed)
        ours = effects.average_over_treated(group_times(outcome, cohort, kind))
        theirs = published(changes(outcome, cohort, kind))
        assert ours.effect == pytest.approx(theirs.effect, abs=1e-10)
        assert ours.standard_error == pytest.approx(theirs.error, rel=1e-10)
        assert theirs.own_error > theirs.control_error > 0


@pytest.mark.parametrize(("seed", "gone"), [(1, 0.0), (2, 0.2)])
def test_permuted_within_kinds_the_effect_varies_by_its_error(seed: int, gone: float) -> None:
    """Who enters, and when, drawn anew 1,000 times: a deviation of 1,000 is known to 2.2 %."""
    outcome, cohort, kind = draw(seed)
    outcome = some_gone(outcome, gone, seed)
    rng = np.random.default_rng(seed)
    estimates = []
    for _ in range(1000):
        shuffled = cohort.copy()
        for number in range(4):
            inside = np.flatnonzero(kind == number)
            shuffled[inside] = cohort[rng.permutation(inside)]
        estimates.append(effects.average_over_treated(group_times(outcome, shuffled, kind)))
    spread = np.std([e.effect for e in estimates])
    error = np.sqrt(np.mean([e.standard_error**2 for e in estimates]))
    assert abs(np.mean([e.effect for e in estimates])) < 4 * spread / np.sqrt(1000)
    assert error == pytest.approx(spread, rel=0.06)


@pytest.mark.parametrize("seed", [1, 2])
def test_with_other_untreated_the_effect_varies_by_the_control_part(seed: int) -> None:
    """The untreated of each kind drawn again with repetition 1,000 times, the treated kept."""
    outcome, cohort, kind = draw(seed)
    is_never = np.isinf(cohort)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(1000):
        who = np.arange(len(cohort))
        for number in range(4):
            inside = np.flatnonzero((kind == number) & is_never)
            who[inside] = rng.choice(inside, len(inside))
        again = group_times(outcome[who], cohort, kind, "never_treated")
        drawn.append(effects.average_over_treated(again).effect)
    compared = [c for c in changes(outcome, cohort, kind) if c.is_treated or is_never[c.customer]]
    assert published(compared).control_error == pytest.approx(np.std(drawn), rel=0.07)
