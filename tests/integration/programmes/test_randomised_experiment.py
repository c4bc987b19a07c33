"""The job-training experiment (LaLonde 1986) as a programme of the run, to the published cent.

445 men, 185 of them drawn for training (National Supported Work), are customers: what they earned
in 1978 is their outcome of the month of the draw, what they earned in 1975 that of months before.
Three programmes differ in what is known before. UNKNOWN: one month, too short a past for a level.
ALIKE: the same amount for all. KNOWN: three months of earnings of 1975, which CUPED takes out.
"""

from __future__ import annotations

from typing import Any

import causaldata
import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.integration.programmes.conftest import fill, month
from tests.integration.programmes.night import night
from tests.reference import experiments

DRAWN = 12
PAST = {"UNKNOWN": 1, "ALIKE": 3, "KNOWN": 3}
EFFECT, ERROR = 1794.34, 632.85  # of least squares, as published; 670.82 by HC1


@pytest.fixture(scope="module")
def men() -> pd.DataFrame:
    data = causaldata.nsw_mixtape.load_pandas().data
    return data.assign(treat=data["treat"] == 1)


def customer_months(men: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (f"{programme}{i}", month(DRAWN - back), past - back, amount)
        for programme, past in PAST.items()
        for i, man in enumerate(men.itertuples())
        for back in range(past + 1)
        for amount in [man.re78 if back == 0 else 500.0 if programme == "ALIKE" else man.re75]
    ]
    names = ["customer_key", "month_date", "tenure_months", "gross_margin_amount"]
    return pd.DataFrame(rows, columns=names).assign(
        kind="person",
        is_active_at_start=True,
        is_active_at_end=True,
        is_closed_month=True,
        net_revenue_amount=1.0,
        support_cost_amount=0.0,
    )


def enrolments(men: pd.DataFrame) -> pd.DataFrame:
    arms = ["treated" if is_treated else "control" for is_treated in men["treat"]]
    rows = [(p, f"{p}{i}", arm, month(DRAWN)) for p in PAST for i, arm in enumerate(arms)]
    return pd.DataFrame(rows, columns=["programme_id", "customer_id", "arm", "enrolled_at"])


@pytest.fixture(scope="module")
def programmes(men: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory):
    """The row of fct_programme_roi of each."""

    def tables(work: duckdb.DuckDBPyConnection) -> None:
        fill(work, customer_months(men), enrolments(men))
        work.execute("""
            create or replace table staging.stg_crm__programmes as
            select distinct programme_id, programme_id as name, 'randomised' as assignment
            from staging.stg_crm__programme_enrolments""")

    with night(tmp_path_factory.mktemp("programme"), tables) as work:
        rows = work.execute("from candidate.cx.fct_programme_roi where segmentation = 'all'").df()
    found = {row["programme_id"]: row for row in rows.to_dict("records")}
    assert set(found) == set(PAST)
    return found


def scatter_of_the_undrawn(outcome: pd.Series, is_treated: pd.Series) -> float:
    """√(s²/185 + s²/260), s² of the 260: how far means of that many would differ by the draw."""
    drawn, undrawn = outcome[is_treated], outcome[~is_treated]
    return float(undrawn.std() * np.sqrt(1 / len(drawn) + 1 / len(undrawn)))


@pytest.mark.parametrize("programme", ["UNKNOWN", "ALIKE"])
def test_effect_is_the_published_one_where_nothing_is_known_of_before(
    programmes: dict[str, dict[str, Any]], men: pd.DataFrame, programme: str
) -> None:
    found = programmes[programme]
    assert (found["method"], found["verdict_reason"]) == ("randomised", "no_cost")
    assert (found["treated_customer_count"], found["control_customer_count"]) == (185, 260)
    assert found["matched_customer_count"] == 185
    assert round(float(found["effect_amount"]), 2) == EFFECT
    drawn, undrawn = men["re78"][men["treat"]], men["re78"][~men["treat"]]
    assert float(found["effect_amount"]) == pytest.approx(drawn.mean() - undrawn.mean(), abs=1e-3)
    # All are compared with all, so the naive difference is right this once.
    assert found["naive_difference_amount"] == found["effect_amount"]


@pytest.mark.parametrize("programme", ["UNKNOWN", "ALIKE"])
def test_error_is_that_of_the_draw_for_those_who_were_drawn(
    programmes: dict[str, dict[str, Any]], men: pd.DataFrame, programme: str
) -> None:
    """527.46, where the difference in means has 671.00 and least squares 632.85.

    The trained vary by 7,867.40 and the others by 5,483.84: training did more for some than for
    others. The difference in means asks for men to come, and of them it is unsure whom the draw
    would bring: √(7867.40² / 185 + 5483.84² / 260) = 671.00; least squares takes one variance for
    both arms. The product asks what training did for these 185. What they earn is known, what they
    would have earned is not: it varies as the others' earnings do, so
    5483.84 · √(1 / 185 + 1 / 260) = 527.46. Had training done the same for all, they would agree.
    """
    outcome, is_treated = men["re78"], men["treat"]
    error = float(programmes[programme]["effect_standard_error_amount"])
    assert error == pytest.approx(scatter_of_the_undrawn(outcome, is_treated), abs=1e-3)
    assert round(error, 2) == 527.46
    means = experiments.difference_in_means(outcome, is_treated)
    assert round(means.standard_error, 2) == 671.00 and error < ERROR < means.standard_error
    # 185 trained carry it: 92.5 degrees of freedom.
    effect = float(programmes[programme]["effect_amount"])
    reach = stats.t.ppf(0.975, 92.5) * error
    bounds = [float(programmes[programme][f"effect_{end}_amount"]) for end in ("low", "high")]
    assert bounds == pytest.approx([effect - reach, effect + reach], abs=0.01)
    p_value = 2 * stats.t.sf(effect / error, 92.5)
    assert programmes[programme]["effect_p_value"] == pytest.approx(p_value, rel=0.01)


def test_error_is_how_far_arms_drawn_at_random_from_the_undrawn_differ(men: pd.DataFrame) -> None:
    # 445 men who earn as the 260 do and whom training does nothing for, drawn anew 20,000 times.
    rng = np.random.default_rng(1)
    undrawn = men["re78"][~men["treat"]].to_numpy()
    people = rng.choice(undrawn, 445)
    people = undrawn.mean() + (people - people.mean()) * undrawn.std(ddof=1) / people.std(ddof=1)
    orders = rng.permuted(np.tile(people, (20_000, 1)), axis=1)
    differences = orders[:, :185].mean(axis=1) - orders[:, 185:].mean(axis=1)
    assert differences.std() == pytest.approx(527.46, rel=0.02)


def test_known_earnings_before_take_the_chance_difference_out(
    programmes: dict[str, dict[str, Any]], men: pd.DataFrame
) -> None:
    """The drawn had earned 265 more in 1975. Adjusted as in a regression with earnings before."""
    found = programmes["KNOWN"]
    regression = experiments.least_squares(men["re78"], men["treat"], men["re75"])
    assert float(found["effect_amount"]) == pytest.approx(regression.effect, abs=1e-3)
    assert round(regression.effect, 2) == 1750.15
    # The slope within the arms, by hand; what is left varies a little less.
    arms = men.groupby("treat")
    before = men["re75"] - arms["re75"].transform("mean")
    slope = (before * men["re78"]).sum() / (before**2).sum()
    left = men["re78"] - slope * men["re75"]
    error = float(found["effect_standard_error_amount"])
    assert error == pytest.approx(scatter_of_the_undrawn(left, men["treat"]), abs=1e-3)
    assert error < 527.46
