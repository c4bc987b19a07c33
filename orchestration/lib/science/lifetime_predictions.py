"""What usable lifetime models predict for every distinct history of their segment.

Here: rows of predictions. `relative_error` is the standard error of the expectation, as a share of
it, that the error of the parameters leads to; NaN where they have none. Of purchases it comes in
independent parts, so that it can be summed over customers. Not here: fits (`lifetime_fits`), which
of the candidates is chosen and money, which are SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from orchestration.lib.science import bgnbd, gamma_gamma, pareto_nbd, sbg, weibull_nbd
from orchestration.lib.science.lifetime_fits import (
    BGNBD,
    CANDIDATES,
    GAMMA_GAMMA,
    MBGNBD,
    PARETO_NBD,
    PARETO_NBD_ONCE,
    SBG,
    WEIBULL_NBD,
    Model,
    by,
)
from orchestration.lib.science.likelihood import Floats, Maximum, delta_variance, error_loadings
from orchestration.lib.science.regression import regression_predictions

DAYS_A_YEAR = 365.25
ERRORS = 5  # independent parts, as many as the model with most parameters has
DISCOUNT_STEPS = 12  # quarters of three years
# Of each model of purchases: the chance of being alive, and purchases in a time to come.
Predict = tuple[Callable[..., Floats], Callable[..., Floats]]
PREDICT: dict[str, Predict] = {
    BGNBD.name: (bgnbd.probability_alive, bgnbd.conditional_purchases),
    MBGNBD.name: (
        partial(bgnbd.probability_alive, first_is_chance=True),
        partial(bgnbd.conditional_purchases, first_is_chance=True),
    ),
    PARETO_NBD.name: (pareto_nbd.probability_alive, pareto_nbd.conditional_purchases),
    PARETO_NBD_ONCE.name: (pareto_nbd.probability_alive, pareto_nbd.conditional_purchases),
    WEIBULL_NBD.name: (weibull_nbd.probability_alive, weibull_nbd.conditional_purchases),
}


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
    "fit segment model",
    "repeat_count recency_step observed_step",
    "alive_rate expected_purchases discounted_purchases error_1 error_2 error_3 error_4 error_5",
)
SPEND = _schema(
    "fit segment",
    "spend_count",
    "intercept slope intercept_variance slope_variance covariance",
)


def tenure_predictions(fits: pd.DataFrame, groups: pd.DataFrame) -> pa.Table:
    """Months under contract within the horizon, by renewals made and months left of the period."""
    rows = []
    for found, part in _usable(fits, SBG, _in_order(groups[groups["left_months"].notna()])):
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
    """Purchase days within the horizon, by number, recency and time observed, of each candidate.

    And of the regression they have to beat, where a hold-out has an earlier one to learn from.
    """
    groups = _in_order(groups)
    rows = [
        _purchases(model, found, part)
        for model in CANDIDATES
        for found, part in _usable(fits, model, groups)
    ]
    return _table([*rows, *regression_predictions(groups)], PURCHASES)


def _purchases(model: Model, found: Maximum, part: pd.DataFrame) -> pd.DataFrame:
    alive, ahead = PREDICT[model.name]
    names = ("repeat_count", "recency_days", "observed_days")
    history = dict(zip(("x", "t_x", "observed"), (_column(part, n) for n in names), strict=True))
    horizon = _value(part, "horizon_days")
    daily = np.log1p(_value(part, "discount_rate")) / DAYS_A_YEAR
    days = partial(ahead, time=horizon, **history)
    later = partial(ahead, found.parameters, **history)
    is_current = part["fit"].iloc[0] == "current"
    parts = error_loadings(days, found)
    errors = np.pad(parts, ((0, 0), (0, ERRORS - parts.shape[1])))
    return part.assign(
        model=model.name,
        alive_rate=alive(found.parameters, **history),
        expected_purchases=days(found.parameters),
        # Nothing of a hold-out is discounted.
        discounted_purchases=_discounted(later, horizon, daily) if is_current else np.nan,
        **{f"error_{number}": errors[:, number - 1] for number in range(1, ERRORS + 1)},
    )


def _discounted(ahead: Callable[..., Floats], time: float, rate: float) -> Floats:
    """Purchases in the next `time`, each discounted to now at `rate` per unit of time.

    In equal steps, each discounted from its middle: quarters of three years at 10 % a year are
    right to 1 in 1,000 for whoever buys soon or never, to 1 in 10,000 for others.
    """
    ends = ahead(time=time * np.arange(1, DISCOUNT_STEPS + 1)[:, None] / DISCOUNT_STEPS)
    middles = (np.arange(DISCOUNT_STEPS) + 0.5) * time / DISCOUNT_STEPS
    return np.asarray(np.exp(-rate * middles) @ np.diff(ends, axis=0, prepend=0.0))


def spend_predictions(fits: pd.DataFrame, groups: pd.DataFrame) -> pa.Table:
    """Spend per purchase = intercept + slope × own mean, by number of repeat purchases (0 too)."""
    rows = []
    for found, part in _usable(fits, GAMMA_GAMMA, _in_order(groups)):
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


def _in_order(groups: pd.DataFrame) -> pd.DataFrame:
    """The last bit of a number depends on where in an array it is computed."""
    return groups.sort_values(list(groups.columns), ignore_index=True)


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
    if row["log_covariance"] is not None:
        covariance = np.asarray(row["log_covariance"], float).reshape(covariance.shape)
    parameters = tuple(float(row[name]) for name in names)
    log_likelihood, customers = row["log_likelihood"], row["customer_count"]
    return Maximum(parameters, log_likelihood, covariance, customers, True, covariance)


def _column(part: pd.DataFrame, name: str) -> Floats:
    return np.asarray(part[name], np.float64)


def _value(part: pd.DataFrame, name: str) -> float:
    """A value that all rows of a part share."""
    return float(part[name].iloc[0])


def _table(rows: list[pd.DataFrame], schema: pa.Schema) -> pa.Table:
    if not rows:
        return schema.empty_table()
    return pa.Table.from_pandas(pd.concat(rows)[schema.names], schema, preserve_index=False)
