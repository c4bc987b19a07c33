"""The demo's support desk: opening hours by hand, and totals that follow from the events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from orchestration.demo.base.clock import HISTORY, NEVER, BusinessHours, Clock, Zone
from orchestration.demo.population.draws import make_draws
from orchestration.demo.population.people import People, make_people
from orchestration.demo.population.world import World, simulate
from orchestration.demo.support.desk_totals import totals
from orchestration.demo.support.priorities import Priorities, make_priorities, priority_events
from orchestration.demo.support.tickets import STEPS, Tickets, make_tickets
from tests.unit.demo.test_files import END


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


HOURS = BusinessHours(at("2024-01-01"), at("2026-06-01"))


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2024-06-14 14:00", "2024-06-17 08:00", 180),  # Friday 16:00 in Berlin to Monday 10:00
        ("2024-03-29 15:00", "2024-04-01 08:00", 180),  # the clocks go forward in between
        ("2024-12-24 15:00", "2024-12-27 09:00", 180),  # two holidays in between
        ("2024-06-15 10:00", "2024-06-16 20:00", 0),  # a weekend
    ],
)
def test_open_minutes_between_two_moments(start: str, end: str, minutes: int) -> None:
    moments = np.array([at(start), at(end)])
    assert np.diff(HOURS.until(moments))[0] == minutes
    if minutes:
        there = HOURS.add(moments[:1], np.array([float(minutes)]))
        assert there[0] == moments[1], "adding the minutes leads back to the end"


def test_local_time_follows_daylight_saving() -> None:
    zone = Zone("America/New_York", at("2024-01-01"), at("2024-12-31"))
    local = zone.local(np.array([at("2024-03-10 06:59"), at("2024-03-10 07:00")]))
    assert local.tolist() == [at("2024-03-10 01:59"), at("2024-03-10 03:00")]


def one_ticket(**steps: str) -> Tickets:
    """A ticket that has only the named steps."""
    nothing = np.zeros(1, np.int64)
    fields = dict.fromkeys(Tickets.__dataclass_fields__, nothing)
    moments = {s: np.array([at(steps[s]) if s in steps else NEVER]) for s in STEPS}
    return Tickets(**fields | {"at": moments})


def test_totals_of_a_reopened_ticket() -> None:
    """Monday 10:00 in Berlin asked, 12:00 answered with a question, Tuesday 10:00 the customer
    replies, 11:00 solved, Wednesday 10:00 the customer returns, 12:00 solved again."""
    ticket = one_ticket(
        created="2024-06-03 08:00",
        assigned="2024-06-03 08:30",
        reply="2024-06-03 10:00",
        pending="2024-06-03 10:00",
        customer_reply="2024-06-04 08:00",
        opened="2024-06-04 08:00",
        second_reply="2024-06-04 09:00",
        solved="2024-06-04 09:00",
        customer_return="2024-06-05 08:00",
        reopened="2024-06-05 08:00",
        third_reply="2024-06-05 10:00",
        solved_again="2024-06-05 10:00",
    )
    done = totals(ticket, at("2024-06-30"), HOURS)
    assert {name: (int(c[0]), int(b[0])) for name, (c, b) in done.minutes.items()} == {
        "first_reply": (120, 120),
        "first_resolution": (25 * 60, 600),  # 8 h on Monday, 2 h on Tuesday
        "full_resolution": (50 * 60, 1200),  # 8 h, 9 h and 3 h
        "agent_wait": (22 * 60, 420),  # Monday 12:00 to Tuesday 10:00
        "requester_wait": (5 * 60, 300),  # 2 h new, 1 h open, 2 h open again
        "on_hold": (0, 0),
    }
    assert (done.replies[0], done.reopens[0], done.agents[0]) == (3, 1, 1)
    assert done.status[done.status_code[0]] == "solved"


def test_a_reopened_ticket_is_not_resolved_until_solved_again() -> None:
    ticket = one_ticket(
        created="2024-06-03 08:00",
        reply="2024-06-03 09:00",
        solved="2024-06-03 09:00",
        reopened="2024-06-04 08:00",
        solved_again="2024-06-06 08:00",
    )
    between = totals(ticket, at("2024-06-05"), HOURS)
    assert between.status[between.status_code[0]] == "open"
    assert between.minutes["first_resolution"][0][0] == 60
    assert between.minutes["full_resolution"][0][0] == -1
    before = totals(ticket, at("2024-06-02"), HOURS)
    assert not before.exists[0]


@pytest.fixture(scope="module")
def lived() -> tuple[People, World, Tickets]:
    """A year of 800 customers and their tickets."""
    clock = Clock(END, 12)
    people = make_people(np.random.default_rng(1), 0, 800, clock)
    draws = make_draws(np.random.default_rng(2), people, clock)
    world = simulate(people, draws, clock, np.zeros((clock.total + 1, 800)))
    tickets = make_tickets(np.random.default_rng(3), people, draws, world, clock, HOURS, 0)
    return people, world, tickets


def test_a_priority_changes_before_or_after_the_reply_and_ends_as_it_was_drawn(
    lived: tuple[People, World, Tickets],
) -> None:
    """So the export of today shows what it showed before priorities could change."""
    *_, tickets = lived
    last = at("2025-12-31 23:59")
    levels = make_priorities(np.random.default_rng(4), tickets, last)
    assert (levels.at(last) == tickets.priority).all()
    changed = levels.changed_at < NEVER
    assert 0.1 < changed.mean() < 0.2
    assert (levels.first[changed] != levels.last[changed]).all()
    assert (levels.changed_at[changed] > tickets.at["created"][changed] - 1).all()
    is_early = levels.changed_at[changed] < tickets.at["reply"][changed]
    assert 0.3 < is_early.mean() < 0.7
    assert (levels.at(tickets.at["created"] - 1) == levels.first).all()


def test_a_change_of_priority_brings_its_target_and_social_media_have_none() -> None:
    ticket = one_ticket(created="2024-06-03 08:00", reply="2024-06-03 10:00")
    levels = Priorities(np.array([0]), np.array([3]), np.array([at("2024-06-03 09:00")]))
    table, moments = priority_events(ticket, levels)
    assert list(zip(table["type"].to_pylist(), table["value"].to_pylist(), strict=True)) == [
        ("priority", "low"),
        ("reply_target", "1080"),
        ("priority", "urgent"),
        ("reply_target", "60"),
    ]
    assert moments.tolist() == [at("2024-06-03 08:00")] * 2 + [at("2024-06-03 09:00")] * 2
    kept = Priorities(np.array([1]), np.array([1]), np.array([NEVER]))
    told, _ = priority_events(ticket, kept)
    assert told["value"].to_pylist() == ["540"]  # the priority is in the export
    posted = replace(ticket, channel=np.array([4]))
    assert priority_events(posted, kept)[0].num_rows == 0


def test_steps_come_in_an_order_that_can_happen(lived: tuple[People, World, Tickets]) -> None:
    """Replies follow the question, and live channels are asked while the desk is open."""
    people, world, tickets = lived
    assert tickets.size == world.tickets[HISTORY : HISTORY + 12].sum() * 51 // 50
    for earlier, later in (
        ("created", "assigned"),
        ("assigned", "reply"),
        ("reply", "customer_reply"),
        ("customer_reply", "second_reply"),
        ("solved", "reopened"),
        ("reopened", "solved_again"),
        ("solved", "closed"),
    ):
        both = (tickets.at[earlier] < NEVER) & (tickets.at[later] < NEVER)
        assert (tickets.at[earlier][both] <= tickets.at[later][both]).all(), (earlier, later)
    phone = tickets.channel == 3
    opened = HOURS.until(tickets.at["created"] + 60) - HOURS.until(tickets.at["created"] - 60)
    assert (opened[phone] > 0).mean() > 0.99
    joined = people.signup_at[tickets.customer[tickets.customer >= 0]]
    assert (tickets.at["created"][tickets.customer >= 0] > joined).all()
