"""The demo's programmes: one works, one does nothing, one only looks good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from orchestration.demo.base.clock import Array, Clock
from orchestration.demo.population.draws import Draws, make_draws
from orchestration.demo.population.effects import Effects
from orchestration.demo.population.money import contribution, exchange_rates
from orchestration.demo.population.people import People, make_people
from orchestration.demo.population.programmes import (
    NOBODY,
    PROGRAMMES,
    TENURE_BANDS,
    Enrolments,
    enrol,
    enrolment_months,
    is_eligible,
    level_limits,
    lift,
)
from orchestration.demo.population.world import World, simulate
from tests.unit.demo.test_files import END

CLOCK = Clock(END, 24)
ONBOARD, DIGEST, LOYAL = range(3)


@dataclass
class Lives:
    """The same customers without programmes and with them."""

    people: People
    draws: Draws
    without: World
    world: World
    before: Array
    after: Array
    enrolments: Enrolments
    limits: Array
    effects: dict[tuple[str, str], dict[str, float]]

    def cell(self, month: int) -> Array:
        """What an analyst matches on at the start of a month."""
        level = self.after[month - 3 : month].sum(axis=0)
        limits = self.limits[month][self.people.is_account.astype(int)]
        third = (level[:, None] > limits).sum(axis=1)
        band = np.searchsorted(TENURE_BANDS, month - self.people.signup_month, "right")
        return (self.people.is_account * 4 + band) * 3 + third


def live(size: int, seed: int) -> Lives:
    def rng(purpose: int) -> np.random.Generator:
        return np.random.default_rng([seed, 2, 0, purpose])

    people = make_people(rng(0), 0, size, CLOCK)
    draws = make_draws(rng(1), people, CLOCK)
    rates = exchange_rates(seed, CLOCK)
    without = simulate(people, draws, CLOCK, np.zeros((CLOCK.total + 1, size)))
    before, seconds_before = contribution(people, draws, without, CLOCK, rates)
    limits = level_limits(people, without, before, CLOCK)
    enrolments = enrol(rng(2), people, without, before, limits, CLOCK)
    world = simulate(people, draws, CLOCK, lift(enrolments, CLOCK.total + 1))
    after, seconds_after = contribution(people, draws, world, CLOCK, rates)
    effects = Effects(CLOCK)
    effects.add(
        people, enrolments, world, without, (after, before), (seconds_after, seconds_before)
    )
    listed = {(row["programme_id"], row["segment"]): row for row in effects.listed()}
    return Lives(people, draws, without, world, before, after, enrolments, limits, listed)


@pytest.fixture(scope="module")
def lives() -> Lives:
    return live(12_000, 7)


@pytest.fixture(scope="module")
def usual() -> Lives:
    """The company of the default seed and size."""
    return live(2000, 7)


def test_the_first_programme_pays_back_in_both_segments(lives: Lives) -> None:
    for segment in ("all", "account", "person"):
        effect = lives.effects["P-ONBOARD", segment]
        assert effect["att_amount"] > 0
        assert effect["roi"] > 0
        assert effect["still_customers"] > effect["still_customers_without"]
    assert lives.effects["P-ONBOARD", "all"]["support_cost_avoided_amount"] > 0


@pytest.mark.parametrize("programme", ["P-DIGEST", "P-LOYAL"])
def test_the_others_change_nothing_and_cost_money(lives: Lives, programme: str) -> None:
    for segment in ("all", "account", "person"):
        effect = lives.effects[programme, segment]
        assert effect["benefit_amount"] == 0
        assert effect["still_customers"] == effect["still_customers_without"]
        assert effect["roi"] == -1
        assert effect["cost_amount"] > 0


def test_the_loyalty_club_looks_good_to_a_plain_comparison(lives: Lives) -> None:
    """Its members bring more and leave less than others, and did before they joined."""
    for segment in ("all", "account", "person"):
        assert lives.effects["P-LOYAL", segment]["plain_difference_amount"] > 5
    members = lives.enrolments.programme == LOYAL
    start = enrolment_months(CLOCK).start
    others = (lives.enrolments.programme == NOBODY) & lives.without.is_active[start - 1]
    end = CLOCK.total - 1
    assert lives.world.is_active[end][members].mean() > lives.world.is_active[end][others].mean()
    earlier = lives.after[start - 3 : start].sum(axis=0)
    assert earlier[members].mean() > 1.2 * earlier[others].mean()


def test_effect_adds_up_over_segments_and_starts_with_enrolment(lives: Lives) -> None:
    whole = lives.effects["P-ONBOARD", "all"]
    parts = [lives.effects["P-ONBOARD", segment] for segment in ("account", "person")]
    for name in ("treated_customers", "treated_customer_months", "benefit_amount", "cost_amount"):
        assert sum(part[name] for part in parts) == pytest.approx(whole[name], abs=0.05)
    exposed = lives.enrolments.exposure(CLOCK.total + 1)
    assert np.array_equal(lives.after[~exposed], lives.before[~exposed])


def gap_within_cells(lives: Lives, programme: int, trait: Array) -> tuple[float, float]:
    """What those who joined have more of than others of their cell who could have, and its error.

    `trait`: month × customer, as known at the start of the month.
    """
    gaps, weights = [], []
    for month in enrolment_months(CLOCK):
        cell, known = lives.cell(month), trait[month]
        eligible = is_eligible(lives.people, lives.without, month)
        joined = (lives.enrolments.programme == programme) & (lives.enrolments.month == month)
        assert eligible[joined].all()
        for number in np.unique(cell[joined]):
            inside = cell == number
            others = eligible & inside & (lives.enrolments.programme == NOBODY)
            if others.sum() >= 10:
                gaps.append(known[joined & inside].mean() - known[others].mean())
                weights.append((joined & inside).sum())
    spread = trait[CLOCK.total - 1].std()
    return float(np.average(gaps, weights=weights)), float(spread / np.sqrt(sum(weights)))


def test_who_joins_is_chosen_by_what_cells_do_not_hold(lives: Lives) -> None:
    """The club takes the content, the guided start who asked for help, the experiment anybody."""
    months = range(CLOCK.total + 1)
    tickets = lives.without.tickets
    asked = np.array([tickets[max(0, m - 3) : m].sum(axis=0) > 0 for m in months]).astype(float)
    content = lives.without.satisfaction
    for programme, trait, is_chosen_by_it in (
        (LOYAL, content, True),
        (ONBOARD, asked, True),
        (DIGEST, content, False),
        (DIGEST, asked, False),
    ):
        gap, error = gap_within_cells(lives, programme, trait)
        assert (gap > 3 * error) == is_chosen_by_it
        assert abs(gap) < 3 * error or is_chosen_by_it


def test_members_have_similar_customers_who_joined_nothing(usual: Lives) -> None:
    """At the demo's usual size nearly every member has ten or more of them in the cell."""
    lives = usual
    found = []
    for month in enrolment_months(CLOCK):
        cell = lives.cell(month)
        eligible = is_eligible(lives.people, lives.without, month)
        others = eligible & (lives.enrolments.programme == NOBODY)
        joined = np.flatnonzero(
            (lives.enrolments.month == month) & (lives.enrolments.programme != NOBODY)
        )
        found += [int((others & (cell == cell[who])).sum()) for who in joined]
    assert np.mean(np.array(found) >= 10) > 0.85
    assert np.mean(np.array(found) >= 3) > 0.97


def test_randomisation_halves_the_digest(lives: Lives) -> None:
    digest = lives.enrolments.programme == DIGEST
    treated = lives.enrolments.is_treated[digest].mean()
    assert 0.45 < treated < 0.55
    assert lives.enrolments.is_treated[lives.enrolments.programme == ONBOARD].all()


def estimate(lives: Lives, programme: int) -> tuple[float, float]:
    """Change since the three months before against similar customers, and its standard error."""
    total, weight, variance = 0.0, 0.0, 0.0
    for month in enrolment_months(CLOCK):
        before = lives.after[month - 3 : month].mean(axis=0)
        change = lives.after[month : CLOCK.total].mean(axis=0) - before
        cell = lives.cell(month)
        treated = (lives.enrolments.programme == programme) & lives.enrolments.is_treated
        treated &= lives.enrolments.month == month
        others = is_eligible(lives.people, lives.without, month)
        others = others & (lives.enrolments.programme == NOBODY)
        for number in np.unique(cell[treated]):
            mine, theirs = change[treated & (cell == number)], change[others & (cell == number)]
            if len(theirs) < 4:
                continue
            months = len(mine) * (CLOCK.total - month)
            total += months * (mine.mean() - theirs.mean())
            weight += months
            spread = np.concatenate([mine, theirs]).var(ddof=1)
            variance += months**2 * spread * (1 / len(mine) + 1 / len(theirs))
    return total / weight, np.sqrt(variance) / weight


def test_comparing_within_cells_finds_what_works(lives: Lives, usual: Lives) -> None:
    """In the default company, and with six times its customers, within two standard errors."""
    for company in (usual, lives):
        for programme in (ONBOARD, DIGEST):
            effect, error = estimate(company, programme)
            truth = company.effects[PROGRAMMES[programme].programme_id, "all"]["att_amount"]
            assert abs(effect - truth) < 2 * error
            assert (effect / error > 3) == (programme == ONBOARD)


def test_comparing_within_cells_credits_the_club_with_who_joined_it(lives: Lives) -> None:
    """They stay for being content: a comparison needs more than level and tenure to see it."""
    effect, error = estimate(lives, LOYAL)
    assert effect > 2 * error
    assert lives.effects["P-LOYAL", "all"]["att_amount"] == 0


@pytest.mark.long
def test_over_many_companies_intervals_cover_the_truth_of_the_experiment() -> None:
    """60 companies: 95 % intervals miss in about 3 of them, and the errors average out; those of
    the club average at well above nothing."""
    off: dict[int, list[float]] = {DIGEST: [], LOYAL: []}
    for seed in range(100, 160):
        company = live(2000, seed)
        for programme, gaps in off.items():
            effect, error = estimate(company, programme)
            name = PROGRAMMES[programme].programme_id
            gaps.append((effect - company.effects[name, "all"]["att_amount"]) / error)
    assert sum(abs(z) > 1.96 for z in off[DIGEST]) <= 8
    assert abs(np.mean(off[DIGEST])) < 0.5
    assert np.mean(off[LOYAL]) > 0.5
