"""Who is compared with whom, and who stands in for whom, by the product's rule, in numpy.

Not here: what comes of the comparison (`product`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orchestration.lib.science.likelihood import Floats
from tests.reference import matching
from tests.simulation.companies import MONTHS, Bools, Company


def traits(one: Company, entry: int) -> tuple[Bools, list[NDArray[np.generic]], Floats]:
    """Known by the start of a month: whether all is, kind × active × tenure × level; the level."""
    level = one.outcome[:, entry - 3 : entry].mean(axis=1)
    is_known = np.isfinite(level)
    kept = np.where(is_known, level, 0.0)
    bands = [
        one.is_account,
        one.is_active[:, entry - 1],
        np.digitize(entry - one.first_month, (6, 12, 24)),
        matching.level_bands(kept),
    ]
    return is_known, bands, kept


def cells(one: Company, entry: int) -> matching.Ints:
    """Kind × active × tenure band × level band × trend, as the month of entry begins.

    Below zero: not comparable, or nobody treated is alike.
    """
    is_known, bands, level = traits(one, entry)
    before = one.outcome[:, entry - 3 : entry]
    trend = np.where(is_known, before[:, 2] - before[:, :2].mean(axis=1), 0.0)
    first_reached = np.minimum(one.cohort, one.other_cohort)
    comparable = is_known & (one.other_cohort > entry) & (first_reached >= entry)
    cell = matching.cells_of(*bands, matching.trend_bands(level, trend))
    of_treated = np.unique(cell[comparable & (one.cohort == entry)])
    return np.where(comparable & np.isin(cell, of_treated), cell, -1)


def untouched(one: Company) -> Floats:
    """Log of the chance of being in no programme yet, by kind × active × tenure × level."""
    first = np.minimum(one.cohort, one.other_cohort)
    return _left(one, first, np.full(len(first), -1))


def in_no_other(one: Company) -> Floats:
    """Log of the chance of the treated to have been in no other programme since they entered."""
    is_usable = np.isfinite(one.cohort) & (one.other_cohort > one.cohort)
    return _left(one, one.other_cohort, np.where(is_usable, one.cohort, np.inf))


def _left(one: Company, first: Floats, after: Floats) -> Floats:
    """Log of the chance of not being reached yet, at risk after a month until reached."""
    risk, reached = np.zeros((2, len(first), MONTHS), bool)
    cell = np.zeros((len(first), MONTHS), np.int64)
    for month in np.unique(first[np.isfinite(first)]).astype(int):
        is_known, bands, _ = traits(one, month)
        cell[:, month] = matching.cells_of(*bands)
        risk[:, month] = is_known & (first >= month) & (after < month)
        reached[:, month] = first == month
    return matching.log_chance_untouched(risk, reached, cell)
