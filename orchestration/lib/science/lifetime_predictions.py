"""What usable lifetime models predict for every distinct history of their segment.

Here: rows of predictions. `relative_error` is the standard error of the expectation, as a share of
it, that the error of the parameters leads to; NaN where they have none. Not here: fits
(`lifetime_fits`), or money, which SQL joins.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from orchestration.lib.science import bgnbd, gamma_gamma, sbg
from orchestration.lib.science.lifetime_fits import BGNBD, GAMMA_GAMMA, SBG, Model, by
from orchestration.lib.science.likelihood import Floats, Maximum, delta_variance

DAYS_A_YEAR = 365.25


def _schema(texts: str, counts: str, numbers: str) -> pa.Schema:
    return pa.schema(
        [(name, pa.string()) for name in texts.split()]
        + [(name, pa.int64()) for name in counts.split()]
        + [(name, pa.float64()) for name in numbers.split()]
    )


TENURES = _schema(
    "fit segment",
    "period_months period_count",
    "left_months expected_months discounted_months relative_error horizon_rate",
)
PURCHASES = _schema(
    "fit segment",
    "repeat_count recency_step observed_step",
    "alive_rate expected_purchases discounted_purchases relative_error",
)
SPEND = _schema(
    "fit segment",
    "spend_count",
    "intercept slope intercept_variance slope_variance covariance",
)


def tenure_predictions(fits: pd.DataFrame, groups: pd.DataFrame) -> pa.Table:
    """Months under contract within the horizon, by renewals made and months left of the period."""
    rows = []
    for found, part in _usable(fits, SBG, groups[groups["left_months"].notna()]):
        made, left = _column(part, "period_count"), _column(part, "left_months")
        period, horizon = _value(part, "period_months"), _value(part, "horizon_months")
        monthly = np.log1p(_value(part, "discount_rate")) / 12
        months = partial(
            sbg.time_in_force, renewals=made, left=left, period=period, horizon=horizon
        )
        expected = months(found.parameters)
        ahead = np.where(left > horizon, 0, np.floor((horizon - left) / period) + 1)
        later = sbg.survival(found.parameters, made + ahead)
        rows.append(
            part.assign(
                expected_months=expected,
                discounted_months=months(found.parameters, rate=monthly),
                relative_error=np.sqrt(delta_variance(months, found)) / expected,
                horizon_rate=later / sbg.survival(found.parameters, made),
            )
        )
    return _table(rows, TENURES)


def purchase_predictions(fits: pd.DataFrame, groups: pd.DataFrame) -> pa.Table:
    """Purchase days within the horizon, by number, recency and time observed."""
    rows = []
    for found, part in _usable(fits, BGNBD, groups):
        x, t_x = _column(part, "repeat_count"), _column(part, "recency_days")
        observed = _column(part, "observed_days")
        horizon = _value(part, "horizon_days")
        daily = np.log1p(_value(part, "discount_rate")) / DAYS_A_YEAR
        days = partial(bgnbd.conditional_purchases, time=horizon, x=x, t_x=t_x, observed=observed)
        expected = days(found.parameters)
        rows.append(
            part.assign(
                alive_rate=bgnbd.probability_alive(found.parameters, x, t_x, observed),
                expected_purchases=expected,
                discounted_purchases=bgnbd.discounted_purchases(
                    found.parameters, horizon, daily, x, t_x, observed
                ),
                relative_error=np.sqrt(delta_variance(days, found)) / expected,
            )
        )
    return _table(rows, PURCHASES)


def spend_predictions(fits: pd.DataFrame, groups: pd.DataFrame) -> pa.Table:
    """Spend per purchase = intercept + slope × own mean, by number of repeat purchases (0 too)."""
    rows = []
    for found, part in _usable(fits, GAMMA_GAMMA, groups):
        count = np.unique(np.append(0, _column(part, "spend_count")))
        line = gamma_gamma.spend_line(found.parameters, count)
        # The variance of a line is a quadratic in the customer's mean: its value at 0, 1 and −1.
        at = [_line_variance(found, count, mean) for mean in (0.0, 1.0, -1.0)]
        rows.append(
            pd.DataFrame(
                {
                    "fit": part["fit"].iloc[0],
                    "segment": part["segment"].iloc[0],
                    "spend_count": count,
                    "intercept": line[:, 0],
                    "slope": line[:, 1],
                    "intercept_variance": at[0],
                    "slope_variance": (at[1] + at[2]) / 2 - at[0],
                    "covariance": (at[1] - at[2]) / 4,
                }
            )
        )
    return _table(rows, SPEND)


def _line_variance(found: Maximum, count: Floats, mean: float) -> Floats:
    return delta_variance(
        lambda p: np.asarray(gamma_gamma.spend_line(p.tolist(), count) @ np.array([1.0, mean])),
        found,
    )


def _usable(
    fits: pd.DataFrame, model: Model, groups: pd.DataFrame
) -> Iterator[tuple[Maximum, pd.DataFrame]]:
    """Each usable fit of a model, with the histories it is asked about if there are any."""
    usable = fits[(fits["model"] == model.name) & fits["reason"].isna()]
    found = {tuple(row[k] for k in model.key): row for row in usable.to_dict("records")}
    for values, part in by(groups, model.key):
        if row := found.get(tuple(values.values())):
            yield _maximum(row, model.parameters), part


def _maximum(row: Mapping[Hashable, Any], names: tuple[str, ...]) -> Maximum:
    covariance = np.full((len(names), len(names)), np.nan)
    if not row["is_on_boundary"]:
        covariance = np.asarray(row["log_covariance"], float).reshape(covariance.shape)
    parameters = tuple(float(row[name]) for name in names)
    return Maximum(parameters, row["log_likelihood"], covariance, row["customer_count"], True)


def _column(part: pd.DataFrame, name: str) -> Floats:
    return np.asarray(part[name], np.float64)


def _value(part: pd.DataFrame, name: str) -> float:
    """A value that all rows of a part share."""
    return float(part[name].iloc[0])


def _table(rows: list[pd.DataFrame], schema: pa.Schema) -> pa.Table:
    if not rows:
        return schema.empty_table()
    return pa.Table.from_pandas(pd.concat(rows)[schema.names], schema, preserve_index=False)
