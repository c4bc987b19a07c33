# Grain: one row per fit, segment or all, contract period, renewals made and months left
"""Expected months under contract of every distinct tenure in force."""

from typing import Any

import pyarrow as pa

from orchestration.lib.science.lifetime_predictions import tenure_predictions
from orchestration.lib.science.relations import to_pandas


def model(dbt: Any, session: Any) -> pa.Table:
    """Distinct histories in, one prediction for each out."""
    return tenure_predictions(
        to_pandas(dbt.ref("int_clv__fits")),
        to_pandas(dbt.ref("int_clv__tenure_histogram")),
    )
