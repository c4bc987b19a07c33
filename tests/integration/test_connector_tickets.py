"""A night over Zendesk's tables as a managed connector loads them: each ticket by hand.

Business hours are nine to five on weekdays in New York, which is five hours behind UTC; Monday, 15
January is a holiday.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Company, company, made_once

CASE = ROOT / "tests" / "fixtures" / "exports" / "zendesk_connector"
DURATIONS = (
    "first_reply_time",
    "unanswered",
    "first_resolution",
    "full_resolution",
    "unresolved",
    "requester_wait_time_in",
    "agent_wait_time_in",
    "on_hold_time_in",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Company:
    def make(home: Path) -> Company:
        firm = company(home, CX_TIME_ZONE="America/New_York")
        shutil.copytree(CASE / "landing", home / "landing")
        customers = home / "landing" / "native" / "2024-03-01" / "customers.csv"
        customers.parent.mkdir(parents=True)
        customers.write_text(
            "customer_id,customer_kind,signup_at\ncontact-17,person,2023-01-01 00:00:00\n",
            encoding="utf-8",
        )
        firm.cxroi("run")
        return firm

    return made_once(tmp_path_factory, "connector-tickets", make)


def ticket(desk: Company, ticket_id: str, columns: str) -> tuple[Any, ...]:
    [row] = desk.query(f"select {columns} from cx.fct_tickets where ticket_id = '{ticket_id}'")
    return row


def minutes(desk: Company, ticket_id: str, clock: str) -> dict[str, Decimal]:
    """The durations a ticket has, by name without the clock."""
    row = ticket(desk, ticket_id, ", ".join(f"{name}_{clock}_minutes" for name in DURATIONS))
    return {name: value for name, value in zip(DURATIONS, row, strict=True) if value is not None}


def test_a_ticket_solved_once(desk: Company) -> None:
    """501: asked on Friday at 15:00, answered on Tuesday at 10:00: 120 minutes of Friday and 60 of
    Tuesday. New until 9:30, open for 30 minutes and a second, then pending until 13:00; open again
    and solved at 15:00. 3 days and 19 hours are 5,460 minutes."""
    waits = Decimal("30.0167")  # 30 minutes and a second
    assert minutes(desk, "501", "calendar") == {
        "first_reply_time": 5460,
        "first_resolution": 4 * 1440,
        "full_resolution": 4 * 1440,
        "requester_wait_time_in": 5430 + waits + 120,
        "agent_wait_time_in": 210 - waits,
        "on_hold_time_in": 0,
    }
    assert minutes(desk, "501", "business") == {
        "first_reply_time": 120 + 60,
        "first_resolution": 120 + 360,
        "full_resolution": 120 + 360,
        "requester_wait_time_in": 150 + waits + 120,
        "agent_wait_time_in": 210 - waits,
        "on_hold_time_in": 0,
    }
    states = "status, totals_basis, is_outbound, public_reply_count, reopen_count, handoff_count"
    assert ticket(desk, "501", states) == ("closed", "events", False, 1, 0, 0)
    moments = "first_reply_at, first_solved_at, solved_at, closed_at"
    solved = datetime(2024, 1, 16, 20)
    assert ticket(desk, "501", moments) == (
        *(datetime(2024, 1, 16, 15), solved, solved),
        datetime(2024, 1, 20, 21),
    )


def test_what_was_promised_and_how_it_was_rated(desk: Company) -> None:
    """501: 480 business minutes, by the priority it was opened with and the policy of that day."""
    promised = "first_reply_target_minutes, is_first_reply_in_time"
    assert ticket(desk, "501", promised) == (480, True)
    assert ticket(desk, "501", "priority_at_creation, priority_at_first_reply") == (
        *("normal", "high"),
    )
    assert ticket(desk, "501", "is_csat_good") == (True,)


def test_a_ticket_the_desk_opened_has_no_reply(desk: Company) -> None:
    """502: an agent wrote first, at 10:00, and solved it at 13:00."""
    for clock in ("calendar", "business"):
        assert minutes(desk, "502", clock) == {
            "first_resolution": 180,
            "full_resolution": 180,
            "requester_wait_time_in": 180,
            "agent_wait_time_in": 0,
            "on_hold_time_in": 0,
        }
    assert ticket(desk, "502", "is_outbound, first_reply_at") == (True, None)


def test_a_ticket_on_hold_waits_to_the_end_of_the_data(desk: Company) -> None:
    """505: opened on Monday, 22 January, at 9:00, on hold from 11:00. To the end of Friday, 1 March
    it is 40 days less 9 hours, and 30 working days of 480 minutes."""
    assert minutes(desk, "505", "calendar") == {
        "unanswered": 40 * 1440 - 540,
        "unresolved": 40 * 1440 - 540,
        "requester_wait_time_in": 40 * 1440 - 540,
        "agent_wait_time_in": 0,
        "on_hold_time_in": 40 * 1440 - 540 - 120,
    }
    assert minutes(desk, "505", "business") == {
        "unanswered": 30 * 480,
        "unresolved": 30 * 480,
        "requester_wait_time_in": 30 * 480,
        "agent_wait_time_in": 0,
        "on_hold_time_in": 30 * 480 - 120,
    }


def test_tickets_deleted_or_taken_in_by_another_are_in_no_metric(desk: Company) -> None:
    assert desk.query("select ticket_id from cx.fct_tickets order by 1") == [
        *(("501",), ("502",), ("505",)),
    ]
