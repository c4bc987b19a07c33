"""Group-time effects against an independent implementation, to the ninth digit."""

import warnings

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna

from orchestration.lib.science import NotEstimable, effects

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
    table["first"] = table["cohort"].replace(np.inf, 0).astype(int)
    for level in (1, 2, 3):
        table[f"kind_{level}"] = (table["kind"] == level).astype(float)
    return table


def independent(long: pd.DataFrame, controls: str, method: str, covariates: list[str] | None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = CallawaySantAnna(control_group=controls, estimation_method=method, pscore_trim=1e-9)
        return model.fit(
            long,
            outcome="outcome",
            unit="unit",
            time="period",
            first_treat="first",
            covariates=covariates,
            aggregate="all",
        )


@pytest.mark.parametrize("controls", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize(
    ("method", "matched"), [("reg", False), ("reg", True), ("dr", True)], ids=str
)
def test_same_effects_and_errors_as_an_independent_implementation(long, controls, method, matched):
    # Exact cells have no name there: they are the regression, and the doubly robust estimator, on
    # dummies of every cell.
    panel = effects.panel_from_long(long["unit"], long["period"], long["cohort"], long["outcome"])
    kind = long.groupby("unit")["kind"].first().to_numpy()
    other = independent(long, controls, method, ["kind_1", "kind_2", "kind_3"] if matched else None)
    found = effects.group_time_effects(panel, controls, (lambda _: kind) if matched else None)
    assert len(found) == len(other.group_time_effects) == 21
    for one in found:
        theirs = other.group_time_effects[(one.cohort, one.period)]
        assert one.effect == pytest.approx(theirs["effect"], abs=1e-9)
        assert one.standard_error == pytest.approx(theirs["se"], rel=1e-9)

    after = [one for one in found if one.event >= 0]
    simple, _ = effects.average_over_cohorts(after, panel)
    assert simple.effect == pytest.approx(other.overall_att, abs=1e-9)
    assert simple.standard_error == pytest.approx(other.overall_se, rel=1e-9)
    for event, theirs in other.event_study_effects.items():
        curve, _ = effects.average_over_cohorts([e for e in found if e.event == event], panel)
        assert curve.effect == pytest.approx(theirs["effect"], abs=1e-9)
        assert curve.standard_error == pytest.approx(theirs["se"], rel=1e-9)
    for cohort, theirs in other.group_effects.items():
        group, _ = effects.average_over_cohorts([e for e in after if e.cohort == cohort], panel)
        assert group.effect == pytest.approx(theirs["effect"], abs=1e-9)
        assert group.standard_error == pytest.approx(theirs["se"], rel=1e-9)


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


def test_the_published_average_is_did_simple_divided_by_one_less(long):
    # With everybody matched, the mean gap per treated unit and period is the "simple" average; the
    # treated part of its squared error is larger by n/(n − 1), n = 180 treated units.
    panel = effects.panel_from_long(long["unit"], long["period"], long["cohort"], long["outcome"])
    after = [e for e in effects.group_time_effects(panel, "never_treated") if e.event >= 0]
    simple, theirs = effects.average_over_cohorts(after, panel)
    published, ours = effects.average_over_treated(after)
    assert published.effect == pytest.approx(simple.effect, abs=1e-12)
    treated = np.isfinite(panel.cohort)
    assert ours[~treated] == pytest.approx(theirs[~treated], abs=1e-15)
    assert ours[treated] == pytest.approx(theirs[treated] * np.sqrt(180 / 179), abs=1e-15)


def test_pre_trend_test_accepts_parallel_and_finds_diverging_groups(long):
    panel = effects.panel_from_long(long["unit"], long["period"], long["cohort"], long["outcome"])
    kind = long.groupby("unit")["kind"].first().to_numpy()

    def p_value(cells):
        found = effects.group_time_effects(panel, cells=cells)
        before = [[e for e in found if e.event == event] for event in (-3, -2, -1)]
        return effects.joint_test([effects.average_over_treated(e) for e in before])[2]

    # Kinds grow differently and enter at different rates: only within kind do they move alike.
    assert p_value(None) < 0.05 < p_value(lambda _: kind)


def test_no_controls_gives_no_effect_rather_than_a_number():
    panel = effects.panel_from_long([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 1, 1], [1, 2, 3, 4])
    assert effects.group_time_effects(panel) == []
    with pytest.raises(NotEstimable, match="no effect"):
        effects.average_over_treated([])
