"""What is said of a programme: that it pays back, that it does not, or why nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest

from tests.integration.programmes.conftest import entered
from tests.simulation.companies import MONTHS
from tests.simulation.product import Row, verdicts


def verdict(results, programme: str, columns: str):
    return results.execute(
        f"select {columns} from candidate.cx.fct_programme_roi"
        " where programme_id = ? and segmentation = 'all'",
        [programme],
    ).fetchone()


def test_the_programme_that_works_pays_back(results, firm):
    words, low, high, months, cost = verdict(
        results,
        "P",
        "verdict, effect_low_amount, effect_high_amount, treated_month_count, cost_amount",
    )
    assert words == "pays_back"
    assert low < firm.true_effect < high
    assert months == sum(MONTHS - g for _, g in entered(firm.cohort))
    assert float(cost) == pytest.approx(100 * (MONTHS - 9))


@pytest.mark.parametrize(
    ("programme", "reason"),
    [
        ("EMPTY", "nobody_enrolled"),
        ("ALONE", "no_similar_customers"),
        ("TINY", "too_few_customers"),
        ("FLAT", "outcome_does_not_vary"),
        ("GONE", "everybody_left"),
    ],
)
def test_no_number_but_a_reason_where_nothing_can_be_said(results, programme, reason):
    words, why, *numbers = verdict(
        results,
        programme,
        "verdict, verdict_reason, effect_amount, effect_low_amount,"
        " benefit_amount, retained_benefit_amount, roi_rate, roi_low_rate, roi_p_value,"
        " discounted_roi_rate, detectable_effect_amount, payback_months",
    )
    assert (words, why) == ("not_proven", reason)
    assert numbers == [None] * len(numbers)


def test_a_programme_without_cost_has_an_effect_and_no_return(results):
    words, why, effect, roi, payback = verdict(
        results, "R", "verdict, verdict_reason, effect_amount, roi_rate, payback_months"
    )
    assert (words, why) == ("not_proven", "no_cost")
    assert effect is not None and roi is None and payback is None


def test_verdicts_equal_the_rule_that_is_simulated(results):
    """On the verdicts as published, the rule the coverage table applies says the same."""
    rows = results.execute("""
        select treated_customer_count, matched_customer_count, treated_month_count,
            matched_month_count, effect_amount,
            case when cost_amount is not null then effect_error end, pre_trend_p_value,
            placebo_p_value, placebo_cohort_p_value, cost_amount / treated_month_count, verdict
        from intermediate.int_programme_verdicts where treated_customer_count > 0
    """).fetchall()
    numbers = np.array([row[:-1] for row in rows], float)
    found = [Row(*map(int, row[:4]), *row[4:9], np.nan) for row in numbers]
    costs = np.nan_to_num(numbers[:, 9])
    assert verdicts(found, costs) == [row[-1] for row in rows]
    assert len({row[-1] for row in rows}) >= 2
