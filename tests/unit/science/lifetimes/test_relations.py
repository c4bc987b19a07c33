"""A Python model reads what either engine hands it."""

from __future__ import annotations

import duckdb
import pandas as pd

from orchestration.lib.science.relations import to_arrow, to_pandas


class SparkFrame:
    """A data frame of Spark, as far as a model reads one."""

    def toPandas(self) -> pd.DataFrame:
        return pd.DataFrame({"kind": ["account", "person"], "number": [1, 2]})


def test_a_relation_of_duckdb_and_a_frame_of_spark_are_the_same_rows() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql(
            "select * from (values ('account', 1::bigint), ('person', 2)) as rows(kind, number)"
        )
        for handed in (relation, SparkFrame()):
            assert to_pandas(handed).to_dict("list") == {
                "kind": ["account", "person"],
                "number": [1, 2],
            }
            assert to_arrow(handed).to_pylist() == [
                {"kind": "account", "number": 1},
                {"kind": "person", "number": 2},
            ]
