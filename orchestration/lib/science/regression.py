"""The plain regression that lifetime models of buyers have to beat.

Purchases of a past period on what was known when it began, by least squares, applied to what was
known when the next one began. Here: rows of predictions, for the hold-outs that
have an earlier one to learn from. Not here: the lifetime models, or who wins.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from orchestration.lib.science.likelihood import Floats

NAME = "regression"
NOT_PREDICTED = [
    "alive_rate",
    "discounted_purchases",
    *(f"error_{number}" for number in range(1, 6)),
]


def regression_predictions(groups: pd.DataFrame) -> list[pd.DataFrame]:
    """Of each hold-out that another one, begun one such period earlier, is there to learn from."""
    rows = []
    for (fit, segment), part in groups.groupby(["fit", "segment"]):
        earlier = groups[(groups["training_for"] == fit) & (groups["segment"] == segment)]
        if len(earlier) <= _known(part).shape[1]:
            continue
        weight = np.sqrt(np.asarray(earlier["customer_count"], float))
        # The earlier period may be a month shorter than the one to foretell.
        longer = part["horizon_days"].iloc[0] / earlier["training_days"].iloc[0]
        came = np.asarray(earlier["training_count"], float) * longer / weight
        slopes, *_ = np.linalg.lstsq(_known(earlier) * weight[:, None], came)
        predicted = np.maximum(_known(part) @ slopes, 0.0)
        rows.append(part.assign(model=NAME, expected_purchases=predicted))
        rows[-1][NOT_PREDICTED] = np.nan
    return rows


def _known(part: pd.DataFrame) -> Floats:
    """One, never came back, purchases, purchases a day, and both by how late the last one was."""
    x, t_x, observed = (
        np.asarray(part[name], float) for name in ("repeat_count", "recency_days", "observed_days")
    )
    lateness = t_x / np.maximum(observed, 1)
    rate = x / np.maximum(observed, 30)
    return np.column_stack([np.ones_like(x), x == 0, x, rate, x * lateness, rate * lateness])
