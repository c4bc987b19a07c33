"""The product's rule for effects, in numpy, on a simulated company.

The SQL models are checked against it (tests/integration/programmes). Not here: companies
(`companies`), who is compared with whom (`comparison`), verdicts (`natural_comparisons`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats
from tests.reference import effects, matching
from tests.reference.experiments import Estimate
from tests.simulation.companies import ENTRIES, MONTHS, Bools, Company
from tests.simulation.comparison import cells, in_no_other, untouched, windows

LEAST = 20


def kind_weight(one: Company, found: list[effects.GroupTime]) -> Floats:
    """The matched of a kind stand for all treated of the kind, by months since entry."""
    matched = np.sum([e.treated_weight for e in found if e.event >= 0], axis=0)
    weight = np.ones(len(one.cohort))
    for inside in (one.is_account, ~one.is_account):
        if matched[inside].sum():
            weight[inside] = one.is_exposed[inside].sum() / matched[inside].sum()
    return weight


def fewest_customers(estimate: Estimate) -> float:
    """On the side, treated or untreated, that has fewer."""
    return 2 * estimate.degrees_of_freedom


def group_times(one: Company, of: Floats | None = None) -> list[effects.GroupTime]:
    """Group-time effects by the product's rule; months before entry against the month before.

    `of` is what the effect is on (customers × months), the outcome unless given.
    """
    outcome = (one.outcome if of is None else of).copy()
    # Months from another programme's entry on say nothing about this one.
    outcome[np.arange(MONTHS) >= one.other_cohort[:, None]] = np.nan
    units = np.arange(len(outcome), dtype=np.int64)
    log = untouched(one)
    entry = np.where(np.isfinite(one.cohort), one.cohort, 0).astype(int)
    since = log[units, entry][:, None] + in_no_other(one)
    log = np.where(np.arange(MONTHS) > one.cohort[:, None], since, log)
    panel = effects.Panel(units, np.arange(MONTHS), outcome, one.cohort, log)
    return effects.group_time_effects(
        panel,
        cells=lambda entry: cells(one, entry),
        minimum_controls=2,
        small_sample=True,
        base_of=lambda entry: windows(replace(one, outcome=outcome), entry)[1],
    )


def placebo_cohort_times(one: Company, order: Floats) -> list[effects.GroupTime]:
    """Untreated customers as if they had entered: as many as were treated, at most every second.

    `order` (units × months) is the draw. Who is drawn twice enters the first time; nobody who is
    drawn is compared with.
    """
    cell_of = {entry: cells(one, entry) for entry in ENTRIES}
    pretended = np.full(len(order), np.inf)
    for entry, cell in cell_of.items():
        is_treated = one.cohort == entry
        for number in np.unique(cell[is_treated & (cell >= 0)]):
            others = np.flatnonzero((cell == number) & ~is_treated)
            size = min((is_treated & (cell == number)).sum(), len(others) // 2)
            drawn = others[np.argsort(order[others, entry])[:size]]
            pretended[drawn] = np.minimum(pretended[drawn], entry)
    first_reached = np.minimum(one.cohort, one.other_cohort)
    found = []
    for entry, cell in cell_of.items():
        is_left_out = (one.cohort == entry) | (np.isfinite(pretended) & (pretended != entry))
        cell = np.where(is_left_out, -1, cell)
        _, base = windows(one, entry)
        for period in range(entry, MONTHS):
            change = one.outcome[:, period] - base
            change = np.where(first_reached > period, change, np.nan)
            found += _compared(change, pretended == entry, cell, (entry, period, entry - 1))
    return found


def _compared(
    change: Floats, treated: Bools, cell: matching.Ints, when: tuple[int, int, int]
) -> list[effects.GroupTime]:
    usable = np.flatnonzero((cell >= 0) & np.isfinite(change))
    try:
        matched = matching.matched_difference(
            change[usable], treated[usable], cell[usable], 2, True
        )
    except NotEstimable:
        return []
    return [effects.group_time(matched, usable, cell[usable], len(cell), when)]
