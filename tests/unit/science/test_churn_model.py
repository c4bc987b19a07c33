"""The fit of the churn-risk model: against another optimiser, against a known truth, hard cases."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import minimize

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.churn import FITTED, fit, fit_models

TRUE = np.array([-0.8, 0.5, 0.0])
TRUE_INTERCEPT = -2.0


def world(size: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Three features on scales of their own; who is lost is drawn from the true model."""
    draw = np.random.default_rng(seed)
    z = draw.standard_normal((size, 3))
    lost = draw.random(size) < 1 / (1 + np.exp(-(TRUE_INTERCEPT + z @ TRUE)))
    return 50 + z * [20, 5, 1], lost


def test_coefficients_are_near_the_truth_of_a_simulated_world() -> None:
    # At n = 20,000 with 16 % lost the standard errors are about 0.02: four of them.
    model = fit(*world(20_000))
    assert model.coefficients == pytest.approx(TRUE, abs=0.08)
    assert model.intercept == pytest.approx(TRUE_INTERCEPT, abs=0.08)


def test_another_optimiser_of_the_same_objective_gives_the_same() -> None:
    values, lost = world(500, seed=3)
    values[::7, 1] = np.nan
    model = fit(values, lost)
    known = np.where(np.isfinite(values), values, np.nanmean(values, axis=0))
    z = np.where(np.isfinite(values), (known - model.means) / model.deviations, 0)

    def objective(parameters: np.ndarray) -> float:
        margin = (2 * lost - 1) * (parameters[0] + z @ parameters[1:])
        return float(np.logaddexp(0, -margin).sum() + (parameters[1:] ** 2).sum() / 2)

    found = minimize(objective, np.zeros(4), method="BFGS", options={"gtol": 1e-8}).x
    assert model.means == pytest.approx(np.nanmean(values, axis=0))
    assert model.deviations == pytest.approx(np.nanstd(values, axis=0))
    assert [model.intercept, *model.coefficients] == pytest.approx(found, abs=1e-5)


def test_what_does_not_vary_or_is_never_known_has_no_coefficient() -> None:
    values, lost = world(300)
    values = np.column_stack([values, np.full(300, 7.0), np.full(300, np.nan)])
    model = fit(values, lost)
    assert np.isnan(model.coefficients[3:]).all() and np.isnan(model.means[4])
    assert model.coefficients[:3] == pytest.approx(fit(values[:, :3], lost).coefficients)


def test_separated_data_have_finite_coefficients() -> None:
    # Without the penalty there is no maximum: the likelihood rises to infinity.
    model = fit([[1.0], [2.0], [3.0], [4.0]], [False, False, True, True])
    assert 0 < model.coefficients[0] < 5


@pytest.mark.parametrize("lost", [[True] * 3, [False] * 3])
def test_without_both_outcomes_there_is_no_model(lost: list[bool]) -> None:
    with pytest.raises(NotEstimable):
        fit([[1.0], [2.0], [3.0]], lost)


def observed(days: dict[date, int], seed: int = 1) -> pa.Table:
    """Customers c0, c1 … of one kind on each day of training."""
    size = sum(days.values())
    values, lost = world(size, seed)
    trained = [day for day, n in days.items() for _ in range(n)]
    return pa.table(
        {
            "customer_kind": ["account"] * size,
            "trained_through_date": trained,
            "customer_key": [f"c{i % 200}" for n in days.values() for i in range(n)],
            "outcome_date": [date(day.year, day.month, 1 + i % 7) for i, day in enumerate(trained)],
            "usage": values[:, 0],
            "support": values[:, 1],
            "is_lost": lost,
        }
    )


def test_each_day_of_training_has_a_model_of_its_own_rows() -> None:
    first, second = date(2025, 4, 30), date(2025, 5, 31)
    both = observed({first: 300, second: 200})
    found = fit_models(both)
    # in whatever order the rows come
    assert fit_models(both.take(np.random.default_rng(2).permutation(500))).equals(found)
    rows = found.to_pylist()
    assert [(r["trained_through_date"], r["feature"]) for r in rows] == [
        (day, f) for day in (first, second) for f in ("intercept", "usage", "support")
    ]
    assert (rows[0]["observation_count"], rows[0]["customer_count"]) == (300, 200)
    assert (rows[3]["observation_count"], rows[3]["customer_count"]) == (200, 200)
    own = both.slice(300)
    alone = fit(np.column_stack([own["usage"], own["support"]]), own["is_lost"])
    assert rows[3]["coefficient"] == pytest.approx(alone.intercept, abs=1e-8)
    assert rows[4]["coefficient"] == pytest.approx(alone.coefficients[0], abs=1e-8)


def test_without_outcomes_there_is_an_empty_table_and_without_losses_a_row_that_counts() -> None:
    table = observed({date(2025, 4, 30): 40})
    nothing = fit_models(table.slice(0, 0))
    assert nothing.schema == FITTED and nothing.num_rows == 0
    nobody = table.drop_columns("is_lost").append_column("is_lost", pa.array([False] * 40))
    [row] = fit_models(nobody).to_pylist()
    assert row["feature"] == "intercept" and row["coefficient"] is None
    assert (row["customer_count"], row["lost_customer_count"]) == (40, 0)
