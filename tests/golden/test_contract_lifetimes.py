"""Published numbers of Fader & Hardie (2007): two segments of a subscription business."""

import numpy as np
import pytest

from orchestration.lib.science import NotEstimable, sbg
from tests.reference.lifetimes import counts_from_survivors

REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]


def fitted(percent: list[float]):
    """The paper's fit: a cohort of 1,000 watched for seven years."""
    return sbg.fit(*counts_from_survivors([10 * share for share in percent[:8]]))


@pytest.mark.parametrize(
    ("percent", "alpha", "beta", "log_likelihood", "year_12"),
    [(REGULAR, 0.704, 1.182, -1680.27, 17.0), (HIGH_END, 0.668, 3.806, -1611.16, 37.8)],
)
def test_fit_on_seven_years_gives_the_published_parameters_and_projection(
    percent, alpha, beta, log_likelihood, year_12
):
    found = fitted(percent)
    assert [round(p, 3) for p in found.parameters] == [alpha, beta]
    assert round(found.log_likelihood, 2) == log_likelihood
    assert round(100 * float(sbg.survival(found.parameters, 12)), 1) == year_12


@pytest.mark.parametrize(
    ("percent", "deviations"),
    [
        (REGULAR, [-0.29, -0.26, -0.28, -0.31, -0.30]),
        (HIGH_END, [-0.76, -0.92, -1.28, -1.39, -1.60]),
    ],
    ids=["regular", "high_end"],
)
def test_years_the_fit_has_not_seen_are_projected_within_what_was_seen(percent, deviations):
    # Points by which years 8 to 12 fall short of what came: at most 1.6 of 39.4, that is 4 %.
    # One rate for all, which is S(7) to the power of age ÷ 7, is short by 8.6 and 9.9 in year 12.
    observed, ages = np.array(percent[8:]), np.arange(8, 13)
    assert len(observed) == 5
    projected = 100 * sbg.survival(fitted(percent).parameters, ages)
    assert np.round(projected - observed, 2).tolist() == deviations
    assert projected == pytest.approx(observed, rel=0.042)
    one_rate = 100 * (percent[7] / 100) ** (ages / 7)
    assert one_rate[-1] < observed[-1] - 8


def test_two_cohorts_of_different_ages_are_added_up_not_averaged():
    # Given 1,000 who started 3 years ago and 1,000 who started 1 year ago, same behaviour,
    # then the young cohort adds what it knows about year 1 and nothing about years 2 and 3.
    old_lost, old_alive = counts_from_survivors([1000, 631, 468, 382])
    young_lost, young_alive = counts_from_survivors([1000, 631])
    lost, alive = old_lost.copy(), old_alive.copy()
    lost[:1] += young_lost
    alive[:1] += young_alive
    assert lost.tolist() == [738, 163, 86]
    assert alive.tolist() == [631, 0, 382]
    both, alone = sbg.fit(lost, alive), sbg.fit(old_lost, old_alive)
    assert both.standard_errors[0] < alone.standard_errors[0]
    curve = sbg.survival(both.parameters, [1, 2, 3])
    assert curve == pytest.approx([0.631, 0.468, 0.382], abs=5e-3)


def test_retention_rises_with_age_and_multiplies_to_survival():
    parameters = (0.704, 1.182)
    rates = sbg.retention(parameters, np.arange(1, 6))
    assert np.all(np.diff(rates) > 0)
    assert np.cumprod(rates) == pytest.approx(sbg.survival(parameters, np.arange(1, 6)))


def test_remaining_tenure_is_the_discounted_sum_of_survival():
    # The closed form (2F1) against adding up 2,000 years: someone in their third year.
    ahead = np.arange(2_000)
    alive = sbg.survival((0.668, 3.806), 3 + ahead) / sbg.survival((0.668, 3.806), 2)
    summed = float((alive / 1.1**ahead).sum())
    assert float(sbg.remaining_tenure((0.668, 3.806), 3, 0.1)) == pytest.approx(summed, rel=1e-9)
    assert sbg.remaining_tenure((0.668, 3.806), np.array([1, 3]), 0.1, 2_000)[1] == pytest.approx(
        summed
    )


def test_customers_who_are_all_alike_are_projected_with_one_rate_and_no_interval():
    # Given losses of 40, 50 and 67 % a year: retention falls, which no mixture of customers gives,
    # then the model becomes a single rate (900 lost in 1,900 customer-years) and claims no error.
    found = sbg.fit([400, 300, 200], [0, 0, 100])
    assert float(sbg.survival(found.parameters, 1)) == pytest.approx(1 - 900 / 1900, abs=1e-4)
    assert np.isnan(found.standard_errors).all()


@pytest.mark.parametrize(
    ("lost", "alive", "reason"),
    [
        ([0, 0], [0, 50], "nobody has left"),
        ([5], [50], "more than one period"),
    ],
)
def test_no_estimate_but_a_reason_where_the_data_cannot_carry_one(lost, alive, reason):
    with pytest.raises(NotEstimable, match=reason):
        sbg.fit(lost, alive)


def test_undiscounted_tenure_without_a_horizon_is_refused():
    with pytest.raises(NotEstimable, match="infinite"):
        sbg.remaining_tenure((0.704, 1.182), 1)
