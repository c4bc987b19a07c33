"""The scorecard says what the tables say and how sure that is, also where they say nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.reports.page import NBSP
from orchestration.lib.reports.scorecard import write_scorecard


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


ROW = {
    "segmentation": "all",
    "segment": "all",
    "period_kind": "quarter",
    "period_date": date(2025, 10, 1),
    "customers_at_start_count": 100,
    "new_count": 20,
    "lost_count": 7,
    "customers_at_end_count": 110,
    "churn_rate": 0.07,
    "churn_rate_low": 0.034,
    "churn_rate_high": 0.137,
    "previous_churn_rate": None,
    "net_revenue_amount": 12345.0,
    "net_revenue_change_rate": -0.05,
    "support_cost_amount": 600.0,
    "customer_roi": 2.5,
    "previous_customer_roi": 2.0,
    "ticket_count": 40,
    "nps": 33.3,
    "nps_standard_error": 7.45,
    "nps_answer_count": 100,
    "nps_change": None,
    "csat_rate": 0.5,
    "csat_answer_count": 10,
    "ces_low_effort_rate": None,
    "ces_answer_count": 0,
}


OF_ALL = {"programme_id": "P1", "segmentation": "all", "segment": "all"}
PROGRAMME = {
    **OF_ALL,
    "programme_name": "Guided start",
    "verdict": "not_proven",
    "verdict_reason": "roi_not_significant",
    "rests_on": "comparison",
    "is_refuted": False,
    "treated_customer_count": 61,
    "matched_customer_count": 47,
    "effect_amount": 13.91,
    "effect_low_amount": -3.03,
    "effect_high_amount": 30.86,
    "benefit_amount": 12397.0,
    "cost_amount": 6444.0,
    "roi_rate": 0.92,
    "roi_rate_low": -1.42,
    "roi_rate_high": 3.27,
}
MONTHS = [
    {
        **OF_ALL,
        "month_date": date(2025, month, 1),
        "benefit_to_date_amount": benefit,
        "cost_to_date_amount": cost,
        "is_paid_back": benefit >= cost,
    }
    for month, benefit, cost in ((11, 3000.0, 6000.0), (12, 12397.0, 6444.0))
]


SCORED = {"population": "without_notice", "customer_kind": "person", "is_pooled": True}
BACKTEST = {
    "score_kind": "health_score",
    **SCORED,
    "first_score_date": date(2024, 12, 31),
    "score_date": date(2025, 9, 30),
    "observation_count": 5000,
    "lost_observation_count": 300,
    "lost_rate": 0.06,
    "auc": 0.841,
    "auc_low": 0.82,
    "auc_high": 0.862,
    "is_better_than_chance": True,
    "top_decile_lift": 5.15,
    "mean_predicted_rate": None,
    "not_evaluated_reason": None,
}
BUCKET = {
    "score_kind": "churn_risk",
    **SCORED,
    "score_date": date(2025, 9, 30),
    "bucket_kind": "decile",
    "bucket": "01",
    "mean_predicted_rate": 0.35,
    "lost_rate": 0.3,
    "lost_rate_low": 0.24,
    "lost_rate_high": 0.38,
}


def bucket(name: str, customers: int, predicted: float, actual: float) -> dict[str, object]:
    return {
        "method": "sbg",
        "segment": "all",
        "event_bucket": name,
        "unit": "contract months",
        "fit_date": date(2024, 12, 31),
        "horizon_end_date": date(2025, 12, 31),
        "customer_count": customers,
        "predicted_count": predicted,
        "actual_count": actual,
        "error_rate": predicted / actual - 1,
        "error_amount_rate": 0.08,
        "error_standard_error": 2.0 if customers > 1 else None,
    }


HELD_OUT = [bucket("0", 4, 40.0, 32.0), bucket("7+", 1, 11.0, 12.0), bucket("all", 5, 51.0, 44.0)]


def _published(
    home: Home,
    *rows: dict[str, object],
    backtests: Sequence[dict[str, object]] = (BACKTEST,),
    stale: str | None = None,
) -> str:
    home.versions.mkdir(parents=True)
    path = home.versions / "v.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", pa.Table.from_pylist(list(rows)))
        connection.register("programmes", pa.Table.from_pylist([PROGRAMME]))
        connection.register("months", pa.Table.from_pylist(MONTHS))
        connection.register("judged", pa.Table.from_pylist(list(backtests)))
        connection.register("buckets", pa.Table.from_pylist([BUCKET]))
        connection.register("held_out", pa.Table.from_pylist(HELD_OUT))
        connection.execute("create schema cx")
        connection.execute("create table cx.fct_clv_holdout as select * from held_out")
        connection.execute("create table cx.fct_health_backtest as select * from judged")
        connection.execute("create table cx.fct_health_calibration as select * from buckets")
        connection.execute("create table cx.fct_segment_roi as select * from rows")
        connection.execute(
            "create table cx.fct_segment_changes as select segmentation, segment, period_kind, "
            "period_date, 'nps' as metric_name, 18.9e0 as value_low, 47.3e0 as value_high from rows"
        )
        connection.execute(
            "create table cx.dim_segments as select segmentation, segment, "
            "'how it is made' as segmentation_description from rows"
        )
        connection.execute(
            "create table cx.run_log as select * from (values ('run0', date '2025-12-30', 'old'), "
            "('run1', date '2025-12-31', ?)) as t (run_id, started_at, stale_sources)",
            [stale],
        )
        connection.execute("create table cx.fct_programme_roi as select * from programmes")
        connection.execute("create table cx.fct_programme_months as select * from months")
        connection.execute(
            "create table cx.fct_customer_roi as select date '2025-12-31' as as_of_date"
        )
    home.current.symlink_to(path)
    return write_scorecard(home, "EUR").read_text(encoding="utf-8").replace(NBSP, " ")


def test_the_scorecard_shows_the_last_closed_quarter_with_how_sure_it_is(home: Home) -> None:
    segments = [
        ROW | {"segmentation": "country", "segment": name, "net_revenue_amount": amount}
        for name, amount in (("Japan", 9000.0), ("Brazil", 3000.0))
    ]
    month = ROW | {"period_kind": "month"}
    page = _published(home, ROW, month, *segments)
    assert "Q4 2025" in page and "EUR" in page
    assert "<b>7.0 %</b>" in page and "3.4 % to 13.7 %; – the quarter before" in page
    assert "18.9 to 47.3, n = 100" in page  # fct_segment_changes: not ± about the score
    assert "−5.0 % on the quarter before" in page
    assert "<b>5.00</b>support cost per customer" in page  # 600 over 100 there and 20 new
    assert page.index("Japan") < page.index("Brazil")
    assert 'style="width: 75.0%"' in page  # 9000 of 12000
    assert not re.search(r"(src|href)=|url\(|@import|https?:", page)


def test_a_programme_stands_with_its_verdict_the_reason_and_how_sure_it_is(home: Home) -> None:
    page = _published(home, ROW)
    assert 'class="warn">not proven<div class="soft">roi not significant; rests on:' in page
    assert "−3.03 to 30.86" in page and "−1.42 to 3.27" in page
    assert '47 <span class="soft">of 61</span>' in page
    assert "<figcaption>Guided start (not proven): ahead of its cost since 2025-12<" in page
    assert "2025-11 benefit 3 k, cost 6 k; 2025-12 benefit 12.4 k, cost 6.44 k" in page


def test_a_score_is_shown_for_what_it_is_worth(home: Home) -> None:
    risk = BACKTEST | {"score_kind": "churn_risk", "mean_predicted_rate": 0.07}
    coin = {"auc": 0.53, "auc_low": 0.47, "auc_high": 0.59, "is_better_than_chance": False}
    unknown = dict.fromkeys(("auc", "auc_low", "auc_high", "top_decile_lift"))
    page = _published(
        home,
        ROW,
        backtests=[
            BACKTEST,
            risk,
            BACKTEST | coin | {"customer_kind": "account"},
            risk | unknown | {"customer_kind": "account", "not_evaluated_reason": "too_few_lost"},
            risk | {"is_pooled": False, "auc": 0.999},
        ],
    )
    assert 'class="good">better than chance</td><td class="n">84.1 %' in page
    assert "82.0 % to 86.2 %" in page and "2024-12-31 to 2025-09-30" in page
    assert 'class="bad">no better than chance' in page and "47.0 % to 59.0 %" in page
    assert 'not judged<div class="soft">too few customers were lost' in page
    assert "99.9 %" not in page  # a single date
    assert "Predicted risk and what came, person: predicted 35 %, came 30 %" in page


def test_without_a_closed_horizon_nothing_is_said_about_scores(home: Home) -> None:
    page = _published(home, ROW, backtests=[BACKTEST | {"is_pooled": False}])
    assert "foretold" not in page


def test_what_did_not_come_stands_at_the_top_of_the_scorecard(home: Home) -> None:
    said = "zendesk: nothing came for 2025-12-31; the newest is of 2025-12-30"
    page = _published(home, ROW, stale=said)
    assert f'<p class="warn">Not all of it is of 2025-12-31. {said}.</p>' in page


def test_nothing_is_said_of_old_data_where_all_came(home: Home) -> None:
    assert "Not all of it is of" not in _published(home, ROW)


def test_what_lifetime_models_expected_stands_beside_what_came(home: Home) -> None:
    page = _published(home, ROW)
    assert "5 customers: 51 expected, 44 came (15.9 % off, their contribution 8.0 %)" in page
    assert "predicted 10.0, came 8.0; predicted 11.0, came 12.0" in page
    # Of 100 points of height for 0 to 12, two standard errors of 2 over 4 customers are 1 either
    # side of 8; one customer alone has no error.
    heights = re.findall(r'y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)" class="line thin"', page)
    assert [round(abs(float(a) - float(b)), 1) for a, b in heights][-2:] == [16.7, 0.0]


def test_a_company_without_a_closed_quarter_gets_a_page_all_the_same(home: Home) -> None:
    page = _published(home, ROW | {"period_kind": "month"})
    assert "No quarter is closed yet." in page
