"""Two kinds of files that number their records alike would overwrite each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expectations.checks.model import CheckResult
from expectations.lake_gate.shared_keys import shared_keys

MakeRow = Callable[..., dict[str, Any]]


def judged(
    database: Callable[..., Path], make: MakeRow, second: str, marking: set[tuple[str, str]]
) -> CheckResult:
    """Items o1 to o100, and payments with the ids of a query."""
    ledger = [
        make(file_name=f"shop/{role}.csv", source_system="shop", file_role=role, mapping=role,
             entity="transactions")
        for role in ("items", "payments")
    ]  # fmt: skip
    path = database(
        "create table transactions (transaction_id varchar, file_name varchar)",
        "insert into transactions select 'o' || i, 'shop/items.csv' from range(1, 101) as t(i)",
        f"insert into transactions select id, 'shop/payments.csv' from ({second}) as t(id)",
    )
    return shared_keys(path, ledger, marking)


@pytest.mark.parametrize(
    ("second", "marking", "blocks", "why"),
    [
        ("select 'o' || i from range(1, 61) as t(i)", False, True, "all of sixty"),
        ("select 'o' || i from range(80, 121) as t(i)", False, True, "21 of 41"),
        ("select 'p' || i from range(1, 61) as t(i)", False, False, "ids of their own"),
        ("select 'o' || i from range(92, 192) as t(i)", False, False, "9 are in both exports"),
        ("select 'o' || i from range(85, 185) as t(i)", False, False, "16 of a hundred"),
        ("select 'o' || i from range(1, 61) as t(i)", True, False, "it marks what was merged"),
    ],
)
def test_ids_of_two_kinds_of_files(
    second: str,
    marking: bool,
    blocks: bool,
    why: str,
    database: Callable[..., Path],
    ledger_row: MakeRow,
) -> None:
    result = judged(database, ledger_row, second, {("shop", "payments")} if marking else set())
    assert result.blocks is blocks, why


def test_both_kinds_are_named_with_how_many(
    database: Callable[..., Path], ledger_row: MakeRow
) -> None:
    result = judged(database, ledger_row, "select 'o' || i from range(1, 61) as t(i)", set())
    assert result.observed == (
        "transactions of shop: 60 of 60 ids of items and payments are the same, and one record of "
        "each is kept; prefix the ids in the mappings"
    )
