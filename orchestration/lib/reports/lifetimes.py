"""What lifetime models expected of past time beside what came: the scorecard's part about CLV."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
from markupsafe import Markup

from orchestration.lib.reports.charts import Pair, agreement
from orchestration.lib.reports.page import day, number, share


class HeldOut(NamedTuple):
    """One method: when it was tested, what it says in words, and the chart."""

    fit_date: str
    horizon_end_date: str
    caption: str
    drawing: Markup


def held_out(connection: duckdb.DuckDBPyConnection) -> list[HeldOut]:
    """Each method of `cx.fct_clv_holdout`, by events so far, per customer."""
    totals = connection.execute(
        """
        select method, unit, fit_date, horizon_end_date, customer_count,
            predicted_count, actual_count, error_rate, error_amount_rate
        from cx.fct_clv_holdout
        where segment = 'all' and event_bucket = 'all'
        order by method
        """
    ).fetchall()
    found = []
    for method, unit, known, until, customers, predicted, actual, error, money in totals:
        title = f"{unit.capitalize()} per customer"
        caption = (
            f"{title}, {number(customers)} customers: {number(predicted)} expected, "
            f"{number(actual)} came ({share(error)} off, their contribution {share(money)})"
        )
        found.append(HeldOut(day(known), day(until), caption, _chart(connection, method, title)))
    return found


def _chart(connection: duckdb.DuckDBPyConnection, method: str, title: str) -> Markup:
    rows = connection.execute(
        """
        select actual_count / customer_count, predicted_count / customer_count,
            2 * coalesce(error_standard_error, 0) / customer_count
        from cx.fct_clv_holdout
        where segment = 'all' and event_bucket not in ('all', '1+') and method = ?
        order by event_bucket
        """,
        [method],
    ).fetchall()
    pairs = [
        Pair(expected, came, max(came - margin, 0.0), came + margin)
        for came, expected, margin in rows
    ]
    return agreement(pairs, title, lambda value: number(value, 1))
