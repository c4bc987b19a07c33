"""Only a night that has proved everything is published; any other leaves the file as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from expectations.checks.model import KINDS, CheckResult, GateReport
from orchestration.lib.base.files import sha256_of
from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import exclusive
from orchestration.lib.ingest import lake_snapshot
from orchestration.lib.publication.audit_tables import TABLES
from orchestration.lib.publication.decision import decide
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.fingerprint import fingerprints
from orchestration.lib.publication.release import Refused, release
from orchestration.lib.publication.run_record import all_runs, note_counts, note_stale, start_run
from orchestration.lib.publication.versions import Version
from orchestration.lib.run.status import status
from orchestration.lib.transform.dbt import NodeResult
from orchestration.settings import Settings

GOOD = CheckResult(
    gate="lake",
    table="customers",
    check_name="required",
    column="customer_id",
    severity="error",
    status="passed",
    observed="as expected",
    expected="no empty value",
    failed_count=0,
    description="an example",
)
MODEL = NodeResult("model.cx_roi.fct_a", "fct_a", "model", "success", 0.1)
TEST = NodeResult("test.cx_roi.fct_a_key", "fct_a_key", "test", "pass", 0.1, failures=0)
LEDGER = pa.Table.from_pylist(
    [dict.fromkeys(lake_snapshot.LEDGER.names) | {"file_name": "crm/bo@example.com.csv"}],
    schema=lake_snapshot.LEDGER,
)
QUARANTINE = pa.Table.from_pylist([dict.fromkeys(TABLES["quarantine"].columns)])


def _report(gate: str, *results: CheckResult, **changes: Any) -> GateReport:
    found = tuple(replace(r, gate=gate) for r in results or (GOOD,))
    return replace(GateReport(gate, len(found), found, KINDS), **changes)


def _night(home: Home, run_id: str, value: int = 1) -> Evidence:
    """A run that has built and proved everything."""
    evidence = Evidence(home.runs, run_id)
    settings = Settings("ci", home.root, home.root / "landing", pseudonym_key="very secret")
    start_run(evidence, date(2025, 1, 1), settings, {})
    note_counts(evidence, {"file": 1, "row": 4, "loaded": 3})
    note_stale(evidence, ["crm: nothing came", "desk: nothing came"])
    home.build.mkdir(parents=True, exist_ok=True)
    for path, schema in ((home.candidate, "cx"), (home.restricted_candidate, "restricted")):
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"create schema {path.stem}.{schema}")
            connection.execute(f"create table {path.stem}.{schema}.fct_a as select {value} as x")
    evidence.record_gate(_report("lake"))
    evidence.record_dbt([MODEL.unique_id, TEST.unique_id], [MODEL, TEST])
    evidence.record_gate(_report("marts"))
    evidence.record_audit(fingerprints(home.candidate, "cx"))
    return evidence


def _release(home: Home, evidence: Evidence) -> Version:
    return release(
        home, evidence, ledger=LEDGER, quarantine=QUARANTINE, figures={}, keep_versions=3
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_night_that_proved_everything_is_published_with_its_evidence(home: Home) -> None:
    version = _release(home, _night(home, "run1"))
    assert set(version.tables) == {"fct_a", *TABLES}
    with duckdb.connect(str(home.current), read_only=True) as connection:
        checks = connection.execute("select gate, check_name from cx.quality_results").fetchall()
        runs = connection.execute(
            "select run_id, status, loaded_count, stale_sources, started_at is not null "
            "from cx.run_log"
        ).fetchall()
        files = connection.execute("select file_name from cx.load_ledger").fetchall()
        undocumented = connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where comment is null and table_name in (select unnest(?))",
            [list(TABLES)],
        ).fetchall()
    assert checks == [("lake", "required"), ("dbt", "fct_a_key"), ("marts", "required")]
    assert runs == [("run1", "published", 3, "crm: nothing came; desk: nothing came", True)]
    assert files == [("crm/(masked)",)]
    assert undocumented == []


def test_the_published_ledger_and_quarantine_are_those_of_ingestion_less_the_raw_line() -> None:
    assert set(TABLES["load_ledger"].columns) == set(lake_snapshot.LEDGER.names)
    assert set(TABLES["quarantine"].columns) == set(lake_snapshot.QUARANTINE) - {"raw_line"}


def _gate(gate: str, **changes: Any) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.record_gate(_report(gate, **changes))


def _result(gate: str, **changes: Any) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.record_gate(_report(gate, GOOD, replace(GOOD, **changes)))


def _dbt(expected: list[NodeResult], ran: list[NodeResult]) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.record_dbt([n.unique_id for n in expected], ran)


def _forget(step: str) -> Callable[[Evidence], None]:
    return lambda evidence: (evidence.folder / f"{step}.json").unlink()


def _of_another_run(step: str) -> Callable[[Evidence], None]:
    def rename(evidence: Evidence) -> None:
        path = evidence.folder / f"{step}.json"
        document = json.loads(path.read_text(encoding="utf-8")) | {"run_id": "run1"}
        path.write_text(json.dumps(document), encoding="utf-8")

    return rename


def _change_table(evidence: Evidence) -> None:
    home = Home(evidence.runs.parent)
    with duckdb.connect(str(home.candidate)) as connection:
        connection.execute("insert into cx.fct_a values (2)")


BROKEN = {
    "gate 1 did not run": (_forget("gate_lake"), "Gate lake: this run left no evidence"),
    "gate 2 did not run": (_forget("gate_marts"), "Gate marts: this run left no evidence"),
    "dbt did not run": (_forget("dbt"), "dbt: this run left no evidence"),
    "nobody looked at the file": (_forget("audit"), "never looked at the candidate"),
    "evidence of another run": (_of_another_run("gate_lake"), "Gate lake: this run left no"),
    "an audit of another run": (_of_another_run("audit"), "never looked at the candidate"),
    "an empty suite": (_gate("lake", declared=0, results=()), "0 of 0 declared checks"),
    "a check got lost": (_gate("marts", declared=2), "1 of 2 declared checks"),
    "the canary passed": (_gate("lake", canary=KINDS[1:]), "passed the checks of kind not_null"),
    "a check failed": (
        _result("lake", status="failed", observed="3 of 9 rows"),
        "required on customers.customer_id: 3 of 9 rows, expected no empty value",
    ),
    "a warning crashed": (
        _result("marts", status="error", severity="warning"),
        "1 of 2 declared checks",
    ),
    "a model failed": (
        _dbt([MODEL, TEST], [replace(MODEL, status="error", message="no such column\n…"), TEST]),
        "dbt: fct_a error: no such column",
    ),
    "a model was skipped": (
        _dbt([MODEL, TEST], [replace(MODEL, status="skipped"), TEST]),
        "dbt: fct_a skipped",
    ),
    "a data test failed": (
        _dbt([MODEL, TEST], [MODEL, replace(TEST, status="fail", message="Got 2 results")]),
        "dbt: fct_a_key fail: Got 2 results",
    ),
    "a node never ran": (_dbt([MODEL, TEST], [MODEL]), "1 nodes never ran, such as test.cx_roi"),
    "no test was selected": (_dbt([MODEL], [MODEL]), "the project has no test"),
    "the file changed after the audit": (_change_table, "since the checks, fct_a changed"),
}


@pytest.mark.parametrize(("spoil", "reason"), BROKEN.values(), ids=list(BROKEN))
def test_a_night_that_lacks_one_proof_changes_nothing(
    spoil: Callable[[Evidence], None], reason: str, home: Home
) -> None:
    _release(home, _night(home, "run1"))
    digest, link = sha256_of(home.current), home.current.readlink()
    exported = home.exports.resolve()

    evidence = _night(home, "run2", value=2)
    spoil(evidence)
    with pytest.raises(Refused) as refused:
        _release(home, evidence)

    assert any(reason in text for text in refused.value.decision.reasons), refused.value
    assert (sha256_of(home.current), home.current.readlink()) == (digest, link)
    assert home.exports.resolve() == exported
    record = evidence.read("run")
    assert record is not None
    assert record["status"] == "refused" and record["reasons"]


def test_a_warning_does_not_stop_the_night(home: Home) -> None:
    evidence = _night(home, "run1")
    evidence.record_gate(_report("lake", GOOD, replace(GOOD, severity="warning", status="failed")))
    assert decide(evidence, fingerprints(home.candidate, "cx")).passed


def test_publishing_the_same_night_again_after_a_crash_in_between_works(home: Home) -> None:
    evidence = _night(home, "run1")

    def crash(step: str) -> None:
        if step == "scan":  # the evidence tables are in the file by then
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        release(
            home, evidence, ledger=LEDGER, quarantine=QUARANTINE, figures={}, keep_versions=3,
            on_step=crash,
        )  # fmt: skip
    assert _release(home, evidence).run_id == "run1"


def test_the_status_tells_a_run_that_goes_on_from_one_that_crashed(home: Home) -> None:
    _night(home, "run1")
    _night(home, "run2")

    def shown() -> dict[str, str]:
        return {run["run_id"]: run["status"] for run in status(home)["runs"]}

    with exclusive(home.root / "run.lock", "run run2"):
        assert shown() == {"run1": "crashed", "run2": "running"}
    dead = "run run2 pid 999999999"
    (home.root / "run.lock").write_text(dead, encoding="utf-8")
    assert shown() == {"run1": "crashed", "run2": "crashed"}


def test_the_record_holds_no_secret_and_a_run_that_never_ended_has_crashed(home: Home) -> None:
    _night(home, "run1")
    _night(home, "run2")
    assert "very secret" not in (home.runs / "run1" / "run.json").read_text(encoding="utf-8")
    assert {r["run_id"]: r["status"] for r in all_runs(home.runs, "run2")} == {
        "run1": "crashed",
        "run2": "running",
    }
