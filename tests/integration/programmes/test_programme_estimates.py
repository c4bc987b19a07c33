"""The programme models against the reference in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from orchestration.lib.science import effects, matching
from orchestration.lib.science.experiments import benjamini_hochberg
from tests.integration.programmes.conftest import (
    CUSTOMERS,
    agree,
    month,
    published,
)
from tests.simulation.companies import ENTRIES, MONTHS, Company, cells, group_times


def test_effect_equals_the_reference(results, group_effects):
    after = [e for e in group_effects if e.event >= 0]
    agree(published(results, "P", "effect"), effects.average_over_treated(after)[0])


def test_discounted_effect_equals_the_reference(results, group_effects):
    # The ledger starts in month 9; 10 % a year.
    after = [e for e in group_effects if e.event >= 0]
    weights = [1.1 ** (-(e.period - 9) / 12) for e in after]
    agree(published(results, "P", "discounted"), effects.average_over_treated(after, weights)[0])


def test_pre_trend_equals_the_reference(results, group_effects):
    before = [e for e in group_effects if -8 <= e.event <= -4]
    weights = [{-8: 5, -7: 8, -6: 9, -5: 8, -4: 5}[e.event] for e in before]
    agree(published(results, "P", "pre_trend"), effects.average_over_treated(before, weights)[0])


def test_placebo_equals_the_reference(results, as_seen):
    found = []
    for entry in ENTRIES:
        cell = cells(as_seen, entry)
        for period in range(entry - 9, entry - 3):
            change = as_seen.outcome[:, period] - as_seen.outcome[:, entry - 1]
            rows = np.flatnonzero((cell >= 0) & np.isfinite(change))
            matched = matching.matched_difference(
                change[rows], as_seen.cohort[rows] == entry, cell[rows], 2, True
            )
            found.append(effects.group_time(matched, rows, CUSTOMERS, (entry, period, entry - 1)))
    agree(published(results, "P", "placebo"), effects.average_over_treated(found)[0])


def test_event_curve_and_cohorts_equal_the_reference(results, group_effects):
    # Published as money, so to the fourth decimal.
    curve = results.execute(
        "select event_month, effect_amount, standard_error_amount from candidate.cx"
        ".fct_programme_effects where programme_id = 'P' and segment = 'all'"
    ).fetchall()
    assert len(curve) == 9 + MONTHS - min(ENTRIES)
    for event, effect, error in curve:
        of_event = [e for e in group_effects if e.event == event]
        reference = effects.average_over_treated(of_event)[0]
        assert float(effect) == pytest.approx(reference.effect, abs=6e-5)
        assert float(error) == pytest.approx(reference.standard_error, abs=6e-5)
    single = {(month(e.cohort), month(e.period)): e for e in group_effects}
    for entry, when, effect, customers in results.execute(
        "select entry_month_date, month_date, effect_amount, matched_customer_count from"
        " candidate.cx.fct_programme_cohorts where programme_id = 'P' and segment = 'all'"
    ).fetchall():
        assert float(effect) == pytest.approx(single[entry, when].effect, abs=6e-5)
        assert customers == single[entry, when].treated_count


def test_lottery_equals_the_reference(results, firm):
    """Arms of one entry month, the level before taken out with one slope within arms (CUPED)."""
    treated = np.arange(CUSTOMERS) % 2 == 0
    entries = {g: np.flatnonzero(firm.other_cohort == g) for g in ENTRIES}
    levels = {g: firm.outcome[r, g - 3 : g].mean(axis=1) for g, r in entries.items()}
    assert any(np.isnan(level).any() for level in levels.values())
    y, x = [], []
    for entry, rows in entries.items():
        for arm in (True, False):
            inside = (treated[rows] == arm) & np.isfinite(levels[entry])
            after = firm.outcome[rows[inside], entry:]
            before = np.repeat(levels[entry][inside, None], MONTHS - entry, axis=1)
            y.append((after - after.mean(axis=0)).ravel())
            x.append((before - before.mean(axis=0)).ravel())
    slope = (np.concatenate(y) @ np.concatenate(x)) / np.square(np.concatenate(x)).sum()
    found = []
    for entry, rows in entries.items():
        for period in range(entry, MONTHS):
            adjusted = firm.outcome[rows, period] - slope * np.nan_to_num(levels[entry])
            newcomer = np.isnan(levels[entry]).astype(int)
            matched = matching.matched_difference(adjusted, treated[rows], newcomer, 2, True)
            found.append(effects.group_time(matched, rows, CUSTOMERS, (entry, period, entry)))
    agree(published(results, "R", "effect"), effects.average_over_treated(found)[0])


def test_segments_are_analyses_of_their_own(results, as_seen):
    accounts = np.flatnonzero(as_seen.is_account)
    inside = Company(*(getattr(as_seen, name)[accounts] for name in Company.__dataclass_fields__))
    after = [e for e in group_times(inside) if e.event >= 0]
    agree(published(results, "P", "effect", "account"), effects.average_over_treated(after)[0])


def test_benjamini_hochberg_equals_the_reference(results):
    rows = results.execute(
        "select p_value, adjusted_p_value from intermediate.int_programme_verdicts"
    ).fetchall()
    given, adjusted = (np.array(column, float) for column in zip(*rows, strict=True))
    assert adjusted == pytest.approx(benjamini_hochberg(given), nan_ok=True)


def test_p_values_are_exact(results):
    rows = results.execute(
        "select z_score, effect_p_value from intermediate.int_programme_estimates as e"
        " inner join intermediate.int_programme_verdicts"
        " using (programme_id, segmentation, segment)"
        " where estimate_kind = 'effect' and effect_p_value is not null"
    ).fetchall()
    assert rows
    for z, p_value in rows:
        assert p_value == pytest.approx(2 * norm.sf(abs(z)), rel=1e-9)
