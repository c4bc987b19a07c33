"""A night up to gate 1 says what would stop it, and builds and publishes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.cli import run_report, screen
from orchestration.lib.base.home import Home
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.run.lake_check import check_lake_alone
from orchestration.runner import Outcome
from orchestration.settings import Settings

DAY = date(2025, 3, 3)
GOOD = "customer_id,customer_kind\nc1,person\n"


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (GOOD, "checked", "CHECKED: gate 1 passed; nothing was built or published"),
        ("customer,kind\nc1,person\n", "failed", "NOT PUBLISHED. Nothing is published yet."),
    ],
)
def test_gate_1_is_asked_and_nothing_is_built(
    tmp_path: Path, content: str, status: str, words: str
) -> None:
    home = Home(tmp_path / "home")
    settings = Settings("local", home.root, tmp_path / "landing", settle_seconds=0)
    landed = settings.landing / "native" / str(DAY) / "customers.csv"
    landed.parent.mkdir(parents=True)
    landed.write_text(content, encoding="utf-8")
    run_id = check_lake_alone(settings, DAY, {})
    evidence = Evidence(home.runs, run_id)
    run = evidence.read("run") or {}
    assert run["status"] == status
    assert evidence.read("dbt") is None and not home.candidate.exists()
    assert not home.current.exists() and (home.reports / "quality.html").exists()
    report = run_report.collect(home, Outcome(run_id, True, None, None))
    assert [gate["gate"] for gate in report["gates"]] == ["lake"]
    text = screen.run(report)
    assert words in text
    assert ("header mismatch" in text) == (status == "failed")
