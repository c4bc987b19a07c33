"""What dbt hands a Python model, as the tables that the pure functions take.

DuckDB gives a relation of its own, Spark a data frame. Here: reading one. Not here: what a model
makes of it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa


def to_pandas(relation: Any) -> pd.DataFrame:
    """The rows of a relation in memory."""
    frame: pd.DataFrame
    frame = relation.toPandas() if hasattr(relation, "toPandas") else relation.df()
    return frame


def to_arrow(relation: Any) -> pa.Table:
    """The same as an Arrow table, with the types of the engine where it has one."""
    if hasattr(relation, "toPandas"):
        return pa.Table.from_pandas(to_pandas(relation), preserve_index=False)
    return relation.to_arrow_table()
