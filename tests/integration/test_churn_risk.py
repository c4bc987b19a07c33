"""Back-test and churn risk the demo publishes: against scikit-learn, and against the truth."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import brier_score_loss, roc_auc_score

from tests.conftest import Company

OBSERVED = """
    select health.customer_key, health.score_date, health.customer_kind, is_lost,
        -health_score::double as health_score, model_risk_rate as churn_risk,
        mrr_amount > 0 and noticed_mrr_amount >= mrr_amount as is_under_notice
    from cx.fct_customer_health as health
    inner join cx.fct_churn_risk using (customer_key, score_date)
    where is_lost is not null
"""


def frame(company: Company, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(company.warehouse), read_only=True) as connection:
        return connection.execute(sql).df()


@pytest.fixture(scope="module")
def observed(demo_company: Company) -> pd.DataFrame:
    """Every score, and what came of its customer; nothing of the back-test."""
    return frame(demo_company, OBSERVED)


@pytest.fixture(scope="module")
def judged(demo_company: Company) -> pd.DataFrame:
    return frame(demo_company, "from cx.fct_health_backtest")


def of(observed: pd.DataFrame, row) -> pd.DataFrame:
    """The observations a row of the back-test is about."""
    own = observed[observed[row.score_kind].notna()]
    if row.population == "without_notice":
        own = own[~own["is_under_notice"]]
    if row.customer_kind != "all":
        own = own[own["customer_kind"] == row.customer_kind]
    return own if row.is_pooled else own[own["score_date"] == row.score_date]


def test_every_back_test_is_what_scikit_learn_says_of_the_published_rows(observed, judged) -> None:
    found = 0
    for row in judged.itertuples():
        own = of(observed, row)
        lost, score = own["is_lost"].to_numpy(bool), own[row.score_kind].to_numpy()
        assert (row.observation_count, row.lost_observation_count) == (len(own), lost.sum())
        if pd.isna(row.auc):
            assert own.loc[lost, "customer_key"].nunique() < 20
            continue
        found += 1
        assert row.auc == pytest.approx(roc_auc_score(lost, score), abs=1e-8)
        if row.score_kind == "churn_risk":
            assert row.brier_score == pytest.approx(brier_score_loss(lost, score), abs=1e-8)
            slope, intercept = np.polyfit(score, lost, 1)
            assert row.calibration_slope == pytest.approx(slope, abs=1e-6)
            assert row.calibration_intercept == pytest.approx(intercept, abs=1e-6)
    assert found > 40


def test_the_error_of_an_auc_is_that_of_drawing_customers_anew(observed, judged) -> None:
    """Bootstrap by customer, all its dates together: 300 draws know an error to 4 %."""
    draw = np.random.default_rng(5)
    for row in judged[judged["is_pooled"] & (judged["customer_kind"] == "account")].itertuples():
        own = of(observed, row)
        code, customers = pd.factorize(own["customer_key"])
        at = [np.flatnonzero(code == c) for c in range(len(customers))]
        lost, score = own["is_lost"].to_numpy(bool), own[row.score_kind].to_numpy()
        aucs = []
        for _ in range(300):
            rows = np.concatenate([at[c] for c in draw.integers(0, len(at), len(at))])
            aucs.append(roc_auc_score(lost[rows], score[rows]))
        assert row.auc_standard_error == pytest.approx(np.std(aucs), rel=0.15)


def test_risk_and_health_are_compared_on_the_same_customers_not_under_notice(
    observed, judged
) -> None:
    """The difference against scikit-learn, its error against drawing customers anew."""
    draw = np.random.default_rng(6)
    rows = judged[judged["compared_count"] > 0]
    assert set(rows["score_kind"]) == {"churn_risk"}
    assert set(rows["population"]) == {"without_notice"}
    assert set(rows["customer_kind"]) == {"account", "person", "all"}
    for row in rows.itertuples():
        own = of(observed, row).dropna(subset=["health_score", "churn_risk"])
        assert row.compared_count == len(own)
        lost = own["is_lost"].to_numpy(bool)
        risk, health = own["churn_risk"].to_numpy(), own["health_score"].to_numpy()
        assert row.health_score_auc == pytest.approx(roc_auc_score(lost, health), abs=1e-8)
        found = roc_auc_score(lost, risk) - roc_auc_score(lost, health)
        assert row.auc_difference == pytest.approx(found, abs=1e-8)
        if row.customer_kind != "account":
            continue
        code, customers = pd.factorize(own["customer_key"])
        at = [np.flatnonzero(code == c) for c in range(len(customers))]
        differences = []
        for _ in range(300):
            drawn = np.concatenate([at[c] for c in draw.integers(0, len(at), len(at))])
            differences.append(
                roc_auc_score(lost[drawn], risk[drawn]) - roc_auc_score(lost[drawn], health[drawn])
            )
        error = (row.auc_difference_high - row.auc_difference_low) / (2 * 1.96)
        assert error == pytest.approx(np.std(differences), rel=0.15)


def test_tenths_of_the_risk_hold_what_was_observed(demo_company: Company, observed) -> None:
    buckets = frame(
        demo_company,
        "from cx.fct_health_calibration where score_kind = 'churn_risk' and is_pooled"
        " and population = 'everybody' and customer_kind = 'person'"
        " and bucket_kind = 'decile' order by bucket",
    )
    own = observed[(observed["customer_kind"] == "person") & observed["churn_risk"].notna()]
    own = own.sort_values("churn_risk", ascending=False)
    assert len(buckets) == 10
    for bucket in buckets.itertuples():
        rows = own[
            own["churn_risk"].between(bucket.lowest_score - 1e-9, bucket.highest_score + 1e-9)
        ]
        assert len(rows) == bucket.observation_count
        assert rows["is_lost"].sum() == bucket.lost_observation_count
        assert rows["churn_risk"].mean() == pytest.approx(bucket.mean_predicted_rate, abs=1e-8)


def test_the_list_goes_by_the_model_only_where_it_beats_chance_without_those_under_notice(
    demo_company: Company,
) -> None:
    rows = demo_company.query(
        "select risk_basis, risk_group, listed.risk_rate, listed.group_risk_rate,"
        " model.model_risk_rate, judged.is_better_than_chance"
        " from cx.rpt_customers_at_risk as listed"
        " inner join cx.fct_churn_risk as model using (customer_key)"
        " inner join cx.fct_health_backtest as judged"
        " on judged.customer_kind = listed.customer_kind and judged.score_kind = 'churn_risk'"
        " and judged.is_pooled and judged.population = 'without_notice'"
        " where model.is_as_of_date"
    )
    assert {group == "notice" for _, group, *_ in rows} == {True, False}
    for basis, group, risk, group_risk, model, is_better in rows:
        is_by_model = bool(is_better) and group != "notice"
        assert (basis == "model") == is_by_model
        assert risk == (model if is_by_model else group_risk)


def test_notice_alone_does_not_make_a_model_of_accounts(judged) -> None:
    """In the demo, whether an account leaves follows from nothing the model sees but its notice.

    Nearly all under notice are lost: with them the AUC of the account model clears 0.5, without
    them it is a coin, and the health score does better.
    """
    own = judged[
        judged["is_pooled"]
        & (judged["score_kind"] == "churn_risk")
        & (judged["customer_kind"] == "account")
    ].set_index("population")
    assert own.loc["everybody", "is_better_than_chance"]
    assert not own.loc["without_notice", "is_better_than_chance"]
    assert own.loc["without_notice", "auc_low"] < 0.5 < own.loc["without_notice", "auc_high"]
    assert own.loc["without_notice", "auc_difference"] < 0
    counts = own[["observation_count", "lost_observation_count"]]
    noticed, lost = counts.loc["everybody"] - counts.loc["without_notice"]
    assert lost > 0.8 * noticed > 10


# A contract can only be left at its end, so what is true of the month is 0 in most; of persons,
# what is true of this month.
@pytest.mark.parametrize(
    "kind, truth", [("account", "usual_leave_probability"), ("person", "leave_probability")]
)
def test_predicted_risk_goes_with_the_true_probability_of_leaving(
    demo_company: Company, kind: str, truth: str
) -> None:
    """The truth is the company's before anybody left; the pipeline has never seen it.

    Without any relation a rank correlation of n customers varies by 1 ÷ √(n − 1), 0.04 here: five
    of these are one case in a million. Perfect it cannot be: satisfaction is never observed.
    """
    with duckdb.connect() as files:
        files.execute(f"attach '{demo_company.warehouse}' as published (read_only)")
        folder = demo_company.home / "warehouse" / "restricted"
        files.execute(f"attach '{folder / 'current.duckdb'}' as restricted (read_only)")
        pairs = files.execute(
            f"select model_risk_rate, {truth} from published.cx.fct_churn_risk"
            " inner join restricted.restricted.customer_identities using (customer_key)"
            f" inner join '{demo_company.home / 'truth' / 'customers.parquet'}' as truth"
            " using (customer_id)"
            " where is_as_of_date and is_active_at_end and truth.customer_kind = ?",
            [kind],
        ).fetchnumpy()
    risk, true = pairs["model_risk_rate"], pairs[truth]
    assert len(risk) > 300
    assert spearmanr(risk, true).statistic > 5 / np.sqrt(len(risk) - 1)
