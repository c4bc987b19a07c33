"""How a programme came to pay back, or did not: the scorecard's part about its months."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import duckdb
from markupsafe import Markup

from orchestration.lib.reports.charts import Format, Point, two_lines

VERDICTS = {
    "pays_back": "pays back",
    "likely_pays_back": "likely pays back",
    "does_not_pay_back": "does not pay back",
    "not_proven": "not proven",
}


def payback_charts(connection: duckdb.DuckDBPyConnection, text: Format) -> list[tuple[str, Markup]]:
    """Benefit to date beside cost to date of each programme whose effect has a result."""
    rows = connection.execute(
        """
        select programme_id, coalesce(programme_name, programme_id), verdict,
            min(months.month_date) filter (where months.is_paid_back)
                over (partition by programme_id),
            months.month_date, months.benefit_to_date_amount, months.cost_to_date_amount
        from cx.fct_programme_months as months
        inner join cx.fct_programme_roi as results using (programme_id, segmentation, segment)
        where segmentation = 'all' and months.benefit_to_date_amount is not null
            and not results.is_refuted
        order by roi_rate_low desc nulls last, programme_name, programme_id, months.month_date
        """
    ).fetchall()
    charts = []
    for (_, name, verdict, paid_back), own in groupby(rows, lambda row: row[:4]):
        months = [row[4:] for row in own]
        title = f"{name} ({VERDICTS.get(verdict, verdict)}): {_state(paid_back, months[-1][2])}"
        benefit = [Point(f"{month:%Y-%m}", float(amount)) for month, amount, _ in months]
        cost = [
            Point(f"{month:%Y-%m}", None if amount is None else float(amount))
            for month, _, amount in months
        ]
        charts.append((title, two_lines(benefit, cost, ("benefit", "cost"), title, text)))
    return charts


def _state(paid_back: date | None, cost: float | None) -> str:
    if not cost:
        return "cost not known" if cost is None else "no cost"
    return f"ahead of its cost since {paid_back:%Y-%m}" if paid_back else "behind its cost"
