"""Risk of leaving as known when a programme took its customers.

The score the company publishes goes back a year; verdicts on a programme must not change when its
month of entry is older than that. So the same logistic regression (`churn`) is fitted once per
month of entry and kind of customer, on losses within three months that were over when it began,
of customers four, three, two and one quarters before.

Here: fit and prediction. Not here: what is known of a customer (int_programme_risk_features).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.churn import fit
from orchestration.lib.science.likelihood import Floats

LEAST = 20  # customers lost, and kept, below which there is no model
DIGITS = 9  # the last bits of a fit depend on the machine
KEYS = ("entry_number", "customer_kind", "customer_key", "month_number")
RISKS = pa.schema(
    {"entry_number": pa.int64(), "customer_key": pa.string(), "risk_rate": pa.float64()}
)


def risks(observations: pa.Table) -> pa.Table:
    """A risk for every customer active as a month of entry begins; NULL without a model.

    `observations`: the columns KEYS and is_lost (NULL in the month of entry), and beside them one
    of numbers per feature.
    """
    names = [name for name in observations.column_names if name not in (*KEYS, "is_lost")]
    table = observations.sort_by([(key, "ascending") for key in KEYS])
    entries, kinds, customers, months = (table[key].to_numpy() for key in KEYS)
    values = np.column_stack([table[name].to_numpy() for name in names]).astype(float)
    is_over = table["is_lost"].is_valid().to_numpy()
    lost = table["is_lost"].fill_null(False).to_numpy()
    found = np.full(len(table), np.nan)
    begins = (entries[1:] != entries[:-1]) | (kinds[1:] != kinds[:-1])
    for own in np.split(np.arange(len(table)), np.flatnonzero(begins) + 1):
        now, over = own[months[own] == entries[own]], own[is_over[own]]
        found[now] = predicted(values[over], lost[over], values[now])
    at_entry = months == entries
    return pa.table(
        {
            "entry_number": entries[at_entry],
            "customer_key": customers[at_entry],
            "risk_rate": pa.array(found[at_entry].round(DIGITS), from_pandas=True),
        },
        schema=RISKS,
    )


def predicted(past: Floats, lost: np.ndarray, now: Floats) -> Floats:
    """Risks of customers now by what was lost among those before; NaN where too few were."""
    if min(lost.sum(), (~lost).sum()) < LEAST:
        return np.full(len(now), np.nan)
    try:
        model = fit(past, lost)
    except NotEstimable:
        return np.full(len(now), np.nan)
    varies = np.isfinite(model.coefficients)
    gaps = np.where(np.isfinite(now), now - model.means, 0)[:, varies] / model.deviations[varies]
    odds = model.intercept + (gaps * model.coefficients[varies]).sum(axis=1)
    return np.asarray(1 / (1 + np.exp(-odds)))
