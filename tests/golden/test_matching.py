"""Job training again, but with the lottery's losers replaced by people who never took part.

Men in training (NSW) against 15,992 others from a population survey (CPS): the naive comparison is
wrong by ten thousand dollars, and the experiment says what is right (+1,794, SE 633). Cells are the
product's: segment × tenure band × band of the pre-period level × trend, with age for tenure.
"""

import causaldata
import numpy as np
import pandas as pd
import pytest

from orchestration.lib.science import NotEstimable, experiments, matching

EXPERIMENT, ERROR = 1794.34, 632.85
TRAITS = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")


@pytest.fixture(scope="module")
def men() -> pd.DataFrame:
    trained = causaldata.nsw_mixtape.load_pandas().data.query("treat == 1")
    others = causaldata.cps_mixtape.load_pandas().data.query("treat == 0")
    return pd.concat([trained, others], ignore_index=True)


def matched(men: pd.DataFrame, bands: int = 5) -> tuple[pd.DataFrame, matching.MatchedDifference]:
    """The product's rule: level = mean of the pre-periods, trend = change, base = the last."""
    treated = men["treat"] == 1
    segment = matching.cells_of(men["black"], men["hisp"], men["marr"], men["nodegree"])
    age = np.digitize(men["age"], [21, 26, 31])
    level = (men["re74"] + men["re75"]) / 2
    band = matching.level_bands(level, treated, segment, bands)
    trend = matching.trend_bands(level, men["re75"] - men["re74"])
    inside = band > 0
    cell = matching.cells_of(segment, age, band, trend)[inside]
    rows = men[inside]
    change = rows["re78"] - rows["re75"]
    return rows, matching.matched_difference(change, treated[inside], cell, 2, small_sample=True)


def test_naive_comparisons_are_as_published_and_wrong(men):
    assert len(men) == 185 + 15_992
    naive = experiments.least_squares(men["re78"], men["treat"])
    assert round(naive.effect, 2) == -8497.52
    assert round(naive.standard_error, 2) == 712.02
    changes = experiments.least_squares(men["re78"] - men["re75"], men["treat"])
    assert round(changes.effect, 1) == 3621.2


def test_matched_estimate_agrees_with_the_experiment(men):
    _, found = matched(men)
    assert abs(found.effect - EXPERIMENT) < ERROR
    assert round(found.effect) == 1763
    assert round(found.standard_error) == 757
    # What it cost: 41 of the 185 have no counterpart and are reported, not guessed.
    assert (found.treated_count, found.unmatched_count) == (144, 41)


@pytest.mark.parametrize("bands", [4, 6, 8, 10])
def test_agreement_does_not_hang_on_the_number_of_bands(men, bands):
    _, found = matched(men, bands)
    assert abs(found.effect - EXPERIMENT) < ERROR


def test_balance_before_and_after(men):
    rows, found = matched(men)
    before = {
        t: matching.standardised_difference(men[t], men["treat"], np.ones(len(men))) for t in TRAITS
    }
    after = {
        t: matching.standardised_difference(rows[t], rows["treat"], found.weight) for t in TRAITS
    }
    assert before["re75"] < -3.5 and before["black"] > 2
    assert max(abs(d) for d in after.values()) < 0.15
    # Matched exactly: none left. In bands: little. Never looked at (schooling): little too.
    assert max(abs(after[t]) for t in ("black", "hisp", "marr", "nodegree")) < 1e-12
    assert {t: round(after[t], 2) for t in ("age", "educ", "re74", "re75")} == {
        "age": -0.12,
        "educ": -0.04,
        "re74": -0.05,
        "re75": -0.14,
    }


def test_matched_difference_by_hand():
    # Cell 0: treated 10, controls 4 and 6 → gap 5. Cell 1: treated 7 and 9, controls 5, 5, 8 (mean
    # 6) → gaps 1 and 3. Cell 2: treated 100, nobody to compare with. Effect (5 + 1 + 3) / 3 = 3.
    found = matching.matched_difference(
        [10, 4, 6, 7, 9, 5, 5, 8, 100],
        [1, 0, 0, 1, 1, 0, 0, 0, 1],
        [0, 0, 0, 1, 1, 1, 1, 1, 2],
    )
    assert found.effect == pytest.approx(3.0)
    assert (found.treated_count, found.control_count, found.unmatched_count) == (3, 5, 1)
    # Influence: treated (gap − 3)/3 = 2/3, −2/3, 0; controls −(share)·(own − mean): ±1/6 in cell 0,
    # share 2/3 · 1/3 = 2/9 in cell 1: 2/9, 2/9, −4/9.
    assert found.influence**2 @ np.ones(9) == pytest.approx(8 / 9 + 2 / 36 + 24 / 81)
    assert found.influence.sum() == pytest.approx(0.0)


def test_without_cells_it_is_the_difference_in_means():
    found = matching.matched_difference([5, 9, 1, 3], [1, 1, 0, 0])
    assert found.effect == pytest.approx(5.0)
    assert found.standard_error**2 == pytest.approx(4 / 2 + 1 / 2)  # var_pop/n + var_pop/n
    exact = matching.matched_difference([5, 9, 1, 3], [1, 1, 0, 0], small_sample=True)
    assert exact.standard_error**2 == pytest.approx(8 / 2 + 2 / 2)  # var_samp/n


def test_bands_follow_the_treated_and_keep_ties_together():
    # Given treated at 0, 0, 10, 20 cut in two: zeros share a band; 5 lies below 10; 30 is outside.
    level = [0, 0, 10, 20, 0, 5, 15, 30, -1]
    treated = [1, 1, 1, 1, 0, 0, 0, 0, 0]
    assert matching.level_bands(level, treated, np.zeros(9), 2).tolist() == [
        *(1, 1, 2, 2),
        *(1, 1, 2, 0, 0),
    ]
    assert matching.trend_bands([100, 100, 100, 0], [-26, 25, 26, 1]).tolist() == [-1, 0, 1, 1]


def test_nobody_alike_gives_a_reason():
    with pytest.raises(NotEstimable, match="similar untreated"):
        matching.matched_difference([1, 2], [1, 0], [0, 1])
