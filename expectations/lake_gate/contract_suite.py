"""Gate 1: what the typed lake must be before anything is built on it.

Here: the suite of each entity, derived from its contract. Not here: the accounting of files and
rows (`ledger`), or keys, which are unique per latest version only (dbt tests staging).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expectations.checks.model import Check, Severity, columns_with
from orchestration.lib.base.sql import quote
from orchestration.lib.contracts.contract import (
    CURRENCY,
    EMAIL_TAKEN_OUT,
    Column,
    Contract,
    Rule,
    load_contracts,
)

GATE = "lake"
# Seen: 0.5-1 % orphans where a desk serves people the CRM does not know yet. Above 5 % the two
# tools no longer speak of the same ids. A warning: such rows stay, under the unknown customer.
MAX_ORPHAN_SHARE = 0.05
# Money of a programme that nobody can find leaves the programmes that are found looking cheap.
MAX_ORPHAN_MONEY_SHARE = 0.05


def lake_suite(delivered: Mapping[str, int]) -> list[Check]:
    """Checks of every entity some file delivers; the others are allowed to be absent.

    `delivered` holds the rows of each entity that the ledger says were loaded.
    """
    contracts = load_contracts()
    suite: list[Check] = []
    for entity in sorted(delivered):
        suite += _entity_checks(contracts[entity], delivered)
    return suite


def _entity_checks(contract: Contract, delivered: Mapping[str, int]) -> Iterator[Check]:
    table = f"main.{contract.entity}"
    yield Check(
        gate=GATE,
        table=table,
        check_name="rows_as_loaded",
        kind="row_count",
        minimum=delivered[contract.entity],
        maximum=delivered[contract.entity],
        description="The lake holds the rows the ledger says were loaded, no more and no fewer",
    )
    yield Check(
        gate=GATE,
        table=table,
        check_name="has_rows",
        kind="row_count",
        minimum=1,
        description=f"Files delivered {contract.entity}, so there are rows",
    )
    for rule in contract.rules:
        said = f"The contract requires {rule.holds}"
        yield _holds_in_every_row(contract, rule, "rule", "error", said)
    for doubt in contract.doubts:
        said = f"{doubt.column} {doubt.reason}: the row is loaded as it is"
        yield _holds_in_every_row(contract, doubt, "doubtful", "warning", said)
    yield from _emails_taken_out(contract)
    for column in contract.columns:
        yield from _column_checks(table, column)
        if column.references in delivered and column.references is not None:
            yield _orphans(table, column, key_of(column.references))
            if column.references == "programmes" and "amount" in {c.name for c in contract.columns}:
                yield from _orphan_money(table, column, key_of(column.references))


def key_of(entity: str) -> str:
    """The first key column of an entity: what a reference to it holds."""
    return load_contracts()[entity].key[0]


def _column_checks(table: str, column: Column) -> Iterator[Check]:
    is_personal = column.is_personal
    if column.required:
        yield Check(
            gate=GATE,
            table=table,
            check_name="required",
            kind="not_null",
            columns=(column.name,),
            is_personal=is_personal,
            description=f"The contract requires {column.name}",
        )
    if column.allowed:
        yield Check(
            gate=GATE,
            table=table,
            check_name="allowed_values",
            kind="in_set",
            columns=(column.name,),
            values=column.allowed,
            is_personal=is_personal,
            description=f"The contract lists the values of {column.name}",
        )
    if column.type == "currency":
        yield Check(
            gate=GATE,
            table=table,
            check_name="currency_code",
            kind="no_rows",
            columns=(column.name,),
            description=f"{column.name} holds three capital letters",
            query=f"select {column.name} from {{batch}} "
            f"where not regexp_full_match({column.name}, '{CURRENCY}')",
        )
    if column.min is not None or column.max is not None:
        yield Check(
            gate=GATE,
            table=table,
            check_name="range",
            kind="between",
            columns=(column.name,),
            minimum=column.min,
            maximum=column.max,
            is_personal=is_personal,
            description=f"The contract bounds {column.name}",
        )


def _emails_taken_out(contract: Contract) -> Iterator[Check]:
    """Labels are published. An e-mail in one is taken out where the lake is read, and said here."""
    if contract.labels:
        yield Check(
            gate=GATE,
            table=f"main.{contract.entity}",
            check_name="email_in_label",
            kind="no_rows",
            severity="warning",
            description=f"No label holds an e-mail address: it is published as {EMAIL_TAKEN_OUT}",
            query=columns_with(contract.labels, f"contains(<column>, {quote(EMAIL_TAKEN_OUT)})"),
        )


def _orphans(table: str, column: Column, key: str) -> Check:
    orphan = f"{column.name} not in (select {key} from main.{column.references})"
    share = f"avg(cast({orphan} as integer)) over ()"
    return Check(
        gate=GATE,
        table=table,
        check_name="orphans",
        kind="no_rows",
        severity="warning",
        columns=(column.name,),
        is_personal=column.is_personal,
        description=f"At most {MAX_ORPHAN_SHARE:.0%} of {column.name} are unknown to "
        f"{column.references}; such rows count under the unknown member",
        query=f"select reference from (select {column.name} as reference, "
        f"{orphan} as is_orphan, {share} as orphan_share "
        f"from {{batch}} where {column.name} is not null) "
        f"where is_orphan and orphan_share > {MAX_ORPHAN_SHARE}",
    )


def _holds_in_every_row(
    contract: Contract, rule: Rule, check_name: str, severity: Severity, description: str
) -> Check:
    return Check(
        gate=GATE,
        table=f"main.{contract.entity}",
        check_name=check_name,
        kind="no_rows",
        severity=severity,
        columns=(rule.column,),
        is_personal=contract.column(rule.column).is_personal,
        description=description,
        query=f"select {rule.column} from {{batch}} where not ({rule.holds})",
    )


def _orphan_money(table: str, column: Column, key: str) -> Iterator[Check]:
    """Money that nothing bears, by id and currency: any is said, more than a little blocks.

    One row can hold nearly all of it, which no count of rows shows.
    """
    shares = (
        f"select {column.name}, currency, sum(amount) as amount, round(sum(amount) / "
        f"nullif(sum(sum(amount)) over (partition by currency), 0), 4) as share_of_all "
        f"from {{batch}} group by {column.name}, currency"
    )
    unborne = (
        f"select * from ({shares}) where amount <> 0 "
        f"and {column.name} not in (select {key} from main.{column.references})"
    )
    yield Check(
        gate=GATE,
        table=table,
        check_name="unborne_money",
        kind="no_rows",
        severity="warning",
        columns=(column.name,),
        description=f"All money is that of a known {column.name}; what is not, none bears",
        query=unborne,
    )
    yield Check(
        gate=GATE,
        table=table,
        check_name="unborne_money_share",
        kind="no_rows",
        columns=(column.name,),
        description=f"At most {MAX_ORPHAN_MONEY_SHARE:.0%} of the money of a currency are of a "
        f"{column.name} that {column.references} do not know; the others would look too cheap",
        query=f"{unborne} and share_of_all > {MAX_ORPHAN_MONEY_SHARE}",
    )
