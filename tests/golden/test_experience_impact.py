"""Ratios, differences and intervals of fct_experience_impact against statsmodels and scipy.

The models of the night run on customers of 200 made-up signals and of published tables.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep

from tests.product_sql import build

STRATUM = ["customer_kind", "tenure_band", "channel", "signal_half"]
MONEY = ["net_revenue", "support_cost"]
# By age: deaths and survivors of the treated, then of the others (University Group Diabetes
# Program, in Rothman and Greenland); and 10 of 100 against 20 of 100.
UGDP = {"under_55": [[8, 98], [5, 115]], "55": [[22, 76], [16, 69]]}
PUBLISHED = {"ugdp": UGDP, "katz": {"one": [[10, 90], [20, 80]]}}
DRAWN = [f"s{number}" for number in range(200)]


def drawn_customers(signal: str) -> pd.DataFrame:
    """150 to 400 a bucket in one to four strata; heavy-tailed amounts, other ones in each."""
    rng = np.random.default_rng([7, int(signal[1:])])
    sizes = rng.integers(150, 400, 2)
    n = sizes.sum()
    table = pd.DataFrame({"signal": signal, "bucket": np.repeat(["there", "here"], sizes)})
    is_here = np.repeat([0, 1], sizes)
    strata = int(signal[1:]) % 4 + 1
    stratum = np.minimum(rng.integers(0, strata + is_here), strata - 1)
    table["customer_kind"] = np.where(stratum % 2, "account", "person")
    table["tenure_band"] = np.where(stratum // 2, "over_3_years", "under_1_year")
    table["channel"] = "all"
    table["signal_half"] = "later"
    table["is_churned"] = rng.random(n) < 0.25 + 0.1 * is_here + 0.03 * stratum
    table["net_revenue_amount"] = np.round(np.exp(rng.normal(3 + stratum, 1 + is_here / 2)), 2)
    table["support_cost_amount"] = np.round(rng.gamma(0.4, 20, n) * (rng.random(n) < 0.6), 2)
    table["referral_count"] = rng.poisson(0.2 + 0.1 * is_here, n)
    for outcome, scale in zip(MONEY, (30, 5), strict=True):
        for period in ("before", "base", "earlier"):
            amounts = rng.gamma(1 + is_here / 2, scale) * (rng.random(n) < 0.9)
            table[f"{outcome}_{period}_amount"] = np.round(amounts, 2)
    return table


def spending_before(table: pd.DataFrame) -> pd.Series:
    """What was spent before: nothing, or in which half of the kind, and whether it was falling."""
    spent = table["net_revenue_base_amount"] + table["net_revenue_earlier_amount"]
    kind = [table["signal"], table["customer_kind"], spent > 0]
    rank = (spent.groupby(kind).rank("min") - 1) / (spent.groupby(kind).transform("size") - 1)
    falling = table["net_revenue_before_amount"] < 0.9 * table["net_revenue_base_amount"]
    bands = np.select([spent.isna(), spent <= 0], [-2, -1], (rank >= 0.5) * 2 + falling)
    return pd.Series(bands, table.index)


def published_customers(signal: str) -> pd.DataFrame:
    rows = [
        (signal, bucket, band, is_churned)
        for band, counts in PUBLISHED[signal].items()
        for bucket, both in zip(("here", "there"), counts, strict=True)
        for is_churned, count in zip((True, False), both, strict=True)
        for _ in range(count)
    ]
    table = pd.DataFrame(rows, columns=["signal", "bucket", "tenure_band", "is_churned"])
    same = {"customer_kind": "person", "channel": "all", "signal_half": "later"}
    nothing = {f"{o}{p}_amount": 1.0 for o in MONEY for p in ("", "_before", "_base", "_earlier")}
    return table.assign(**same, **nothing, referral_count=0)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    parts = [drawn_customers(s) for s in DRAWN] + [published_customers(s) for s in PUBLISHED]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(spending_before=spending_before(table))


@pytest.fixture(scope="module")
def mart(customers: pd.DataFrame) -> dict[str, dict[str, Any]]:
    found = judged(customers.drop(columns="spending_before"))
    assert len(found) == 202
    return found


def judged(customers: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Here against there, the row of each signal."""
    amounts = [f"{o}_{p}_amount" for o in MONEY for p in ("before", "base", "earlier")]
    cast = ", ".join(f"{name}::decimal(18, 4) as {name}" for name in amounts)
    with duckdb.connect() as connection:
        connection.register("customers", customers)
        connection.execute(f"""
            create table int_experience__outcomes as select * replace (
                net_revenue_amount::decimal(18, 4) as net_revenue_amount,
                support_cost_amount::decimal(18, 4) as support_cost_amount,
                referral_count::decimal(18, 4) as referral_count, {cast}
            ), 30 as horizon_days, true as is_active, row_number() over () as signal_id
            from customers;
            create table int_experience__index_events as
            select *, 'compared' as place from int_experience__outcomes;
            create table experience_signals as select distinct signal, bucket,
            case bucket when 'there' then 1 else 2 end as bucket_rank, 'there' as reference_bucket
            from customers""")
        build(connection, "fct_experience_impact")
        rows = connection.execute("""
            from fct_experience_impact where bucket = 'here' and horizon_days = 30
            and reference_bucket = 'there'""").df()
    return {row["signal"]: row for row in rows.to_dict("records")}


def arms(table: pd.DataFrame, column: str) -> list[np.ndarray]:
    return [table.loc[table["bucket"] == b, column].to_numpy(float) for b in ("here", "there")]


def two_by_two(table: pd.DataFrame) -> np.ndarray:
    """Lost and kept, of here and of there."""
    return np.array([[a.sum(), len(a) - a.sum()] for a in arms(table, "is_churned")])


def found(row: dict[str, Any], name: str) -> list[float]:
    """A figure with its interval; the bounds stand before the unit in amounts."""
    stem, unit = (name[:-7], "_amount") if name.endswith("_amount") else (name, "")
    return [float(row[n]) for n in (name, f"{stem}_low{unit}", f"{stem}_high{unit}")]


def test_risk_ratio_and_katz_interval(customers, mart) -> None:
    for signal, table in customers.groupby("signal"):
        other = Table2x2(two_by_two(table))
        expected = [other.riskratio, *other.riskratio_confint()]
        assert found(mart[signal], "unadjusted_churn_risk_ratio") == pytest.approx(
            expected, abs=2e-9
        )
    assert found(mart["katz"], "unadjusted_churn_risk_ratio") == pytest.approx(
        [0.5, 0.2466408, 1.0136198], abs=1e-6
    )


def test_difference_of_shares_and_newcombe_interval(customers, mart) -> None:
    for signal, table in customers.groupby("signal"):
        one, two = arms(table, "is_churned")
        counts = (one.sum(), len(one), two.sum(), len(two))
        bounds = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
        expected = [one.mean() - two.mean(), *bounds]
        difference = found(mart[signal], "unadjusted_churn_rate_difference")
        assert difference == pytest.approx(expected, abs=5e-8)


@pytest.mark.parametrize("outcome", ["net_revenue", "support_cost"])
def test_difference_of_means_and_welch_interval(customers, mart, outcome: str) -> None:
    for signal, table in customers[customers["signal"].isin(DRAWN)].groupby("signal"):
        one, two = arms(table, f"{outcome}_amount")
        other = stats.ttest_ind(one, two, equal_var=False).confidence_interval()
        expected = [one.mean() - two.mean(), other.low, other.high]
        assert found(mart[signal], f"unadjusted_{outcome}_difference_amount") == pytest.approx(
            expected, abs=1e-4
        )


def test_risk_ratio_within_strata(customers, mart) -> None:
    sizes = set()
    for signal, table in customers.groupby("signal"):
        by = [*STRATUM, "spending_before"]
        strata = [t for _, rows in table.groupby(by) if (t := two_by_two(rows)).sum(1).all()]
        sizes.add(len(strata))
        expected = StratifiedTable([t.astype(float) for t in strata]).riskratio_pooled
        ratio, *bounds = found(mart[signal], "adjusted_churn_risk_ratio")
        assert ratio == pytest.approx(expected, abs=2e-9)
        if len(strata) == 1:  # there Greenland and Robins are Katz
            katz = Table2x2(strata[0]).riskratio_confint()
            assert bounds == pytest.approx(katz, abs=2e-9)
    assert sizes > {1, 2, 5, 10}


def test_risk_ratio_of_the_ugdp_trial_and_its_interval_as_published(mart) -> None:
    ratio, low, high = found(mart["ugdp"], "adjusted_churn_risk_ratio")
    assert (round(ratio, 2), round(low, 2), round(high, 2)) == (1.33, 0.80, 2.20)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("adjusted_net_revenue_difference_amount", "net_revenue_trend_adjusted"),
        ("adjusted_support_cost_difference_amount", "support_cost_trend_adjusted"),
        ("before_after_net_revenue_difference_amount", "net_revenue_change"),
        ("net_revenue_difference_before_amount", "net_revenue_base_amount"),
        ("adjusted_referring_rate_difference", "has_referred"),
    ],
)
def test_difference_within_strata_is_that_of_a_regression_with_a_level_of_each(
    customers, mart, name: str, column: str
) -> None:
    # Least squares weights strata by n·m ÷ (n + m) as well.
    given = customers.assign(has_referred=customers["referral_count"] > 0)
    for outcome in MONEY:
        after, base = given[f"{outcome}_amount"], given[f"{outcome}_base_amount"]
        trend = base - given[f"{outcome}_earlier_amount"]
        given[f"{outcome}_change"] = after - base
        given[f"{outcome}_trend_adjusted"] = after - base - 1.5 * trend
    for signal, table in given[given["signal"].isin(DRAWN)].groupby("signal"):
        by = [*STRATUM, "spending_before"] if column == "has_referred" else STRATUM
        levels = pd.get_dummies(table.groupby(by).ngroup()).to_numpy(float)
        design = np.column_stack([table["bucket"] == "here", levels]).astype(float)
        expected = np.linalg.lstsq(design, table[column].to_numpy(float))[0][0]
        assert float(mart[signal][name]) == pytest.approx(expected, abs=6e-5)


def promoters(world: int) -> pd.DataFrame:
    """Two buckets of 250: those here spent 128 more, and 20 more with each horizon that passed;
    they had a good month before they answered, and spend 60 more for what they were asked about.

    Nothing of it is what the strata are made of, and the strata have levels of their own.
    """
    rng = np.random.default_rng([11, world])
    is_here = np.repeat([0, 1], 250)
    level = rng.gamma(2, 150, 500) + 128 * is_here
    kind = rng.random(500) < 0.4 + 0.2 * is_here
    growth = rng.normal(10, 20, 500) + 20 * is_here

    def spent(horizons: float, more: Any = 0.0) -> np.ndarray:
        mean = level + 50 * kind + growth * horizons + more
        return np.round(rng.gamma(4, np.maximum(mean, 1) / 4), 2)

    periods = {
        "": spent(0, 60 * is_here),
        "_before": spent(-1, 90 * is_here),
        "_base": spent(-1.5),
        "_earlier": spent(-2.5),
    }
    table = {f"net_revenue{period}_amount": amounts for period, amounts in periods.items()}
    table |= {f"support_cost{period}_amount": rng.gamma(1, 5, 500) for period in periods}
    table |= {"signal": f"w{world}", "bucket": np.where(is_here, "here", "there")}
    table |= {"customer_kind": np.where(kind, "account", "person"), "referral_count": 0}
    table |= {"tenure_band": "over_3_years", "channel": "all", "signal_half": "later"}
    return pd.DataFrame(table | {"is_churned": rng.random(500) < 0.2})


def test_a_known_effect_among_customers_who_were_richer_and_growing_before() -> None:
    """Of 200 worlds the true 60, where the difference as it is takes what was coming for it."""
    rows = judged(pd.concat(map(promoters, range(200)), ignore_index=True)).values()
    assert len(rows) == 200
    figures = {
        name: np.array([found(row, f"{name}_net_revenue_difference_amount") for row in rows])
        for name in ("unadjusted", "before_after", "adjusted")
    }
    middle = {name: float(values[:, 0].mean()) for name, values in figures.items()}
    inside = {n: float(((v[:, 1] < 60) & (v[:, 2] > 60)).mean()) for n, v in figures.items()}
    before = np.mean([float(row["net_revenue_difference_before_amount"]) for row in rows])
    assert before == pytest.approx(128 - 1.5 * 20, abs=8)
    assert middle["unadjusted"] == pytest.approx(60 + 128 + 50 * 0.2, abs=8)
    assert middle["before_after"] == pytest.approx(60 + 1.5 * 20, abs=8)
    assert middle["adjusted"] == pytest.approx(60, abs=8)
    assert inside["unadjusted"] < 0.1
    assert 0.92 <= inside["adjusted"] <= 0.98


def repeated_draws(columns: tuple[str, str], sizes: Any, shares: Any) -> duckdb.DuckDBPyConnection:
    """Strata of 20,000 signals with the same truth, hits and totals under these names."""
    rng, hits, totals = np.random.default_rng(3), *columns
    parts = [
        pd.DataFrame({"signal": np.arange(20_000), hits: rng.binomial(n, p, 20_000)}).assign(
            **{totals: n, "bucket": bucket, "tenure_band": str(stratum)}
        )
        for bucket, of_n, of_p in zip(("here", "there"), sizes, shares, strict=True)
        for stratum, (n, p) in enumerate(zip(of_n, of_p, strict=True))
    ]
    drawn = pd.concat(parts).astype({hits: float, totals: float}).assign(horizon_days=30)
    connection = duckdb.connect()
    same = {"customer_kind": "person", "channel": "all", "signal_half": "later"}
    connection.register("drawn", drawn.assign(**same, spending_before="none"))
    connection.execute("create table int_experience__strata as from drawn")
    return connection


def test_error_of_the_ratio_within_strata_is_how_much_it_varies() -> None:
    """Twice as many leave in every stratum: over 20,000 draws the logarithm varies by its error."""
    sizes, shares = ((200, 150), (120, 300)), ((0.2, 0.4), (0.1, 0.2))
    with repeated_draws(("churned_n", "active_n"), sizes, shares) as connection:
        build(connection, "int_experience__stratified_churn_effects")
        drawn = connection.execute("""
            select stddev(ln(churn_risk_ratio)), sqrt(avg(churn_log_error * churn_log_error)),
                exp(avg(ln(churn_risk_ratio))), count(churn_log_error)
            from int_experience__stratified_churn_effects where bucket = 'here'""").fetchone()
    assert drawn is not None and drawn[3] == 20_000
    assert drawn[1] == pytest.approx(drawn[0], rel=0.02)
    assert drawn[2] == pytest.approx(2.0, rel=0.02)


def test_error_of_referring_within_strata_is_how_much_it_varies() -> None:
    """Sato's, with 6 to 12 expected to refer in a stratum."""
    sizes, shares = ((80, 120), (100, 100)), ((0.075, 0.07), (0.12, 0.06))
    with repeated_draws(("referring_n", "referrals_n"), sizes, shares) as connection:
        build(connection, "int_experience__stratified_referral_effects")
        drawn = connection.execute("""
            select stddev(difference), sqrt(avg(standard_error * standard_error)), count(*)
            from int_experience__stratified_referral_effects
            where bucket = 'here' and standard_error is not null""").fetchone()
    assert drawn is not None and drawn[2] > 19_000
    assert drawn[1] == pytest.approx(drawn[0], rel=0.02)
