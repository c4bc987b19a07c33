"""Health scores of an earlier day know nothing that came later, and are what their parts say.

The published demo stands for everything upstream; the models of health run on it as they do at
night, once with all of its rows and once with every row after the day taken away.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.dbt import PROJECT, _invoke
from orchestration.lib.home import Home
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
    create or replace table work.intermediate.int_customer_months__states as
    select
        months.*,
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
SCORES = f"""
    select customer_key, score_date, health_score, {", ".join(f"{c}_score" for c in COMPONENTS)}
    from candidate.cx.fct_customer_health where score_date <= ?
"""
Score = Callable[[str, bool], dict[tuple, tuple]]


@pytest.fixture(scope="module")
def scored(demo_company: Company, tmp_path_factory: pytest.TempPathFactory) -> Score:
    """Scores up to a day, as of the last day of the demo or as of that day without later rows."""

    def run(day: str, is_all: bool) -> dict[tuple, tuple]:
        home = Home(tmp_path_factory.mktemp("health"))
        home.build.mkdir(parents=True)
        for file in (home.restricted_candidate, home.lake_database):
            duckdb.connect(str(file)).close()
        [as_of] = demo_company.query("select max(as_of_date) from cx.fct_customer_roi")[0]
        with duckdb.connect() as files:
            files.execute(f"attach '{demo_company.warehouse}' as published (read_only)")
            files.execute(f"attach '{home.work}' as work")
            files.execute(f"attach '{home.candidate}' as candidate")
            for schema in ("work.staging", "work.intermediate", "work.seeds", "candidate.cx"):
                files.execute(f"create schema {schema}")
            files.execute(
                "create table work.staging.stg_run__parameters as "
                "select cast(? as date) as as_of_date, 'UTC' as time_zone",
                [as_of if is_all else day],
            )
            files.execute(MONTHS)
            files.execute(
                "create table work.intermediate.int_customers__attributed as "
                "select * from published.cx.dim_customers"
            )
            for table, column in EVENTS.items():
                files.execute(
                    f"create table candidate.cx.{table} as from published.cx.{table} "
                    f"where {column} <= ?",
                    [as_of if is_all else day],
                )
        seeds = ["analyst_settings", "health_weights"]
        models = ["path:models/intermediate/risk/int_health__*", "fct_customer_health"]
        for command, selected in (("seed", seeds), ("run", models)):
            outcome = _invoke(home, [command, "--select", *selected])
            assert [r.message for r in outcome.result.results if str(r.status) != "success"] == []
        with duckdb.connect() as files:
            files.execute(f"attach '{home.work}' as work (read_only)")
            files.execute(f"attach '{home.candidate}' as candidate (read_only)")
            return {row[:2]: row[2:] for row in files.execute(SCORES, [day]).fetchall()}

    return run


def test_a_score_of_the_past_is_the_same_without_what_came_later(
    demo_company: Company, scored: Score
) -> None:
    # given a day three months before the end, and one year of month ends up to it
    [day] = demo_company.query("select max(as_of_date) - 92 from cx.fct_customer_roi")[0]
    known_later = scored(str(day), True)
    known_then = scored(str(day), False)

    # then every score both runs have is the same in all its parts, or a back-test is worth nothing
    both = {key for key in known_later if key in known_then}
    assert len(both) > 1000
    assert {key: known_later[key] for key in both} == {key: known_then[key] for key in both}


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
