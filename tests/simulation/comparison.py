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


def windows(one: Company, entry: int) -> tuple[Floats, Floats]:
    """Matched on, and subtracted: the last three months and the mean of months 15 to 4 before.

    The other way round for those who are not active as the month of entry begins.
    """
    level = one.outcome[:, entry - 3 : entry].mean(axis=1)
    early = one.outcome[:, max(entry - 15, 0) : entry - 3]
    count = np.isfinite(early).sum(axis=1)
    mean = np.nansum(early, axis=1) / np.maximum(count, 1)
    mean = np.where((count >= 3) & np.isfinite(level), mean, np.nan)
    level = np.where(np.isfinite(mean), level, np.nan)
    active = one.is_active[:, entry - 1]
    return np.where(active, level, mean), np.where(active, mean, level)


def cells(one: Company, entry: int) -> matching.Ints:
    """Kind × active × a year a customer × level band × third of the risk, as the month begins.

    Below zero: not comparable, or nobody treated is alike.
    """
    matched_on, _ = windows(one, entry)
    is_known = np.isfinite(matched_on)
    first_reached = np.minimum(one.cohort, one.other_cohort)
    comparable = is_known & (one.other_cohort > entry) & (first_reached >= entry)
    cell = matching.cells_of(
        one.is_account,
        one.is_active[:, entry - 1],
        entry - one.first_month >= 12,
        matching.level_bands(np.where(is_known, matched_on, 0.0), 2.25),
        thirds(one.risk[:, entry], one.is_account, comparable),
    )
    of_treated = np.unique(cell[comparable & (one.cohort == entry)])
    return np.where(comparable & np.isin(cell, of_treated), cell, -1)


def thirds(risk: Floats, is_account: Bools, comparable: Bools) -> matching.Ints:
    """Of the risks known among those of a kind who can be compared; −1 where it is not known."""
    third = np.full(len(risk), -1)
    for kind in (True, False):
        inside = (is_account == kind) & np.isfinite(risk)
        if (inside & comparable).any():
            limits = np.quantile(risk[inside & comparable], (1 / 3, 2 / 3))
            third[inside] = np.searchsorted(limits, risk[inside])
    return np.asarray(third, np.int64)


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
