"""The registry of metrics and the tables agree: no metric without a column, none without a row."""

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
}
# Here every column is what a model was fitted to; metrics are the figures it gives.
PARAMETERS = {"fct_churn_risk_model", "fct_clv_models"}
METRIC_NAME = re.compile(r"_(rate|mean|median|score|ratio|amount|minutes)$")
NUMBER = ("double", "decimal", "bigint", "integer")


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


def test_the_registry_holds_every_area(manifest: dict[str, Any]) -> None:
    used = manifest["nodes"]["model.cx_roi.dim_metrics"]["depends_on"]["nodes"]
    assert sorted(u.split(".")[-1] for u in used) == [p.stem for p in REGISTRIES]


def is_metric(name: str, data_type: str) -> bool:
    """What is measured: a number with decimals, or one whose name says so."""
    is_measured = data_type.startswith(("double", "decimal")) or (
        data_type.startswith(NUMBER) and METRIC_NAME.search(name) is not None
    )
    return is_measured and not any(rule.search(name) for rule in NO_METRIC.values())


def test_every_metric_of_a_published_table_is_registered(manifest: dict[str, Any]) -> None:
    registered = {(m["table_name"], m["column_name"]) for p in REGISTRIES for m in metrics(p)}
    measured = {
        (model["name"], name)
        for model in published(manifest)
        if model["name"] not in PARAMETERS
        for name, column in model["columns"].items()
        if is_metric(name, column["data_type"])
    }
    assert sorted(measured - registered) == []


def test_no_rule_exempts_what_no_table_has(manifest: dict[str, Any]) -> None:
    names = {name for model in published(manifest) for name in model["columns"]}
    unused = [why for why, rule in NO_METRIC.items() if not any(rule.search(n) for n in names)]
    assert unused == []
    assert {m["name"] for m in published(manifest)} >= PARAMETERS


@pytest.mark.parametrize(
    ("name", "data_type", "expected"),
    [
        ("nrr_rate", "double", True),
        ("net_revenue_amount", "decimal(18,4)", True),
        ("effort_score", "bigint", True),
        ("lift", "double", True),
        ("customer_count", "bigint", False),
        ("churn_rate_high", "double", False),
        ("is_valid_score", "boolean", False),
    ],
)
def test_a_metric_is_known_by_its_type_or_name(name: str, data_type: str, expected: bool) -> None:
    assert is_metric(name, data_type) is expected
