"""A night from outside: what a person sees who runs it, and what analysts keep when it fails."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.base.locks import exclusive
from tests.conftest import Company, company


@pytest.fixture(scope="module")
def firm(demo_company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A copy of the published demo company that a test may damage."""
    copy = company(tmp_path_factory.mktemp("firm") / "home")
    shutil.copytree(demo_company.home, copy.home, symlinks=True)
    current = copy.home / "warehouse" / "current.duckdb"
    target = copy.home / "warehouse" / "versions" / current.readlink().name
    current.unlink()
    current.symlink_to(target)
    return copy


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_failing_gate_leaves_what_analysts_read_byte_for_byte(firm: Company) -> None:
    """A file that is no CSV: exit 1, one screen that names it, the published file as it was."""
    before = digest(firm.warehouse)
    bad = firm.home / "landing" / "native" / "2026-01-01" / "transactions.csv"
    bad.parent.mkdir(parents=True)
    bad.write_text("<html><body>Please log in</body></html>\n", encoding="utf-8")

    done = firm.cxroi("run", code=1)

    assert digest(firm.warehouse) == before
    assert "NOT PUBLISHED. What analysts read is unchanged." in done.stdout
    assert "native/2026-01-01/transactions.csv" in done.stdout
    assert len(done.stdout.splitlines()) < 50  # one screen
    shutil.rmtree(bad.parent)


def test_a_dry_run_that_would_fail_says_so(firm: Company) -> None:
    """`check` reaches the verdict of the night, and publishes nothing either way."""
    before = digest(firm.warehouse)
    late = firm.home / "landing" / "native" / "2026-01-01" / "contracts.csv"
    late.parent.mkdir(parents=True)
    late.write_text("contract_id,customer_id\n", encoding="utf-8")
    assert "NOT PUBLISHED" in firm.cxroi("check", code=1).stdout
    assert digest(firm.warehouse) == before
    shutil.rmtree(late.parent)


def test_two_nights_at_once_do_not_mix(firm: Company) -> None:
    """While one run holds the lock, a second says who and writes nothing."""
    before = sorted(p.name for p in (firm.home / "runs").iterdir())
    with exclusive(firm.home / "run.lock", "run 4711"):
        done = firm.cxroi("run", code=2)
    assert "locked by run 4711 pid" in done.stderr
    assert sorted(p.name for p in (firm.home / "runs").iterdir()) == before


def test_a_past_day_is_kept_beside_and_analysts_stay(firm: Company) -> None:
    """The night of the 30th again: its own version, while analysts go on reading the 31st."""
    newest = firm.warehouse.resolve().name
    done = firm.cxroi("run", "--date", "2025-12-30")
    assert "Analysts stay at 2025-12-31" in done.stdout
    assert firm.warehouse.resolve().name == newest
    kept = sorted((firm.home / "warehouse" / "versions").glob("2025-12-30_*.duckdb"))
    assert len(kept) == 1
    with duckdb.connect(str(kept[0]), read_only=True) as connection:
        days = connection.execute("select distinct as_of_date from cx.fct_customer_roi").fetchall()
    assert [str(day) for (day,) in days] == ["2025-12-30"]


def test_the_same_night_again_gives_the_same_tables(firm: Company) -> None:
    """Same extracts, same date: every mart value for value, by fingerprint of its rows.

    From the landing files alone: without the lake, and without what the demo says is true.
    """

    def fingerprints() -> dict[str, object]:
        sidecar = firm.warehouse.resolve().with_suffix(".json")
        tables = json.loads(sidecar.read_text(encoding="utf-8"))["tables"]
        evidence = {"run_log", "load_ledger", "quarantine", "quality_results", "restatements"}
        return {name: body for name, body in tables.items() if name not in evidence}

    first, published_first = fingerprints(), firm.warehouse.resolve().name
    for folder in ("truth", "lake"):
        shutil.rmtree(firm.home / folder)
    firm.cxroi("run")
    assert firm.warehouse.resolve().name != published_first
    assert fingerprints() == first


def test_going_back_takes_analysts_to_the_version_before(firm: Company) -> None:
    report = json.loads(firm.cxroi("status", "--json").stdout)
    versions = [v["version"] for v in report["versions"] if v["as_of_date"] == "2025-12-31"]
    now, before, *_ = versions
    past = next(v["version"] for v in report["versions"] if v["as_of_date"] == "2025-12-30")

    def what_is_read() -> set[str]:
        exports, page = firm.home / "exports", firm.home / "reports" / "scorecard.html"
        [named] = re.findall(r"Version ([^ ]+)\.</p>", page.read_text(encoding="utf-8"))
        return {firm.warehouse.resolve().stem, exports.resolve().name, named}

    assert what_is_read() == {now}
    for arguments, version in (((), before), ((now,), now), ((past,), past), ((), now)):
        firm.cxroi("rollback", *arguments)
        assert what_is_read() == {version}
    assert f"{past[11:19]}" in firm.cxroi("status").stdout


def test_spreadsheets_do_not_run_what_customers_wrote(firm: Company, tmp_path: Path) -> None:
    """Comments of the demo start like formulas; in the CSV they start with an apostrophe."""
    firm.cxroi("export", str(tmp_path), "--table", "fct_survey_responses")
    text = (tmp_path / "fct_survey_responses.csv").read_text(encoding="utf-8")
    formulas = "select count(*) from cx.fct_survey_responses where starts_with(comment, '=')"
    assert firm.value(formulas) > 0
    assert ",=" not in text and ',"=' not in text
