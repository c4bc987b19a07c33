"""What is said of a programme: that it pays back, that it does not, or why nothing can be said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.integration.programmes.conftest import entered
from tests.simulation.companies import MONTHS


def verdict(results, programme: str, columns: str):
    return results.execute(
        f"select {columns} from candidate.cx.fct_programme_roi"
        " where programme_id = ? and segmentation = 'all'",
        [programme],
    ).fetchone()


def test_the_programme_that_works_pays_back_as_far_as_can_be_seen(results, firm):
    """A history of ten months cannot rule out a drift as large as the effect."""
    words, low, high, months, cost = verdict(
        results,
        "P",
        "verdict, effect_low_amount, effect_high_amount, treated_month_count, cost_amount",
    )
    assert words == "likely_pays_back"
    assert low < firm.true_effect < high
    assert months == sum(MONTHS - g for _, g in entered(firm.cohort))
    assert float(cost) == pytest.approx(100 * (MONTHS - 9))


def test_a_second_programme_that_takes_the_risers_is_no_effect_of_the_first(results):
    """Half of 40 treated and of 40 alike rise by 10; then half of the risers are taken elsewhere.

    In either group 10 risers of 30 are left and stand for 20 of 40: mean 5 and 5. Were only the
    untreated weighted, 100/30 − 5 = −1.67 would look like harm.
    """
    months = results.execute(
        "select months_since_entry, effect_amount, matched_customer_count,"
        " weighted_customer_count from candidate.cx.fct_programme_effects"
        " where programme_id = 'HALF' and segment = 'all'"
        " and months_since_entry >= 0 order by months_since_entry"
    ).fetchall()
    assert [m[2] for m in months] == [40] * 6 + [30] * (MONTHS - 18)
    assert [float(m[1]) for m in months] == [0.0] * len(months)
    effect, overlapping, treated, matched = verdict(
        results,
        "HALF",
        "effect_amount, overlapping_customer_count, treated_month_count, matched_month_count",
    )
    assert (float(effect), overlapping, treated, matched) == (0.0, 10, 40 * 18, 40 * 6 + 30 * 12)


@pytest.mark.parametrize(
    ("programme", "reason"),
    [
        ("EMPTY", "nobody_enrolled"),
        ("ALONE", "no_similar_customers"),
        ("TINY", "too_few_customers"),
        ("FLAT", "outcome_does_not_vary"),
        ("DRIFT", "outcome_does_not_vary"),
        ("RAISED", "outcome_does_not_vary"),  # by 5 each, with an error of 1e-16
        ("GONE", "no_active_members"),
    ],
)
def test_no_number_but_a_reason_where_nothing_can_be_said(results, programme, reason):
    words, why, *numbers = verdict(
        results,
        programme,
        "verdict, verdict_reason, effect_amount, effect_low_amount,"
        " benefit_amount, retained_benefit_amount, roi_rate, roi_rate_low, roi_p_value,"
        " discounted_roi_rate, minimum_detectable_effect_amount, payback_months,"
        " naive_difference_amount",
    )
    assert (words, why) == ("not_proven", reason)
    assert numbers == [None] * len(numbers)
    for table in ("effects", "entries", "cohorts"):
        parts = results.execute(
            "select distinct effect_amount, effect_standard_error_amount, no_interval_reason"
            f" from candidate.cx.fct_programme_{table} where programme_id = ?",
            [programme],
        ).fetchall()
        assert parts in ([(None, None, reason)], []), table


def test_a_programme_without_cost_has_an_effect_and_no_return(results):
    words, why, effect, roi, payback = verdict(
        results, "R", "verdict, verdict_reason, effect_amount, roi_rate, payback_months"
    )
    assert (words, why) == ("not_proven", "no_cost")
    assert effect is not None and roi is None and payback is None


def test_a_cost_that_is_not_known_leaves_an_effect_of_one_entry_month_and_no_return(results):
    words, why, effect, low, cost, roi, p_value, payback = verdict(
        results,
        "ONCE",
        "verdict, verdict_reason, effect_amount, effect_low_amount, cost_amount, roi_rate,"
        " roi_p_value, payback_months",
    )
    assert (words, why) == ("not_proven", "cost_not_known")
    assert effect is not None and low is not None
    assert (cost, roi, p_value, payback) == (None, None, None, None)
    entries = results.execute(
        "select effect_amount, effect_low_amount, no_interval_reason from"
        " candidate.cx.fct_programme_entries where programme_id = 'ONCE' and segment = 'all'"
    ).fetchall()
    assert entries == [(effect, low, None)]


def test_what_could_not_be_tested_before_entry_is_not_proven(results):
    words, why, low, count, p_value = verdict(
        results,
        "EARLY",
        "verdict, verdict_reason, roi_rate_low, pre_trend_customer_count, pre_trend_p_value",
    )
    assert (words, why, count, p_value) == ("not_proven", "parallel_trends_not_testable", 0, None)
    assert low is not None


def test_fewer_than_twenty_customers_have_no_interval_anywhere(results):
    for table in ("effects", "cohorts", "entries"):
        rows = results.execute(
            "select least(matched_customer_count, control_customer_count),"
            " effect_standard_error_amount, no_interval_reason, effect_amount"
            f" from candidate.cx.fct_programme_{table}"
            " where programme_id in ('P', 'ONCE') and effect_amount is not null"
        ).fetchall()
        few = [row for row in rows if row[0] < 20]
        assert few and len(few) < len(rows)
        assert {row[1:3] for row in few} == {(None, "too_few_customers")}
        enough = [row for row in rows if row[0] >= 20]
        assert None in {row[2] for row in enough} <= {None, "outcome_does_not_vary"}
        assert all((row[1] is None) == (row[2] is not None) for row in enough)


def test_verdicts_follow_from_what_is_published(results):
    """The rule written a second time, on the columns an analyst has."""
    rows = results.execute(
        "from candidate.cx.fct_programme_roi where treated_customer_count > 0"
    ).df()
    said = {}
    for row in rows.to_dict("records"):
        reason = reason_of(row)
        said[reason] = row["verdict"]
        assert row["verdict_reason"] == reason, row
    assert len(said) >= 5
    assert said["benefit_above_cost_as_far_as_seen"] == "likely_pays_back"


def reason_of(row: dict[str, Any]) -> str:
    drawn = row["method"] == "randomised"
    cost = row["cost_amount"] / row["treated_month_count"] if row["cost_amount"] else None
    if row["matched_customer_count"] == 0:
        return "no_similar_customers"
    if min(row["matched_customer_count"], row["control_customer_count"]) < 20:
        return "too_few_customers"
    if pd.isna(row["effect_standard_error_amount"]):
        return row["verdict_reason"]  # nothing is published to tell why
    if cost is None or pd.isna(cost):
        return "cost_not_known" if row["programme_id"] == "ONCE" else "no_cost"
    if 2 * row["matched_month_count"] < row["treated_month_count"]:
        return "mostly_unmatched"
    if not drawn and pd.isna(row["pre_trend_amount"]):
        return "parallel_trends_not_testable"
    if not drawn and pd.isna(row["estimators_p_value"]):
        return "no_second_estimate"
    if not row["effect_low_amount"] > cost and not row["effect_high_amount"] < cost:
        return "roi_not_significant"
    if row["roi_adjusted_p_value"] > 0.05:
        return "not_significant_after_correction"
    if row["effect_amount"] > cost:
        seen = float(row["robust_effect_amount"] - row["low_allowance_amount"])
        if not drawn and seen <= cost:
            return "second_estimate_below_cost"
        beyond = float(row["breakdown_drift_amount"]) if not drawn else np.inf
        if beyond < float(row["largest_drift_not_ruled_out_amount"] or 0):
            return "benefit_above_cost_as_far_as_seen"
        return row["verdict_reason"]  # pays back, or staying undoes it
    return row["verdict_reason"]
