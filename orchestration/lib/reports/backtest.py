"""Section of the scorecard: how well the health score and the churn risk foretold who left.

Reads `cx.fct_health_backtest` and `cx.fct_health_calibration`, over all score dates, of customers
who have not given notice. A score no better than chance is shown as such, with its figures; one
that was not judged with the reason.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
from markupsafe import Markup

from orchestration.lib.reports.charts import Pair, agreement
from orchestration.lib.reports.page import share

SCORES = {"health_score": "Health score", "churn_risk": "Churn risk"}
REASONS = {
    "not_scored": "nobody has such a score at a date whose outcome is known",
    "nobody_lost": "nobody was lost",
    "nobody_kept": "nobody was kept",
    "constant_score": "everybody has the same score",
    "too_few_lost": "too few customers were lost",
    "too_few_kept": "too few customers were kept",
}


class Judged(NamedTuple):
    """One score of one kind of customer: its figures, and in words what they amount to."""

    score: str
    customer_kind: str
    verdict: str
    style: str
    note: str
    row: dict[str, Any]


def backtests(connection: duckdb.DuckDBPyConnection) -> list[Judged]:
    """Each score and kind of customer over all its score dates; of one kind only, no total."""
    cursor = connection.execute(
        """
        select * from cx.fct_health_backtest
        where is_pooled and population = 'without_notice'
        qualify customer_kind <> 'all' or count(*) over (partition by score_kind) > 2
        order by score_kind desc, customer_kind = 'all', customer_kind
        """
    )
    names = [column[0] for column in cursor.description or ()]
    return [_judged(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _judged(row: dict[str, Any]) -> Judged:
    kind = "all kinds" if row["customer_kind"] == "all" else row["customer_kind"]
    verdict, style, note = "better than chance", "good", ""
    if row["auc"] is None:
        verdict, style = "not judged", "warn"
        note = REASONS[row["not_evaluated_reason"]]
    elif not row["is_better_than_chance"]:
        verdict, style, note = "no better than chance", "bad", "do not act on it"
    return Judged(SCORES[row["score_kind"]], kind, verdict, style, note, row)


def calibration_charts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, Markup]]:
    """Predicted risk against what came, by tenth, for each kind of customer that was judged."""
    rows = connection.execute(
        """
        select buckets.customer_kind, buckets.mean_predicted_rate, buckets.lost_rate,
            buckets.lost_rate_low, buckets.lost_rate_high
        from cx.fct_health_calibration as buckets
        inner join cx.fct_health_backtest as judged
            using (score_kind, population, customer_kind, is_pooled, score_date)
        where score_kind = 'churn_risk' and population = 'without_notice' and is_pooled
            and bucket_kind = 'decile' and customer_kind <> 'all' and judged.auc is not null
        order by customer_kind, buckets.mean_predicted_rate, buckets.bucket
        """
    ).fetchall()
    charts = []
    for kind in dict.fromkeys(row[0] for row in rows):
        title = f"Predicted risk and what came, {kind}"
        pairs = [Pair(*row[1:]) for row in rows if row[0] == kind]
        charts.append((title, agreement(pairs, title, lambda v: share(v, 0))))
    return charts
