"""Job training again, but with the experiment's controls replaced by people who never took part.

Men in training (NSW) against 15,992 others from a population survey (CPS): the naive comparison is
wrong by ten thousand dollars, and the experiment says what is right (+1,794, SE 633). The rule of
the comparison is not ours: coarsened exact matching with its authors' own automatic bins (Sturges)
on every covariate of the published data. Other bins, outcomes and cells stand in a grid declared
beside it, and all of them are asserted, those that miss too.
"""

import causaldata
import numpy as np
import pandas as pd
import pytest

from orchestration.lib.science import NotEstimable
from tests.reference import experiments, matching

EXPERIMENT, ERROR = 1794.34, 632.85
CATEGORIES, NUMBERS = ("black", "hisp", "marr", "nodegree"), ("age", "educ", "re74", "re75")
# (cells, bins, outcome): effect, standard error, matched of 185, within one SE of the experiment.
# cells: every = all numbers in automatic bins; bands = earnings by the product's level and trend
# bands instead; product = the same without schooling, as the product has nothing like it.
GRID = {
    ("every", "sturges", "change"): (2156, 956, 54, True),
    ("every", "sturges", "level"): (1941, 964, 54, True),
    ("every", "scott", "change"): (1318, 1194, 34, True),
    ("every", "scott", "level"): (1228, 1214, 34, True),
    ("every", "fd", "change"): (1266, 999, 38, True),
    ("every", "fd", "level"): (1169, 1013, 38, True),
    ("bands", "sturges", "change"): (771, 1357, 41, False),
    ("bands", "sturges", "level"): (891, 1364, 41, False),
    ("bands", "scott", "change"): (642, 1552, 26, False),
    ("bands", "scott", "level"): (716, 1578, 26, False),
    ("bands", "fd", "change"): (-54, 1486, 25, False),
    ("bands", "fd", "level"): (31, 1518, 25, False),
    ("product", "sturges", "change"): (1966, 1130, 66, True),
    ("product", "sturges", "level"): (2063, 1136, 66, True),
    ("product", "scott", "change"): (1332, 1199, 54, True),
    ("product", "scott", "level"): (1374, 1211, 54, True),
    ("product", "fd", "change"): (-421, 1113, 45, False),
    ("product", "fd", "level"): (-371, 1132, 45, False),
}


@pytest.fixture(scope="module")
def men() -> pd.DataFrame:
    trained = causaldata.nsw_mixtape.load_pandas().data.query("treat == 1")
    others = causaldata.cps_mixtape.load_pandas().data.query("treat == 0")
    return pd.concat([trained, others], ignore_index=True)


def binned(values: pd.Series, rule: str) -> np.ndarray:
    """Bins of equal width over everybody; their number by the rule of that name."""
    return np.digitize(values, np.histogram_bin_edges(values, rule)[1:-1])


def matched(
    men: pd.DataFrame, kind: str = "every", rule: str = "sturges", outcome: str = "change"
) -> matching.MatchedDifference:
    """The product's matching: two or more untreated a cell; change since the last period before."""
    level = (men["re74"] + men["re75"]) / 2
    earnings = [
        matching.level_bands(level),
        matching.trend_bands(level, men["re75"] - men["re74"]),
    ]
    names = {"every": NUMBERS, "bands": ("age", "educ"), "product": ("age",)}[kind]
    cell = matching.cells_of(
        *(men[trait] for trait in CATEGORIES),
        *(binned(men[trait], rule) for trait in names),
        *([] if kind == "every" else earnings),
    )
    after = men["re78"] - men["re75"] * (outcome == "change")
    return matching.matched_difference(after, men["treat"] == 1, cell, 2, small_sample=True)


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
    assert (round(found.effect, 2), round(found.standard_error, 2)) == (2155.97, 956.27)
    # What it cost: 131 of the 185 have no counterpart and are reported, not guessed.
    assert (found.treated_count, found.unmatched_count) == (54, 131)


@pytest.mark.parametrize("choice", GRID, ids=" ".join)
def test_what_other_choices_would_have_given(men, choice):
    found = matched(men, *choice)
    is_near = bool(abs(found.effect - EXPERIMENT) < ERROR)
    said = (round(found.effect), round(found.standard_error), found.treated_count, is_near)
    assert said == GRID[choice]


def test_balance_before_and_after(men):
    weight = matched(men).weight

    def balance(weights):
        return {
            t: round(matching.standardised_difference(men[t], men["treat"], weights), 2)
            for t in (*CATEGORIES, *NUMBERS)
        }

    before, after = balance(np.ones(len(men))), balance(weight)
    assert before["re75"] < -3.5 and before["black"] > 2
    # Matched exactly: no difference left. In bins: less than a tenth of a deviation.
    assert after == dict.fromkeys(CATEGORIES, 0) | {
        "age": 0.06,
        "educ": -0.02,
        "re74": -0.05,
        "re75": -0.07,
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
