# Grain: one row per month in which somebody entered a programme by choice, and active customer
"""Risk of leaving as a month of entry begins, by a model of what was over by then."""

from __future__ import annotations

from typing import Any

from orchestration.lib.science.entry_risk import risks
from orchestration.lib.science.relations import to_arrow


def model(dbt: Any, session: Any) -> Any:
    """Hand customers as they were at those months and before to the pure function."""
    dbt.config(materialized="table")
    return risks(to_arrow(dbt.ref("int_programme_risk_features")))
