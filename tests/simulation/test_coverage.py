"""A small version of the coverage table: is the interval about right, and the verdict?

With 60 companies a true 95 % gives 53 to 60 inside in 99 of 100 tries, a true 2.5 % at most 5 false
ones, and the mean error is within 0.4 standard errors of zero; the full table
(`python -m tests.simulation.coverage`) is narrower.
"""

import numpy as np
import pytest

from tests.reference.experiments import difference_in_means
from tests.simulation.coverage import Line, bias, covered, families, said, simulated, table


@pytest.mark.parametrize("rule", ["newcomers", "best"])
def test_interval_and_verdict_hold_whoever_is_chosen(rule: str) -> None:
    companies = simulated(Line(rule, 1200, effect=6.0, with_other=False), 60)
    columns = table(companies)
    assert len(columns["effect"]) > 50
    assert covered(columns).mean() >= 53 / 60
    assert abs(bias(columns)) < 0.4
    at_break_even = [verdicts[0] for verdicts in said(companies, None)]
    assert at_break_even.count("pays_back") <= 5
    too_dear = [verdicts[0] for verdicts in said(companies, 12.0)]
    assert "pays_back" not in too_dear
    free = [verdicts[0] for verdicts in said(companies, 1e-9)]
    assert free.count("pays_back") >= 5
    # Where nothing happened, little is found.
    for name in ("pre_trend_p", "placebo_p", "placebo_cohort_p"):
        assert (columns[name] < 0.01).sum() <= 5, name


def test_controls_that_are_taken_out_are_stood_in_for() -> None:
    """Leavers are never taken into a programme: without weights they would pile up as controls."""
    companies = simulated(Line("anybody", 1200, effect=0.0, with_other=True), 60)
    assert abs(bias(table(companies))) < 0.4


def test_treated_that_another_programme_takes_are_stood_in_for() -> None:
    """It takes the best of both groups: with weights on one side only the bias is −0.6 errors."""
    line = Line("newcomers", 3000, effect=0.0, with_other=True, overlaps=True)
    columns = table(simulated(line, 60))
    assert abs(bias(columns)) < 0.4
    assert covered(columns).mean() >= 53 / 60


def test_twenty_programmes_at_once() -> None:
    """Uniform p-values, as of programmes without effect: something is found in one family of 20.

    Of the findings where half of the programmes work, half of 5 % are false.
    """
    rng = np.random.default_rng(1)
    some, false = families(rng.uniform(size=100_000), rng.uniform(0, 1e-6, 100_000))
    assert some.mean() == pytest.approx(0.05, abs=0.015)
    assert false.mean() == pytest.approx(0.025, abs=0.01)


def test_cuped_intervals_cover_and_are_shorter() -> None:
    """Lotteries of 200 with skewed amounts, half of which were there before: 95 % of 2,000."""
    rng = np.random.default_rng(2)
    inside, shorter = [], []
    for _ in range(2000):
        before = rng.gamma(2, 20, 200)
        treated = rng.permutation(200) < 100
        after = 0.5 * before + rng.gamma(2, 8, 200) + 5 * treated
        adjusted = difference_in_means(after, treated, before)
        low, high = adjusted.interval()
        inside.append(low < 5 < high)
        shorter.append(adjusted.standard_error / difference_in_means(after, treated).standard_error)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)
    assert np.mean(shorter) < 0.7
