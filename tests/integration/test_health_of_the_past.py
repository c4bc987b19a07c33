"""Health scores and risks of an earlier day know nothing that came later, and are what they say.

The published demo stands for everything upstream; the models of health and churn risk run on it as
they do at night: with all of its rows, with every row after the day taken away, and with every row
after the day made into something else.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.transform.dbt import PROJECT, _invoke
from tests.conftest import Company

COMPONENTS = ("usage", "feedback", "support", "commercial", "relationship")
# Tables the models read, and the day of a row.
EVENTS = {
    "fct_interactions": "business_date",
    "fct_survey_responses": "business_date",
    "fct_tickets": "opened_date",
    "fct_transactions": "business_date",
    "fct_contracts": "start_date",
}
MONTHS = """
    create or replace table work.intermediate.int_customer_months__activity as
    select
        months.*,
        mrr_end_contract_rate_amount as mrr_end_amount,
        least(last_day(month_date), params.as_of_date) as end_date,
        (
            select max(business_date) from published.cx.fct_interactions as touches
            where touches.customer_key = months.customer_key
                and touches.interaction_kind in ('product_use', 'purchase')
                and touches.business_date <= least(last_day(months.month_date), params.as_of_date)
        ) as last_activity_date
    from published.cx.fct_customer_months as months
    cross join work.staging.stg_run__parameters as params
    where month_date <= params.as_of_date
"""
# What came after the day, made into something else. Who was active until then is not among it: that
# later nights say the same is test_known_at_the_time's.
REWRITTEN = """
    update candidate.cx.fct_interactions set quantity = 50 * quantity where business_date > $day;
    update candidate.cx.fct_survey_responses set score_normalised = 100 - score_normalised
    where business_date > $day;
    delete from candidate.cx.fct_tickets where opened_date > $day and customer_key < '8';
    delete from candidate.cx.fct_transactions where business_date > $day and customer_key < '8';
    update candidate.cx.fct_contracts set mrr_amount = 9 * mrr_amount where start_date > $day;
    update work.intermediate.int_customer_months__activity
    set is_active_at_end = not is_active_at_end where end_date > $day;
"""
SCORES = f"""
    select customer_key, score_date, health_score, {", ".join(f"{c}_score" for c in COMPONENTS)}
    from candidate.cx.fct_customer_health where score_date <= ?
"""
RISKS = """
    select customer_key, score_date, model_risk_rate from work.intermediate.int_churn_model__scores
    where score_date <= ? and model_risk_rate is not null
"""
COEFFICIENTS = """
    select customer_kind, trained_through_date, feature, coefficient, mean_value
    from candidate.cx.fct_churn_risk_model where trained_through_date <= ?
"""


class Found(NamedTuple):
    """Up to a day, by customer and date or by model."""

    scores: dict[tuple, tuple]
    risks: dict[tuple, float]
    coefficients: dict[tuple, tuple]


Score = Callable[[str, str], Found]


@pytest.fixture(scope="module")
def scored(demo_company: Company, tmp_path_factory: pytest.TempPathFactory) -> Score:
    """Scores up to a day; what is `later` was kept, removed (as of that day) or rewritten."""

    def run(day: str, later: str) -> Found:
        home = Home(tmp_path_factory.mktemp("health"))
        home.build.mkdir(parents=True)
        for file in (home.restricted_candidate, home.lake_database):
            duckdb.connect(str(file)).close()
        [as_of] = demo_company.query("select max(as_of_date) from cx.fct_customer_roi")[0]
        last = day if later == "removed" else as_of
        with duckdb.connect() as files:
            files.execute(f"attach '{demo_company.warehouse}' as published (read_only)")
            files.execute(f"attach '{home.work}' as work")
            files.execute(f"attach '{home.candidate}' as candidate")
            for schema in ("work.staging", "work.intermediate", "work.seeds", "candidate.cx"):
                files.execute(f"create schema {schema}")
            files.execute(
                "create table work.staging.stg_run__parameters as "
                "select day as as_of_date, 'UTC' as time_zone, "
                "cast(date_trunc('month', day + interval 1 day) as date) as first_open_month_date "
                "from (select cast(? as date) as day)",
                [last],
            )
            files.execute(MONTHS)
            files.execute(
                "create table work.intermediate.int_customers__golden_record as "
                "select * from published.cx.dim_customers"
            )
            files.execute(
                "create table work.intermediate.int_customers__sampling_key as "
                "select customer_key, customer_key as draw_key from published.cx.dim_customers"
            )
            for table, column in EVENTS.items():
                files.execute(
                    f"create table candidate.cx.{table} as from published.cx.{table} "
                    f"where {column} <= ?",
                    [last],
                )
            files.execute(  # of the demo nobody changed a price in the record of a contract
                "create view work.intermediate.int_contracts__price_periods as "
                "select contract_id, start_date as from_date, end_date as to_date, mrr_amount "
                "from candidate.cx.fct_contracts"
            )
            files.execute(
                "create table candidate.cx.dim_customers as from published.cx.dim_customers"
            )
            if later == "rewritten":
                for statement in REWRITTEN.split(";")[:-1]:
                    files.execute(statement, {"day": day})
        seeds = ["analyst_settings", "health_weights"]
        models = [
            "int_settings",
            "path:models/analysis/health/int_health__*",
            "fct_customer_health",
        ]
        models += ["int_risk__outcomes"]
        models += ["path:models/analysis/churn_risk/int_churn_model__*", "fct_churn_risk_model"]
        for command, selected in (("seed", seeds), ("run", models)):
            outcome = _invoke(home, [command, "--select", *selected])
            assert [r.message for r in outcome.result.results if str(r.status) != "success"] == []
        with duckdb.connect() as files:
            files.execute(f"attach '{home.work}' as work (read_only)")
            files.execute(f"attach '{home.candidate}' as candidate (read_only)")
            return Found(
                {row[:2]: row[2:] for row in files.execute(SCORES, [day]).fetchall()},
                {row[:2]: row[2] for row in files.execute(RISKS, [day]).fetchall()},
                {row[:3]: row[3:] for row in files.execute(COEFFICIENTS, [day]).fetchall()},
            )

    return run


@pytest.fixture(scope="module")
def day(demo_company: Company) -> str:
    """Three months before the end: one year of month ends, and five models, up to it."""
    return str(demo_company.value("select max(as_of_date) - 92 from cx.fct_customer_roi"))


@pytest.fixture(scope="module")
def known_then(scored: Score, day: str) -> Found:
    return scored(day, "removed")


@pytest.fixture(scope="module", params=["kept", "rewritten"])
def known_later(scored: Score, day: str, request: pytest.FixtureRequest) -> Found:
    return scored(day, request.param)


def test_a_score_of_the_past_is_the_same_whatever_came_later(
    known_then: Found, known_later: Found
) -> None:
    # every score both runs have is the same in all its parts, or a back-test is worth nothing
    both = known_later.scores.keys() & known_then.scores.keys()
    assert len(both) > 1000
    assert {k: known_later.scores[k] for k in both} == {k: known_then.scores[k] for k in both}


def test_a_model_of_the_past_is_the_same_whatever_came_later(
    known_then: Found, known_later: Found
) -> None:
    models = known_later.coefficients
    assert len({key[:2] for key in models}) == 2 * 5  # kinds, days of training
    assert models == {key: known_then.coefficients[key] for key in models}
    both = known_later.risks.keys() & known_then.risks.keys()
    assert len(both) > 1000
    assert {k: known_later.risks[k] for k in both} == {k: known_then.risks[k] for k in both}


def test_a_published_score_is_the_weighted_mean_of_its_published_parts(
    demo_company: Company,
) -> None:
    seed = Path(PROJECT) / "seeds" / "health_weights.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        rows = {
            (r["customer_kind"], r["component"]): float(r["weight"]) for r in csv.DictReader(file)
        }
    columns = ", ".join(f"{component}_score" for component in COMPONENTS)
    published = demo_company.query(
        f"select customer_kind, health_score, coverage_rate, {columns} from cx.fct_customer_health"
    )
    assert published
    for kind, score, coverage, *parts in published:
        weights = [rows.get((kind, c), rows["*", c]) for c in COMPONENTS]
        there = [(w, float(p)) for w, p in zip(weights, parts, strict=True) if p is not None]
        weight = sum(w for w, _ in there)
        assert float(score) == pytest.approx(sum(w * p for w, p in there) / weight, abs=0.0001)
        assert coverage == pytest.approx(weight / sum(weights))
