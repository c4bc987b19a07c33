"""`reports/scorecard.html`: the published tables on one page, for who decides.

Reads the published file only, so that page and tables cannot disagree: the figures are columns of
`cx.fct_segment_roi`, `cx.fct_programme_roi`, `cx.fct_programme_months`, `cx.fct_health_backtest`
and `cx.fct_clv_holdout`, which `cx.dim_metrics` defines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from orchestration.lib.base.home import Home
from orchestration.lib.reports.backtest import backtests, calibration_charts
from orchestration.lib.reports.charts import Point, bars, line
from orchestration.lib.reports.lifetimes import held_out
from orchestration.lib.reports.page import NBSP, UNKNOWN, number, quarter_name, share, write_page
from orchestration.lib.reports.programmes import VERDICTS, payback_charts

SCORECARD = "scorecard.html"
MONTHS = 24
QUARTERS = 8
MAX_SEGMENTS = 10
INTERVAL = f"95{NBSP}% interval"
Row = dict[str, Any]


class Tile(NamedTuple):
    """A headline figure: value, what it is, and how sure or how changed."""

    value: str
    meaning: str
    note: str


def write_scorecard(home: Home, currency: str) -> Path:
    """The page of the version analysts read now."""
    with duckdb.connect(str(home.current), read_only=True) as connection:
        quarters = _whole(connection, "quarter", QUARTERS)
        months = _whole(connection, "month", MONTHS)
        latest = quarters[-1] if quarters else None
        segments = _segments(connection, latest["period_date"]) if latest else []
        programmes, paybacks = _programmes(connection), payback_charts(connection, _compact)
        judged, calibration = backtests(connection), calibration_charts(connection)
        stale = _stale(connection)
        lifetimes = held_out(connection)
        as_of = _rows(connection, "select max(as_of_date) as day from cx.fct_customer_roi")
    return write_page(
        home.reports / SCORECARD,
        SCORECARD,
        version=home.current.resolve().stem,
        as_of_date=as_of[0]["day"],
        currency=currency,
        stale=stale,
        quarter=quarter_name(latest["period_date"]) if latest else UNKNOWN,
        tiles=_tiles(latest) if latest else [],
        charts=_charts(months, quarters),
        programmes=programmes,
        paybacks=paybacks,
        verdicts=VERDICTS,
        backtests=judged,
        calibration=calibration,
        lifetimes=lifetimes,
        segmentations=segments,
    )


def _whole(connection: duckdb.DuckDBPyConnection, period_kind: str, last: int) -> list[Row]:
    """The last closed periods of all customers together, oldest first."""
    rows = _rows(
        connection,
        """
        select
            periods.*,
            support_cost_amount / nullif(customers_at_start_count + new_count, 0)
                as support_cost_per_customer_amount,
            value_low as nps_low,
            value_high as nps_high,
        from cx.fct_segment_roi as periods
        left join (from cx.fct_segment_changes where metric_name = 'nps')
            using (segmentation, segment, period_kind, period_date)
        where segmentation = 'all' and period_kind = ?
        order by period_date desc
        limit ?
        """,
        [period_kind, last],
    )
    return rows[::-1]


def _stale(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What had not come when the version was built."""
    runs = _rows(connection, "select * from cx.run_log order by started_at desc, run_id limit 1")
    return runs[0].get("stale_sources") if runs else None


def _segments(
    connection: duckdb.DuckDBPyConnection, period_date: date
) -> list[tuple[str, str, list[Row]]]:
    """Each segmentation with its description and its segments, by revenue, of one quarter."""
    rows = _rows(
        connection,
        """
        select
            periods.*,
            segments.segmentation_description as description,
            net_revenue_amount / nullif(sum(greatest(net_revenue_amount, 0)) over whole, 0)
                as revenue_share,
            count(*) over whole as segment_count,
        from cx.fct_segment_roi as periods
        left join cx.dim_segments as segments using (segmentation, segment)
        where period_kind = 'quarter' and period_date = ? and segmentation <> 'all'
            and (customers_at_start_count > 0 or net_revenue_amount <> 0)
        window whole as (partition by segmentation)
        order by segmentation, net_revenue_amount desc, segment
        """,
        [period_date],
    )
    names = list(dict.fromkeys(row["segmentation"] for row in rows if row["segment_count"] > 1))
    found = []
    for name in names:
        own = [row for row in rows if row["segmentation"] == name]
        found.append((name, own[0]["description"] or "", own[:MAX_SEGMENTS]))
    return found


def _programmes(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Each programme as a whole, the surest gain first."""
    return _rows(
        connection,
        """
        select * from cx.fct_programme_roi
        where segmentation = 'all'
        order by roi_rate_low desc nulls last, programme_name, programme_id
        """,
    )


def _tiles(now: Row) -> list[Tile]:
    return [
        Tile(
            number(now["customers_at_end_count"]),
            "active customers",
            f"{number(now['new_count'])} new, {number(now['lost_count'])} lost",
        ),
        Tile(
            share(now["churn_rate"]),
            "of the customers there at the start were lost",
            f"{INTERVAL} {share(now['churn_rate_low'])} to {share(now['churn_rate_high'])}; "
            f"{share(now['previous_churn_rate'])} the quarter before",
        ),
        Tile(
            number(now["net_revenue_amount"]),
            "net revenue",
            f"{_signed(now['net_revenue_change_rate'], share)} on the quarter before",
        ),
        Tile(number(now["nps"], 1), "net promoter score", _nps_note(now)),
        Tile(
            number(now["support_cost_per_customer_amount"], 2),
            "support cost per customer",
            f"{number(now['ticket_count'])} tickets",
        ),
        Tile(
            number(now["customer_roi"], 2),
            "net return per 1 invested in winning, serving and keeping customers",
            f"{number(now['previous_customer_roi'], 2)} the quarter before",
        ),
        Tile(
            share(now["csat_rate"]),
            "satisfied with how a ticket was handled",
            f"n = {number(now['csat_answer_count'])}",
        ),
        Tile(
            share(now["ces_low_effort_rate"]),
            "found it easy to get help",
            f"n = {number(now['ces_answer_count'])}",
        ),
    ]


def _nps_note(now: Row) -> str:
    if now["nps"] is None:
        return "no answers"
    note = (
        f"{INTERVAL} {number(now['nps_low'], 1)} to {number(now['nps_high'], 1)}, "
        f"n = {number(now['nps_answer_count'])}"
    )
    change = now["nps_change"]
    return note if change is None else f"{note}; {_signed(change, number)} on the quarter before"


def _signed(value: float | None, text: Callable[[float | None], str]) -> str:
    return ("+" if value is not None and value > 0 else "") + text(value)


def _charts(months: Sequence[Row], quarters: Sequence[Row]) -> list[tuple[str, Any]]:
    def monthly(column: str) -> list[Point]:
        return [Point(f"{r['period_date']:%Y-%m}", _float(r[column])) for r in months]

    def quarterly(column: str, low: str, high: str) -> list[Point]:
        return [Point(quarter_name(r["period_date"]), r[column], r[low], r[high]) for r in quarters]

    churn = quarterly("churn_rate", "churn_rate_low", "churn_rate_high")
    nps = quarterly("nps", "nps_low", "nps_high")
    roi = [Point(quarter_name(r["period_date"]), r["customer_roi"]) for r in quarters]
    charts = (
        ("Net revenue by month", bars, monthly("net_revenue_amount"), _compact),
        (
            "Active customers at month end",
            line,
            monthly("customers_at_end_count"),
            number,
        ),
        (
            f"Churn by quarter, {INTERVAL}",
            line,
            churn,
            lambda v: share(v, 0),
        ),
        (f"Net promoter score by quarter, {INTERVAL}", line, nps, number),
        ("Support cost by month", bars, monthly("support_cost_amount"), _compact),
        ("Net return per 1 invested, by quarter", line, roi, lambda v: number(v, 1)),
    )
    return [(title, draw(points, title, text)) for title, draw, points, text in charts]


def _compact(value: float) -> str:
    for size, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.3g} {unit}".replace("-", "−")
    return number(value)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()
) -> list[Row]:
    cursor = connection.execute(query, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
