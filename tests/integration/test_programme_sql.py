"""The programme models against the reference in numpy, on a simulated company; and hard cases.

Given customer months, enrolments and costs as tables, the models run as they do at night. Programme
P picks newcomers and works; R is a lottery without effect; the others are degenerate on purpose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from orchestration.lib.dbt import _invoke
from orchestration.lib.home import Home
from orchestration.lib.science import effects, matching
from orchestration.lib.science.experiments import benjamini_hochberg
from tests.simulation.companies import ENTRIES, MONTHS, Company, cells, company, group_times

CUSTOMERS = 1500
START = date(2023, 1, 1)
SUPPORT = 1.5
ROBOTS, FLAT = 30, 60  # kinds of their own, so that nobody else is compared with them


@pytest.fixture(scope="module")
def firm() -> Company:
    """The second programme is a lottery: even customers are treated, odd ones its controls.

    Newcomers without three months behind them take part in it too.
    """
    one = company(seed=5, customers=CUSTOMERS, rule="newcomers", effect=8.0, with_other=False)
    number = np.arange(CUSTOMERS)
    entry = np.array(ENTRIES)[number // 10 % len(ENTRIES)]
    drawn = (number % 10 < 4) & ~np.isfinite(one.cohort) & (one.first_month <= entry)
    return replace(one, other_cohort=np.where(drawn, entry, np.inf))


@pytest.fixture(scope="module")
def as_seen(firm: Company) -> Company:
    """As programme P sees it: only being treated elsewhere ends the use of a customer."""
    elsewhere = np.where(np.arange(CUSTOMERS) % 2 == 0, firm.other_cohort, np.inf)
    elsewhere[three_untouched(firm)] = 20
    return replace(firm, other_cohort=elsewhere)


def three_untouched(firm: Company) -> np.ndarray:
    untouched = ~np.isfinite(firm.cohort) & ~np.isfinite(firm.other_cohort)
    return np.flatnonzero(untouched & np.isfinite(firm.outcome[:, 10]) & firm.is_active[:, 19])[:3]


def month(number: float) -> date:
    return date(START.year + int(number) // 12, int(number) % 12 + 1, 1)


def customer_months(firm: Company) -> pd.DataFrame:
    unit, number = np.nonzero(np.isfinite(firm.outcome))
    table = pd.DataFrame({"customer_key": [f"c{u}" for u in unit]})
    table["month_date"] = [month(n) for n in number]
    table["is_active_at_start"] = firm.is_active[unit, number - 1] & (number > 0)
    table["is_active_at_end"] = firm.is_active[unit, number]
    table["tenure_months"] = (number - firm.first_month[unit]).astype(int)
    table["kind"] = np.where(firm.is_account[unit], "account", "person")
    table["gross_margin_amount"] = firm.outcome[unit, number] + SUPPORT
    extra = [
        (f"{kind}{i}", month(n), True, True, n, kind, 10.0 + SUPPORT + noise * (i * n % 7))
        for kind, size, noise in (("robot", ROBOTS, 1), ("flat", FLAT, 0))
        for i in range(size)
        for n in range(MONTHS)
    ]
    table = pd.concat([table, pd.DataFrame(extra, columns=table.columns)])
    return table.assign(
        is_closed_month=True,
        support_cost_amount=SUPPORT,
        net_revenue_amount=table["gross_margin_amount"],
    )


def enrolments(firm: Company) -> pd.DataFrame:
    rows = [("P", f"c{u}", "treated", month(g)) for u, g in entered(firm.cohort)]
    arms = ("treated", "control")
    rows += [("R", f"c{u}", arms[u % 2], month(g)) for u, g in entered(firm.other_cohort)]
    rows += [("ALONE", f"robot{i}", "treated", month(12)) for i in range(ROBOTS)]
    rows += [("FLAT", f"flat{i}", "treated", month(12)) for i in range(FLAT // 2)]
    rows += [("TINY", f"c{u}", "treated", month(20)) for u in three_untouched(firm)]
    return pd.DataFrame(rows, columns=["programme_id", "customer_id", "arm", "enrolled_at"])


def entered(cohort: np.ndarray) -> list[tuple[int, int]]:
    return [(int(u), int(cohort[u])) for u in np.flatnonzero(np.isfinite(cohort))]


@pytest.fixture(scope="module")
def results(firm: Company, tmp_path_factory: pytest.TempPathFactory):
    """The models, run by dbt on tables that stand for everything upstream of them."""
    home = Home(tmp_path_factory.mktemp("programmes"))
    home.build.mkdir(parents=True)
    (home.temporary / "spill").mkdir(parents=True)
    for file in (home.work, home.candidate, home.restricted_candidate, home.lake_database):
        duckdb.connect(str(file)).close()
    with duckdb.connect(str(home.work)) as work:
        work.execute(f"attach '{home.candidate}' as candidate")
        fill(work, customer_months(firm), enrolments(firm))
    folders = ("intermediate", "marts")
    selected = [f"path:models/{f}/programmes" for f in folders]
    outcome = _invoke(home, ["run", "--select", *selected])
    assert [r.node.name for r in outcome.result.results if str(r.status) != "success"] == []
    with duckdb.connect(str(home.work), read_only=True) as work:
        work.execute(f"attach '{home.candidate}' as candidate (read_only)")
        yield work


def fill(work: duckdb.DuckDBPyConnection, months: pd.DataFrame, enrolled: pd.DataFrame) -> None:
    for schema in ("staging", "intermediate", "seeds", "candidate.cx"):
        work.execute(f"create schema if not exists {schema}")
    work.execute("""
        create table candidate.cx.fct_customer_months as
        select * replace (
            gross_margin_amount::decimal(18, 4) as gross_margin_amount,
            support_cost_amount::decimal(18, 4) as support_cost_amount,
            month_date::date as month_date
        ) from months;
        create table candidate.cx.bridge_customer_segments as
        select distinct customer_key, segmentation,
            case segmentation when 'all' then 'all' else kind end as segment,
            date '2000-01-01' as valid_from_date, date '9999-12-31' as valid_to_date
        from months, (values ('all'), ('customer_kind')) t(segmentation);
        create table staging.stg_run__parameters as select 'UTC' as time_zone;
        create table staging.stg_crm__programmes as
        select programme_id, programme_id as name,
            case programme_id when 'R' then 'randomised' else 'rule' end as assignment
        from (values ('P'), ('R'), ('ALONE'), ('FLAT'), ('TINY'), ('EMPTY')) t(programme_id);
        create table staging.stg_crm__programme_enrolments as
        select programme_id, customer_id, null::varchar as customer_email,
            null::varchar as customer_domain, arm, enrolled_at::timestamp as enrolled_at
        from enrolled;
        create table intermediate.int_customer_references__resolved as
        select distinct md5(concat(customer_key, '||')) as reference_key, customer_key from months;
        create table intermediate.int_customers__attributed as
        select distinct customer_key, null::varchar as referred_by_customer_key from months;
        create table intermediate.int_programme_costs__by_customer as
        select 'P' as programme_id, month_date, 100.0::decimal(18, 4) as programme_cost_amount
        from (select distinct month_date from candidate.cx.fct_customer_months)
        where month_date >= date '2023-10-01';
        create table seeds.analyst_settings as select * from (values
            ('programme_segmentations', 'all, customer_kind'),
            ('programme_controls_per_treated', '1000000'),
            ('programme_discount_rate', '0.1')) t(setting_name, setting_value);
    """)


def published(results: duckdb.DuckDBPyConnection, programme: str, kind: str, segment="all"):
    return results.execute(
        "select effect_amount, standard_error_amount, matched_customer_count"
        " from intermediate.int_programme_estimates where programme_id = ? and estimate_kind = ?"
        " and segment = ?",
        [programme, kind, segment],
    ).fetchone()


def agree(published, reference: effects.Estimate) -> None:
    effect, error, customers = published
    assert effect == pytest.approx(reference.effect, abs=1e-6)
    assert error == pytest.approx(reference.standard_error, rel=1e-6)
    assert customers == reference.observations


@pytest.fixture(scope="module")
def group_effects(as_seen: Company) -> list[effects.GroupTime]:
    return group_times(as_seen)


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
