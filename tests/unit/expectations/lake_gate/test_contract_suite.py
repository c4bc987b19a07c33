"""The suite of an entity says what its contract says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from expectations.checks.engine import run_checks
from expectations.checks.model import CheckResult
from expectations.lake_gate.contract_suite import lake_suite
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import lake_columns

CUSTOMER = {"customer_id": "'c1'", "customer_kind": "'person'", "employee_count": "1"}


def _table(entity: str, *rows: dict[str, str]) -> list[str]:
    columns = lake_columns(load_contracts()[entity])
    create = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    inserts = [
        f"insert into {entity} ({', '.join(row)}) values ({', '.join(row.values())})"
        for row in rows
    ]
    return [f"create table {entity} ({create})", *inserts]


def _failed(database: Path, **loaded: int) -> dict[tuple[str, str | None], CheckResult]:
    results = run_checks(database, lake_suite(loaded))
    return {(r.check_name, r.column): r for r in results if r.status != "passed"}


def test_good_rows_pass_and_entities_nobody_delivers_are_not_asked_for(
    database: Callable[..., Path],
) -> None:
    assert not _failed(database(*_table("customers", CUSTOMER)), customers=1)


def test_a_row_lost_between_ledger_and_lake_is_an_error(database: Callable[..., Path]) -> None:
    failed = _failed(database(*_table("customers", CUSTOMER)), customers=2)
    assert failed["rows_as_loaded", None].blocks
    assert failed["rows_as_loaded", None].observed == "1 rows"


def test_delivered_but_empty_is_an_error(database: Callable[..., Path]) -> None:
    failed = _failed(database(*_table("customers")), customers=0)
    assert failed["has_rows", None].blocks


def test_each_promise_of_the_contract_is_checked(database: Callable[..., Path]) -> None:
    bad = {"customer_id": "null", "customer_kind": "'robot'", "employee_count": "-1"}
    failed = _failed(database(*_table("customers", bad)), customers=1)
    assert set(failed) == {
        ("required", "customer_id"),
        ("allowed_values", "customer_kind"),
        ("range", "employee_count"),
    }
    assert all(r.blocks for r in failed.values())


def test_rules_between_columns_and_currencies_are_checked(database: Callable[..., Path]) -> None:
    def survey(scale_max: int) -> dict[str, str]:
        given = {"survey_id": "'s'", "survey_kind": "'nps'", "survey_scope": "'relationship'"}
        return given | {"scale_min": "0", "scale_max": str(scale_max), "is_higher_better": "true"}

    assert not _failed(database(*_table("surveys", survey(10))), surveys=1)
    failed = _failed(database(*_table("surveys", survey(-1))), surveys=1)
    assert set(failed) == {("rule", "scale_max")}
    assert failed["rule", "scale_max"].blocks
    assert failed["rule", "scale_max"].sample == ("scale_max=-1.0000",)
    dollars = _failed(database(*_table("customers", CUSTOMER | {"currency": "'usd'"})), customers=1)
    assert set(dollars) == {("currency_code", "currency")}


def test_more_than_one_orphan_in_twenty_is_a_warning_with_the_ids_masked(
    database: Callable[..., Path],
) -> None:
    def interactions(orphans: int) -> Path:
        rows = [{"customer_id": "'gone'" if i < orphans else "'c1'"} for i in range(100)]
        return database(
            *_table("customers", CUSTOMER),
            *_table("interactions", *rows),
            name=f"orphans{orphans}.duckdb",
        )

    few = _failed(interactions(5), customers=1, interactions=100)
    assert ("orphans", "customer_id") not in few
    many = _failed(interactions(6), customers=1, interactions=100)
    orphans = many["orphans", "customer_id"]
    assert (orphans.failed_count, orphans.blocks, orphans.sample) == (6, False, ())


def test_a_reference_to_an_entity_nobody_delivers_is_no_orphan() -> None:
    names = {(c.check_name, c.columns) for c in lake_suite({"interactions": 1})}
    assert ("orphans", ("customer_id",)) not in names


def test_personal_values_are_masked_wherever_a_check_may_show_one() -> None:
    contracts = load_contracts()
    for check in lake_suite(dict.fromkeys(contracts, 1)):
        if check.columns:
            column = contracts[check.table.removeprefix("main.")].column(check.columns[0])
            assert check.is_personal == (column.pii != "none"), check
