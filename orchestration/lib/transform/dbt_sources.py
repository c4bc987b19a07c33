"""dbt's source files, derived from the contracts so that the two cannot disagree.

After a change of a contract run `python -m orchestration.lib.transform.dbt_sources`; a test fails
until then.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from orchestration.lib.contracts.contract import Contract, load_contracts
from orchestration.lib.contracts.lake_columns import GONE, LINEAGE

STAGING = Path(__file__).resolve().parents[3] / "dbt_project" / "models" / "staging"


def source_path(contract: Contract) -> Path:
    """Where the source file of an entity lives."""
    return STAGING / contract.area / f"_{contract.area}__{contract.entity}__source.yml"


def source_yaml(contract: Contract) -> str:
    """The text of the source file of an entity."""
    columns = [
        {
            "name": c.name,
            "data_type": c.duckdb_type,
            "description": _describe(c.description, c.unit),
        }
        for c in contract.columns
    ]
    columns += [
        {"name": n, "data_type": t, "description": d} for n, (t, d) in (LINEAGE | GONE).items()
    ]
    table = {"name": contract.entity, "description": contract.grain, "columns": columns}
    source = {"name": "lake", "database": "lake", "schema": "main", "tables": [table]}
    body = yaml.safe_dump({"sources": [source]}, sort_keys=False, allow_unicode=True, width=100)
    origin = f"expectations/contracts/{contract.entity}.yml"
    return f"# Derived from {origin}; change that, not this.\n{body}"


def _describe(text: str, unit: str | None) -> str:
    return f"{text} ({unit})" if unit else text


def main() -> None:
    """Write every source file."""
    for contract in load_contracts().values():
        path = source_path(contract)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source_yaml(contract), encoding="utf-8")


if __name__ == "__main__":
    main()
