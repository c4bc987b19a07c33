"""The contract of each entity, read from `expectations/contracts/*.yml`.

Here: the typed form of a contract and the loader, which refuses a contract it does not understand.
Not here: what is derived from it (casts, suites, dbt sources), which lives beside its use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTRACTS = Path(__file__).resolve().parents[3] / "expectations" / "contracts"
DUCKDB_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(18,4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "currency": "varchar",  # three letters, made upper case
}
CURRENCY = "[A-Z][A-Z][A-Z]"  # of ISO 4217; without braces, which mean the table in a check
# A label is one of a few texts a company gives, such as a product: published, e-mails taken out.
PII_CLASSES = ("none", "label", "identifier", "personal", "free_text")
# An @ between two words and a dot after it: finds too much rather than too little, as no code or
# label looks like it.
EMAIL = r"[^\s@/,;<>]+@[^\s@/,;<>]+\.[A-Za-z][A-Za-z]+"
EMAIL_TAKEN_OUT = "[email]"


class ContractError(ValueError):
    """A contract file says something that is not part of the contract language."""


@dataclass(frozen=True)
class Column:
    """One column of an entity."""

    name: str
    type: str
    description: str
    required: bool = False
    references: str | None = None
    allowed: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    pii: str = "none"
    not_after_extract: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether its values are for few eyes only."""
        return self.pii not in ("none", "label")

    @property
    def duckdb_type(self) -> str:
        """The type the column has in the lake. Exchange rates need more digits than money."""
        return "decimal(18,8)" if self.name == "rate" else DUCKDB_TYPES[self.type]


@dataclass(frozen=True)
class Rule:
    """What the columns of one row must be together. Ingestion refuses a row that breaks it.

    `holds` is SQL over the typed columns; where it is NULL nothing is refused. `column` is named as
    the one at fault, and `reason` goes on from its name: "scale_max is not above scale_min".
    """

    column: str
    holds: str
    reason: str


@dataclass(frozen=True)
class Contract:
    """One entity: what a row is, its key and its columns.

    `max_quarantine_rate` 0 means that not one row may be refused. `min_rows` is what a file in the
    contract's own shape holds at least: 0 where a quiet day is normal. Where `adds_up`, rows with
    one key are entries of a ledger, whose amounts add up; a later extract replaces them all.
    `doubts` are rules whose breach is a warning: such a row is loaded.
    """

    entity: str
    area: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    max_quarantine_rate: float
    version_column: str | None = None
    rules: tuple[Rule, ...] = ()
    doubts: tuple[Rule, ...] = ()
    min_rows: int = 1
    adds_up: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return {c.name: c for c in self.columns}[name]

    @property
    def labels(self) -> list[str]:
        """Names of the columns that hold labels."""
        return [column.name for column in self.columns if column.pii == "label"]


@cache
def load_contracts() -> dict[str, Contract]:
    """Every contract by entity name. Raises ContractError on the first one that is not sound."""
    contracts = {c.entity: c for c in map(read_contract, sorted(CONTRACTS.glob("*.yml")))}
    for contract in contracts.values():
        for column in contract.columns:
            if column.references and column.references not in contracts:
                raise ContractError(
                    f"{contract.entity}.{column.name} references {column.references!r}, "
                    f"which is no entity."
                )
    return contracts


def read_contract(path: Path) -> Contract:
    """One contract file."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    columns = tuple(_column(path, name, body) for name, body in raw.pop("columns").items())
    names = {c.name for c in columns}
    try:
        rules = tuple(Rule(**rule) for rule in raw.pop("rules", ()))
        doubts = tuple(Rule(**rule) for rule in raw.pop("doubts", ()))
        contract = Contract(
            columns=columns, key=tuple(raw.pop("key")), rules=rules, doubts=doubts, **raw
        )
    except (TypeError, KeyError) as error:
        raise ContractError(f"{path.name}: {error}") from None
    if contract.entity != path.stem:
        raise ContractError(f"{path.name} describes {contract.entity!r}; name the file after it.")
    for name in (*contract.key, contract.version_column, *(rule.column for rule in rules + doubts)):
        if name and name not in names:
            raise ContractError(
                f"{path.name}: {name!r} is used as key, version or in a rule, not declared."
            )
    return contract


def _column(path: Path, name: str, body: dict[str, Any]) -> Column:
    try:
        column = Column(name=name, **{**body, "allowed": tuple(body.get("allowed", ()))})
    except TypeError as error:
        raise ContractError(f"{path.name}, column {name}: {error}") from None
    if column.type not in DUCKDB_TYPES:
        raise ContractError(f"{path.name}, column {name}: type {column.type!r} is unknown.")
    if column.pii not in PII_CLASSES:
        raise ContractError(f"{path.name}, column {name}: pii {column.pii!r} is unknown.")
    return column
