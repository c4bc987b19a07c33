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
            assert check.is_personal == (column.is_personal), check


def test_money_of_a_misspelled_programme_blocks_though_it_is_one_row_in_fifty(
    database: Callable[..., Path],
) -> None:
    def costs(programme_id: str, amount: int) -> dict[str, CheckResult]:
        def row(name: str, kind: int, amount: int) -> dict[str, str]:
            given = {"programme_id": f"'{name}'", "cost_kind": f"'{kind}'", "currency": "'USD'"}
            return given | {"amount": str(amount)}

        rows = [row("save", kind, 1) for kind in range(49)] + [row(programme_id, 49, amount)]
        lake = database(
            *_table("programmes", {"programme_id": "'save'"}), *_table("programme_costs", *rows)
        )
        return {
            name: result
            for (name, _), result in _failed(lake, programmes=1, programme_costs=50).items()
            if "money" in name
        }

    assert not costs("save", 951)
    failed = costs("Save", 951)
    assert set(failed) == {"unborne_money", "unborne_money_share"}
    assert failed["unborne_money_share"].blocks
    assert failed["unborne_money"].sample == (
        "programme_id=Save, currency=USD, amount=951.0000, share_of_all=0.951",
    )
    little = costs("Save", 2)
    assert set(little) == {"unborne_money"}
    assert not little["unborne_money"].blocks


def test_what_is_doubtful_is_a_warning_and_says_the_value(database: Callable[..., Path]) -> None:
    def ticket(name: str, solved: str) -> dict[str, str]:
        times = {"created_at": "'2024-01-02 10:00'", "solved_at": f"'{solved}'"}
        return times | {"ticket_id": f"'{name}'"}

    def event(name: str, status: str) -> dict[str, str]:
        given = {"event_id": f"'{name}'", "event_kind": "'status'", "actor_kind": "'agent'"}
        return given | {"ticket_id": "'a'", "occurred_at": "'2024-01-02'", "value": f"'{status}'"}

    lake = database(
        *_table("tickets", ticket("a", "2024-01-02 10:00"), ticket("b", "2024-01-01 10:00")),
        *_table("ticket_events", event("1", "Solved"), event("2", "On Hold"), event("3", "parked")),
    )
    failed = _failed(lake, tickets=2, ticket_events=3)
    assert set(failed) == {("doubtful", "solved_at"), ("doubtful", "value")}
    assert failed["doubtful", "value"].sample == ("value=parked",)
    assert not any(result.blocks for result in failed.values())


def test_every_text_of_the_contracts_has_a_class() -> None:
    """What is neither an id nor one of listed values is a label, or for few eyes.

    Values of events are compared and never published; a zone is checked where it is used.
    """
    unclassed = [
        f"{entity}.{column.name}"
        for entity, contract in load_contracts().items()
        for column in contract.columns
        if column.type == "text" and column.pii == "none" and not column.allowed
        if not column.name.endswith("_id")
    ]
    assert unclassed == ["schedules.time_zone", "ticket_events.value"]


def test_an_address_that_was_taken_out_of_a_label_is_said(
    database: Callable[..., Path],
) -> None:
    rows = [
        {"contract_id": "'1'", "cancel_reason": "'ask [email]'", "product": "'Basic'"},
        {"contract_id": "'2'", "cancel_reason": "'[email]'", "product": "'Team'"},
    ]
    [check] = [c for c in lake_suite({"contracts": 2}) if c.check_name == "email_in_label"]
    [result] = run_checks(database(*_table("contracts", *rows)), [check])
    assert (result.status, result.severity) == ("failed", "warning")
    assert "cancel_reason" in str(result.sample) and "2" in str(result.sample)
    assert "product" not in str(result.sample)
