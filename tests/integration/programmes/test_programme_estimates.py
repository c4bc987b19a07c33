"""The programme models against the reference in numpy."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy.stats import false_discovery_control, nct

from tests.integration.programmes.conftest import CUSTOMERS, START, agree, month, published, support
from tests.reference import effects, matching, randomisation
from tests.reference.experiments import Estimate, benjamini_hochberg
from tests.simulation.companies import ENTRIES, MONTHS, Company
from tests.simulation.comparison import in_no_other
from tests.simulation.product import (
    LEAST,
    fewest_customers,
    group_times,
    placebo_cohort_times,
)


def test_effect_equals_the_reference(results, group_effects, weight):
    after = [e for e in group_effects if e.event >= 0]
    agree(published(results, "P", "effect"), effects.average_over_treated(after, None, weight))


def test_discounted_effect_equals_the_reference(results, group_effects, weight):
    # The ledger starts in month 9; 10 % a year.
    after = [e for e in group_effects if e.event >= 0]
    months = [1.1 ** (-(e.period - 9) / 12) for e in after]
    reference = effects.average_over_treated(after, months, weight)
    agree(published(results, "P", "discounted"), reference)


def test_placebo_cohort_equals_the_reference(results, as_seen, weight):
    order = np.zeros((CUSTOMERS, MONTHS))
    for entry in ENTRIES:
        number = (START.year + entry // 12) * 12 + entry % 12 + 1
        keys = [f"P{number}c{unit}".encode() for unit in range(CUSTOMERS)]
        order[:, entry] = np.argsort(np.argsort([hashlib.md5(key).hexdigest() for key in keys]))
    found = placebo_cohort_times(as_seen, order)
    reference = effects.average_over_treated(found, None, weight)
    agree(published(results, "P", "placebo_cohort"), reference)


def test_event_curve_and_cohorts_equal_the_reference(results, group_effects, weight):
    # Published as money, so to the fourth decimal.
    curve = results.execute(
        "select months_since_entry, effect_amount, effect_standard_error_amount from candidate.cx"
        ".fct_programme_effects where programme_id = 'P' and segment = 'all'"
    ).fetchall()
    assert len(curve) == 9 + MONTHS - min(ENTRIES)
    assert sum(error is not None for _, _, error in curve) > 20
    for event, effect, error in curve:
        of_event = [e for e in group_effects if e.event == event]
        reference = effects.average_over_treated(of_event, None, weight)
        assert float(effect) == pytest.approx(reference.effect, abs=6e-5)
        assert (error is None) == (fewest_customers(reference) < LEAST)
        if error is not None:
            assert float(error) == pytest.approx(reference.standard_error, abs=6e-5)
    single = {(month(e.cohort), month(e.period)): e for e in group_effects}
    for entry, when, effect, customers in results.execute(
        "select entry_month_date, month_date, effect_amount, matched_customer_count from"
        " candidate.cx.fct_programme_cohorts where programme_id = 'P' and segment = 'all'"
    ).fetchall():
        reference = effects.average_over_treated([single[entry, when]], None, weight)
        assert float(effect) == pytest.approx(reference.effect, abs=6e-5)
        assert customers == single[entry, when].treated_count


def test_some_of_the_treated_stand_in_for_others(as_seen, group_effects):
    """Else the tests above would hold without the weights."""
    assert (in_no_other(as_seen) < -0.1).any()
    later = [e for e in group_effects if e.event > 3]
    assert max(e.treated_weight.max() for e in later) > 1.1


def test_mean_by_entry_month_equals_the_reference(results, group_effects, weight):
    rows = results.execute(
        "select entry_month_date, effect_amount, effect_standard_error_amount,"
        " matched_customer_count,"
        " matched_month_count from candidate.cx.fct_programme_entries"
        " where programme_id = 'P' and segment = 'all'"
    ).fetchall()
    cohorts = {month(e.cohort): e.cohort for e in group_effects if e.event >= 0}
    assert {row[0] for row in rows} == set(cohorts)
    for entry, effect, error, customers, months in rows:
        mine = [e for e in group_effects if e.cohort == cohorts[entry] and e.event >= 0]
        reference = effects.average_over_treated(mine, None, weight)
        assert float(effect) == pytest.approx(reference.effect, abs=6e-5)
        assert customers == reference.observations
        assert months == sum(e.treated_count for e in mine)
        if fewest_customers(reference) >= LEAST:
            assert float(error) == pytest.approx(reference.standard_error, abs=6e-5)


@pytest.mark.parametrize("part", ["support", "expansion"])
def test_parts_of_the_effect_equal_the_reference(results, as_seen, weight, part):
    """Nobody in this company leaves without revenue, so nothing is retained."""
    cost = support(*np.indices(as_seen.outcome.shape))
    measured = -cost if part == "support" else as_seen.outcome + cost
    seen = np.where(np.isfinite(as_seen.outcome), measured, np.nan)
    after = [e for e in group_times(as_seen, seen) if e.event >= 0]
    reference = effects.average_over_treated(after, None, weight)
    effect, error = results.execute(
        "select effect_amount, effect_standard_error_amount"
        " from intermediate.int_programme_effect_components"
        f" where programme_id = 'P' and segment = 'all' and part = '{part}'"
    ).fetchone()
    assert effect == pytest.approx(reference.effect, abs=1e-6)
    assert error == pytest.approx(reference.standard_error, rel=1e-6)


def test_randomised_programme_equals_the_reference(results, firm):
    """Arms of one entry month, what was known before taken out whichever the arm (CUPED)."""
    treated = np.arange(CUSTOMERS) % 2 == 0
    entries, before = {}, np.full((CUSTOMERS, 3), np.nan)
    after = np.full((CUSTOMERS, MONTHS), np.nan)
    cell = np.zeros(CUSTOMERS, int)
    for entry in ENTRIES:
        drawn = np.flatnonzero(firm.other_cohort == entry)
        level = firm.outcome[drawn, entry - 3 : entry].mean(axis=1)
        is_new = ~np.isfinite(level)
        # Of one customer in an arm there is no telling how its mean would vary.
        sizes = [np.sum(is_new & (treated[drawn] == arm)) for arm in (True, False)]
        chosen = np.full(len(drawn), True) if min(sizes) >= 2 else ~is_new
        entries[entry] = rows = drawn[chosen]
        earlier = np.ma.masked_invalid(firm.outcome[rows, max(entry - 9, 0) : entry - 3])
        before[rows, 0] = level[chosen]
        before[rows, 1] = earlier.mean(axis=1).filled(np.nan)
        before[rows, 2] = entry - firm.first_month[rows]
        after[rows, entry:] = firm.outcome[rows, entry:]
        cell[rows] = 2 * entry + is_new[chosen]
    compared = np.concatenate(list(entries.values()))
    levels = {entry: before[rows, 0] for entry, rows in entries.items()}
    assert any(np.isnan(level).any() for level in levels.values())
    told = np.zeros(CUSTOMERS)
    told[compared] = randomisation.expected(after[compared], before[compared], cell[compared])
    found = []
    for entry, rows in entries.items():
        for period in range(entry, MONTHS):
            adjusted = firm.outcome[rows, period] - told[rows]
            newcomer = np.isnan(levels[entry]).astype(int)
            matched = matching.matched_difference(adjusted, treated[rows], newcomer, 2, True)
            when = (entry, period, entry)
            found.append(effects.group_time(matched, rows, newcomer, CUSTOMERS, when))

    def judged(chosen: list[int]) -> tuple[float, float]:
        """Effect and error of both arms, a customer's months added up."""
        parts = []
        for entry in chosen:
            rows = entries[entry]
            total = (firm.outcome[rows, entry:] - told[rows, None]).sum(axis=1)
            months = np.full(len(rows), float(MONTHS - entry))
            parts.append((treated[rows], total, months, 2 * entry + np.isnan(levels[entry])))
        arm, amount, length, stratum = (np.concatenate(part) for part in zip(*parts, strict=True))
        effect, error, _ = randomisation.statistics(arm[None], amount, length, stratum)
        return float(effect[0]), float(error[0])

    effect, error, customers = published(results, "R", "effect")
    reference = effects.average_over_treated(found)
    assert effect == pytest.approx(reference.effect, abs=1e-6)
    assert customers == reference.observations
    assert (effect, error) == pytest.approx(judged(list(entries)), abs=1e-6)
    entered = results.execute(
        "select entry_month_date, effect_amount, effect_standard_error_amount from candidate.cx"
        ".fct_programme_entries where programme_id = 'R' and segment = 'all'"
        " and effect_standard_error_amount is not null"
    ).fetchall()
    assert len(entered) > 3
    for when, effect, error in entered:
        mine = effects.average_over_treated([e for e in found if month(e.cohort) == when])
        assert float(effect) == pytest.approx(mine.effect, abs=6e-5)
        [entry] = [g for g in entries if month(g) == when]
        assert float(error) == pytest.approx(judged([entry])[1], abs=6e-5)


def test_segments_are_analyses_of_their_own(results, as_seen):
    accounts = np.flatnonzero(as_seen.is_account)
    inside = Company(*(getattr(as_seen, name)[accounts] for name in Company.__dataclass_fields__))
    after = [e for e in group_times(inside) if e.event >= 0]
    agree(published(results, "P", "effect", "account"), effects.average_over_treated(after))


def test_benjamini_hochberg_equals_an_independent_implementation(results):
    rows = results.execute(
        "select p_value, adjusted_p_value from intermediate.int_programme_results"
        " where p_value is not null"
    ).fetchall()
    given, adjusted = (np.array(column, float) for column in zip(*rows, strict=True))
    assert len(given) >= 3
    assert adjusted == pytest.approx(false_discovery_control(given))
    assert adjusted == pytest.approx(benjamini_hochberg(given))


def test_p_values_and_intervals_are_those_of_t(results):
    """Of matched programmes, with half the customers of the smaller side as degrees of freedom.

    What was seen before entry moves the ends outwards, and with them what the p-value speaks of.
    """
    rows = results.execute("""
        select matched_customer_count, control_customer_count, effect_amount,
            effect_standard_error_amount, effect_low_amount, effect_high_amount,
            minimum_detectable_effect_amount, effect_p_value, low_allowance_amount,
            high_allowance_amount
        from candidate.cx.fct_programme_roi
        where effect_p_value is not null and method = 'matched'
    """).fetchall()
    assert any(min(row[:2]) < 60 for row in rows)
    for matched, controls, *numbers in rows:
        effect, error, low, high, detectable, p_value, below, above = map(float, numbers)
        reference = Estimate(effect, error, matched, min(matched, controls) / 2)
        ends = (low + below, high - above)
        assert ends == pytest.approx(reference.interval(), abs=2e-3 * error + 1e-4)
        beyond = max(effect - below, 0) or min(effect + above, 0)
        seen = Estimate(beyond, error, matched, min(matched, controls) / 2)
        assert p_value == pytest.approx(seen.p_value, rel=0.02)
        assert (low > 0 or high < 0) == (p_value < 0.05)
        reach = (high - above - effect) / error
        found = nct.sf(reach, reference.degrees_of_freedom, (detectable - below) / error)
        assert found == pytest.approx(0.8, abs=0.01)  # by the noncentral t
