"""The registry of metrics and the tables agree.

No metric without a column, no number without a row, and a name that several tables have is one
quantity: one unit, one definition.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.nodes import published

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
REGISTRIES = sorted(SEEDS.glob("metrics_*.csv"))
HEADINGS = [
    "metric_id",
    "metric_name",
    "table_name",
    "column_name",
    "formula",
    "numerator",
    "denominator",
    "unit",
    "grain",
    "version",
    "owner",
    "source",
]
# Measured columns that are no metrics of their own, and why.
NO_METRIC = {
    "belongs to the metric it is a bound, an error or a test of": re.compile(
        r"_(low|high)(_amount|_rate)?$|(^|_)standard_error(_amount)?$|_p_value$"
    ),
    "a term of a sum that is a metric": re.compile(r"_contribution$|^base_log_odds$"),
    "as the source says it": re.compile(
        r"^original_|^(rate_to_reporting|quantity|score|scale_min|scale_max|duration_seconds)$"
    ),
    "a part of a date": re.compile(
        r"^(iso_year|iso_week|iso_weekday)$|^(month|quarter|year)_number$"
    ),
    "the version of a definition": re.compile(r"^version$"),
    "what a model was fitted to": re.compile(
        r"^(coefficient|mean_value|standard_deviation|ageing|alpha|beta|gamma|odds|r|a|b|s|p|q)$"
        r"|^log_likelihood$"
    ),
}
# A bound has the unit of what it is a bound of, so it needs no definition of its own.
BOUND = NO_METRIC["belongs to the metric it is a bound, an error or a test of"]
DEFINITIONS = SEEDS / "metric_definitions.csv"
NUMBER = ("double", "decimal", "bigint", "int", "smallint")
UNIT = re.compile(r"\(([^()]*)\)$")


def metrics(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The documented columns of each model by name."""
    nodes = manifest["nodes"].values()
    return {n["name"]: n["columns"] for n in nodes if n["resource_type"] == "model"}


@pytest.mark.parametrize("path", REGISTRIES, ids=lambda p: p.stem)
def test_each_metric_is_a_column_that_exists(path: Path, manifest: dict[str, Any]) -> None:
    known = columns(manifest)
    lost = [
        m["metric_id"]
        for m in metrics(path)
        if m["table_name"] not in known or m["column_name"] not in {*known[m["table_name"]], ""}
    ]
    assert lost == []


@pytest.mark.parametrize("path", REGISTRIES, ids=lambda p: p.stem)
def test_each_metric_says_all_that_it_has_to(path: Path) -> None:
    rows = metrics(path)
    assert list(rows[0]) == HEADINGS
    optional = {"column_name", "numerator", "denominator", "source"}
    silent = [m["metric_id"] for m in rows if not all(m[h] for h in HEADINGS if h not in optional)]
    assert silent == []
    half = [m["metric_id"] for m in rows if bool(m["numerator"]) != bool(m["denominator"])]
    nowhere = [m["metric_id"] for m in rows if not m["column_name"] and not m["denominator"]]
    assert (half, nowhere) == ([], [])


def test_two_metrics_of_one_title_are_one_metric() -> None:
    """ "NPS of a segment" was the title of two figures: over relationship surveys, and of any."""
    formulas: dict[str, set[str]] = {}
    for row in (row for path in REGISTRIES for row in metrics(path)):
        formulas.setdefault(row["metric_name"], set()).add(row["formula"])
    allowed = {"Programme cost no customer bears"}  # of the company: with the unknown customer
    assert {title for title, said in formulas.items() if len(said) > 1} == allowed


def test_the_registry_holds_every_area(manifest: dict[str, Any]) -> None:
    used = manifest["nodes"]["model.cx_roi.dim_metrics"]["depends_on"]["nodes"]
    expected = sorted(p.stem for p in (*REGISTRIES, DEFINITIONS))
    assert sorted(u.split(".")[-1] for u in used) == expected


def is_metric(name: str, data_type: str) -> bool:
    """Any number but a bound, a date's part or a parameter."""
    return data_type.startswith(NUMBER) and not any(r.search(name) for r in NO_METRIC.values())


def tables(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the figures are; a view in front of them shows some of these."""
    return [n for n in published(manifest) if n["config"]["materialized"] != "view"]


def test_every_number_of_a_published_table_is_registered(manifest: dict[str, Any]) -> None:
    registered = {(m["table_name"], m["column_name"]) for p in REGISTRIES for m in metrics(p)}
    measured = {
        (model["name"], name)
        for model in tables(manifest)
        for name, column in model["columns"].items()
        if is_metric(name, column["data_type"])
    }
    assert sorted(measured - registered) == []


def unit_of(description: str) -> str:
    """The unit a column's description ends with, in the signs of the registry."""
    found = UNIT.search(description.strip())
    return found[1].translate(str.maketrans("–−", "--")) if found else ""


def units(models: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The unit of each number column by name and table."""
    found: dict[str, dict[str, str]] = {}
    for model in models:
        for name, column in model["columns"].items():
            if column["data_type"].startswith(NUMBER) and not BOUND.search(name):
                found.setdefault(name, {})[model["name"]] = unit_of(column["description"])
    return found


def unlike(named: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Names with more than one unit, or none."""
    return {n: t for n, t in named.items() if len(set(t.values())) != 1 or "" in t.values()}


def test_a_name_has_one_unit_in_all_tables(manifest: dict[str, Any]) -> None:
    assert unlike(units(published(manifest))) == {}


def test_two_units_of_a_name_are_found() -> None:
    named = {"lost_count": {"fct_churn": "customers", "fct_health_backtest": "observations"}}
    assert unlike(named) == named
    assert unlike({"lost_count": {"fct_churn": ""}}) != {}


def test_the_registry_gives_the_unit_of_the_column(manifest: dict[str, Any]) -> None:
    known = units(tables(manifest))
    other = {
        m["metric_id"]: (m["unit"], known[m["column_name"]][m["table_name"]])
        for p in REGISTRIES
        for m in metrics(p)
        if m["table_name"] in known.get(m["column_name"], {})
        and m["unit"] != known[m["column_name"]][m["table_name"]]
    }
    assert other == {}


def test_a_name_of_several_tables_has_one_definition(manifest: dict[str, Any]) -> None:
    defined = {d["column_name"]: d for d in metrics(DEFINITIONS)}
    shared = {name: found for name, found in units(tables(manifest)).items() if len(found) > 1}
    assert sorted(shared.keys() ^ defined.keys()) == []
    assert [n for n, d in defined.items() if d["unit"] not in shared[n].values()] == []
    assert [n for n, d in defined.items() if not d["definition"]] == []


def test_no_rule_exempts_what_no_table_has(manifest: dict[str, Any]) -> None:
    names = {name for model in published(manifest) for name in model["columns"]}
    unused = [why for why, rule in NO_METRIC.items() if not any(rule.search(n) for n in names)]
    assert unused == []


@pytest.mark.parametrize(
    ("name", "data_type", "expected"),
    [
        ("nrr_rate", "double", True),
        ("net_revenue_amount", "decimal(18,4)", True),
        ("effort_score", "bigint", True),
        ("lift", "double", True),
        ("customer_count", "bigint", True),
        ("tenure_months", "int", True),
        ("iso_week", "integer", False),
        ("churn_rate_high", "double", False),
        ("is_valid_score", "boolean", False),
    ],
)
def test_a_metric_is_known_by_its_type_and_name(name: str, data_type: str, expected: bool) -> None:
    assert is_metric(name, data_type) is expected
