"""What followed an experience, as published and as counted again in pandas.

NPS and first reply at all horizons; statistics by scipy and statsmodels.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep

from tests.conftest import Company
from tests.integration.experience.recount import BUCKETS, Activity, World, followed, read


@pytest.fixture(scope="module")
def world(demo_company: Company) -> World:
    with duckdb.connect(str(demo_company.warehouse), read_only=True) as connection:
        return read(connection)


@pytest.fixture(scope="module")
def activity(world: World) -> Activity:
    return Activity(world)


def reference(rows: pd.DataFrame, buckets: list[str]) -> str:
    """The worst, else the largest, of those of which five churned; the worst if there is none."""
    lost = rows[rows["is_churned"]].groupby("bucket").size().reindex(buckets, fill_value=0)
    active = rows[rows["is_active"]].groupby("bucket").size().reindex(buckets, fill_value=0)
    enough = [bucket for bucket in buckets if lost[bucket] >= 5]
    if not enough or buckets[0] in enough:
        return buckets[0]
    return max(enough, key=lambda bucket: (active[bucket], -buckets.index(bucket)))


def pooled_ratio(here: pd.DataFrame, there: pd.DataFrame) -> float:
    """Mantel–Haenszel over strata in which both have somebody active."""
    tables = []
    for stratum in sorted(set(here["stratum"]) & set(there["stratum"])):
        sides = [side[(side["stratum"] == stratum) & side["is_active"]] for side in (here, there)]
        if all(len(side) for side in sides):
            tables.append([[s["is_churned"].sum(), (~s["is_churned"]).sum()] for s in sides])
    return float(StratifiedTable([np.array(t, float) for t in tables]).riskratio_pooled)


@pytest.mark.parametrize("signal", BUCKETS)
@pytest.mark.parametrize("horizon", (30, 90, 180))
def test_what_followed_is_what_pandas_counts(
    world: World, activity: Activity, signal: str, horizon: int
) -> None:
    check(world, followed(world, activity, signal, horizon), signal, horizon)


def test_each_experience_that_is_asked_about_has_its_signal(world: World) -> None:
    """Class of NPS, CSAT, effort told and seen, first reply, reopening, closed loop."""
    asked = {"nps", "csat", "ces", "contact_effort", "first_reply", "reopened", "follow_up"}
    seen = world.impact.reset_index().groupby("signal")
    assert set(seen.groups) == asked
    assert (seen["customer_count"].sum() > 100).all()
    # Each horizon has one reference, and everything else is held against it.
    assert (world.impact.groupby(["signal", "horizon_days"])["is_reference"].sum() == 1).all()


def check(world: World, rows: pd.DataFrame, signal: str, horizon: int) -> None:
    """Every published figure of the signal and horizon against these rows."""
    chosen = reference(rows, BUCKETS[signal])
    there = rows[rows["bucket"] == chosen]
    for bucket in BUCKETS[signal]:
        ours = world.impact.loc[(signal, bucket, horizon)]
        here = rows[rows["bucket"] == bucket]
        n, lost = int(here["is_active"].sum()), int(here["is_churned"].sum())
        assert ours["reference_bucket"] == chosen
        assert (ours["customer_count"], ours["active_count"], ours["churned_count"]) == (
            *(len(here), n, lost),
        )
        assert ours["churn_rate"] == pytest.approx(lost / n, abs=1e-9)
        assert float(ours["average_net_revenue_amount"]) == pytest.approx(
            here["revenue"].mean(), abs=0.001
        )
        known = here["cost"].dropna()
        assert ours["support_cost_customer_count"] == len(known)
        assert float(ours["average_support_cost_amount"]) == pytest.approx(known.mean(), abs=0.001)
        assert ours["referring_customer_count"] == here["referred"].sum()
        if bucket == chosen:
            assert ours["is_reference"] and pd.isna(ours["churn_rate_difference"])
            continue
        m, gone = int(there["is_active"].sum()), int(there["is_churned"].sum())
        compare(ours, "churn_rate_difference", lost / n - gone / m, 1e-9)
        bounds = confint_proportions_2indep(lost, n, gone, m, compare="diff", method="newcomb")
        interval(ours, "churn_rate_difference{}", bounds, 1e-6)
        compare(ours, "churn_risk_ratio", (lost / n) / (gone / m), 1e-8)
        if lost and gone:
            table = Table2x2([[lost, n - lost], [gone, m - gone]])
            interval(ours, "churn_risk_ratio{}", table.riskratio_confint(), 1e-8)
        else:
            assert pd.isna(ours["churn_risk_ratio_low"])
        compare(ours, "adjusted_churn_risk_ratio", pooled_ratio(here, there), 1e-8)
        counts = (here["referred"].sum(), len(here), there["referred"].sum(), len(there))
        bounds = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
        interval(ours, "referring_rate_difference{}", bounds, 1e-6)
        for name, column in (("net_revenue", "revenue"), ("support_cost", "cost")):
            one, two = here[column].dropna(), there[column].dropna()
            compare(ours, f"{name}_difference_amount", one.mean() - two.mean(), 0.001)
            exact = stats.ttest_ind(one, two, equal_var=False).confidence_interval()
            interval(ours, name + "_difference{}_amount", exact, 0.002)


def compare(ours: pd.Series, column: str, exact: float, tolerance: float) -> None:
    assert float(ours[column]) == pytest.approx(exact, abs=tolerance), column


def interval(ours: pd.Series, column: str, exact: tuple[float, float], tolerance: float) -> None:
    for end, bound in zip(("_low", "_high"), exact, strict=True):
        compare(ours, column.format(end), bound, tolerance)
