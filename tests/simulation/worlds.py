"""Companies whose programme has a known effect and chooses by something that is in no cell.

Accounts pay a price each month, persons buy now and then. A mood drifts, moves what is bought and
what is answered, and with a frailty that no answer shows drives leaving. A world says who is taken,
when, and what else happens; the rule is never that of the product's comparison. Here: the company.
Not here: how the product judges it (`natural_comparisons`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.lib.science.likelihood import Floats

MONTHS, WARM_UP = 36, 24
ENTRIES = range(20, 27)
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """A way of choosing customers. `is_seen`: something before entry could show the bias."""

    name: str
    told: str
    size: int = 1000
    is_seen: bool = True
    growth_deviation: float = 0.0
    is_pareto: bool = False
    region_deviation: float = 0.0


WORLDS = {
    world.name: world
    for world in (
        World("random", "picked at random"),
        World("random_tiny", "picked at random, 120 customers", size=120),
        World("random_huge", "picked at random, 8,000 customers", size=8000),
        World("random_pareto", "picked at random, Pareto money", is_pareto=True),
        World("bad_month", "after a bad month"),
        World("bad_month_vs_average", "after a month below their own average"),
        World("bad_answer", "for a bad survey answer"),
        World("growers_2", "growers, 2 % a month", growth_deviation=0.02),
        World("growers_1", "growers, 1 % a month", growth_deviation=0.01),
        World("growers_05", "growers, 0.5 % a month", growth_deviation=0.005),
        World("higher_value", "of higher permanent value"),
        World("higher_value_300", "of higher permanent value, 300 customers", size=300),
        World("higher_value_pareto", "of higher permanent value, Pareto money", is_pareto=True),
        World("stayers_hidden", "who would have stayed, unknown to any feature", is_seen=False),
        World("stayers_known", "who would have stayed, as support cost shows"),
        World("apart_from_third_month", "alike until the third month", is_seen=False),
        World("held_back", "purchases held back for three months"),
        World("christmas", "Christmas buyers"),
        World("volatile", "volatile customers"),
        World("regions_8", "two of ten regions, shocks of 8 %", region_deviation=0.08),
        World("regions_4", "two of ten regions, shocks of 4 %", region_deviation=0.04),
        World("win_back", "customers who had left", size=3000),
        World("spill_over", "at random, half of the effect reaches neighbours"),
        World("overlapping", "at random; a second programme takes the rising"),
        World("moved_prices", "accounts of regions whose prices rise afterwards"),
        World("seasonal_entry", "all in one month"),
        World("owners_choose", "account owners who foresee growth", is_seen=False),
        World("newcomers", "customers of three to six months"),
    )
}


@dataclass(frozen=True)
class Panel:
    """Customers × months; outcomes before a customer's first month are NaN."""

    outcome: Floats
    support: Floats
    answer: Floats  # 0 to 100, NaN where nobody answered
    is_active: Bools
    first_month: NDArray[np.int64]
    is_account: Bools
    cohort: Floats
    other_cohort: Floats
    effect: Floats
    region: NDArray[np.int64]

    @property
    def is_exposed(self) -> Bools:
        """Customers × months: treated by then."""
        return np.asarray(np.arange(MONTHS) >= self.cohort[:, None])

    @property
    def true_effect(self) -> float:
        """Mean effect per treated customer and month since entry."""
        return float(self.effect[self.is_exposed].mean())


@dataclass
class Life:
    """What everybody would have done without programmes."""

    amount: Floats
    active: Bools
    answer: Floats
    support: Floats
    first: NDArray[np.int64]
    is_account: Bools
    shock: Floats
    logvalue: Floats
    growth: Floats
    frailty: Floats
    noise: Floats
    region: NDArray[np.int64]
    is_christmas: Bools


def lived(world: World, rng: np.random.Generator) -> Life:
    """Mood, purchases, answers and leaving, month by month."""
    size = world.size
    first = rng.integers(-WARM_UP, MONTHS - 8, size)
    is_account = rng.random(size) < 0.4
    logvalue = rng.normal(0, 0.6, size)
    value = np.where(is_account, 50.0, 45.0) * np.exp(logvalue)
    if world.is_pareto:
        value = 15 * (rng.pareto(1.5, size) + 1)
        logvalue = np.log(value)
    growth = rng.normal(0, 1, size) * world.growth_deviation
    usual, frailty = rng.normal(0, 0.7, size), rng.normal(0, 0.8, size)
    region = rng.integers(0, 10, size)
    spread = np.exp(rng.normal(0, 0.5, size)) if world.name == "volatile" else 1.0
    noise = np.where(is_account, 0.12, 0.5) * spread
    is_christmas = (rng.random(size) < 0.3) & (world.name == "christmas")
    mood, shock, regional = usual.copy(), np.zeros(size), np.zeros(10)
    amount, shocks, support = np.zeros((3, size, MONTHS))
    answer = np.full((size, MONTHS), np.nan)
    active = np.zeros((size, MONTHS), bool)
    here, left = np.zeros(size, bool), np.full(size, 10**6)
    for month in range(-WARM_UP, MONTHS):
        here |= first == month
        mood = usual + 0.8 * (mood - usual) + 0.35 * rng.normal(size=size)
        shock = 0.4 * shock + rng.normal(size=size) * np.sqrt(1 - 0.16)
        step = rng.normal(0, 1, 10) * world.region_deviation * np.sqrt(1 - 0.85**2)
        regional = 0.85 * regional + step
        season = 1 + 0.25 * np.sin(2 * np.pi * month / 12) * np.where(is_account, 0.2, 1)
        level = value * np.exp(growth * np.clip(month - 10, -30, None)) * season
        level = level * (1 + regional[region]) * (1 + 0.1 * mood * ~is_account)
        level = level * np.where(is_christmas & (month % 12 == 11), 4.0, 1.0)
        if world.name == "moved_prices":
            level = level * np.where((region < 3) & is_account & (month >= 24), 1.12, 1.0)
        hazard = 1 / (1 + np.exp(4.1 + 0.8 * mood - frailty))
        if month >= 0:
            amount[:, month] = level * np.maximum(0, 1 + noise * shock)
            active[:, month], shocks[:, month] = here, shock
            told = np.clip(60 + 20 * (mood + rng.normal(0, 0.5, size)), 0, 100)
            answer[:, month] = np.where(here & (rng.random(size) < 0.4), told, np.nan)
            hidden = frailty if world.name == "stayers_known" else rng.normal(0, 0.8, size)
            support[:, month] = 2 * np.exp(0.7 * hidden + rng.normal(0, 0.5, size)) * here
        gone = here & (rng.random(size) < hazard)
        left[gone] = month
        here = here & ~gone
        if world.name == "win_back":
            back = ~here & (left < month - 1) & (rng.random(size) < 0.06)
            here |= back
            left[back] = 10**6
    return Life(
        amount * active, active, answer, support, first, is_account, shocks, logvalue, growth,
        frailty, noise, region, is_christmas,
    )  # fmt: skip


def scores(world: World, life: Life, entry: int) -> Floats:
    """The higher, the more likely to be taken in a month."""
    nothing = np.zeros(world.size)
    past = life.amount[:, entry - 9 : entry - 1].mean(axis=1) + 1e-9
    standard = (life.logvalue - life.logvalue.mean()) / life.logvalue.std()
    usual_noise = np.where(life.is_account, 0.12, 0.5)
    match world.name:
        case "bad_month":
            return -3 * life.shock[:, entry - 1]
        case "bad_month_vs_average":
            change = life.amount[:, entry - 1] / past - 1
            return np.asarray(-3 * change / np.where(life.is_account, 0.15, 0.5))
        case "bad_answer":
            answer = life.answer[:, entry - 1]
            return np.where(np.isfinite(answer), 2.5 * (60 - answer) / 20, 0.0)
        case "growers_2" | "growers_1" | "growers_05":
            return 2 * life.growth / world.growth_deviation
        case "higher_value" | "higher_value_300" | "higher_value_pareto":
            return np.asarray(2 * standard)
        case "stayers_hidden" | "stayers_known":
            return -2 * life.frailty
        case "christmas":
            return 4.0 * life.is_christmas
        case "volatile":
            return np.asarray(2 * np.log(life.noise / usual_noise))
        case "moved_prices":
            return 2.0 * ((life.region < 3) & life.is_account)
        case "owners_choose":
            future = life.amount[:, entry : entry + 6].mean(axis=1) / past - 1
            return np.asarray(2 * np.clip(future / 0.2, -2, 2) * life.is_account)
    return nothing


def entered(world: World, life: Life, rng: np.random.Generator) -> Floats:
    """The month in which each is taken, infinity where in none."""
    cohort = np.full(world.size, np.inf)
    month = rng.choice(list(ENTRIES), world.size)
    month = {"seasonal_entry": np.full_like(month, 23), "christmas": np.full_like(month, 25)}.get(
        world.name, month
    )
    luck = rng.gumbel(size=(world.size, MONTHS))
    for entry in ENTRIES:
        active = life.active[:, entry - 1]
        eligible = active & (life.first <= entry - 10) & (month == entry)
        if world.name == "newcomers":
            tenure = entry - life.first
            eligible = active & (tenure >= 3) & (tenure <= 6) & (month == entry)
        if world.name == "win_back":
            bought = life.amount[:, entry - 9 : entry - 3].sum(axis=1) > 0
            eligible = ~active & (life.first <= entry - 10) & bought & (month == entry)
        if world.name.startswith("regions"):
            cohort[eligible & (life.region < 2)] = entry
            continue
        order = np.where(eligible, scores(world, life, entry) + luck[:, entry], -np.inf)
        cohort[np.argsort(-order)[: round(0.3 * eligible.sum())]] = entry
    return cohort


def rising_taken(life: Life, cohort: Floats, rng: np.random.Generator) -> Floats:
    """The month in which a second programme takes each; mostly those who rise."""
    other, draw = np.full(len(cohort), np.inf), rng.random((len(cohort), MONTHS))
    for month in range(18, 34):
        before = life.amount[:, month - 9 : month - 3].mean(axis=1) + 1e-9
        rise = life.amount[:, month - 3 : month].mean(axis=1) / before - 1
        chance = 0.012 * np.exp(np.clip(2 * rise, -2, 2))
        is_free = life.active[:, month - 1] & np.isinf(other) & (cohort != month)
        other[is_free & (draw[:, month] < chance)] = month
    return other


def company(world: World, seed: int, effect: float = 0.0) -> Panel:
    """One company; `effect` is what a month as an active, treated customer adds in the mean.

    The same seed gives the same customers, whatever the effect.
    """
    rng = np.random.default_rng([20261130, seed, list(WORLDS).index(world.name)])
    life = lived(world, rng)
    cohort = entered(world, life, rng)
    since = np.arange(MONTHS)[None, :] - cohort[:, None]
    amount = life.amount
    if world.name == "apart_from_third_month":
        amount = amount + np.where(since >= 3, 8.0, 0.0) * life.active
    if world.name == "held_back":
        amount = amount * np.where((since >= -3) & (since < 0), 0.6, 1.0)
        amount = amount * np.where((since >= 0) & (since < 3), 1.4, 1.0)
    other = np.full(world.size, np.inf)
    if world.name == "overlapping":
        other = rising_taken(life, cohort, rng)
        amount = amount + 6.0 * (np.arange(MONTHS) >= other[:, None]) * life.active
    each = effect * np.exp(rng.normal(0, 0.5, world.size) - 0.125)
    added = each[:, None] * life.active * (since >= 0)
    amount = amount + added
    if world.name == "spill_over":
        shares = np.array([np.isfinite(cohort[life.region == r]).mean() for r in range(10)])
        reached = life.active & (since < 0) & (np.arange(MONTHS) >= ENTRIES[0])
        amount = amount + 0.5 * effect * shares[life.region][:, None] * reached
    is_seen = np.arange(MONTHS) >= np.maximum(life.first, 0)[:, None]
    return Panel(
        outcome=np.where(is_seen, np.round(amount, 4), np.nan),
        support=np.round(life.support, 4),
        answer=life.answer,
        is_active=life.active,
        first_month=life.first,
        is_account=life.is_account,
        cohort=cohort,
        other_cohort=other,
        effect=added,
        region=life.region,
    )
