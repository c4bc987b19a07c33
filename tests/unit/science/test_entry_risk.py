"""Risk of leaving as known at entry: what it is learnt from, and when there is none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from orchestration.lib.science.entry_risk import risks

SIZE = 300


def observations(lost_share: float = 0.3, seed: int = 1) -> pa.Table:
    """Customers a quarter before entry, lost the more the lower their answer, and at entry."""
    rng = np.random.default_rng(seed)
    answer = rng.normal(50, 20, 2 * SIZE)
    lost = rng.random(SIZE) < 2 * lost_share / (1 + np.exp((answer[:SIZE] - 50) / 15))
    return pa.table(
        {
            "entry_number": np.full(2 * SIZE, 100),
            "customer_kind": ["person"] * 2 * SIZE,
            "customer_key": [f"c{i:04d}" for i in range(SIZE)] * 2,
            "month_number": np.repeat([97, 100], SIZE),
            "is_lost": [bool(v) for v in lost] + [None] * SIZE,
            "answer": answer,
            "constant": np.ones(2 * SIZE),
        }
    )


def test_risk_is_that_of_a_logistic_regression_on_losses_that_were_over() -> None:
    given = observations()
    found = risks(given)
    assert found.num_rows == SIZE and set(found["entry_number"].to_pylist()) == {100}
    answer = given["answer"].to_numpy()
    past, now = answer[:SIZE, None], answer[SIZE:, None]
    mean, deviation = past.mean(), past.std()
    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000)
    model.fit((past - mean) / deviation, given["is_lost"].to_pylist()[:SIZE])
    expected = model.predict_proba((now - mean) / deviation)[:, 1]
    assert found["risk_rate"].to_numpy() == pytest.approx(expected, abs=1e-4)


def test_the_order_of_the_rows_does_not_matter() -> None:
    given = observations()
    shuffled = given.take(np.random.default_rng(2).permutation(given.num_rows))
    assert risks(shuffled).equals(risks(given))


def test_where_too_few_were_lost_there_is_no_risk() -> None:
    assert risks(observations(lost_share=0.01))["risk_rate"].null_count == SIZE


def test_without_an_entry_there_is_nothing() -> None:
    assert risks(observations().slice(0, 0)).num_rows == 0
