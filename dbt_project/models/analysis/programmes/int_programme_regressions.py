# Grain: one row per programme chosen by a rule, segmentation and segment with enough customers
"""Second estimates of an effect, by regressions on what was known at entry."""

from __future__ import annotations

from typing import Any

from orchestration.lib.science.programme_regressions import second_estimates
from orchestration.lib.science.relations import to_arrow


def model(dbt: Any, session: Any) -> Any:
    """Hand customers as they entered, and what the matched estimate owes them, to the function."""
    dbt.config(materialized="table")
    return second_estimates(
        to_arrow(dbt.ref("int_programme_regression_rows")),
        to_arrow(dbt.ref("int_programme_influences")),
    )
