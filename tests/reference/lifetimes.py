"""Lifetime models as their sources state them: survivors of a cohort, E[M | x, mean].

The product works on groups and on lines that give value and derivative together. Not here: fits
(`orchestration.lib.science`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from orchestration.lib.science.likelihood import Floats


def counts_from_survivors(survivors: Sequence[float]) -> tuple[Floats, Floats]:
    """One cohort's survivors at ages 0, 1, 2 … as (lost, censored) by number of periods.

    `lost[t-1]` left at the end of period t; `censored[t-1]` were still there after t periods.
    """
    alive = np.asarray(survivors, dtype=float)
    lost = alive[:-1] - alive[1:]
    censored = np.zeros_like(lost)
    censored[-1] = alive[-1]
    return lost, censored


def conditional_spend(parameters: Sequence[float], x: ArrayLike, observed: ArrayLike) -> Floats:
    """E[M | x, mean]: a customer's mean, drawn towards everybody's if purchases are few."""
    p, q, gamma = parameters
    purchases = np.asarray(x, float)
    total = np.where(purchases > 0, purchases * np.nan_to_num(np.asarray(observed, float)), 0.0)
    return np.asarray(p * (gamma + total) / (p * purchases + q - 1))
