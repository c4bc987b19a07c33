"""Where no lifetime model can be had there is a reason, and no number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from orchestration.lib.science import lifetime_fits, sbg
from orchestration.lib.science import lifetime_predictions as predictions
from orchestration.lib.science.lifetime_fits import CANDIDATES
from orchestration.lib.science.likelihood import Maximum
from tests.reference.lifetimes import counts_from_survivors
from tests.unit.science.lifetimes.conftest import (
    HIGH_END,
    PURCHASE,
    SPEND,
    TENURE,
    cohort,
    fits,
    table,
)


@pytest.mark.parametrize(
    ("tenures", "reason"),
    [
        ([(3, False, 50, 1.0), (9, False, 50, 1.0)], "nobody has left yet"),
        ([(0, False, 50, 1.0)], "no contract period is over yet"),
        (
            [(1, True, 30, None), (1, False, 70, 1.0)],
            "nobody was observed for more than one period",
        ),
        ([(2, True, 2, None), (3, False, 1, 1.0)], "fewer than 10 losses"),
        ([(1, True, 1, None)], "fewer than 10 losses"),
    ],
)
def test_contracts_that_carry_no_model(tenures, reason) -> None:
    groups = table(TENURE, tenures)
    [row] = fits(groups).to_dict("records")
    assert reason in row["reason"] and np.isnan(row["alpha"])
    assert len(predictions.tenure_predictions(fits(groups), groups)) == 0


def test_where_everybody_has_left_there_is_a_model_and_nobody_to_predict() -> None:
    groups = table(TENURE, [(1, True, 60, None), (2, True, 25, None), (3, True, 15, None)])
    assert pd.isna(fits(groups).loc[0, "reason"])
    assert len(predictions.tenure_predictions(fits(groups), groups)) == 0


@pytest.mark.parametrize(
    ("purchases", "reason"),
    [
        ([(0, 0, 90, 500)], "nobody has bought twice"),
        ([(0, 0, 90, 1)], "nobody has bought twice"),
        ([(2, 30, 90, 1)], "fewer than 10 repeat buyers"),
    ],
)
def test_buyers_who_carry_no_model(purchases, reason) -> None:
    groups = table(PURCHASE, purchases)
    found = fits(purchases=groups)
    assert found["model"].tolist() == [model.name for model in CANDIDATES]
    assert (found["reason"] == reason).all() and found["r"].isna().all()
    assert len(predictions.purchase_predictions(fits(purchases=groups), groups)) == 0


def heavy_tail(size: int = 400) -> list[tuple]:
    """Means so far apart (Pareto, tail index 0.5) that they have no expectation."""
    share = (np.arange(size) + 0.5) / size
    return [(1 + i % 3, float((1 - s) ** -2), 1) for i, s in enumerate(share)]


@pytest.mark.parametrize(
    ("spend", "reason"),
    [
        ([(1, 20.0, 30), (2, 20.0, 30)], "everybody spends the same"),
        ([(n, 10.0 * n, 20) for n in range(1, 8)], "spend depends on how often customers buy"),
        (heavy_tail(), "q ≤ 1"),
        ([(1, 20.0, 1), (2, 30.0, 1)], "fewer than 10 repeat buyers"),
    ],
)
def test_spend_that_carries_no_model(spend, reason) -> None:
    groups = table(SPEND, spend)
    [row] = fits(spend=groups).to_dict("records")
    assert reason in row["reason"] and np.isnan(row["p"])
    assert len(predictions.spend_predictions(fits(spend=groups), groups)) == 0


def test_a_fit_that_did_not_converge_is_not_used(monkeypatch) -> None:
    stopped = Maximum((1.0, 2.0), -9.0, np.eye(2), 1000, converged=False)
    monkeypatch.setattr(lifetime_fits, "SBG", replace(lifetime_fits.SBG, fit=lambda *_: stopped))
    groups = table(TENURE, cohort(HIGH_END))
    assert fits(groups).loc[0, "reason"] == "the fit did not converge"
    assert len(predictions.tenure_predictions(fits(groups), groups)) == 0


def test_a_search_that_is_cut_short_is_not_called_converged(monkeypatch) -> None:
    from orchestration.lib.science import likelihood

    whole = likelihood.minimize

    def one_step(*arguments, options, **named):
        return whole(*arguments, options={"maxiter": 1}, **named)

    monkeypatch.setattr(likelihood, "minimize", one_step)
    assert not sbg.fit(*counts_from_survivors(HIGH_END)).converged
