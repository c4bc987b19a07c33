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


def matched(men: pd.DataFrame, factor: float = 1.5) -> matching.MatchedDifference:
    """The product's rule: level = mean of the pre-periods, trend = change, base = the last."""
    level = (men["re74"] + men["re75"]) / 2
    cell = matching.cells_of(
        *(men[trait] for trait in ("black", "hisp", "marr", "nodegree")),
        np.digitize(men["age"], [21, 26, 31]),
        matching.level_bands(level, factor),
        matching.trend_bands(level, men["re75"] - men["re74"]),
    )
    change = men["re78"] - men["re75"]
    return matching.matched_difference(change, men["treat"] == 1, cell, 2, small_sample=True)


def test_naive_comparisons_are_as_published_and_wrong(men):
    assert len(men) == 185 + 15_992
    naive = experiments.least_squares(men["re78"], men["treat"])
    assert round(naive.effect, 2) == -8497.52
    assert round(naive.standard_error, 2) == 712.02
    changes = experiments.least_squares(men["re78"] - men["re75"], men["treat"])
    assert round(changes.effect, 1) == 3621.2


def test_matched_estimate_agrees_with_the_experiment(men):
    found = matched(men)
    assert abs(found.effect - EXPERIMENT) < ERROR
    assert round(found.effect) == 1518
    assert round(found.standard_error) == 918
    # What it cost: 64 of the 185 have no counterpart and are reported, not guessed.
    assert (found.treated_count, found.unmatched_count) == (121, 64)


@pytest.mark.parametrize("factor", [1.25, 2.0, 3.0])
def test_agreement_does_not_hang_on_the_width_of_the_bands(men, factor):
    assert abs(matched(men, factor).effect - EXPERIMENT) < ERROR


def test_balance_before_and_after(men):
    weight = matched(men).weight

    def balance(weights):
        return {
            t: round(matching.standardised_difference(men[t], men["treat"], weights), 2)
            for t in TRAITS
        }

    before, after = balance(np.ones(len(men))), balance(weight)
    assert before["re75"] < -3.5 and before["black"] > 2
    # Matched exactly: no difference left. In bands: little. Never looked at (schooling): little.
    assert {t: after[t] for t in ("black", "hisp", "marr", "nodegree")} == dict.fromkeys(
        ("black", "hisp", "marr", "nodegree"), 0
    )
    assert {t: after[t] for t in ("age", "educ", "re74", "re75")} == {
        "age": -0.15,
        "educ": -0.04,
        "re74": -0.02,
        "re75": 0.02,
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


def test_bands_by_hand():
    # 1.5, 2.25, 3.375 … start a band; what is below one unit of money is nothing; losses mirror.
    assert matching.level_bands([0, 0.9, 1, 1.6, 2.2, 2.3, -1.6]).tolist() == [0, 0, 1, 2, 2, 3, -2]
    assert matching.trend_bands([100, 100, 100, 0], [-26, 25, 26, 1]).tolist() == [-1, 0, 1, 1]


def test_nobody_alike_gives_a_reason():
    with pytest.raises(NotEstimable, match="similar untreated"):
        matching.matched_difference([1, 2], [1, 0], [0, 1])
