"""p-values and quantiles that the night computes in SQL, against scipy on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.product_sql import values

DEGREES = [10.0, 12.5, 25.0, 60.0, 500.0, 5000.0]  # n/2; the fewest that carry a result are 20
GRID = np.linspace(0, 12, 2401)


def at(call: str, degrees: float) -> float:
    return float(values(call, df=[degrees])[0])


def test_p_value_of_a_normal() -> None:
    """To 15 decimals; published are nine, so that what is below 5e-10 is 0 in any case."""
    z = np.linspace(-38, 38, 7601)
    found, exact = values("two_sided_p_value('z')", z=z), 2 * stats.norm.sf(abs(z))
    assert np.isfinite(found).all() and (found <= 1).all()
    inside = abs(z) < 7
    assert found[inside] == pytest.approx(exact[inside], rel=0, abs=1e-15)
    assert found[abs(z) < 3] == pytest.approx(exact[abs(z) < 3], rel=1e-12, abs=0)
    assert found[abs(z) < 6] == pytest.approx(exact[abs(z) < 6], rel=1e-9, abs=0)
    assert (found[~inside] == 0).all() and exact[~inside].max() < 2.6e-12


def test_no_z_has_no_p_value() -> None:
    assert np.isnan(values("two_sided_p_value('z')", z=[np.nan, None])).all()


@pytest.mark.parametrize("degrees", DEGREES)
def test_quantiles_of_t(degrees: float) -> None:
    t = stats.t.ppf([0.975, 0.8], degrees)
    assert at("interval_reach('df')", degrees) == pytest.approx(t[0], abs=0.001)
    assert at("detectable_reach('df')", degrees) == pytest.approx(t.sum(), abs=0.001)


def test_a_normal_interval_reaches_as_far_as_that_of_many() -> None:
    normal = float(values("interval_reach()", df=[0.0])[0])
    assert normal == pytest.approx(stats.norm.ppf(0.975), abs=1e-15)
    assert at("interval_reach('df')", 1e7) == pytest.approx(normal, abs=1e-6)


@pytest.mark.parametrize("degrees", DEGREES)
def test_p_value_of_t(degrees: float) -> None:
    """As verdicts have it: the normal z of t, and its p-value. Right to 1 % where verdicts are
    decided (0.01 and 0.05), to 2.5 % down to 0.001, and below 0.00103 further out.
    """
    given = {"t": GRID, "df": np.full(len(GRID), degrees)}
    found = values("two_sided_p_value('z')", z=values("normal_of_t('t', 'df')", **given))
    exact = 2 * stats.t.sf(GRID, degrees)
    for least, relative in ((0.01, 0.01), (0.001, 0.025)):
        decided = exact >= least
        assert decided.sum() > 400
        assert found[decided] == pytest.approx(exact[decided], rel=relative, abs=0)
    assert (found[exact < 0.001] < 0.00103).all()


@pytest.mark.parametrize("degrees", DEGREES)
def test_t_of_normal_is_the_way_back(degrees: float) -> None:
    given = np.full(len(GRID), degrees)
    z = values("normal_of_t('t', 'df')", t=GRID, df=given)
    assert values("t_of_normal('z', 'df')", z=z, df=given) == pytest.approx(GRID, abs=1e-9)
