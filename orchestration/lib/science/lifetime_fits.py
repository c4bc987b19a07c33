"""Lifetime models of every segment, fitted on tables of counted histories.

Such a table is bounded by the calendar and not by the number of customers. Here: which fits are
usable, and rows in and out. Not here: likelihoods, predictions (`lifetime_predictions`), or how
histories are counted (SQL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from orchestration.lib.science import NotEstimable, bgnbd, gamma_gamma, sbg
from orchestration.lib.science.likelihood import Maximum

Row = dict[str, Any]
PARAMETERS = {
    "sbg": ("alpha", "beta"),
    "bgnbd": ("r", "alpha", "a", "b"),
    "gamma_gamma": ("p", "q", "gamma"),
}
EVENTS = {"sbg": "losses", "bgnbd": "repeat buyers", "gamma_gamma": "repeat buyers"}
# CDNOW, on which the model was published, has 0.11. At 0.3 frequency and spend share a tenth of
# their variance, and what frequent buyers spend would be misjudged as a rule.
MOST_CORRELATION = 0.3
KEY = ["fit", "segment"]
TENURE_KEY = [*KEY, "period_months"]
TEXTS = ("fit", "model", "segment", "reason")
COUNTS = ("period_months", "customer_count", "event_count", "group_count", "minimum_event_count")
NUMBERS = ("alpha", "beta", "r", "a", "b", "p", "q", "gamma", "log_likelihood")
FITS = pa.schema(
    [(name, pa.string()) for name in TEXTS]
    + [(name, pa.int64()) for name in COUNTS]
    + [(name, pa.float64()) for name in (*NUMBERS, "spend_correlation")]
    + [(name, pa.bool_()) for name in ("is_converged", "is_on_edge")]
    + [("log_covariance", pa.list_(pa.float64()))]
)


def all_fits(tenures: pd.DataFrame, purchases: pd.DataFrame, spend: pd.DataFrame) -> pa.Table:
    """One row per fit, model, segment and contract period; `reason` says why one is not usable."""
    rows = [
        _fitted("sbg", key, part, part["tenure_count"], part["is_loss"], _fit_tenures)
        for key, part in by(tenures, TENURE_KEY)
    ]
    rows += [
        _fitted("bgnbd", key, part, part["customer_count"], part["repeat_count"] > 0, _fit_days)
        for key, part in by(purchases, KEY)
    ]
    rows += [
        _fitted(
            "gamma_gamma", key, part, part["customer_count"], part["spend_count"] > 0, _fit_spend
        )
        for key, part in by(spend, KEY)
    ]
    return pa.Table.from_pylist(rows, FITS)


def by(table: pd.DataFrame, key: list[str]) -> Iterator[tuple[Row, pd.DataFrame]]:
    """Parts of a table, rows in a fixed order: sums must not depend on how it was stored."""
    for values, part in table.sort_values(list(table.columns)).groupby(key):
        yield dict(zip(key, values, strict=True)), part


def _fitted(
    model: str,
    key: Row,
    part: pd.DataFrame,
    counts: pd.Series,
    is_event: pd.Series,
    fit: Callable[[pd.DataFrame], Maximum],
) -> Row:
    least = int(part["minimum_event_count"].iloc[0])
    events = int(counts[is_event.astype(bool)].sum())
    row: Row = {"model": model, **key, "minimum_event_count": least}
    row |= {"customer_count": int(counts.sum()), "event_count": events, "group_count": len(part)}
    try:
        if 0 < events < least:
            raise NotEstimable(f"fewer than {least} {EVENTS[model]}")
        if model == "gamma_gamma":
            row["spend_correlation"] = _independent(part)
        found = fit(part)
    except NotEstimable as why:
        return row | {"reason": str(why)}
    return row | {
        **dict(zip(PARAMETERS[model], found.parameters, strict=True)),
        "log_likelihood": found.log_likelihood,
        "is_converged": found.converged,
        "is_on_edge": found.is_on_edge,
        "log_covariance": None if found.is_on_edge else found.log_covariance.ravel().tolist(),
        "reason": _doubt(found, key["segment"]),
    }


def _doubt(found: Maximum, segment: str) -> str | None:
    """Why an estimate is not used. At the edge of the model there is no interval; all customers
    together may still have it so, a segment then takes the model of all.
    """
    if not found.converged:
        return "the fit did not converge"
    if found.is_on_edge and segment != "all":
        return "the segment shows no spread between its customers"
    return None


def _independent(part: pd.DataFrame) -> float | None:
    found = gamma_gamma.spend_correlation(
        part["spend_count"], part["mean_spend_amount"], part["customer_count"]
    )
    if abs(found) > MOST_CORRELATION:
        raise NotEstimable(f"spend depends on how often customers buy: correlation {found:.2f}")
    return None if np.isnan(found) else found


def _fit_tenures(part: pd.DataFrame) -> Maximum:
    known = part[part["period_count"] > 0]
    if known.empty:
        raise NotEstimable("no contract period is over yet")
    age = np.asarray(known["period_count"], int) - 1
    lost, count = np.asarray(known["is_loss"], bool), np.asarray(known["tenure_count"], float)
    return sbg.fit(
        np.bincount(age[lost], count[lost], age.max() + 1),
        np.bincount(age[~lost], count[~lost], age.max() + 1),
    )


def _fit_days(part: pd.DataFrame) -> Maximum:
    return bgnbd.fit(
        part[["repeat_count", "recency_days", "observed_days"]], part["customer_count"]
    )


def _fit_spend(part: pd.DataFrame) -> Maximum:
    return gamma_gamma.fit(part["spend_count"], part["mean_spend_amount"], part["customer_count"])
