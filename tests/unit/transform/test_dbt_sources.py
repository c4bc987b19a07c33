"""dbt's picture of the lake is derived from the contracts, never edited by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.contracts.contract import ContractError, load_contracts, read_contract
from orchestration.lib.transform.dbt_sources import source_path, source_yaml


@pytest.mark.parametrize("entity", sorted(load_contracts()))
def test_source_file_is_what_the_contract_says(entity: str) -> None:
    contract = load_contracts()[entity]
    assert source_path(contract).read_text(encoding="utf-8") == source_yaml(contract), (
        "run: python -m orchestration.lib.transform.dbt_sources"
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("  amount: {type: money, description: x}", "type 'money' is unknown"),
        ("  amount: {type: text, pii: secret, description: x}", "pii 'secret' is unknown"),
        ("  amount: {type: text, lenght: 3, description: x}", "lenght"),
    ],
)
def test_a_contract_it_does_not_understand_is_refused(
    tmp_path: Path, line: str, sentence: str
) -> None:
    """A typing error in a contract must not become a rule that is silently not checked."""
    path = tmp_path / "things.yml"
    path.write_text(
        "entity: things\narea: crm\ngrain: One.\nkey: [amount]\nmax_quarantine_rate: 0\n"
        f"columns:\n{line}\n",
        encoding="utf-8",
    )
    with pytest.raises(ContractError, match=sentence):
        read_contract(path)
