"""Two installations with the same extracts publish the same figures, each under keys of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Company, company

OF_THE_RUN = {"run_log", "load_ledger", "quarantine", "quality_results", "restatements"}
COLUMNS = """
    select column_name from duckdb_columns()
    where database_name = 'one' and table_name = ?
        and not regexp_matches(column_name, '(_key|_hash|_rank)$')
    order by column_index
"""


@pytest.fixture(scope="module")
def elsewhere(demo_company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company's extracts in an installation with another secret."""
    other = company(tmp_path_factory.mktemp("elsewhere"), CX_PSEUDONYM_KEY="quite another secret")
    shutil.copytree(demo_company.home / "landing", other.home / "landing")
    other.cxroi("run")
    return other


def test_no_figure_depends_on_the_secret(demo_company: Company, elsewhere: Company) -> None:
    """Keys differ, and ranks of equals may; nothing else: not who is drawn as a control."""
    different = []
    with duckdb.connect() as both:
        for name, firm in (("one", demo_company), ("other", elsewhere)):
            both.execute(f"attach '{Path(firm.warehouse)}' as {name} (read_only)")
        tables = both.execute(
            "select table_name from duckdb_tables() where database_name = 'one'"
        ).fetchall()
        for (table,) in tables:
            columns = ", ".join(f'"{c}"' for (c,) in both.execute(COLUMNS, [table]).fetchall())
            rows = f"select {columns} from one.cx.{table} except all select {columns} from "
            if table not in OF_THE_RUN and both.execute(f"{rows} other.cx.{table}").fetchall():
                different.append(table)
        shared = both.execute(
            "select count(*) from one.cx.dim_customers inner join other.cx.dim_customers "
            "using (customer_key) where customer_key <> 'unknown'"
        ).fetchall()
    assert different == []
    assert shared == [(0,)], "The secret made no difference: the test shows nothing."
