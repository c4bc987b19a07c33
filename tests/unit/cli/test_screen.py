"""What a person at a terminal is told."""

from __future__ import annotations

from orchestration.cli import screen


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


def test_the_screen_shows_tonight_beside_all_nights_and_the_rows_add_up() -> None:
    kinds = ("file", "row", "loaded", "quarantined", "duplicate", "skipped")
    sources = [
        {
            "source_system": system,
            "tonight": dict(zip(kinds, tonight, strict=True)),
            "total": dict(zip(kinds, total, strict=True)),
        }
        for system, tonight, total in (
            ("hubspot", (2, 100, 97, 1, 2, 0), (12, 1100, 1090, 5, 5, 0)),
            ("qualtrics", (1, 20, 18, 0, 0, 2), (6, 120, 110, 1, 1, 8)),
        )
    ]
    report = {
        "as_of_date": "2025-12-31", "run_id": "0a1b2c3d", "sources": sources, "gates": [],
        "verdict": "PUBLISHED", "reasons": [], "warnings": [], "published": None,
    }  # fmt: skip
    lines = [line.split() for line in screen.run(report).splitlines()]
    assert ["rows", "of", "files", "files", "rows", "loaded", "quarantined", "duplicates",
            "skipped"] in lines  # fmt: skip
    assert ["tonight", "3", "120", "115", "1", "2", "2"] in lines
    assert ["all", "nights", "18", "1,220", "1,200", "6", "6", "8"] in lines
    assert ["qualtrics", "6", "120", "110", "1", "1", "8"] in lines
