"""Treated against similar untreated units: exact matching on cells.

Every unit belongs to a cell (an integer made of coarsened traits). A treated unit is compared with
the mean of the untreated of its own cell; a cell with too few of them is dropped, and its treated
units are counted as unmatched rather than guessed.
Sources: Iacus, King & Porro (2012), "Causal inference without balance checking: coarsened exact
matching", Political Analysis 20(1); the influence function is that of an outcome regression on
saturated cell dummies (Sant'Anna & Zhao 2020, J. Econometrics 219).

Here: bands, the estimator, balance. Not here: panels and cohorts (`effects`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class MatchedDifference:
    """Mean over matched treated units of the gap: own outcome − mean of the untreated in the cell.

    Per unit: `gap` and `treated_weight` (0 = not matched) for treated units, `control_influence`
    for untreated ones. `weight` makes the untreated look like the treated: balance compares
    weighted means of traits. `shared_influence` is the control's influence × √(sum of squared
    weights of the treated of the cell) ÷ their sum, so ÷ √treated where nobody stands for others:
    the part of the scatter of the gaps about their mean that is the error of the cell's own mean.
    """

    effect: float
    gap: Floats
    treated_weight: Floats
    control_influence: Floats
    shared_influence: Floats
    control_weight: Floats
    weight: Floats
    treated_count: int
    control_count: int
    unmatched_count: int
    small_sample: bool

    @property
    def influence(self) -> Floats:
        """One value per unit; their sum of squares is the squared standard error.

        Values of one unit can be added over estimates before squaring.
        """
        own = self.treated_weight * (self.gap - self.effect) / self.treated_weight.sum()
        if self.small_sample and self.treated_count > 1:
            own = own * np.sqrt(self.treated_count / (self.treated_count - 1))
        return np.asarray(own + self.control_influence)

    @property
    def standard_error(self) -> float:
        """From the influence function."""
        return float(np.sqrt(self.influence @ self.influence))


def cells_of(*traits: ArrayLike) -> Ints:
    """One integer per distinct combination of traits."""
    combined = np.zeros(len(np.asarray(traits[0])), np.int64)
    for trait in traits:
        values, which = np.unique(np.asarray(trait), return_inverse=True)
        # Numbered anew each time, so that the product of many traits cannot overflow.
        combined = np.unique(combined * len(values) + which, return_inverse=True)[1]
    return np.asarray(combined, np.int64)


def level_bands(level: ArrayLike, factor: float = 1.5) -> Ints:
    """Bands of a pre-period level, each `factor` times as high as the one below; 0 = below one.

    A fixed grid: the bands do not depend on who is treated, so no treated unit sits systematically
    at the edge of its band (quantiles cut by the treated do that, and bias small cohorts).
    """
    value = np.asarray(level, float)
    steps = np.floor(np.log(np.maximum(np.abs(value), 1)) / np.log(factor)) + 1
    return np.asarray(np.where(np.abs(value) < 1, 0, np.sign(value) * steps), np.int64)


def trend_bands(level: ArrayLike, change: ArrayLike, tolerance: float = 0.25) -> Ints:
    """-1 falling, 0 steady, 1 rising: a change beyond a share of the level."""
    limit = tolerance * np.abs(np.asarray(level, float))
    moved = np.asarray(change, float)
    return np.asarray(np.where(moved < -limit, -1, np.where(moved > limit, 1, 0)), np.int64)


def matched_difference(
    outcome: ArrayLike,
    treated: ArrayLike,
    cell: ArrayLike | None = None,
    minimum_controls: int = 1,
    small_sample: bool = False,
    unit_weight: ArrayLike | None = None,
) -> MatchedDifference:
    """The matched difference; without cells, a plain difference in means.

    `small_sample` divides by n − 1 instead of n inside each cell, which matters when cells hold a
    handful of controls; published estimators divide by n. With `unit_weight` the means of both
    groups are weighted ones, and n is (sum of weights)² ÷ sum of squared weights.
    """
    y, is_treated = np.asarray(outcome, float), np.asarray(treated, bool)
    group = np.zeros(len(y), np.int64) if cell is None else np.asarray(cell, np.int64)
    given = np.ones(len(y)) if unit_weight is None else np.asarray(unit_weight, float)
    own_weight = np.where(is_treated, 0.0, given)
    treated_weight = np.where(is_treated, given, 0.0)
    size = int(group.max()) + 1 if len(group) else 0

    def by_cell(values: ArrayLike) -> Floats:
        return np.asarray(np.bincount(group, weights=np.asarray(values, float), minlength=size))

    treated_in, control_in = by_cell(is_treated), by_cell(~is_treated)
    weight_in, treated_weight_in = by_cell(own_weight), by_cell(treated_weight)
    least = max(minimum_controls, 2) if small_sample else minimum_controls
    kept = (control_in >= least) & (treated_in > 0)
    total = float(treated_weight_in[kept].sum())
    if not kept.any():
        raise NotEstimable("no treated unit has enough similar untreated ones")
    control_mean = np.divide(by_cell(own_weight * y), weight_in, out=np.zeros(size), where=kept)
    gap = y - control_mean[group]
    is_matched, is_control = is_treated & kept[group], ~is_treated & kept[group]
    share = np.divide(treated_weight_in, total * weight_in, out=np.zeros(size), where=kept)
    weight = np.where(
        is_matched, given / total, np.where(is_control, share[group] * own_weight, 0.0)
    )
    control_influence = np.where(is_control, -gap * weight, 0.0)
    shared_scale = np.divide(
        np.sqrt(by_cell(treated_weight**2)), treated_weight_in, out=np.zeros(size), where=kept
    )
    if small_sample:
        squares = by_cell(own_weight**2)
        degrees = np.divide(weight_in**2, squares, out=np.full(size, 2.0), where=kept)[group]
        control_influence = control_influence * np.sqrt(degrees / (degrees - 1))
    return MatchedDifference(
        effect=float(gap[is_matched] @ given[is_matched] / total),
        gap=np.asarray(np.where(is_matched, gap, 0.0)),
        treated_weight=np.asarray(np.where(is_matched, given, 0.0)),
        control_influence=np.asarray(control_influence),
        shared_influence=np.asarray(control_influence * shared_scale[group]),
        control_weight=np.asarray(np.where(is_control, own_weight, 0.0)),
        weight=np.asarray(weight),
        treated_count=int(is_matched.sum()),
        control_count=int(is_control.sum()),
        unmatched_count=int(is_treated.sum() - is_matched.sum()),
        small_sample=small_sample,
    )


def log_chance_untouched(
    at_risk: NDArray[np.bool_], reached: NDArray[np.bool_], cell: Ints
) -> Floats:
    """Units × periods: log of the chance that a unit like this one is still untreated by then.

    Each period, the chance of being treated is the share treated among those of the cell who could
    be; the untreated who remain stand in for the similar ones who were taken out of the comparison
    (inverse probability of censoring; Robins and Finkelstein 2000, Biometrics 56(3)).
    """
    logs = np.zeros(cell.shape)
    for period in range(cell.shape[1]):
        risk, group = at_risk[:, period], cell[:, period]
        number = np.bincount(group[risk], minlength=int(group.max()) + 1)
        taken = np.bincount(group[risk & reached[:, period]], minlength=len(number))
        stayed = 1 - np.divide(taken, number, out=np.zeros(len(number)), where=number > 0)
        # Where all were taken nobody is left to stand in for them.
        logs[:, period] = np.where(risk, np.log(np.where(stayed > 0, stayed, 1.0))[group], 0.0)
    return np.asarray(logs.cumsum(axis=1))


def standardised_difference(trait: ArrayLike, treated: ArrayLike, weight: ArrayLike) -> float:
    """Weighted mean of the treated minus that of the untreated, in the treated's deviations.

    The deviation is that of all treated units, matched or not, so that before and after compare.
    Below 0.1 is usually called balanced.
    """
    x, is_treated = np.asarray(trait, float), np.asarray(treated, bool)
    weights = np.asarray(weight, float)
    inside = np.average(x[is_treated], weights=weights[is_treated])
    outside = np.average(x[~is_treated], weights=weights[~is_treated])
    deviation = float(x[is_treated].std(ddof=1))
    if deviation == 0:
        raise NotEstimable("the trait is the same for every treated unit")
    return float((inside - outside) / deviation)
