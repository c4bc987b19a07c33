"""Gate 1: do two kinds of files of a tool give records the same ids?

Of one id an entity keeps one record, the latest: where order items and payments are both numbered
from 1, most of either are gone without a word. Here: ids two kinds of files share. Not here: rows
of one file with one key, which are duplicates (`ledger`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.checks.model import CheckResult, verdict
from expectations.lake_gate.contract_suite import GATE
from orchestration.lib.base.sql import name
from orchestration.lib.contracts.contract import Contract, load_contracts
from orchestration.lib.lake.load_summary import LedgerRow

# A record may be in two exports; most of them are not. Below ten, chance does it.
MOST_SHARED, FEWEST = 0.2, 10


def shared_keys(
    database: Path, ledger: Sequence[LedgerRow], marking: Collection[tuple[str, str]] = ()
) -> CheckResult:
    """One verdict on all entities that two kinds of files of a tool deliver.

    `marking`: mappings, by tool and name, that mark records of others, such as those they were
    merged with; these share ids by intent.
    """
    kinds: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in ledger:
        system, entity = str(row["source_system"]), str(row["entity"])
        if row["record_count"] and (system, str(row["mapping"])) not in marking:
            kinds[system, entity][str(row["file_name"])] = str(row["file_role"])
    several = {key: files for key, files in kinds.items() if len(set(files.values())) > 1}
    said: list[str] = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for (system, entity), files in sorted(several.items()):
            said += _shared(connection, load_contracts()[entity], system, files)
    return verdict(
        GATE,
        "landing",
        "shared_keys",
        said,
        checked=f"{len(several)} entities of several kinds of files",
        expected=f"under {MOST_SHARED:.0%} of the ids in two kinds of files of a tool",
        description="Of one id one record is kept, the latest: the others are gone",
    )


def _shared(
    connection: duckdb.DuckDBPyConnection, contract: Contract, system: str, files: dict[str, str]
) -> Iterable[str]:
    keys = ", ".join(name(key) for key in contract.key)
    connection.register(
        "kinds", pa.table({"file_name": list(files), "file_role": list(files.values())})
    )
    connection.execute(
        f"create or replace temp table ids as select distinct kinds.file_role, {keys} "
        f"from main.{name(contract.entity)} inner join kinds using (file_name)"
    )
    counts = dict(
        connection.execute("select file_role, count(*) from ids group by file_role").fetchall()
    )
    for one, other in combinations(sorted(counts), 2):
        found = connection.execute(
            f"select count(*) from (select {keys} from ids where file_role = ?"
            f" intersect select {keys} from ids where file_role = ?)",
            [one, other],
        ).fetchone()
        assert found is not None
        shared, fewer = found[0], min(counts[one], counts[other])
        if shared >= FEWEST and shared > MOST_SHARED * fewer:
            yield (
                f"{contract.entity} of {system}: {shared:,} of {fewer:,} ids of {one} and {other} "
                f"are the same, and one record of each is kept; prefix the ids in the mappings"
            )
