# Grain: one row per fit, segment or all, model and purchase history that its customers share
"""Expected purchases after every distinct purchase history."""

from typing import Any

import pyarrow as pa

from orchestration.lib.science.lifetime_predictions import purchase_predictions
from orchestration.lib.science.relations import to_pandas


def model(dbt: Any, session: Any) -> pa.Table:
    """Distinct histories in, one prediction of each model for each out."""
    return purchase_predictions(
        to_pandas(dbt.ref("int_clv__fits")),
        to_pandas(dbt.ref("int_clv__purchase_histogram")),
    )
