"""A company that lacks an entity runs without it: nothing fails, and nothing is made up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.demo import write_demo
from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.adapters.model import Adapter
from orchestration.lib.base.home import Home
from orchestration.lib.base.sql import quote
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.ingest.scan import newest_day
from orchestration.lib.publication.release import Refused
from orchestration.lib.run import context, steps
from orchestration.lib.transform import dbt
from orchestration.lib.transform.dbt_tests import is_of_rules, rules_of
from orchestration.settings import Settings
from tests.conftest import Company

ENTITIES = frozenset(load_contracts())
FOREIGN = "fct_transactions where currency <> 'USD'"
INFERRED = "dim_customers where is_inferred"
RECORDED = "dim_customers where not is_inferred and customer_key <> 'unknown'"
KNOWN_REVENUE = "fct_customer_months where net_revenue_amount > 0 and transaction_count > 0"
# What neither a transaction nor a contract on record can tell.
REVENUE = (
    "net_revenue_amount",
    "gross_margin_amount",
    "contribution_amount",
    "mrr_end_contract_rate_amount",
)
CUSTOMER_MONEY = (
    *("net_revenue_12m_amount", "gross_margin_lifetime_amount", "historic_clv_amount"),
    *("return_12m_amount", "customer_roi_lifetime", "transaction_12m_count"),
    "signed_contract_count",
)
MONEY = (
    *("net_revenue_amount", "gross_margin_amount", "return_amount", "customer_roi"),
    *("billed_revenue_amount", "transaction_count", "average_deal_size_amount"),
    "signed_contract_value_amount",
)
Build = Callable[[Home], list[dbt.NodeResult]]


@dataclass(frozen=True)
class Firm:
    """A small demo company whose nights are run with some of its entities only."""

    settings: Settings

    def run(self, entities: Collection[str], build: Build) -> None:
        """Publish a first night with these entities. Raises Refused, with reasons, if it fails."""
        adapters = tuple(_only(adapter, entities) for adapter in load_adapters(()))
        day = newest_day(self.settings.landing, adapters)
        assert day is not None
        for folder in ("warehouse", "runs"):
            shutil.rmtree(self.settings.home / folder, ignore_errors=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(context, "load_adapters", lambda *_: adapters)
            patch.setattr(dbt, "build", build)
            with context.open_run(self.settings, "run", day, {}) as tonight:
                steps.ingest(tonight)
                steps.check_lake(tonight)
                steps.transform(tonight)
                steps.check_marts(tonight)
                steps.publish(tonight)

    def query(self, sql: str) -> list[tuple]:
        current = self.settings.home / "warehouse" / "current.duckdb"
        with duckdb.connect(str(current), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def _only(adapter: Adapter, entities: Collection[str]) -> Adapter:
    return replace(adapter, mappings=tuple(m for m in adapter.mappings if m.entity in entities))


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    root = Path(tmp_path_factory.mktemp("firm"))
    # Fourteen months begin in the midst of a quarter, of which nothing whole can be said.
    write_demo(root / "landing", root / "truth", 300, 14, seed=7, nights=1)
    yield Firm(Settings("ci", root / "home", root / "landing", settle_seconds=0))


@pytest.fixture(scope="module")
def as_dbt_did(demo_company: Company) -> Build:
    """What dbt ran for the demo company, run again on another lake: seconds instead of a build."""
    theirs = Home(demo_company.home)
    manifest = json.loads(dbt.manifest_path(theirs).read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    needed = {node: set(nodes[node]["depends_on"].get("nodes", ())) for node in nodes}
    order = [node for node in TopologicalSorter(needed).static_order() if node in nodes]

    def build(home: Home) -> list[dbt.NodeResult]:
        files = {"work": home.work, "candidate": home.candidate}
        files |= {"restricted": home.restricted_candidate, "lake": home.lake_database}
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach {quote(theirs.work)} as theirs (read_only)")
            for name, path in files.items():
                connection.execute(f"attach {quote(path)} as {name}")
            for node in manifest["nodes"].values():
                if node["resource_type"] != "test":
                    relation = f"{node['database']}.{node['schema']}"
                    connection.execute(f"create schema if not exists {relation}")
            connection.execute("use work")
            runs = [_run_again(connection, nodes[node], theirs.dbt_target) for node in order]
            return [result for results in runs for result in results]

    return build


def _run_again(
    connection: duckdb.DuckDBPyConnection, node: dict[str, Any], target: Path
) -> list[dbt.NodeResult]:
    kind = node["resource_type"]
    done = dbt.NodeResult(node["unique_id"], node["name"], kind, "success", 0)
    if kind == "seed":
        table = f"{node['schema']}.{node['name']}"
        connection.execute(f"create table {table} as from theirs.{table}")
        return [done]
    if kind == "test":
        rows = connection.execute(_sql_of(node, target / "compiled")).fetchall()
        red = "fail" if node["config"]["severity"].lower() == "error" else "warn"
        if not is_of_rules(node):
            return [replace(done, status=red if rows else "pass", failures=len(rows))]
        broken = {row[0] for row in rows}
        return [
            replace(
                done,
                unique_id=f"{done.unique_id}#{rule.name}",
                name=rule.name,
                table=rule.table,
                status=red if rule.name in broken else "pass",
                failures=int(rule.name in broken),
            )
            for rule in rules_of(node)
        ]
    if node["language"] == "python":
        module: dict[str, Any] = {}
        exec(_sql_of(node, target / "run"), module)
        load = module["dbtObj"](lambda name: connection.query(f"from {name}"))
        module["materialize"](module["model"](load, connection), connection)
    else:
        made = "view" if node["config"]["materialized"] == "view" else "table"
        sql = _sql_of(node, target / "compiled")
        if made == "view":  # the file is opened under another name
            sql = sql.replace(f'"{node["database"]}".', "")
        connection.execute(f"create {made} {node['relation_name']} as ({sql}\n)")
    return [done]


def _sql_of(node: dict[str, Any], folder: Path) -> str:
    """What dbt wrote of a node; a test of a .yml file has a folder of that name."""
    path = folder / node["package_name"] / node["original_file_path"]
    path = path / node["path"] if path.suffix == ".yml" else path
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("entities", "filled", "empty", "not_known"),
    [
        pytest.param(
            ENTITIES - {"customers", "exchange_rates", "support_expenses"},
            # Customers whom contracts and purchases name are members, so that they can be lost.
            {FOREIGN, INFERRED, "fct_contracts", "fct_tickets", "fct_satisfaction", "fct_churn"},
            {RECORDED},
            {
                FOREIGN: ("net_revenue_amount", "gross_margin_amount"),
                "fct_segment_roi": ("support_cost_amount",),
            },
            id="without customers, exchange rates and expenses",
        ),
        pytest.param(
            {"transactions"},
            {"fct_transactions", "fct_interactions", KNOWN_REVENUE, INFERRED, "fct_churn"},
            {"fct_tickets", "fct_contracts", "fct_survey_responses", "fct_programme_roi"},
            {
                "fct_segment_roi": ("support_cost_amount", "nps", "customer_roi"),
                "fct_customer_months": ("ticket_count", "survey_response_count"),
                "fct_customer_roi": ("simple_clv_amount", "latest_nps_score", "ticket_12m_count"),
            },
            id="only transactions",
        ),
        pytest.param(
            {"tickets", "ticket_events"},
            {"fct_tickets", "fct_channel_service"},
            {"fct_transactions", "fct_survey_responses", "fct_churn"},
            {
                "fct_segment_roi": ("churn_rate", "nps", *MONEY, "nps_answer_count"),
                "fct_customer_months": (*REVENUE, "product_use_count", "survey_response_count"),
                "fct_customer_roi": (*CUSTOMER_MONEY, "csat_answer_12m_count"),
                "fct_clv": ("historic_clv_amount", "total_clv_amount"),
                "fct_channel_service": ("cost_per_ticket_amount",),
            },
            id="only tickets",
        ),
        pytest.param(
            {"surveys", "survey_responses"},
            {"fct_survey_responses", "fct_satisfaction"},
            {"fct_tickets", "fct_transactions", "fct_churn"},
            {
                "fct_segment_roi": ("churn_rate", *MONEY, "replied_ticket_rate", "ticket_count"),
                "fct_customer_months": (*REVENUE, "product_use_count", "ticket_count"),
                "fct_customer_roi": (*CUSTOMER_MONEY, "ticket_12m_count"),
                "rpt_feedback_to_close": ("net_revenue_12m_amount",),
            },
            id="only surveys",
        ),
    ],
)
def test_what_depends_on_a_missing_entity_is_empty_or_not_known(
    firm: Firm,
    as_dbt_did: Build,
    entities: Collection[str],
    filled: set[str],
    empty: set[str],
    not_known: dict[str, tuple[str, ...]],
) -> None:
    firm.run(entities, as_dbt_did)
    counts = {table: firm.query(f"select count(*) from cx.{table}")[0][0] for table in filled}
    assert all(counts.values()), counts
    counts = {table: firm.query(f"select count(*) from cx.{table}")[0][0] for table in empty}
    assert not any(counts.values()), counts
    for table, columns in not_known.items():
        known = ", ".join(f"count({column})" for column in columns)
        assert set(firm.query(f"select {known} from cx.{table}")[0]) == {0}, table


def test_a_mart_that_loses_its_rows_tonight_is_not_published(firm: Firm, as_dbt_did: Build) -> None:
    """A company of tickets alone, and a build on which they get lost."""

    def lossy(home: Home) -> list[dbt.NodeResult]:
        results = as_dbt_did(home)
        with duckdb.connect(str(home.candidate)) as connection:
            connection.execute("delete from cx.fct_tickets")
        return results

    with pytest.raises(Refused, match="has_rows on fct_tickets: 0 rows"):
        firm.run({"tickets", "ticket_events"}, lossy)


@pytest.mark.long
@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_a_company_without_an_entity_publishes(firm: Firm, as_dbt_did: Build, entity: str) -> None:
    firm.run(ENTITIES - {entity}, as_dbt_did)


@pytest.mark.long
@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_a_company_with_nothing_else_publishes(firm: Firm, as_dbt_did: Build, entity: str) -> None:
    firm.run({entity}, as_dbt_did)
