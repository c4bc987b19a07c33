"""The native adapter: files that already have the shape of the contracts, for every entity.

Its declaration is derived from the contracts, so the two cannot disagree.
"""

from __future__ import annotations

from orchestration.lib.adapters.model import TYPES, Adapter, MappingRule, SourceColumn, SourceFile
from orchestration.lib.contracts.contract import Column, Contract, load_contracts

ARMS = "programme_enrolments"
EXTENSIONS = ("csv", "jsonl", "parquet", "xlsx")


def native_adapter() -> Adapter:
    """`native/<day>/<entity>.csv` or `<entity>_*.csv`, also .jsonl, .parquet and .xlsx, with or
    without the day's folder. Timestamps without an offset are UTC."""
    contracts = load_contracts().values()
    return Adapter(
        system="native",
        description="Files in the shape of the contracts, from any tool",
        files=tuple(_file(contract) for contract in contracts),
        mappings=tuple(
            MappingRule(c.entity, c.entity, c.entity, sql=_arms(c) if c.entity == ARMS else None)
            for c in contracts
        ),
    )


def _arms(contract: Contract) -> str:
    """Enrolments, whose arms go by the names their programme gives them."""
    columns = ", ".join(f"enrolments.{c.name}" for c in contract.columns if c.name != "arm")
    return f"""
select enrolments.row_number, {columns},
    case lower(trim(enrolments.arm))
        when lower(trim(programmes.treated_arm)) then 'treated'
        when lower(trim(programmes.control_arm)) then 'control'
        else enrolments.arm
    end as arm
from {ARMS} as enrolments
left join programmes on programmes.programme_id = enrolments.programme_id"""


def _file(contract: Contract) -> SourceFile:
    return SourceFile(
        role=contract.entity,
        paths=tuple(
            f"{folder}{contract.entity}{suffix}.{extension}"
            for folder in ("{date}/", "")
            for suffix in ("", "_*")
            for extension in EXTENSIONS
        ),
        format="auto",
        columns=tuple(
            SourceColumn(c.name, c.name, _type(c), required=c.required, optional=not c.required)
            for c in contract.columns
        ),
        min_rows=contract.min_rows,
        final_newline=True,
        key=contract.key,
    )


def _type(column: Column) -> str:
    if column.type == "currency":
        return "text"  # judged with the contract, like any rule on what a value may be
    return "rate" if column.duckdb_type == TYPES["rate"] else column.type
