"""A small version of the coverage table: is the interval about right, and is it centred?

With 60 companies a true 95 % gives 53 to 60 inside in 99 of 100 tries; the full table (`python -m
tests.simulation.coverage`) is narrower.
"""

import pytest

from tests.simulation.coverage import coverage


@pytest.mark.parametrize("rule", ["newcomers", "best"])
def test_interval_covers_the_truth_whoever_is_chosen(rule: str) -> None:
    found = coverage(60, 1200, rule, effect=6.0)
    assert found.covered >= 53 / 60
    assert abs(found.bias_in_errors) < 0.5
    assert found.false_pays_back <= 5 / 60
