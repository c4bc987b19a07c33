"""The registry of metrics and the tables agree: no metric without a column, none without a row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

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
# Whose every measured column has to be explained; others register what people act on.
COMPLETE = (
    "fct_customer_roi",
    "fct_segment_roi",
    "fct_channel_service",
    "fct_churn",
    "fct_renewals",
    "fct_experience_impact",
    "fct_satisfaction",
    "fct_segment_satisfaction",
    "rpt_claims_scorecard",
    "rpt_growth_levers",
)
# Bounds and errors belong to the metric they are of.
ACCURACY = ("_low", "_high", "_standard_error")


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


@pytest.mark.parametrize("table", COMPLETE)
def test_every_measured_column_is_registered(table: str, manifest: dict[str, Any]) -> None:
    registered = {
        m["column_name"] for p in REGISTRIES for m in metrics(p) if m["table_name"] == table
    }
    measured = {
        name
        for name, column in columns(manifest)[table].items()
        if column["data_type"].startswith(("double", "decimal")) and not name.endswith(ACCURACY)
    }
    assert measured - registered == set()
