"""Risk of leaving: logistic regression with an L2 penalty, a model per kind and day of training.

A feature enters standardised by the mean and standard deviation of its known values; a value that
is not known counts as the mean, and a feature of its own says that it is missing. Penalty: half the
sum of the squared coefficients beside the sum of the log losses, intercept free (C = 1, the
default of scikit-learn). It is not tuned: a choice by the back-test would flatter the back-test.
Source: Hoerl & Kennard (1970), Technometrics 12(1).

Here: what is fitted to what. Not here: the optimiser (`logistic`), who is scored or by what
(int_churn_model__scores), or how well (back-test).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats
from orchestration.lib.science.logistic import coefficients

RIDGE = 1.0
INTERCEPT = "intercept"
DIGITS = 9  # the last bits of a fit depend on the machine
KEYS = ("customer_kind", "trained_through_date", "customer_key", "outcome_date")
FITTED = pa.schema(
    {
        "customer_kind": pa.string(),
        "trained_through_date": pa.date32(),
        "feature": pa.string(),
        "coefficient": pa.float64(),
        "mean_value": pa.float64(),
        "standard_deviation": pa.float64(),
        "observation_count": pa.int64(),
        "customer_count": pa.int64(),
        "lost_customer_count": pa.int64(),
    }
)


class Fit(NamedTuple):
    """Coefficients per standard deviation; NaN where a feature does not vary."""

    intercept: float
    coefficients: Floats
    means: Floats
    deviations: Floats


def fit(features: ArrayLike, lost: ArrayLike) -> Fit:
    """One model; a row per observation, NaN for what is not known."""
    values, outcome = np.asarray(features, float), np.asarray(lost, bool)
    if outcome.all() or not outcome.any():
        raise NotEstimable("nobody was lost, or nobody was kept")
    known = np.isfinite(values)
    count = np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    means = np.where(known, values, 0).sum(axis=0) / count
    gaps = np.where(known, values - means, 0)
    deviations = np.sqrt((gaps**2).sum(axis=0) / count)
    varies = np.nan_to_num(deviations) > 1e-9
    if not varies.any():
        raise NotEstimable("no feature varies")
    intercept, *slopes = coefficients(gaps[:, varies] / deviations[varies], outcome, RIDGE)
    by_feature = np.full(len(means), np.nan)
    by_feature[varies] = slopes
    return Fit(float(intercept), by_feature, means, deviations)


def fit_models(observations: pa.Table) -> pa.Table:
    """A model per kind of customer and day of training; a row per feature, and the intercept.

    `observations`: the columns KEYS and is_lost, and beside them one of numbers per feature.
    """
    names = [name for name in observations.column_names if name not in (*KEYS, "is_lost")]
    table = observations.sort_by([(key, "ascending") for key in KEYS])
    kinds, days = (table[key].to_numpy() for key in KEYS[:2])
    customers = table["customer_key"].combine_chunks().dictionary_encode().indices.to_numpy()
    lost = table["is_lost"].to_numpy()
    values = np.column_stack([table[name].to_numpy() for name in names]).astype(float)
    rows: list[dict[str, Any]] = []
    for kind in np.unique(kinds):
        for day in np.unique(days[kinds == kind]):
            own = (kinds == kind) & (days == day)
            size = {
                "customer_kind": kind,
                "trained_through_date": day.item(),
                "observation_count": int(own.sum()),
                "customer_count": len(np.unique(customers[own])),
                "lost_customer_count": len(np.unique(customers[own & lost])),
            }
            try:
                model = fit(values[own], lost[own])
            except NotEstimable:  # the counts say why; the intercept keeps its row without a value
                rows.append(size | {"feature": INTERCEPT})
                continue
            rows.append(size | {"feature": INTERCEPT, "coefficient": _settled(model.intercept)})
            rows += [
                size
                | {
                    "feature": name,
                    "coefficient": _settled(model.coefficients[i]),
                    "mean_value": _settled(model.means[i]),
                    "standard_deviation": _settled(model.deviations[i]),
                }
                for i, name in enumerate(names)
            ]
    return pa.Table.from_pylist(rows, schema=FITTED)


def _settled(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), DIGITS)
