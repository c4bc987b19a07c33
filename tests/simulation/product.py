"""The product's rule for effects and verdicts, in numpy, on a simulated company.

Here: the estimates of one company by segment, and the verdict. The SQL models are checked against
it (tests/integration/programmes). Not here: companies (`companies`), who is compared with whom
(`comparison`), counting over many companies (`coverage`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats
from tests.reference import effects, matching
from tests.reference.experiments import Estimate, benjamini_hochberg
from tests.simulation.companies import ENTRIES, MONTHS, Bools, Company
from tests.simulation.comparison import cells, in_no_other, untouched

LEAST = 20
SEGMENTS = ("all", "account", "person")


@dataclass(frozen=True)
class Row:
    """What the product knows of a programme and segment before it is told the cost."""

    treated_count: int
    matched_count: int
    month_count: int
    matched_months: int
    effect: float
    error: float
    degrees_of_freedom: float
    pre_trend_p: float
    placebo_p: float
    placebo_cohort_p: float
    true_effect: float


def rows(one: Company, order: Floats) -> list[Row]:
    """One per segment; `order` is the draw of the placebo cohort."""
    found = {
        "effect": group_times(one),
        "placebo": placebo_times(one),
        "placebo_cohort": placebo_cohort_times(one, order),
    }
    is_inside = {"all": np.ones(len(one.cohort), bool), "account": one.is_account}
    is_inside["person"] = ~one.is_account
    weight = kind_weight(one, found["effect"])
    return [_row(one, found, is_inside[segment], weight) for segment in SEGMENTS]


def kind_weight(one: Company, found: list[effects.GroupTime]) -> Floats:
    """The matched of a kind stand for all treated of the kind, by months since entry."""
    matched = np.sum([e.treated_weight for e in found if e.event >= 0], axis=0)
    weight = np.ones(len(one.cohort))
    for inside in (one.is_account, ~one.is_account):
        if matched[inside].sum():
            weight[inside] = one.is_exposed[inside].sum() / matched[inside].sum()
    return weight


def _row(
    one: Company,
    found: dict[str, list[effects.GroupTime]],
    is_inside: Bools,
    weight: Floats,
) -> Row:
    inside = {name: _within(effect, is_inside) for name, effect in found.items()}
    after = [e for e in inside["effect"] if e.event >= 0]
    before = [e for e in inside["effect"] if -8 <= e.event <= -4]
    slopes = [float((e.event + 9) * (-3 - e.event)) for e in before]
    exposed = one.is_exposed & is_inside[:, None]
    compared = np.zeros_like(exposed)
    for e in after:
        compared[:, e.period] |= e.is_matched
    effect = _carried(after, weight)
    return Row(
        treated_count=int(exposed.any(axis=1).sum()),
        matched_count=int(compared.any(axis=1).sum()),
        month_count=int(exposed.sum()),
        matched_months=int(compared.sum()),
        effect=effect.effect,
        error=effect.standard_error,
        degrees_of_freedom=effect.degrees_of_freedom,
        pre_trend_p=_carried(before, weight, slopes).p_value,
        placebo_p=_carried(inside["placebo"], weight).p_value,
        placebo_cohort_p=_carried(inside["placebo_cohort"], weight).p_value,
        true_effect=float(one.effect[exposed].mean()) if exposed.any() else np.nan,
    )


def _carried(
    found: list[effects.GroupTime], weight: Floats, months: list[float] | None = None
) -> Estimate:
    """Missing where fewer than twenty customers on a side carry it, or nothing varies."""
    if found:
        estimate = effects.average_over_treated(found, months, weight)
        if fewest_customers(estimate) >= LEAST and estimate.standard_error > 0:
            return estimate
    return Estimate(np.nan, np.nan, 0)


def fewest_customers(estimate: Estimate) -> float:
    """On the side, treated or untreated, that has fewer."""
    return 2 * estimate.degrees_of_freedom


def _within(found: list[effects.GroupTime], is_inside: Bools) -> list[effects.GroupTime]:
    """The same effects among some customers; cells never hold both kinds."""
    kept = []
    for e in found:
        treated_weight = e.treated_weight * is_inside
        count = int((treated_weight > 0).sum())
        if count:
            kept.append(
                replace(
                    e,
                    gap=e.gap * is_inside,
                    treated_weight=treated_weight,
                    control_influence=e.control_influence
                    * is_inside
                    * (e.treated_weight.sum() / treated_weight.sum()),
                    peer_deviation=e.peer_deviation * is_inside,
                    peer_weight=e.peer_weight * is_inside,
                    treated_count=count,
                )
            )
    return kept


def verdicts(found: list[Row], costs: Floats) -> list[str]:
    """The published verdicts of rows judged together; `costs` per treated customer and month."""
    excess = [
        Estimate(r.effect - c, r.error, 0, r.degrees_of_freedom)
        for r, c in zip(found, costs, strict=True)
    ]
    p_values = np.array([e.p_value for e in excess])
    adjusted = benjamini_hochberg(p_values)
    said = []
    for row, over, q in zip(found, excess, adjusted, strict=True):
        if (
            np.isnan(q)
            or 2 * row.matched_months < row.month_count
            or not row.pre_trend_p >= 0.05  # could not be run is not passed
            or row.placebo_p < 0.01
            or row.placebo_cohort_p < 0.01
            or q > 0.05
        ):
            said.append("not_proven")
        else:
            said.append("pays_back" if over.effect > 0 else "does_not_pay_back")
    return said


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
        panel, cells=lambda entry: cells(one, entry), minimum_controls=2, small_sample=True
    )


def placebo_times(one: Company) -> list[effects.GroupTime]:
    """The same for months nine to four before entry, against the month before entry."""
    found = []
    for entry in ENTRIES:
        cell = cells(one, entry)
        for period in range(entry - 9, entry - 3):
            change = one.outcome[:, period] - one.outcome[:, entry - 1]
            found += _compared(change, one.cohort == entry, cell, (entry, period, entry - 1))
    return found


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
        for period in range(entry, MONTHS):
            change = one.outcome[:, period] - one.outcome[:, entry - 1]
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
