"""What published nights said of programmes, kept so that it can be held against what came later.

Every publication leaves the verdicts it said anew in its run's folder (`verdicts.json`). Tables are
made anew every night; this is not. Here: writing them down and reading them back. Not here: how
they are scored (`fct_programme_track_record`).
"""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.lib.base.home import Home
from orchestration.lib.base.sql import name
from orchestration.lib.lake.database import VERDICT_COLUMNS
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.run_record import all_runs
from orchestration.lib.publication.versions import SCHEMA, all_versions

STEP = "verdicts"
TABLE = "fct_programme_track_record"


def record_verdicts(home: Home, evidence: Evidence) -> None:
    """Write down what this run says of programmes that was not said before."""
    with duckdb.connect(str(home.candidate), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        if (TABLE,) not in tables:
            return
        # As text: what is read back is what was said, to the last digit.
        columns = ", ".join(f"cast({name(c)} as varchar)" for c in VERDICT_COLUMNS)
        rows = connection.execute(
            f"select {columns} from {SCHEMA}.{TABLE} where verdict_date = ? order by all",
            [(evidence.read("run") or {})["as_of_date"]],
        ).fetchall()
    said = [dict(zip(VERDICT_COLUMNS, row, strict=True)) for row in rows]
    evidence.record(STEP, {"verdicts": said})


def verdicts_said(home: Home) -> list[dict[str, Any]]:
    """What analysts read, in the order of days. A day published twice says what it said last.

    A past day run again beside a newer one is there to be looked at: nobody was told it.
    """
    versions = {version.run_id for version in all_versions(home)}
    said: dict[str, list[dict[str, Any]]] = {}
    newest = ""
    for run in all_runs(home.runs, None):
        if run["status"] != "published" and run["run_id"] not in versions:
            continue
        day = run["as_of_date"]
        document = Evidence(home.runs, run["run_id"]).read(STEP)
        if document is not None and day >= newest:
            said[day] = document["verdicts"]
            newest = day
    return [verdict for day in sorted(said) for verdict in said[day]]
