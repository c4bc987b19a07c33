"""A small version of the coverage table: is the interval about right, and is it centred?

With 60 companies a true 95 % gives 53 to 60 inside in 99 of 100 tries, and the mean error is within
0.4 standard errors of zero; the full table (`python -m tests.simulation.coverage`) is narrower.
"""

import pytest

from tests.simulation.coverage import called_pays_back, covered, errors


@pytest.mark.parametrize("rule", ["newcomers", "best"])
def test_interval_covers_the_truth_whoever_is_chosen(rule: str) -> None:
    rows = errors(60, 1200, rule, effect=6.0, with_other=False)
    assert covered(rows) >= 53 / 60
    assert abs(rows[:, 0].mean() / rows[:, 1].mean()) < 0.4
    assert called_pays_back(rows, cost_above_benefit=0.0) <= 5 / 60
    assert called_pays_back(rows, cost_above_benefit=6.0) == 0
