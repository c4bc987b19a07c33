"""A simulated company on which the programme models run as they do at night; and hard cases.

Given customer months, enrolments and costs as tables. Programme P picks newcomers and works; R is
a randomised programme without effect, in which some of P's take part too; the others are degenerate
on purpose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.integration.programmes.night import night
from tests.reference import effects
from tests.simulation.companies import ENTRIES, MONTHS, Company, company
from tests.simulation.product import group_times, kind_weight

CUSTOMERS = 1500
START = date(2023, 1, 1)
SUPPORT = 1.5
ROBOTS, FLAT = 30, 60  # kinds of their own, so that nobody else is compared with them
GONE = 60  # all of them, treated or not, leave just before the programme starts
ONCE = 60  # all enter in one month; what the programme costs is not known
EARLY = 60  # enter before there is a line to test
ALIKE = 80  # all on one path, in numbers that do not add up to the last bit; half are treated
RISERS = 80  # half of them rise; half of those are taken by a second programme


@pytest.fixture(scope="session")
def firm() -> Company:
    """The second programme is randomised: even customers are treated, odd ones its controls.

    Newcomers without three months behind them take part in it too.
    """
    one = company(seed=5, customers=CUSTOMERS, rule="newcomers", effect=8.0, with_other=False)
    number = np.arange(CUSTOMERS)
    entry = np.array(ENTRIES)[number // 10 % len(ENTRIES)]
    drawn = (number % 10 < 4) & (one.first_month <= entry)
    drawn &= ~np.isfinite(one.cohort) | (entry > one.cohort)
    return replace(one, other_cohort=np.where(drawn, entry, np.inf))


@pytest.fixture(scope="session")
def as_seen(firm: Company, results: duckdb.DuckDBPyConnection) -> Company:
    """As programme P sees it: only being treated elsewhere ends the use of a customer.

    Risks are those of the models, which have tests of their own (tests/unit/science).
    """
    elsewhere = np.where(np.arange(CUSTOMERS) % 2 == 0, firm.other_cohort, np.inf)
    elsewhere[three_untouched(firm)] = 20
    risk = np.full(firm.outcome.shape, np.nan)
    for entry, key, rate in results.execute(
        "select entry_number, customer_key, risk_rate from intermediate.int_programme_risks"
        " where customer_key like 'c%' and risk_rate is not null"
    ).fetchall():
        risk[int(key[1:]), entry - START.year * 12 - START.month] = rate
    assert np.isfinite(risk).any()
    return replace(firm, other_cohort=elsewhere, risk=risk)


def three_untouched(firm: Company) -> np.ndarray:
    untouched = ~np.isfinite(firm.cohort) & ~np.isfinite(firm.other_cohort)
    return np.flatnonzero(untouched & np.isfinite(firm.outcome[:, 10]) & firm.is_active[:, 19])[:3]


def support(unit: np.ndarray, number: np.ndarray) -> np.ndarray:
    return SUPPORT + (7 * unit + 3 * number * number) % 4


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
    table["gross_margin_amount"] = firm.outcome[unit, number] + support(unit, number)
    table["support_cost_amount"] = support(unit, number)
    extra = [
        (f"{kind}{i}", month(n), True, True, n, kind, 10.0 + SUPPORT + noise * (i * n % 7))
        for kind, size, noise in (("robot", ROBOTS, 1), ("flat", FLAT, 0))
        for i in range(size)
        for n in range(MONTHS)
    ]
    extra += [
        (f"gone{i}", month(n), n < 12, n < 11, n, "gone", (50.0 + i % 5 + SUPPORT) * (n < 12))
        for i in range(GONE)
        for n in range(MONTHS)
    ]
    extra += [
        (f"{kind}{i}", month(n), True, True, n, kind, 20.0 + SUPPORT + (7 * i + 3 * n * n) % 5)
        for kind, size in (("once", ONCE), ("early", EARLY))
        for i in range(size)
        for n in range(MONTHS)
    ]
    extra += [
        (
            f"{kind}{i}",
            month(n),
            True,
            True,
            n,
            kind,
            29.99 * 1.01**n + raised * (i % 2 and n >= 12),
        )
        for kind, raised in (("drift", 0), ("raised", 5))
        for i in range(ALIKE)
        for n in range(MONTHS)
    ]
    extra += [
        (
            f"riser{i}",
            month(n),
            True,
            True,
            n,
            "riser",
            20.0 + SUPPORT + 10 * (n > 13 and i % 4 < 2),
        )
        for i in range(RISERS)
        for n in range(MONTHS)
    ]
    others = pd.DataFrame(extra, columns=table.columns[:-1]).assign(support_cost_amount=SUPPORT)
    table = pd.concat([table, others])
    return table.assign(
        is_closed_month=True,
        net_revenue_amount=table["gross_margin_amount"],  # nothing once they are gone
    )


def enrolments(firm: Company) -> pd.DataFrame:
    rows = [("P", f"c{u}", "treated", month(g)) for u, g in entered(firm.cohort)]
    arms = ("treated", "control")
    rows += [("R", f"c{u}", arms[u % 2], month(g)) for u, g in entered(firm.other_cohort)]
    rows += [("ALONE", f"robot{i}", "treated", month(12)) for i in range(ROBOTS)]
    rows += [("FLAT", f"flat{i}", "treated", month(12)) for i in range(FLAT // 2)]
    rows += [("GONE", f"gone{i}", "treated", month(12)) for i in range(GONE // 2)]
    rows += [("DRIFT", f"drift{i}", "treated", month(12)) for i in range(1, ALIKE, 2)]
    rows += [("RAISED", f"raised{i}", arms[1 - i % 2], month(12)) for i in range(ALIKE)]
    rows += [("ONCE", f"once{i}", "treated", month(12)) for i in range(ONCE // 2)]
    rows += [("EARLY", f"early{i}", "treated", month(7)) for i in range(EARLY // 2)]
    rows += [("HALF", f"riser{i}", "treated", month(12)) for i in range(RISERS // 2)]
    rows += [("TAKER", f"riser{i}", "treated", month(18)) for i in range(0, RISERS, 4)]
    rows += [("TINY", f"c{u}", "treated", month(20)) for u in three_untouched(firm)]
    return pd.DataFrame(rows, columns=["programme_id", "customer_id", "arm", "enrolled_at"])


def entered(cohort: np.ndarray) -> list[tuple[int, int]]:
    return [(int(u), int(cohort[u])) for u in np.flatnonzero(np.isfinite(cohort))]


@pytest.fixture(scope="session")
def results(firm: Company, tmp_path_factory: pytest.TempPathFactory):
    def tables(work: duckdb.DuckDBPyConnection) -> None:
        fill(work, customer_months(firm), enrolments(firm))

    with night(tmp_path_factory.mktemp("programmes"), tables) as work:
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
        ),
            (gross_margin_amount::decimal(18, 4) - support_cost_amount::decimal(18, 4))
                as contribution_amount,
            0::decimal(18, 4) as programme_cost_amount
        from months;
        create table candidate.cx.fct_survey_responses as
        select customer_key, month_date::date as month_date, 50.0 as score_normalised,
            'nps' as survey_kind
        from months where false;
        create table candidate.cx.bridge_customer_segments as
        select distinct customer_key, segmentation,
            case segmentation when 'all' then 'all' else kind end as segment,
            date '2000-01-01' as valid_from_date, date '9999-12-31' as valid_to_date
        from months, (values ('all'), ('customer_kind')) t(segmentation);
        create table staging.stg_run__parameters as select 'UTC' as time_zone;
        create table staging.stg_crm__programmes as
        select programme_id, programme_id as name,
            case when programme_id in ('R', 'RAISED') then 'randomised' else 'rule' end
                as assignment,
            null::varchar as randomised_unit, null::decimal(18, 4) as planned_treated_share,
            null::date as end_date, null::date as evaluation_date
        from (values ('P'), ('R'), ('ALONE'), ('FLAT'), ('GONE'), ('TINY'), ('EMPTY'), ('ONCE'),
            ('EARLY'), ('HALF'), ('TAKER'), ('DRIFT'), ('RAISED')) t(programme_id);
        create table staging.stg_crm__programme_enrolments as
        select programme_id, concat(programme_id, customer_id) as enrolment_id, customer_id,
            null::varchar as customer_email, null::varchar as customer_domain, arm,
            enrolled_at::timestamp as enrolled_at, null::timestamp as left_at
        from enrolled;
        create table intermediate.int_customer_identifiers__matched as
        select distinct md5(concat(customer_key, '||')) as reference_key, customer_key from months;
        create table intermediate.int_customers__top_accounts as
        select 'c0' as customer_key, 'c1' as account_key where false;
        create table intermediate.int_customers__sampling_key as
        select distinct customer_key, customer_key as draw_key from months;
        create table intermediate.int_customers__golden_record as
        select distinct customer_key, null::varchar as referred_by_customer_key from months;
        create table intermediate.int_programme_costs__by_customer as
        select programme_id, month_date,
            case when programme_id <> 'ONCE' or month_date < date '2024-06-01'
                then 100.0::decimal(18, 4) end as programme_cost_amount
        from (select distinct month_date from candidate.cx.fct_customer_months),
            (values ('P'), ('ONCE'), ('EARLY'), ('HALF'), ('DRIFT'), ('RAISED')) t(programme_id)
        where month_date >= date '2023-10-01';
        create table seeds.analyst_settings as select * from (values
            ('programme_segmentations', 'all, customer_kind'),
            ('programme_controls_per_treated', '1000000'),
            ('programme_discount_rate', '0.1')) t(setting_name, setting_value);
    """)


def published(results: duckdb.DuckDBPyConnection, programme: str, kind: str, segment="all"):
    return results.execute(
        "select effect_amount, effect_standard_error_amount, matched_customer_count"
        " from intermediate.int_programme_estimates where programme_id = ? and estimate_kind = ?"
        " and segment = ?",
        [programme, kind, segment],
    ).fetchone()


def agree(published, reference: effects.Estimate) -> None:
    effect, error, customers = published
    assert effect == pytest.approx(reference.effect, abs=1e-6)
    assert error == pytest.approx(reference.standard_error, rel=1e-6)
    assert customers == reference.observations


@pytest.fixture(scope="session")
def weight(as_seen: Company, group_effects: list[effects.GroupTime]) -> np.ndarray:
    weight = kind_weight(as_seen, group_effects)
    assert len(np.unique(weight)) == 2
    return weight


@pytest.fixture(scope="session")
def group_effects(as_seen: Company) -> list[effects.GroupTime]:
    return group_times(as_seen)
