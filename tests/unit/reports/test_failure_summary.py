"""The person who was called at night reads one screen."""

from __future__ import annotations

from dataclasses import replace

from expectations.checks.model import CheckResult
from orchestration.lib.reports.failure_summary import MAX_LINES, WIDTH, summarise

VOLUME = CheckResult(
    gate="lake",
    table="tickets",
    check_name="volume",
    column=None,
    severity="error",
    status="failed",
    observed="1 of 1 days",
    expected="40% to 400% of the days before",
    failed_count=1,
    description="A file much smaller or larger than usual is seldom the whole truth",
    sample=("zendesk/tickets, 2025-03-10: 5 rows, usually 100",),
)
PASSED = replace(VOLUME, status="passed")
WARNING = replace(VOLUME, severity="warning", check_name="orphans", sample=())


def test_what_failed_comes_first_with_what_to_do() -> None:
    assert summarise([PASSED, WARNING, VOLUME]).splitlines() == [
        "3 checks: 1 failed, 1 warned, 1 passed.",
        "FAILED   volume on tickets: 1 of 1 days",
        "           zendesk/tickets, 2025-03-10: 5 rows, usually 100",
        "           → Compare with the tool's own count; resend if the export was cut short.",
        '           or, if it is right: --accept volume="why"',
        "warning  orphans on tickets: 1 of 1 days",
    ]


def test_a_check_that_crashed_cannot_be_vouched_for() -> None:
    assert "--accept" not in summarise([replace(VOLUME, status="error")])


def test_what_stops_the_night_is_said_to_its_end() -> None:
    why = (
        "native/2025-12-31/surveys.csv: 1 of 2 rows quarantined, the first because scale_max is not"
    )
    said = summarise([replace(VOLUME, observed=f"{why} above scale_min", sample=())])
    assert "scale_max is not above" in " ".join(said.split())


def test_a_long_sentence_goes_on_in_the_next_line() -> None:
    """Nothing is cut off: what to do about it may stand at the end."""
    words = " ".join(f"word{i}" for i in range(40))
    lines = summarise([replace(WARNING, observed=words)]).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "…" not in "".join(lines)
    assert " ".join(" ".join(lines).split()).endswith(words)
    assert all(line.startswith("           ") for line in lines[2:])


def test_it_stays_on_one_screen() -> None:
    sentences = " ".join(["a sentence of some length"] * 8)
    lines = summarise([replace(VOLUME, observed=sentences)] * 100).splitlines()
    assert len(lines) <= MAX_LINES
    assert max(map(len, lines)) <= WIDTH
    assert len(summarise([replace(VOLUME, observed=sentences)]).splitlines()) > 4
    shown = sum(line.startswith("FAILED") for line in lines)
    assert lines[-1] == f"… and {100 - shown} more on the quality page."


def test_nothing_failed() -> None:
    assert summarise([PASSED] * 3) == "All 3 checks passed."
