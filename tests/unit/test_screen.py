"""What a person at a terminal is told."""

from __future__ import annotations

from orchestration import screen


def test_status_shows_what_does_not_belong_there() -> None:
    report = {"current": None, "versions": [], "runs": [], "warnings": ["a.wal does not belong"]}
    assert screen.status(report).endswith("\n\na.wal does not belong")
    assert "belong" not in screen.status(report | {"warnings": []})


def test_status_tells_versions_apart() -> None:
    """Two versions of one data date: when each was published, by which run, and who reads it."""
    version = {
        "version": "2025-12-31_0a1b2c3d-rest",
        "run_id": "0a1b2c3d-rest",
        "as_of_date": "2025-12-31",
        "published_at": "2026-01-01T02:05:31.123456+00:00",
        "bytes": 28_300_000,
        "standing": "gone back from",
        "current_since": None,
    }
    now = version | {
        "version": "2025-12-31_4e5f6a7b-rest",
        "run_id": "4e5f6a7b-rest",
        "standing": "current",
        "current_since": "2026-01-01T09:30:00+00:00",
    }
    report = {"current": "x", "versions": [now, version], "runs": [], "warnings": []}
    _, _, heads, first, second, *_ = screen.status(report).splitlines()
    assert heads.split()[:3] == ["version", "data", "date"]
    assert "4e5f6a7b  28.3" in first and first.endswith("read it since 2026-01-01 09:30")
    assert "2026-01-01 02:05  0a1b2c3d" in second and second.endswith("were taken back from it")
