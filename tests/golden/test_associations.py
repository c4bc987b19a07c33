"""Intervals of fct_experience_impact against statsmodels and scipy, on the numbers of its tests."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml
from jinja2 import Environment, FileSystemLoader
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"


def value(macro: str, file: str, arguments: str) -> float | None:
    """What a macro of the project gives for these arguments."""
    environment = Environment(loader=FileSystemLoader(MACROS), extensions=["jinja2.ext.do"])
    sources = "".join(
        # Macros of one project see each other.
        (MACROS / name).read_text(encoding="utf-8")
        for name in ("expressions.sql", "statistics.sql", file)
    )
    sql = environment.from_string(sources + "{{ " + f"{macro}({arguments})" + " }}").render()
    row = duckdb.sql(f"select {sql}").fetchone()
    assert row is not None
    return None if row[0] is None else float(row[0])


def reach(degrees: int) -> float:
    """Half-width of the 95 % interval in standard errors, as the macro has it."""
    found = value("student_reach", "associations.sql", f"'cast({degrees} as double)'")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("degrees", "relative"), [(2, 0.01), (3, 0.002), (5, 2e-4), (8, 2e-5), (20, 2e-7), (500, 1e-9)]
)
def test_students_t_without_a_table(degrees: int, relative: float) -> None:
    # neither engine has the quantile; the expansion is exact where samples are worth reading
    assert reach(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=relative)


def test_katz_interval_of_the_example() -> None:
    # The error of the logarithm is the mart's, which test_experience_impact compares.
    table = Table2x2([[10, 90], [20, 80]])
    error = float(np.sqrt(1 / 10 - 1 / 100 + 1 / 20 - 1 / 100))
    bounds = [
        value("log_bound", "associations.sql", f"0.5, 'cast({error} as double)', {side}")
        for side in (-1, 1)
    ]
    assert bounds == pytest.approx(table.riskratio_confint(), abs=1e-9)
    assert table.riskratio_confint() == pytest.approx((0.2466408017, 1.0136197997), abs=1e-9)


def test_where_all_of_both_churned_the_log_error_is_0_and_there_is_no_interval() -> None:
    """30 of 30 against 40 of 40 is no 1.0 (1.0 to 1.0); an error of 0.1 has an interval."""
    assert value("log_bound", "associations.sql", "1.0, '(1/30 - 1/30 + 1/40 - 1/40)', 1") is None
    assert value("log_bound", "associations.sql", "1.0, 0.1, 1") == pytest.approx(np.exp(0.1959964))


# Amounts that are all the same; what is left of the sum of squares is rounding, at most.
@pytest.mark.parametrize(
    ("count", "amount"), [(47, 19.90), (3, 0.1), (1000, 1234.56), (7, 0.0333), (29, -4.99), (5, 0)]
)
def test_customers_who_all_pay_the_same_do_not_vary(count: int, amount: float) -> None:
    total, squares = round(count * amount, 4), round(count * amount * amount, 8)
    sums = f"'{count}', 'cast({total} as double)', 'cast({squares} as double)'"
    assert value("sample_variance", "associations.sql", sums) == 0


def test_if_one_customer_of_a_thousand_pays_one_more_they_vary() -> None:
    paid = np.array([1234.56] * 999 + [1235.56])
    sums = f"'1000', '({paid.sum()!r})', '({(paid @ paid)!r})'".replace("np.float64", "")
    found = value("sample_variance", "associations.sql", sums)
    assert found == pytest.approx(paid.var(ddof=1), rel=0.01)


# 100 customers of whom 3 % churn and 100 of whom 12 % do, every sample there can be: how often a
# ratio is published, what it is on average against the true one, how often Katz's interval holds.
@pytest.mark.parametrize(
    ("floor", "published", "average", "held"),
    [("counted", 0.18, 1.94, 0.85), ("expected", 0.90, 0.94, 0.97)],
)
def test_a_floor_on_what_is_counted_picks_bad_luck(
    floor: str, published: float, average: float, held: float
) -> None:
    a, c = np.arange(1, 100)[:, None], np.arange(1, 100)[None, :]
    chance = stats.binom.pmf(a, 100, 0.03) * stats.binom.pmf(c, 100, 0.12)
    enough = np.minimum(a, c) >= 5 if floor == "counted" else (a + c) / 2 >= 5
    off = np.log(a / c) - np.log(0.03 / 0.12)
    inside = abs(off) <= 1.96 * np.sqrt(1 / a + 1 / c - 2 / 100)
    share = chance[enough].sum()
    assert share == pytest.approx(published, abs=0.005)
    assert np.exp((chance * off)[enough].sum() / share) == pytest.approx(average, abs=0.005)
    assert (chance * inside)[enough].sum() / share == pytest.approx(held, abs=0.005)


def test_within_thin_strata_t_holds_the_truth_and_1_96_does_not() -> None:
    """16 against 16 steady customers and 4 against 4 erratic ones, who do not differ."""
    draw = np.random.default_rng(7)
    sizes, spread = (16, 4), (10, 100)
    n = np.array(sizes)
    sides = [
        [draw.normal(0, d, (20000, k)) for k, d in zip(sizes, spread, strict=True)] for _ in "ab"
    ]
    means = [np.array([s.mean(1) for s in side]) for side in sides]
    errors = np.array([[s.var(1, ddof=1) / s.shape[1] for s in side] for side in sides])
    weights = (n / 2 / (n / 2).sum())[:, None]
    variances = weights**2 * errors
    degrees = variances.sum((0, 1)) ** 2 / (variances**2 / (n - 1)[None, :, None]).sum((0, 1))
    z = abs((weights * (means[0] - means[1])).sum(0)) / np.sqrt(variances.sum((0, 1)))
    assert np.mean(z <= stats.t.ppf(0.975, degrees)) == pytest.approx(0.95, abs=0.01)
    assert np.mean(z <= 1.96) < 0.92


def test_mantel_haenszel_ratio_of_the_ugdp_trial() -> None:
    # by age: deaths and survivors of the treated, then of the others; the model's example says so
    strata = [[[8, 98], [5, 115]], [[22, 76], [16, 69]]]
    file = "models/analysis/experience/int_experience__stratified_churn_effects.yml"
    examples = yaml.safe_load((MACROS.parent / file).read_text(encoding="utf-8"))["unit_tests"]
    [example] = [e for e in examples if e["name"] == "published_mantel_haenszel_example"]
    expected = {row["bucket"]: row["churn_risk_ratio"] for row in example["expect"]["rows"]}
    ratio = StratifiedTable(strata).riskratio_pooled
    assert (ratio, 1 / ratio) == pytest.approx((expected["treated"], expected["other"]), abs=1e-9)


# Who referred after a reply: none of 55 of the slowest is no certainty that nobody ever does.
@pytest.mark.parametrize(
    "counts",
    [(7, 389, 0, 55), (0, 55, 7, 389), (0, 55, 0, 389), (0, 3, 3, 3), (10, 100, 20, 100)],
)
def test_newcombe_interval_of_two_shares_also_at_none_of_n(counts: tuple[int, ...]) -> None:
    bounds = [
        value("share_difference_bound", "comparisons.sql", f"{counts}"[1:-1] + f", {side}")
        for side in (-1, 1)
    ]
    exact = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
    assert bounds == pytest.approx(exact, abs=3e-8)
    assert bounds[0] < counts[0] / counts[1] - counts[2] / counts[3] < bounds[1] or counts[1] == 3


def test_fishers_exact_test_agrees_that_7_of_389_against_0_of_55_is_nothing() -> None:
    low, high = confint_proportions_2indep(7, 389, 0, 55, compare="diff", method="newcomb")
    assert low < 0 < high
    assert stats.fisher_exact([[7, 382], [0, 55]]).pvalue == pytest.approx(0.60, abs=0.005)


def test_without_customers_there_is_no_difference() -> None:
    assert value("share_difference_bound", "comparisons.sql", "0, 0, 7, 389, -1") is None
