"""Group-time effects and errors against the package diff-diff: designs, controls, covariates, gaps.

Exact cells have no name there: they are the regression, and the doubly robust estimator, on dummies
of every cell.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna

from tests.reference import effects

# Units by the period they enter in, unbalanced on purpose, and the kinds they are of.
DESIGNS = {
    3: ({np.inf: 220, 4: 90, 5: 31, 7: 59}, 4),
    11: ({np.inf: 95, 3: 160, 6: 24, 8: 71}, 3),
    29: ({np.inf: 400, 2: 45, 5: 45, 6: 12}, 2),
}
PERIODS = 8
TOLERANCE = 1e-6


def panel(seed: int, has_gaps: bool) -> pd.DataFrame:
    """Kinds grow at different speeds and enter at different rates; one row in ten can be missing,
    of the second cohort one in five.
    """
    sizes, kinds = DESIGNS[seed]
    rng = np.random.default_rng(seed)
    cohort = np.repeat(list(sizes), list(sizes.values()))
    units = len(cohort)
    low = rng.integers(0, kinds, units)
    kind = np.where(np.isinf(cohort), low, np.minimum(low, rng.integers(0, kinds + 1, units)))
    unit, period = np.repeat(np.arange(units), PERIODS), np.tile(np.arange(1, PERIODS + 1), units)
    since = period - cohort[unit]
    effect = np.where(since >= 0, 2 + 0.3 * np.maximum(since, 0) + (cohort[unit] == 5), 0)
    usual = rng.normal(0, 3, units)[unit]
    table = pd.DataFrame({"unit": unit, "period": period, "cohort": cohort[unit]})
    table["outcome"] = usual + 0.6 * period * kind[unit] + rng.normal(0, 1, len(unit)) + effect
    table["kind"] = kind[unit]
    table["first"] = table["cohort"].replace(np.inf, 0).astype(int)
    for level in range(1, kinds):
        table[f"kind_{level}"] = (table["kind"] == level).astype(float)
    second = sorted(sizes)[1]
    seen = rng.random(len(table)) > np.where(table["cohort"] == second, 0.2, 0.08)
    return table[seen] if has_gaps else table


def independent(table: pd.DataFrame, controls: str, method: str, covariates: list[str] | None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = CallawaySantAnna(control_group=controls, estimation_method=method, pscore_trim=1e-9)
        return model.fit(
            table,
            outcome="outcome",
            unit="unit",
            time="period",
            first_treat="first",
            covariates=covariates,
            aggregate="all",
        )


def same(ours: Any, effect: float, error: float) -> bool:
    assert np.isfinite([effect, error]).all() and error > 0
    assert ours.effect == pytest.approx(effect, abs=TOLERANCE)
    assert ours.standard_error == pytest.approx(error, rel=TOLERANCE)
    return True


@pytest.mark.parametrize("has_gaps", [False, True], ids=["full", "gaps"])
@pytest.mark.parametrize(
    ("method", "matched"),
    [("reg", False), ("reg", True), ("dr", True)],
    ids=["plain", "regression", "doubly_robust"],
)
@pytest.mark.parametrize("controls", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("seed", DESIGNS)
def test_same_effects_and_errors(seed, controls, method, matched, has_gaps):
    table = panel(seed, has_gaps)
    ours = effects.panel_from_long(*(table[c] for c in ("unit", "period", "cohort", "outcome")))
    kind = table.groupby("unit")["kind"].first().reindex(ours.units).to_numpy()
    names = [c for c in table if c.startswith("kind_")]
    other = independent(table, controls, method, names if matched else None)
    found = effects.group_time_effects(ours, controls, (lambda _: kind) if matched else None)

    # Every cohort in every period but the first, or all after entry where it entered in the second.
    cohorts = [int(c) for c in DESIGNS[seed][0] if np.isfinite(c)]
    assert len(found) == len(other.group_time_effects) == 3 * (PERIODS - 1)
    done = [
        same(one, theirs["effect"], theirs["se"])
        for one in found
        for theirs in [other.group_time_effects[one.cohort, one.period]]
    ]
    assert len(done) == 21

    events = {period - c for c in cohorts for period in range(2, PERIODS + 1)}
    assert set(other.event_study_effects) == events
    assert len(events) == {3: 10, 11: 12, 29: 11}[seed]
    assert set(other.group_effects) == set(cohorts) and len(cohorts) == 3
    for cohort, theirs in other.group_effects.items():
        chosen = [e for e in found if e.cohort == cohort and e.event >= 0]
        assert same(effects.average_over_cohorts(chosen, ours)[0], theirs["effect"], theirs["se"])

    averages = {
        event: (theirs["effect"], theirs["se"], [e for e in found if e.event == event])
        for event, theirs in other.event_study_effects.items()
    }
    averages |= {"all": (other.overall_att, other.overall_se, [e for e in found if e.event >= 0])}
    assert len(averages) == len(events) + 1
    for effect, error, chosen in averages.values():
        if not has_gaps:
            assert same(effects.average_over_cohorts(chosen, ours)[0], effect, error)
        # As published: by the treated who were seen. With gaps theirs counts them too, while R's
        # `did` counts all of a cohort; the errors are then of other averages.
        published = effects.average_over_treated(chosen).effect
        assert published == pytest.approx(effect, abs=TOLERANCE)
