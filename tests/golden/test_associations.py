"""Intervals of fct_experience_impact against statsmodels and scipy, on the numbers of its tests."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment, FileSystemLoader
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"


def reach(degrees: int) -> float:
    """Half-width of the 95 % interval in standard errors, as the macro has it."""
    environment = Environment(loader=FileSystemLoader(MACROS))
    template = "{% from 'associations.sql' import student_reach %}{{ student_reach(degrees) }}"
    sql = environment.from_string(template).render(degrees=f"cast({degrees} as double)")
    row = duckdb.sql(f"select {sql}").fetchone()
    assert row is not None
    return float(row[0])


@pytest.mark.parametrize(
    ("degrees", "relative"), [(2, 0.01), (3, 0.002), (5, 2e-4), (8, 2e-5), (20, 2e-7), (500, 1e-9)]
)
def test_students_t_without_a_table(degrees: int, relative: float) -> None:
    # neither engine has the quantile; the expansion is exact where samples are worth reading
    assert reach(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=relative)


def test_welch_interval_of_the_example() -> None:
    exact = stats.ttest_ind([10, 20, 30], [10, 10, 40, 60], equal_var=False).confidence_interval()
    assert (exact.low, exact.high) == pytest.approx((-46.9791, 26.9791), rel=5e-4)


def test_katz_interval_of_the_example() -> None:
    table = Table2x2([[10, 90], [20, 80]])
    assert table.riskratio == pytest.approx(0.5)
    assert table.riskratio_confint() == pytest.approx((0.2466408017, 1.0136197997), abs=1e-9)


def test_mantel_haenszel_ratio_of_the_ugdp_trial() -> None:
    # by age: deaths and survivors of the treated, then of the others; published 1.33
    strata = [[[8, 98], [5, 115]], [[22, 76], [16, 69]]]
    assert StratifiedTable(strata).riskratio_pooled == pytest.approx(1.3255553242, abs=1e-9)
