"""Group-time effects and their published average by hand."""

import numpy as np
import pandas as pd
import pytest

from orchestration.lib.science import NotEstimable
from tests.reference import effects, matching

SIZES = {np.inf: 220, 4: 90, 5: 31, 7: 59}  # unbalanced on purpose
PERIODS = 8


@pytest.fixture(scope="module")
def long() -> pd.DataFrame:
    """400 units in four kinds; kinds grow at different speeds and enter at different rates."""
    rng = np.random.default_rng(3)
    cohort = np.repeat(list(SIZES), list(SIZES.values()))
    kind = np.where(np.isinf(cohort), rng.integers(0, 4, 400), rng.integers(0, 12, 400) % 5 % 4)
    unit = np.repeat(np.arange(400), PERIODS)
    period = np.tile(np.arange(1, PERIODS + 1), 400)
    since = period - cohort[unit]
    effect = np.where(since >= 0, 2 + 0.3 * np.maximum(since, 0) + (cohort[unit] == 5), 0)
    outcome = rng.normal(0, 3, 400)[unit] + 0.6 * period * kind[unit] + rng.normal(0, 1, len(unit))
    table = pd.DataFrame({"unit": unit, "period": period, "cohort": cohort[unit]})
    table["outcome"], table["kind"] = outcome + effect, kind[unit]
    return table


def test_exact_cells_are_differences_in_differences_weighted_by_the_treated(long):
    panel = effects.panel_from_long(long["unit"], long["period"], long["cohort"], long["outcome"])
    kind = long.groupby("unit")["kind"].first().to_numpy()
    found = effects.group_time_effects(panel, "never_treated", lambda _: kind)
    wide = long.pivot(index="unit", columns="period", values="outcome").to_numpy()
    cohort = long.groupby("unit")["cohort"].first().to_numpy()
    after = [e for e in found if e.event >= 0]
    assert len(after) == 5 + 4 + 2
    for one in after:
        assert one.base == one.cohort - 1  # nobody acts before entry
        change = wide[:, one.period - 1] - wide[:, one.base - 1]
        treated, never = cohort == one.cohort, np.isinf(cohort)
        of_never = {k: change[never & (kind == k)].mean() for k in range(4)}
        kinds, sizes = np.unique(kind[treated], return_counts=True)
        gaps = [change[treated & (kind == k)].mean() - of_never[k] for k in kinds]
        expected = sizes @ gaps / sizes.sum()
        assert one.effect == pytest.approx(expected, abs=1e-9)


def test_two_groups_two_periods_by_hand():
    # Treated go 1 → 5 and 3 → 9, untreated 2 → 3 and 4 → 7: changes 4, 6 against 1, 3.
    # Effect 5 − 2 = 3; squared error 1/2 + 1/2 with var_pop over n.
    panel = effects.panel_from_long(
        [1, 1, 2, 2, 3, 3, 4, 4],
        [0, 1] * 4,
        [1, 1, 1, 1, np.nan, np.nan, np.nan, np.nan],
        [1, 5, 3, 9, 2, 3, 4, 7],
    )
    (found,) = effects.group_time_effects(panel)
    assert (found.effect, found.standard_error, found.base) == (3.0, 1.0, 0)


def published(outcome, small_sample=True, **weights):
    """Units in the order treated, treated, untreated, … ; treated in the second period."""
    units, periods = np.shape(outcome)
    cohort = np.where(np.arange(units) < 2, 1, np.nan)
    panel = effects.panel_from_long(
        np.repeat(np.arange(units), periods),
        np.tile(np.arange(periods), units),
        np.repeat(cohort, periods),
        np.ravel(outcome),
    )
    found = effects.group_time_effects(panel, small_sample=small_sample)
    return effects.average_over_treated([e for e in found if e.event >= 0], **weights)


def test_published_average_equals_did_simple_where_everybody_is_matched(long):
    panel = effects.panel_from_long(long["unit"], long["period"], long["cohort"], long["outcome"])
    after = [e for e in effects.group_time_effects(panel, "never_treated") if e.event >= 0]
    simple, _ = effects.average_over_cohorts(after, panel)
    assert effects.average_over_treated(after).effect == pytest.approx(simple.effect, abs=1e-12)


def test_published_error_by_hand():
    # Two treated change by 5 and 9, two untreated by 1 and 3: effect 7 − 2 = 5. The treated
    # vary by s² = 8, the untreated by 2: 8/2 + 2/2 = 5 (Welch).
    found = published([[0, 5], [0, 9], [0, 1], [0, 3]])
    assert (found.effect, found.standard_error**2) == (5.0, pytest.approx(5.0))
    # Where the treated do not differ, the untreated alone can be in error: 2/2.
    alike = published([[0, 7], [0, 7], [0, 1], [0, 3]])
    assert alike.standard_error**2 == pytest.approx(1.0)


def test_published_error_over_cells_holds_a_cells_mean_once():
    # Two cells, each of one treated: gaps 4 − 2 = 2 and 10 − 4 = 6 about the effect 4 scatter by
    # 2 · (4 + 4) = 16. Untreated 1, 3 and 3, 5: influences of √½ on the sum, squares 2 in all; a
    # gap has its cell's error in it, 2, of which half is common to both: 16 − 2 + 1 + 2 = 17.
    outcome = np.array([[0, 4], [0, 1], [0, 3], [0, 10], [0, 3], [0, 5]], float)
    cohort = np.array([1, np.inf, np.inf, 1, np.inf, np.inf])
    panel = effects.Panel(np.arange(6), np.arange(2), outcome, cohort)
    cell = np.array([0, 0, 0, 1, 1, 1])
    found = effects.average_over_treated(
        effects.group_time_effects(panel, cells=lambda _: cell, small_sample=True)
    )
    assert (found.effect, found.standard_error**2) == (4.0, pytest.approx(17 / 4))


def test_published_error_over_periods_is_that_of_sums_by_unit():
    # Untreated sums over two periods 1 + 3 = 4 and 3 + 9 = 12: s² = 32, over 2 · 2 unit-periods
    # 32/2 / 2² = 4, and as much of the treated, whose sums of gaps are 2 and 10. Their periods
    # taken one by one would give less.
    found = published([[0, 5, 5], [0, 9, 9], [0, 1, 3], [0, 3, 9]])
    assert (found.effect, found.standard_error**2) == (3.0, pytest.approx(8.0))
    # The second period counted three times, over 1 + 3 periods a unit: sums of the untreated 10 and
    # 30, s² = 200, of gaps 0 and 16, s² = 128.
    weighted = published([[0, 5, 5], [0, 9, 9], [0, 1, 3], [0, 3, 9]], weights=[1, 3])
    assert weighted.standard_error**2 == pytest.approx((200 / 2 + 128 / 2) / 16)


def test_published_error_where_an_untreated_unit_is_gone():
    # The third untreated unit is gone after a period: gaps are 1 − 1 and 5 + 3, which scatter
    # about 2 · 2 by 2 · 32. Means of (1, 3, 8) and of (3, 9): n/(n − 1) is 3/2, then 2, and
    # the influences, for two treated over n, (3·√1.5·2/3 + 3·√2, 1·√1.5·2/3 − 3·√2, −4·√1.5·2/3).
    found = published([[0, 5, 5], [0, 9, 9], [0, 1, 3], [0, 3, 9], [0, 8, np.nan]])
    first, last = np.sqrt(1.5) * 2 / 3, 3 * np.sqrt(2)
    moved = np.array([3 * first + last, first - last, -4 * first])
    assert found.standard_error**2 == pytest.approx((64 + moved @ moved) / 16)


def test_those_who_remain_stand_in_for_those_taken_out():
    # Of four alike one is taken in period 1 and of the three left one in period 2: chances of being
    # left 3/4 and 3/4 · 2/3 = 1/2. Another kind, of two, loses one in period 2.
    at_risk = np.array([[1, 1, 0], [1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]], bool)
    reached = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]], bool)
    cell = np.repeat([[0], [0], [0], [0], [1], [1]], 3, axis=1)
    chance = np.exp(matching.log_chance_untouched(at_risk, reached, cell))
    assert chance[2] == pytest.approx([1, 3 / 4, 1 / 2])
    assert chance[5] == pytest.approx([1, 1, 1 / 2])
    # A weighted mean of (1, 4) with weights 1 and 2 is 3.
    found = matching.matched_difference([5, 1, 4], [1, 0, 0], unit_weight=[1, 1, 2])
    assert found.effect == pytest.approx(2.0)


@pytest.mark.parametrize(("weighted", "effect"), [("both", 0.0), ("controls", 25 / 7.5 - 5)])
def test_a_second_programme_that_takes_risers_of_both_groups_is_no_effect(weighted, effect):
    # Of 20 treated in period 1 and 20 alike half rise by 10 in period 2; in period 3 half of those
    # are taken by another programme. 5 of 15 are left in either group and stand for 10 of 20.
    rises = np.tile([True, False], 20)
    taken = np.arange(40) % 4 == 0
    outcome = np.where(rises[:, None] & (np.arange(4) > 1), 10.0, 0.0)
    outcome[taken, 3] = np.nan
    cohort = np.where(np.arange(40) < 20, 1.0, np.inf)
    reached = np.zeros((40, 4), bool)
    reached[taken, 3] = True
    cell = np.repeat((rises + 2 * (cohort == 1))[:, None], 4, axis=1)
    log = matching.log_chance_untouched(np.ones((40, 4), bool), reached, cell)
    if weighted == "controls":
        log[cohort == 1] = 0
    panel = effects.Panel(np.arange(40), np.arange(4), outcome, cohort, log)
    (last,) = [e for e in effects.group_time_effects(panel, small_sample=True) if e.period == 3]
    assert last.effect == pytest.approx(effect)
    assert effects.average_over_treated([last]).effect == pytest.approx(effect)
    # Of the treated, 5 count twice and 10 once: √(5 · 4 + 10) ÷ 20 of a control's influence is
    # in the scatter of the gaps already.
    if weighted == "both":
        assert last.shared_influence[20] == 0.0
        assert last.shared_influence[22] == pytest.approx(
            last.control_influence[22] * np.sqrt(30) / 20
        )


def test_pre_trend_test_accepts_parallel_and_finds_diverging_groups(long):
    panel = effects.panel_from_long(long["unit"], long["period"], long["cohort"], long["outcome"])
    kind = long.groupby("unit")["kind"].first().to_numpy()

    def p_value(cells):
        found = effects.group_time_effects(panel, cells=cells)
        before = [[e for e in found if e.event == event] for event in (-3, -2, -1)]
        return effects.joint_test([effects.average_over_cohorts(e, panel) for e in before])[2]

    # Kinds grow differently and enter at different rates: only within kind do they move alike.
    assert p_value(None) < 0.05 < p_value(lambda _: kind)


def test_no_controls_gives_no_effect_rather_than_a_number():
    panel = effects.panel_from_long([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 1, 1], [1, 2, 3, 4])
    assert effects.group_time_effects(panel) == []
    with pytest.raises(NotEstimable, match="no effect"):
        effects.average_over_treated([])
