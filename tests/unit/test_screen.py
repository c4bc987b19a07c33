"""What a person at a terminal is told."""

from __future__ import annotations

from orchestration import screen


def test_status_shows_what_does_not_belong_there() -> None:
    report = {"current": None, "versions": [], "runs": [], "warnings": ["a.wal does not belong"]}
    assert screen.status(report).endswith("\n\na.wal does not belong")
    assert "belong" not in screen.status(report | {"warnings": []})
