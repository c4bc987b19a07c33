"""Effect of a programme that customers enter at different times: group-time effects.

ATT(g, t) of the cohort first treated in period g, at period t: mean change since a base period,
minus the mean change of units not (yet) treated. Base g − 1 for t ≥ g, t − 1 for the periods before
(which test whether the groups moved alike).
Source: Callaway & Sant'Anna (2021), "Difference-in-differences with multiple time periods",
J. Econometrics 225(2); same numbers as their R package `did` (varying base).

`average_over_cohorts` is that of `did`, with errors for customers to come;
`average_over_treated` is what the SQL models publish, for the customers who were treated.
Here: group-time effects, averages of them, joint test. Not here: matching itself (`matching`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats
from tests.reference.experiments import Estimate
from tests.reference.matching import Ints, MatchedDifference, matched_difference

NEVER = np.inf


@dataclass(frozen=True)
class Panel:
    """Outcomes (units × periods, NaN where not observed) and the period each unit was treated.

    With `log_untouched` (units × periods, `matching.log_chance_untouched`) those who remain stand
    in for those like them who were taken out since the cohort entered, on both sides.
    """

    units: Ints
    periods: Ints
    outcome: Floats
    cohort: Floats
    log_untouched: Floats | None = None


@dataclass(frozen=True)
class GroupTime:
    """One ATT(g, t) with one influence value per unit of the panel."""

    cohort: int
    period: int
    base: int
    effect: float
    influence: Floats
    gap: Floats
    treated_weight: Floats
    control_influence: Floats
    shared_influence: Floats
    control_weight: Floats
    cell: Ints
    treated_count: int
    control_count: int
    unmatched_count: int

    @property
    def event(self) -> int:
        """Periods since treatment; negative before it."""
        return self.period - self.cohort

    @property
    def is_matched(self) -> NDArray[np.bool_]:
        """The treated units it is a mean over."""
        return np.asarray(self.treated_weight > 0)

    @property
    def standard_error(self) -> float:
        """Of this effect alone."""
        return float(np.sqrt(self.influence @ self.influence))


def panel_from_long(
    unit: ArrayLike, period: ArrayLike, cohort: ArrayLike, outcome: ArrayLike
) -> Panel:
    """From one row per unit and period; the cohort of never-treated units is infinity or NaN."""
    units, row = np.unique(np.asarray(unit), return_inverse=True)
    periods, column = np.unique(np.asarray(period), return_inverse=True)
    table = np.full((len(units), len(periods)), np.nan)
    table[row, column] = np.asarray(outcome, float)
    first = np.full(len(units), NEVER)
    treated_from = np.asarray(cohort, float)
    first[row] = np.where(np.isnan(treated_from), NEVER, treated_from)
    return Panel(units, periods, table, first)


def group_time_effects(
    panel: Panel,
    controls: str = "not_yet_treated",
    cells: Callable[[int], Ints] | None = None,
    minimum_controls: int = 1,
    small_sample: bool = False,
    base_of: Callable[[int], Floats] | None = None,
) -> list[GroupTime]:
    """Every ATT(g, t) that can be estimated.

    `controls` is not_yet_treated or never_treated. `cells(g)` is the cell of every unit as cohort g
    sees it (so of what is known before g); below zero is left out. `base_of(g)` is what is
    subtracted from period g on, where that is not the period before.
    """
    column = {int(p): i for i, p in enumerate(panel.periods)}
    found = []
    for cohort in sorted({int(c) for c in panel.cohort[np.isfinite(panel.cohort)]}):
        cell = None if cells is None else cells(cohort)
        for period in map(int, panel.periods):
            base = cohort - 1 if period >= cohort else period - 1
            if base not in column:
                continue
            subtracted = panel.outcome[:, column[base]]
            if base_of is not None and period >= cohort:
                subtracted = base_of(cohort)
            change = panel.outcome[:, column[period]] - subtracted
            treated = panel.cohort == cohort
            waiting = panel.cohort > max(period, base) if controls == "not_yet_treated" else False
            control = ((panel.cohort == NEVER) | waiting) & ~treated
            usable = np.isfinite(change) if cell is None else np.isfinite(change) & (cell >= 0)
            rows = np.flatnonzero((treated | control) & usable)
            inside = np.zeros(len(rows), np.int64) if cell is None else cell[rows]
            weight = None
            if panel.log_untouched is not None and period >= cohort:
                log = panel.log_untouched[rows]
                weight = np.exp(log[:, column[cohort]] - log[:, column[period]])
            try:
                matched = matched_difference(
                    change[rows], treated[rows], inside, minimum_controls, small_sample, weight
                )
            except NotEstimable:
                continue
            when = (cohort, period, base)
            found.append(group_time(matched, rows, inside, len(panel.units), when))
    return found


def average_over_treated(
    effects: Sequence[GroupTime],
    weights: Sequence[float] | None = None,
    unit_weight: Floats | None = None,
) -> Estimate:
    """Mean gap per treated unit and period: the effect on these units.

    Both sides have errors of their own, which need not be alike. Summed over its periods, the gap
    of a treated unit scatters about the effect; the means of the untreated are estimates, with one
    influence value per untreated unit over all cells and periods it serves. The scatter of the
    gaps holds that of their cells' means already, as far as it is not common to all gaps; that is
    taken off it (three quarters of it at most). In one cell nothing is, and this is Welch's error.
    `weights` (one per effect) count periods unequally: discounting, slopes. `unit_weight` lets the
    matched stand for the unmatched like them; within a cell all have the same.
    The variance of n skewed amounts (kurtosis k = 5) is known as from 2n / (k - 1) = n / 2 degrees
    of freedom, n being the fewer of both sides.
    """
    if not effects:
        raise NotEstimable("no effect could be estimated")
    factor = np.ones(len(effects)) if weights is None else np.asarray(weights, float)
    each = np.ones(len(effects[0].gap)) if unit_weight is None else unit_weight
    matched = np.array([e.treated_weight for e in effects])
    months = factor @ matched * each
    gaps = factor @ (np.array([e.gap for e in effects]) * matched) * each
    total = float(months.sum())
    effect = float(gaps.sum() / total)
    is_treated = (matched > 0).any(axis=0)
    is_control = np.any([e.control_weight > 0 for e in effects], axis=0)
    units, others = int(is_treated.sum()), int(is_control.sum())

    def influence(of: str) -> Floats:
        sums = factor * matched.sum(axis=1) @ [getattr(e, of) for e in effects] * each
        return np.asarray(sums)

    scatter = float(np.square(gaps - effect * months).sum()) * units / max(units - 1, 1)
    shared = float(np.square(influence("shared_influence")).sum())
    controls = float(np.square(influence("control_influence")).sum())
    held = shared - controls / max(units, 1)
    variance = max(scatter - held, scatter / 4) + controls
    return Estimate(effect, float(np.sqrt(variance) / total), units, min(units, others) / 2)


def average_over_cohorts(effects: Sequence[GroupTime], panel: Panel) -> tuple[Estimate, Floats]:
    """Mean effect with cohort shares as weights, the shares being estimates themselves.

    `aggte` of R's `did`: all effects after treatment give its "simple" average, those of one event
    time "dynamic", of one cohort "group".
    """
    if not effects:
        raise NotEstimable("no effect could be estimated")
    number = len(panel.cohort)
    share = np.array([float((panel.cohort == e.cohort).mean()) for e in effects])
    total = share.sum()
    value = np.array([e.effect for e in effects])
    member = np.stack([panel.cohort == e.cohort for e in effects], axis=1) - share
    from_shares = (member @ value) / total - member.sum(axis=1) * (value @ share) / total**2
    own = np.stack([e.influence for e in effects], axis=1) @ (share / total)
    influence = np.asarray(own + from_shares / number)
    error = float(np.sqrt(influence @ influence))
    return Estimate(float(share @ value / total), error, number), influence


def joint_test(averages: Sequence[tuple[Estimate, Floats]]) -> tuple[float, int, float]:
    """Wald statistic, degrees of freedom and p-value that all these averages are zero."""
    value = np.array([estimate.effect for estimate, _ in averages])
    influence = np.stack([values for _, values in averages])
    covariance = influence @ influence.T
    if np.linalg.matrix_rank(covariance) < len(value):
        raise NotEstimable("the effects are not independent enough for a joint test")
    statistic = float(value @ np.linalg.solve(covariance, value))
    return statistic, len(value), float(chi2.sf(statistic, len(value)))


def group_time(
    matched: MatchedDifference,
    rows: NDArray[np.intp],
    cell: Ints,
    number: int,
    when: tuple[int, int, int],
) -> GroupTime:
    """A matched difference among some rows, laid out over all units of the panel.

    `when` is the cohort, the period and the base period.
    """

    def spread(values: Floats) -> Floats:
        wide = np.zeros(number)
        wide[rows] = values
        return wide

    return GroupTime(
        *when,
        effect=matched.effect,
        influence=spread(matched.influence),
        gap=spread(matched.gap),
        treated_weight=spread(matched.treated_weight),
        control_influence=spread(matched.control_influence),
        shared_influence=spread(matched.shared_influence),
        control_weight=spread(matched.control_weight),
        cell=np.asarray(spread(cell.astype(np.float64) + 1) - 1, np.int64),
        treated_count=matched.treated_count,
        control_count=matched.control_count,
        unmatched_count=matched.unmatched_count,
    )
