"""What the demo's teams do about a low answer and a priority, as its exports tell it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.unit.demo.test_files import demo, every, read


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo(folder)
    return folder


@pytest.fixture(scope="module")
def truth(made: Path) -> dict[str, Any]:
    return json.loads((made / "truth" / "truth.json").read_text(encoding="utf-8"))


def test_some_low_answers_are_gone_back_to(made: Path, truth: dict[str, Any]) -> None:
    for name, low in (("relationship-nps.csv", 7), ("ticket-ces.csv", 5)):
        rows = [r for r in every(made, name) if r["Q1"].isdecimal() and r["Q1"] != "99"]
        followed = [r for r in rows if r["FollowUpDate"]]
        assert followed and all(int(r["Q1"]) < low for r in followed)
        assert all(r["FollowUpDate"] > r["RecordedDate"] for r in followed)
        assert any(int(r["Q1"]) < low and not r["FollowUpDate"] for r in rows)
        counted = [r["followed_up"] for r in truth["surveys"] if r["survey"] == name[:-4]]
        ids = {r["ResponseId"] for r in followed if not r["ResponseId"].startswith("99")}
        assert len(ids) == sum(counted)


def test_an_answer_gone_back_to_later_is_exported_again(tmp_path: Path) -> None:
    """It comes alone first, and once more with the day of its follow-up, nothing else changed."""
    demo(tmp_path, nights=30)
    again = 0
    for name in ("relationship-nps.csv", "ticket-ces.csv"):
        before: dict[str, Any] = {}
        for path in sorted(tmp_path.glob(f"landing/qualtrics/*/{name}")):
            for row in read(path):
                known = before.setdefault(row["ResponseId"], row)
                if row != known:
                    assert row["FollowUpDate"] and row | {"FollowUpDate": ""} == known
                    again += 1
    assert again > 5


def test_targets_and_priorities_that_changed_come_as_events_of_their_own(
    made: Path, truth: dict[str, Any]
) -> None:
    events = every(made, "ticket_events_policy.jsonl")
    kinds = Counter(event["type"] for event in events)
    changed = len({e["ticket_id"] for e in events if e["type"] == "priority"})
    promised = {e["ticket_id"] for e in events if e["type"] == "reply_target"}
    assert kinds["priority"] == 2 * changed > 0
    assert len(promised) == sum(r["promised"] for r in truth["promises"])
    assert len(promised) < truth["counts"]["tickets"]  # nothing is promised on social media
    outcome = [sum(r[name] for r in truth["promises"]) for name in ("kept", "missed")]
    assert all(outcome) and sum(outcome) <= len(promised)
