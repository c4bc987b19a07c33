"""The models of the back-test on simulated companies: noise is called noise, and how often."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from orchestration.lib.base.home import Home
from orchestration.lib.transform.dbt import _invoke

COMPANIES = 400
CUSTOMERS = 150
DATES = (date(2025, 4, 30), date(2025, 5, 31), date(2025, 6, 30))
HORIZON = 3
HAZARD = 0.06
# Pairs of a lost and a kept customer are ordered rightly with Φ(distance ÷ √2).
DISTANCE = 0.8
TRUE_AUC = float(norm.cdf(DISTANCE / np.sqrt(2)))
MODELS = (
    *("int_risk__groups", "int_backtest__observed", "int_backtest__placement_values"),
    *("int_backtest__auc", "int_backtest__auc_difference"),
)


def company(draw: np.random.Generator, name: str, distance: float) -> pd.DataFrame:
    """Customers leave in a month of their own; a score is theirs for all dates, and jitters.

    So pooled over dates one customer comes up three times with much the same score, and one loss
    is seen from up to three dates. `distance`: how much lower the score of those who will leave.
    """
    leaves = draw.geometric(HAZARD, CUSTOMERS)
    trait = draw.standard_normal(CUSTOMERS)
    rows = []
    for number, day in enumerate(DATES):
        here = np.flatnonzero(leaves > number)
        lost = leaves[here] <= number + HORIZON
        jitter = draw.standard_normal(len(here))
        score = 0.9 * trait[here] + np.sqrt(1 - 0.81) * jitter - distance * lost
        rows.append(
            pd.DataFrame(
                {
                    "customer_kind": name,
                    "customer_key": [f"{name}-{i}" for i in here],
                    "score_date": day,
                    "health_score": 60 + 8 * score,
                    "is_lost": lost,
                }
            )
        )
    return pd.concat(rows)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The back-tests the models publish of all companies: each is a kind of customer."""
    draw = np.random.default_rng(11)
    rows = pd.concat(
        [company(draw, f"noise{i}", 0) for i in range(COMPANIES)]
        + [company(draw, f"informative{i}", DISTANCE) for i in range(COMPANIES // 2)]
    )
    home = Home(tmp_path_factory.mktemp("backtest"))
    home.build.mkdir(parents=True)
    for file in (home.restricted_candidate, home.lake_database):
        duckdb.connect(str(file)).close()
    with duckdb.connect() as files:
        files.register("rows", rows)
        files.execute(f"attach '{home.work}' as work; attach '{home.candidate}' as candidate")
        files.execute("""
            create schema work.intermediate; create schema candidate.cx;
            create table candidate.cx.fct_customer_health as
            select customer_key, score_date::date as score_date, false as is_as_of_date,
                customer_kind, 0 as mrr_amount, 0 as noticed_mrr_amount, 'watch' as health_band,
                health_score::decimal(7, 4) as health_score from rows;
            create table work.intermediate.int_risk__outcomes as
            select customer_key, score_date::date as score_date, customer_kind, is_lost,
                true as is_active, 1 as draw_number from rows;
            create table work.intermediate.int_churn_model__scores as
            select customer_key, score_date::date as score_date, null::double as model_risk_rate
            from rows limit 0;
            create table work.intermediate.int_settings as
            select 1000 as churn_sample_customers, 20 as churn_minimum_lost_customers;
        """)
    outcome = _invoke(home, ["run", "--select", *MODELS, "fct_health_backtest"])
    assert [r.message for r in outcome.result.results if str(r.status) != "success"] == []
    with duckdb.connect(str(home.candidate), read_only=True) as candidate:
        return candidate.execute(
            "from cx.fct_health_backtest"
            " where customer_kind <> 'all' and population = 'without_notice'"
        ).df()


def shares(judged: pd.DataFrame, world: str, truth: float) -> tuple[float, float, float]:
    """Of the pooled back-tests: the mean AUC, how many cover the truth, and beat chance."""
    own = judged[judged["customer_kind"].str.startswith(world) & judged["is_pooled"]]
    assert own["auc"].notna().all()
    covered = (own["auc_low"] <= truth) & (truth <= own["auc_high"])
    return own["auc"].mean(), covered.mean(), own["is_better_than_chance"].astype(bool).mean()


def test_a_score_of_noise_is_no_better_than_chance_975_times_in_1000(judged) -> None:
    auc, covered, better = shares(judged, "noise", 0.5)
    # 400 companies: 2.5 % ± 0.8 % (one standard error) beat chance, 95 % ± 1.1 % cover it.
    assert auc == pytest.approx(0.5, abs=0.01)
    assert better <= 0.05
    assert 0.92 <= covered <= 0.98


def test_an_informative_score_is_found_and_its_interval_holds_the_truth(judged) -> None:
    auc, covered, better = shares(judged, "informative", TRUE_AUC)
    assert auc == pytest.approx(TRUE_AUC, abs=0.01)
    assert better >= 0.9  # the AUC is four standard errors above chance
    assert 0.90 <= covered <= 0.985  # 200 companies: 95 % ± 1.5 %


def test_at_a_single_date_noise_is_no_better_than_chance_either(judged) -> None:
    own = judged[judged["customer_kind"].str.startswith("noise") & ~judged["is_pooled"]]
    own = own[own["auc"].notna()]
    assert len(own) > 900
    assert own["is_better_than_chance"].astype(bool).mean() <= 0.045
