"""Three programmes: one works, one does nothing, one only enrols customers who would have stayed.

Each customer is considered for at most one programme, in one month drawn beforehand. Whether the
programme then takes them depends on segment, tenure band and the contribution of the three months
before, and on what no comparison of equals in these sees: P-ONBOARD rather takes who asked for
help, P-LOYAL who is content, which no field of an extract says and which makes customers stay.
Here: who is enrolled and what it truly does. Not here: how a pipeline could find out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import DAY, Array, Clock
from orchestration.demo.population.people import People
from orchestration.demo.population.world import World

TENURE_BANDS = (6, 12, 24)  # months: below 6, 6–12, 12–24, above
NOBODY = -1


@dataclass(frozen=True)
class Programme:
    """A programme, its true lift of satisfaction and the chance of taking a considered customer."""

    programme_id: str
    name: str
    description: str
    assignment: str
    eligibility_rule: str
    lift: float
    considered: float  # share of all customers
    chance: tuple[tuple[float, ...], ...]  # tenure band × level (low, middle, high)
    without_tickets: float  # factor on the chance of who had none in the three months before
    for_the_content: float  # the log odds of being taken rise by it with a point of satisfaction
    control_share: float
    monthly_cost: float  # per treated customer
    fixed_cost: float  # share of the first month's running cost, spent once before the start


ELIGIBLE = (
    "Active at the start of the month, customer for three months or more, "
    "bought in the last three months"
)
PROGRAMMES = (
    Programme(
        "P-ONBOARD",
        "Guided start",
        "A named guide, a plan for the first weeks and a call each month",
        "rule",
        f"{ELIGIBLE}; mostly the newer ones, those who spend little and those who asked for help",
        lift=1.2,
        considered=0.32,
        chance=((0.95, 0.9, 0.8), (0.9, 0.85, 0.7), (0.8, 0.7, 0.6), (0.7, 0.65, 0.5)),
        without_tickets=0.6,
        for_the_content=0.0,
        control_share=0.0,
        monthly_cost=6.0,
        fixed_cost=3.0,
    ),
    Programme(
        "P-DIGEST",
        "Monthly digest",
        "A monthly letter with news and tips; by lottery, half are left out",
        "randomised",
        ELIGIBLE,
        lift=0.0,
        considered=0.18,
        chance=((1.0,) * 3,) * 4,
        without_tickets=1.0,
        for_the_content=0.0,
        control_share=0.5,
        monthly_cost=2.0,
        fixed_cost=2.0,
    ),
    Programme(
        "P-LOYAL",
        "Loyalty club",
        "Points and a members' page for good customers of long standing",
        "rule",
        f"{ELIGIBLE}; mostly customers of more than a year who spend much and seem content",
        lift=0.0,
        considered=0.2,
        chance=((0.02, 0.04, 0.1), (0.05, 0.1, 0.3), (0.1, 0.4, 0.9), (0.15, 0.5, 0.95)),
        without_tickets=1.0,
        for_the_content=1.0,
        control_share=0.0,
        monthly_cost=26.0,
        fixed_cost=2.0,
    ),
)


@dataclass(frozen=True)
class Enrolments:
    """Per customer: the programme (NOBODY = none), month index, and arm."""

    programme: Array
    month: Array
    is_treated: Array

    def exposure(self, months: int) -> Array:
        """Month × customer: in a programme and treated."""
        return np.asarray((np.arange(months)[:, None] >= self.month) & self.is_treated)


def enrolment_months(clock: Clock) -> range:
    """Four months (a sixth of a short window) from a third of the window on.

    Few on purpose: a customer who leaves before the programme would have taken them stays a
    never-enrolled one, and over many months such leavers would make controls look worse.
    """
    first = clock.window.start + round(clock.months / 3)
    return range(first, first + min(4, max(1, clock.months // 6)))


def level_limits(people: People, world: World, contribution: Array, clock: Clock) -> Array:
    """Terciles of the three-month contribution of the eligible: month × segment × 2."""
    limits = np.zeros((clock.total + 1, 2, 2))
    for month in enrolment_months(clock):
        eligible = is_eligible(people, world, month)
        level = contribution[month - 3 : month].sum(axis=0)
        for segment in (0, 1):
            inside = level[eligible & (people.is_account == bool(segment))]
            if len(inside):
                limits[month, segment] = np.quantile(inside, [1 / 3, 2 / 3])
    return limits


def is_eligible(people: People, world: World, month: int) -> Array:
    """What an analyst can see at the start of the month, and nothing else."""
    in_force = world.is_active[month - 1] & people.is_account
    bought = world.purchases[month - 3 : month].sum(axis=0) > 0
    return np.asarray((in_force | bought) & (month - people.signup_month >= 3))


def enrol(
    rng: np.random.Generator,
    people: People,
    world: World,
    contribution: Array,
    limits: Array,
    clock: Clock,
) -> Enrolments:
    """Decide from the life without programmes, which until enrolment is the only one."""
    months = np.array(enrolment_months(clock))
    shares = [p.considered for p in PROGRAMMES]
    considered = rng.choice([0, 1, 2, NOBODY], people.size, p=[*shares, 1 - sum(shares)])
    month = rng.choice(months, people.size)
    taken, control = rng.random(people.size), rng.random(people.size)
    programme = np.full(people.size, NOBODY)
    for g in months:
        level = contribution[g - 3 : g].sum(axis=0)
        band = np.searchsorted(TENURE_BANDS, g - people.signup_month, "right")
        edges = limits[g][people.is_account.astype(int)]
        third = (level[:, None] > edges).sum(axis=1)
        eligible = is_eligible(people, world, int(g)) & (month == g)
        has_tickets = world.tickets[g - 3 : g].sum(axis=0) > 0
        for number, each in enumerate(PROGRAMMES):
            chance = np.array(each.chance)[band, third]
            chance = chance * np.where(has_tickets, 1.0, each.without_tickets)
            chance = _with_log_odds(chance, each.for_the_content * people.mood)
            chosen = eligible & (considered == number) & (taken < chance)
            programme = np.where(chosen, number, programme)
    shares_out = np.array([*(p.control_share for p in PROGRAMMES), 0.0])[programme]
    treated = (programme != NOBODY) & (control >= shares_out)
    return Enrolments(programme, np.where(programme == NOBODY, 10_000, month), treated)


def _with_log_odds(chance: Array, more: Array) -> Array:
    odds = chance * np.exp(more)
    return np.asarray(odds / (1 - chance + odds))


def lift(enrolments: Enrolments, months: int) -> Array:
    """What the programmes add to satisfaction, month × customer."""
    lifts = np.array([*(p.lift for p in PROGRAMMES), 0.0])[enrolments.programme]
    return np.asarray(enrolments.exposure(months) * lifts)


def enrolled_at(rng: np.random.Generator, enrolments: Enrolments, clock: Clock) -> Array:
    """Within the first working days of the month."""
    starts = clock.starts()[np.minimum(enrolments.month, clock.total)]
    return np.asarray(starts + rng.integers(8 * 3600, 4 * DAY, len(starts)))
