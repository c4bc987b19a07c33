"""What an experiment would find, against published and simulated figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from orchestration.lib.science.power import adjusted_scatter, detectable


def test_detectable_effect_is_the_published_one() -> None:
    """Cohen (1988), table 2.4.1: 64 in either arm find half a standard deviation, power 0.80."""
    assert detectable(1.0, 64, 64) == pytest.approx(0.5, abs=0.005)
    assert np.isnan(detectable(1.0, 1, 64))


def test_an_effect_of_that_size_is_found_four_times_in_five() -> None:
    """4,000 experiments of 30 against 60: 80 % give or take 2.6 %."""
    rng = np.random.default_rng(1)
    effect = detectable(2.0, 30, 60)
    treated, control = rng.normal(effect, 2, (4000, 30)), rng.normal(0, 2, (4000, 60))
    p = stats.ttest_ind(treated, control, axis=1).pvalue
    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.026)


def test_scatter_is_what_covariates_do_not_foretell() -> None:
    """Two covariates and noise of 1 a month: √(1/4) of four months is left, by least squares too.

    Newcomers, of whom nothing is known before, keep theirs, about a mean of their own.
    """
    rng = np.random.default_rng(2)
    before = rng.normal(0, 5, (4000, 2))
    outcome = (before @ [2.0, -1.0])[:, None] + rng.normal(0, 1, (4000, 4))
    assert adjusted_scatter(outcome, before) == pytest.approx(0.5, rel=0.03)
    design = np.column_stack([np.ones(4000), before])
    left = outcome.mean(axis=1)
    left = left - design @ np.linalg.lstsq(design, left, rcond=None)[0]
    assert adjusted_scatter(outcome, before) == pytest.approx(left.std(ddof=1), rel=1e-9)
    new = np.full((4000, 2), np.nan)
    both = adjusted_scatter(np.vstack([outcome, outcome + 100]), np.vstack([before, new]))
    raw = outcome.mean(axis=1).var()
    assert both == pytest.approx(np.sqrt((raw + left.var()) / 2), rel=1e-3)
