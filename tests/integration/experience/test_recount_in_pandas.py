"""What followed an experience, as published and as counted again in pandas.

All signals but reopening, whose events are not published, at all horizons; statistics by scipy and
statsmodels, reasons and floors by the definitions.
"""

from __future__ import annotations

import math

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
    """The worst, else the largest, of 20 customers of whom five churned; if none, of 20."""
    lost = rows[rows["is_churned"]].groupby("bucket").size().reindex(buckets, fill_value=0)
    active = rows[rows["is_active"]].groupby("bucket").size().reindex(buckets, fill_value=0)
    many = [bucket for bucket in buckets if active[bucket] >= 20]
    enough = [bucket for bucket in many if lost[bucket] >= 5] or many
    if not enough or buckets[0] in enough:
        return buckets[0]
    return max(enough, key=lambda bucket: (active[bucket], -buckets.index(bucket)))


def too_few(here: int, there: int, lost: float, gone: float) -> str | None:
    """Why there is no ratio: customers of both, and of how many churn is to be expected."""
    if min(here, there) < 20:
        return "too_few_customers"
    if round(min(lost, gone), 6) < 5:
        return "too_few_lost"
    return "too_few_kept" if round(min(here - lost, there - gone), 6) < 5 else None


def crude_reason(n: int, lost: int, m: int, gone: int) -> str | None:
    together = (lost + gone) / (n + m)
    return too_few(n, m, n * together, m * together) or (None if lost and gone else "nobody_lost")


def pooled_ratio(here: pd.DataFrame, there: pd.DataFrame) -> tuple[float, str | None]:
    """Mantel–Haenszel over strata in which both have somebody active, or why there is none."""
    tables, counts = [], np.zeros(4)
    for stratum in sorted(set(here["fine"]) & set(there["fine"])):
        sides = [side[(side["fine"] == stratum) & side["is_active"]] for side in (here, there)]
        n, m = map(len, sides)
        if n and m:
            tables.append([[s["is_churned"].sum(), (~s["is_churned"]).sum()] for s in sides])
            lost = (tables[-1][0][0] + tables[-1][1][0]) / (n + m)
            counts += (n, m, n * lost, m * lost)
    reason = too_few(*counts)
    if reason:
        return math.nan, reason
    return float(StratifiedTable([np.array(t, float) for t in tables]).riskratio_pooled), None


def adjusted_mean(here: pd.DataFrame, there: pd.DataFrame, column: str) -> tuple[float, ...]:
    """Difference within strata of two customers of either, and its interval by Satterthwaite.

    Not known where fewer than 20 of either bucket are in such strata.
    """
    weights, gaps, parts = [], [], []
    for stratum in sorted(set(here["stratum"]) & set(there["stratum"])):
        one, two = (s.loc[s["stratum"] == stratum, column].dropna() for s in (here, there))
        if min(len(one), len(two)) > 1:
            weights.append(len(one) * len(two) / (len(one) + len(two)))
            gaps.append(one.mean() - two.mean())
            parts.append([(s.var() / len(s), len(s) - 1) for s in (one, two)])
    if not parts or (np.array(parts)[:, :, 1] + 1).sum(axis=0).min() < 20:
        return math.nan, math.nan, math.nan
    w, [v, f] = np.array(weights) / sum(weights), np.moveaxis(np.array(parts), -1, 0)
    variances = w[:, None] ** 2 * v
    degrees = variances.sum() ** 2 / (variances**2 / f).sum()
    reach = stats.t.ppf(0.975, degrees) * math.sqrt(variances.sum())
    middle = float(w @ np.array(gaps))
    return middle, middle - reach, middle + reach


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
        assert (ours["customer_count"], ours["active_count"], ours["lost_count"]) == (
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
            assert ours["is_reference"] and pd.isna(ours["unadjusted_churn_rate_difference"])
            continue
        m, gone = int(there["is_active"].sum()), int(there["is_churned"].sum())
        compare(ours, "unadjusted_churn_rate_difference", lost / n - gone / m, 1e-9)
        bounds = confint_proportions_2indep(lost, n, gone, m, compare="diff", method="newcomb")
        interval(ours, "unadjusted_churn_rate_difference{}", bounds, 1e-6)
        why = crude_reason(n, lost, m, gone)
        assert (known_or_none(ours, "churn_not_compared_reason")) == why
        if why is None:
            compare(ours, "unadjusted_churn_risk_ratio", (lost / n) / (gone / m), 1e-8)
            table = Table2x2([[lost, n - lost], [gone, m - gone]])
            interval(ours, "unadjusted_churn_risk_ratio{}", table.riskratio_confint(), 1e-8)
        else:
            ratios = [f"unadjusted_churn_risk_ratio{end}" for end in ("", "_low", "_high")]
            assert ours[ratios].isna().all()
        pooled, why = pooled_ratio(here, there)
        assert (known_or_none(ours, "churn_not_adjusted_reason")) == why
        assert pd.isna(ours["adjusted_churn_risk_ratio_low"]) == (why is not None)
        if why is None:
            compare(ours, "adjusted_churn_risk_ratio", pooled, 1e-8)
        counts = (here["referred"].sum(), len(here), there["referred"].sum(), len(there))
        bounds = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
        interval(ours, "unadjusted_referring_rate_difference{}", bounds, 1e-6)
        for name, column in (("net_revenue", "revenue"), ("support_cost", "cost")):
            one, two = here[column].dropna(), there[column].dropna()
            compare(ours, f"unadjusted_{name}_difference_amount", one.mean() - two.mean(), 0.001)
            exact = stats.ttest_ind(one, two, equal_var=False).confidence_interval()
            interval(ours, f"unadjusted_{name}" + "_difference{}_amount", exact, 0.002)
            before, *_ = adjusted_mean(here, there, f"{column}_base")
            compare(ours, f"{name}_difference_before_amount", before, 0.001)
            why = known_or_none(ours, f"{name}_not_adjusted_reason")
            assert why == ("too_few_customers" if math.isnan(before) else None)
            for figure, part in (("before_after", "change"), ("adjusted", "trend_adjusted")):
                middle, low, high = adjusted_mean(here, there, f"{column}_{part}")
                compare(ours, f"{figure}_{name}_difference_amount", middle, 0.002)
                # The expansion of t is 2 % off at two degrees of freedom.
                width = 0.003 + 0.02 * (high - middle)
                interval(ours, f"{figure}_{name}" + "_difference{}_amount", (low, high), width)


def known_or_none(ours: pd.Series, column: str) -> str | None:
    return None if pd.isna(ours[column]) else str(ours[column])


def compare(ours: pd.Series, column: str, exact: float, tolerance: float) -> None:
    assert float(ours[column]) == pytest.approx(exact, abs=tolerance, nan_ok=True), column


def interval(ours: pd.Series, column: str, exact: tuple[float, float], tolerance: float) -> None:
    for end, bound in zip(("_low", "_high"), exact, strict=True):
        compare(ours, column.format(end), bound, tolerance)
