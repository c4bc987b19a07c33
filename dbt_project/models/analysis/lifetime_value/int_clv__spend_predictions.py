# Grain: one row per fit, segment or all, and number of repeat purchases
"""Expected spend per purchase as a line in a customer's own mean."""

from typing import Any

import pyarrow as pa

from orchestration.lib.science.lifetime_predictions import spend_predictions
from orchestration.lib.science.relations import to_pandas


def model(dbt: Any, session: Any) -> pa.Table:
    """Distinct histories in, one prediction for each out."""
    return spend_predictions(
        to_pandas(dbt.ref("int_clv__fits")),
        to_pandas(dbt.ref("int_clv__spend_histogram")),
    )
