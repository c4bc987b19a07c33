# Grain: one row per kind of customer, day of training and feature, and the intercept.
"""The churn-risk model, fitted anew at every month end on outcomes known by then."""

from __future__ import annotations

from typing import Any

from orchestration.lib.science.churn import fit_models
from orchestration.lib.science.relations import to_arrow


def model(dbt: Any, session: Any) -> Any:
    """Hand the compact frame of training to the pure function."""
    dbt.config(materialized="table")
    return fit_models(to_arrow(dbt.ref("int_churn_model__training_set")))
