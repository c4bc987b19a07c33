# Grain: one row per fit, model, segment or all, and period of the contracts
"""Lifetime models of all customers and of each segment, from counted histories."""

from typing import Any

import pyarrow as pa

from orchestration.lib.science.lifetime_fits import all_fits
from orchestration.lib.science.relations import to_pandas


def model(dbt: Any, session: Any) -> pa.Table:
    """Only counts cross into Python, and only parameters come back."""
    return all_fits(
        to_pandas(dbt.ref("int_clv__tenure_histogram")),
        to_pandas(dbt.ref("int_clv__purchase_histogram")),
        to_pandas(dbt.ref("int_clv__spend_histogram")),
    )
