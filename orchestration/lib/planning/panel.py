"""The company's own customer months, as arrays: customers × closed months.

Read from the version analysts read, and the customers' ids from its restricted file. Not here: who
of them is taken, or what is computed of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from orchestration.lib.base.sql import quote

# As int_programme_outcomes: what a programme costs is no part of what it achieves.
MONTHS = """
    select customer_key, month_date, is_active_at_end, tenure_months,
        cast(contribution_amount + programme_cost_amount as double) as outcome
    from cx.fct_customer_months
    where is_closed_month and customer_key <> 'unknown'
    order by customer_key, month_date
"""
SEGMENTS = """
    select distinct segmentation, segment, customer_key
    from cx.bridge_customer_segments, (
        select max(valid_to_date) as last_date from cx.bridge_customer_segments
    )
    where valid_to_date = last_date and customer_key <> 'unknown'
"""


class NoPanel(ValueError):
    """The published tables cannot carry a plan; the message says why."""


@dataclass(frozen=True)
class Panel:
    """`outcome` and `tenure` are NaN in months a customer is not on record, or not known of."""

    customers: NDArray[np.str_]  # customer keys, in order
    ids: NDArray[np.str_]  # the id of each in the customer system; '' where it has none
    is_deleted: NDArray[np.bool_]
    months: list[date]  # closed months, in order and without gaps
    outcome: NDArray[np.float64]
    tenure: NDArray[np.float64]
    is_active: NDArray[np.bool_]  # at the end of the month
    segments: dict[str, dict[str, NDArray[np.bool_]]]  # of today: segmentation → segment → customer
    programmes: frozenset[str]  # ids taken already


def read_panel(current: Path, restricted: Path) -> Panel:
    """Raises NoPanel where the version lacks what is needed."""
    if not restricted.exists():
        raise NoPanel(f"{restricted} is not there: the ids of customers are in it. Run: cxroi run")
    with duckdb.connect(str(current), read_only=True) as connection:
        rows = connection.execute(MONTHS).fetchnumpy()
        segments = connection.execute(SEGMENTS).fetchall()
        programmes = connection.execute(
            "select distinct programme_id from cx.fct_programme_roi"
        ).fetchall()
        connection.execute(f"attach {quote(restricted)} as persons (read_only)")
        persons = connection.execute(
            "select customer_key, min(customer_id), bool_and(is_deleted) "
            "from persons.restricted.customer_identities "
            "where customer_id = canonical_customer_id group by customer_key"
        ).fetchall()
    if not len(rows["customer_key"]):
        raise NoPanel("No closed month of a customer is published: there is nothing to plan with.")
    if not np.isfinite(np.ma.filled(np.ma.asarray(rows["outcome"], float), np.nan)).any():
        raise NoPanel(
            "The contribution of no customer is known, so no effect on it could be found. It needs "
            "costs of what was sold, or a default_margin_rate (dbt_project/seeds)."
        )
    customers, row = np.unique(np.asarray(rows["customer_key"], str), return_inverse=True)
    moments, column = np.unique(np.asarray(rows["month_date"]), return_inverse=True)
    shape = len(customers), len(moments)
    outcome, tenure = np.full(shape, np.nan), np.full(shape, np.nan)
    active = np.zeros(shape, bool)
    outcome[row, column] = np.ma.filled(np.ma.asarray(rows["outcome"], float), np.nan)
    tenure[row, column] = np.ma.filled(np.ma.asarray(rows["tenure_months"], float), np.nan)
    active[row, column] = np.ma.filled(np.ma.asarray(rows["is_active_at_end"], bool), False)
    place = {str(key): i for i, key in enumerate(customers)}
    ids, deleted = np.full(len(customers), "", object), np.zeros(len(customers), bool)
    for key, customer_id, is_deleted in persons:
        if key in place:
            ids[place[key]], deleted[place[key]] = customer_id, bool(is_deleted)
    inside: dict[str, dict[str, NDArray[np.bool_]]] = {}
    for segmentation, segment, key in segments:
        if key in place:
            of = inside.setdefault(segmentation, {})
            of.setdefault(segment, np.zeros(len(customers), bool))[place[key]] = True
    return Panel(
        customers=customers,
        ids=ids.astype(str),
        is_deleted=deleted,
        months=[date.fromisoformat(str(moment)[:10]) for moment in moments],
        outcome=outcome,
        tenure=tenure,
        is_active=active,
        segments=inside,
        programmes=frozenset(str(p) for (p,) in programmes),
    )
