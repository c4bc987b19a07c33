"""A gallery of worlds in which nothing was randomised, judged by the product's own SQL.

Run `python -m tests.simulation.natural_comparisons --help`. A company is judged without an effect,
at break-even, and with an effect of twice what is detectable; what was said of each is kept in a
file. Not here: what comes of it (`gallery`). A small version is in the test suite.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from os import cpu_count
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from tests.product_sql import build, drop
from tests.simulation.worlds import MONTHS, WORLDS, Panel, World, company

START = date(2023, 1, 1)
KEPT = Path(__file__).with_name("natural_comparisons.csv")
ALMOST_FREE = 0.0001  # a programme without any cost has no return
# What a changed cost changes; all else is kept.
PRICED = (
    "int_programme_cost_benefit",
    "int_programme_cost_benefit__to_date",
    "int_programme_payback",
    "int_programme_returns",
    "int_programme_results",
    "fct_programme_roi",
)
COLUMNS = (
    "verdict, verdict_reason, effect_amount, effect_standard_error_amount, effect_low_amount,"
    " effect_high_amount, low_allowance_amount, high_allowance_amount,"
    " minimum_detectable_effect_amount, matched_month_count, treated_month_count"
)

# What the page is made of; money to the second digit.
SHOWN = [
    "world",
    "seed",
    "case",
    "truth",
    "verdict",
    "effect_amount",
    "effect_standard_error_amount",
    "effect_low_amount",
    "effect_high_amount",
    "low_allowance_amount",
    "high_allowance_amount",
]


def months(panel: Panel) -> pd.DataFrame:
    """As fct_customer_months has them."""
    unit, number = np.nonzero(np.isfinite(panel.outcome))
    outcome, support = panel.outcome[unit, number], panel.support[unit, number]
    names = np.array([f"c{u:05d}" for u in range(len(panel.outcome))])
    dates = np.array([month(n) for n in range(MONTHS)])
    return pd.DataFrame(
        {
            "customer_key": names[unit],
            "month_date": dates[number],
            "is_active_at_start": panel.is_active[unit, number - 1] & (number > 0),
            "is_active_at_end": panel.is_active[unit, number],
            "tenure_months": number - panel.first_month[unit],
            "kind": np.where(panel.is_account[unit], "account", "person"),
            "region": np.char.mod("r%d", panel.region)[unit],
            "net_revenue_amount": outcome + support,
            "gross_margin_amount": outcome + support,
            "support_cost_amount": support,
            "answer": panel.answer[unit, number],
        }
    )


def month(number: int) -> date:
    return date(START.year + int(number) // 12, int(number) % 12 + 1, 1)


def enrolled(panel: Panel) -> pd.DataFrame:
    rows = [
        (programme, f"c{u:05d}", month(cohort[u]))
        for programme, cohort in (("P", panel.cohort), ("O", panel.other_cohort))
        for u in np.flatnonzero(np.isfinite(cohort))
    ]
    return pd.DataFrame(rows, columns=["programme_id", "customer_id", "enrolled_at"])


def tables(
    connection: duckdb.DuckDBPyConnection,
    panel: Panel,
    closed: int = MONTHS,
    left: int | None = None,
    evaluation: int | None = None,
) -> None:
    """Everything upstream of the programme models, of so many closed months.

    `left`: the month at whose beginning everybody leaves the programme; `evaluation`: at whose
    beginning it is judged.
    """
    known = months(panel)
    connection.register("months", known[known["month_date"] < month(closed)])
    connection.register("enrolled", enrolled(panel))
    connection.execute("set variable left_at = ?", [left and month(left)])
    connection.execute("set variable judged_at = ?", [evaluation and month(evaluation)])
    connection.execute("""
        create table fct_customer_months as
        select * exclude (kind, region, answer, month_date), month_date::date as month_date,
            true as is_closed_month,
            gross_margin_amount - support_cost_amount as contribution_amount,
            0.0 as programme_cost_amount
        from months;
        create table fct_survey_responses as
        select customer_key, month_date::date as month_date, answer as score_normalised,
            'nps' as survey_kind
        from months where answer is not null and not isnan(answer);
        create table bridge_customer_segments as
        select distinct customer_key, segmentation,
            case segmentation
                when 'all' then 'all' when 'region' then region else kind end as segment,
            date '2000-01-01' as valid_from_date, date '9999-12-31' as valid_to_date
        from months, (values ('all'), ('customer_kind'), ('region')) t(segmentation);
        create table stg_run__parameters as select 'UTC' as time_zone;
        create table stg_crm__programmes as
        select distinct programme_id, programme_id as name, 'rule' as assignment,
            null::varchar as randomised_unit, null::decimal(18, 4) as planned_treated_share,
            null::date as end_date, getvariable('judged_at')::date as evaluation_date
        from enrolled;
        create table stg_crm__programme_enrolments as
        select programme_id, concat(programme_id, customer_id) as enrolment_id, customer_id,
            null::varchar as customer_email, null::varchar as customer_domain,
            'treated' as arm, enrolled_at::timestamp as enrolled_at,
            getvariable('left_at')::timestamp as left_at
        from enrolled;
        create table int_customer_identifiers__matched as
        select distinct md5(concat(customer_key, '||')) as reference_key, customer_key from months;
        create table int_customers__sampling_key as
        select distinct customer_key, customer_key as draw_key from months;
        create table int_customers__golden_record as
        select distinct customer_key, null::varchar as referred_by_customer_key from months;
        create table int_customers__top_accounts as
        select distinct customer_key, null::varchar as account_key from months;
        create table int_programme_costs__by_customer (
            programme_id varchar, month_date date, programme_cost_amount decimal(18, 4));
        create table analyst_settings as select * from (values
            ('programme_segmentations', 'all'),
            ('programme_controls_per_treated', '1000000'),
            ('programme_discount_rate', '0.1')) t(setting_name, setting_value);
    """)


def priced(connection: duckdb.DuckDBPyConnection, cost: float) -> pd.Series:
    """What is published at a cost per treated customer and month."""
    for name in PRICED:
        drop(connection, name)
    connection.execute(
        """
        create or replace table int_programme_costs__by_customer as
        select 'P' as programme_id, month_date::date as month_date,
            (? * count(*))::decimal(18, 4) as programme_cost_amount
        from (select distinct month_date from fct_customer_months) as closed
        inner join enrolled on enrolled_at <= month_date and programme_id = 'P'
        where coalesce(month_date < getvariable('left_at')::date, true)
        group by month_date""",
        [cost],
    )
    build(connection, "fct_programme_roi")
    row = connection.execute(
        f"select {COLUMNS} from fct_programme_roi where programme_id = 'P'"
    ).df()
    return row.iloc[0]


def judged(world: World, seed: int) -> list[dict[str, object]]:
    """A company without an effect at a cost of 1 and at break-even, and one with an effect.

    The effect is twice what is published as detectable, at a cost of 1; it takes as long as the two
    others, so every second company has one.
    """
    found = []

    def row(case: str, truth: float, published: pd.Series) -> None:
        found.append({"world": world.name, "seed": seed, "case": case, "truth": truth, **published})

    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        panel = company(world, seed)
        tables(connection, panel)
        nothing = priced(connection, 1.0)
        row("nothing", 0.0, nothing)
        row("even", 0.0, priced(connection, ALMOST_FREE))
    detectable = float(nothing["minimum_detectable_effect_amount"] or np.nan)
    if np.isfinite(detectable) and seed % 2 == 0:
        # It is added in months as a customer, and is a mean over all since entry.
        share = panel.is_active[panel.is_exposed].mean()
        panel = company(world, seed, 2 * detectable / share)
        with duckdb.connect() as connection:
            connection.execute("set threads = 1")
            tables(connection, panel)
            row("twice", panel.true_effect, priced(connection, 1.0))
    return found


def simulated(names: list[str], seeds: range) -> pd.DataFrame:
    """All companies of some worlds."""
    found = [row for name in names for seed in seeds for row in judged(WORLDS[name], seed)]
    return pd.DataFrame(found)


def keep(file: Path, names: list[str], seeds: range, workers: int) -> None:
    """Add to a file the companies that are asked for and not in it yet.

    A company of each world at a time, so that it can be stopped and continued.
    """
    known = set()
    if file.exists():
        known = set(pd.read_csv(file)[["world", "seed"]].itertuples(index=False, name=None))
    asked = [(name, seed) for seed in seeds for name in names if (name, seed) not in known]
    with ProcessPoolExecutor(workers) as pool:
        futures = [pool.submit(judged, WORLDS[name], seed) for name, seed in asked]
        for future in as_completed(futures):
            rows = pd.DataFrame(future.result())[SHOWN]
            rows.to_csv(file, mode="a", header=not file.exists(), index=False, float_format="%.2f")


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("companies", nargs="?", type=int, default=200, help="a world")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--world", action="append", choices=WORLDS, help="by name; else all")
    parser.add_argument("--workers", type=int, default=cpu_count() or 1)
    parser.add_argument("--rows", type=Path, default=KEPT, help="a CSV of every company")
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.companies)
    keep(asked.rows, asked.world or list(WORLDS), seeds, asked.workers)


if __name__ == "__main__":
    main()
