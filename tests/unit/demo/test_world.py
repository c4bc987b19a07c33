"""The demo's mechanism: satisfaction drives leaving, spending, tickets and answers."""

from __future__ import annotations

import numpy as np
import pytest

from orchestration.demo.base.clock import HISTORY, Array
from orchestration.demo.population.draws import MOST_TICKETS
from orchestration.demo.population.money import amounts
from orchestration.demo.population.world import poisson
from orchestration.demo.survey.surveys import make_invitations
from tests.unit.demo.test_programmes import CLOCK, Lives, live

MONTHS = slice(HISTORY, CLOCK.total)


@pytest.fixture(scope="module")
def lives() -> Lives:
    return live(2000, 7)


def quarters(values: Array, inside: Array) -> Array:
    """0 … 3 for the quarter of the distribution each value falls into."""
    return np.searchsorted(np.quantile(values[inside], [0.25, 0.5, 0.75]), values)


def test_the_least_satisfied_quarter_leaves_at_least_five_times_as_often(lives: Lives) -> None:
    active = lives.world.is_active[MONTHS]
    quarter = quarters(lives.world.satisfaction[MONTHS], active)
    rates = [lives.world.leaves[MONTHS][active & (quarter == q)].mean() for q in range(4)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] >= 5 * rates[3]
    assert 0.01 < lives.world.leaves[MONTHS][active].mean() < 0.04


def test_satisfied_persons_buy_more(lives: Lives) -> None:
    buys = lives.world.is_active[MONTHS] & ~lives.people.is_account
    quarter = quarters(lives.world.satisfaction[MONTHS], buys)
    rate = [lives.world.purchases[MONTHS][buys & (quarter == q)].mean() for q in (0, 3)]
    assert rate[1] > 1.3 * rate[0]


def test_bad_tickets_lower_satisfaction_and_good_ones_raise_it(lives: Lives) -> None:
    """The change to the next month, beside customers of the same month without a ticket."""
    active = lives.world.is_active[MONTHS][:-1]
    change = np.diff(lives.world.satisfaction[MONTHS], axis=0)
    opened = np.arange(MOST_TICKETS) < lives.world.tickets[MONTHS][:-1, :, None]
    outcome = (lives.draws.tickets.outcome[:-1] * opened).sum(axis=2)
    none = active & ~opened.any(axis=2)
    assert change[active & (outcome < -0.5)].mean() < change[none].mean() - 0.3
    assert change[active & (outcome > 0.4)].mean() > change[none].mean() + 0.1


def test_slow_answers_are_bad_outcomes(lives: Lives) -> None:
    tickets = lives.draws.tickets
    plain = ~tickets.is_unanswered & ~tickets.is_reopened & ~tickets.is_handed_over
    wait, outcome = tickets.reply_minutes[plain], tickets.outcome[plain]
    assert np.corrcoef(np.log(wait), outcome)[0, 1] < -0.8
    assert (tickets.outcome[tickets.is_unanswered] < outcome.mean()).all()


def test_answers_are_noisy_readings_of_satisfaction(lives: Lives) -> None:
    from orchestration.demo.base.clock import BusinessHours
    from orchestration.demo.crm.contacts import make_contacts
    from orchestration.demo.support.ticket_rows import requesters
    from orchestration.demo.support.tickets import make_tickets

    starts = CLOCK.starts()
    hours = BusinessHours(int(starts[HISTORY]), int(starts[-1]) + 100 * 86_400)
    rng = np.random.default_rng(5)
    tickets = make_tickets(rng, lives.people, lives.draws, lives.world, CLOCK, hours, 0)
    contacts = make_contacts(rng, lives.people, int(starts[CLOCK.total]))
    who = requesters(rng, contacts, tickets, lives.people)
    sent = make_invitations(rng, lives.people, contacts, lives.world, tickets, who, CLOCK, 0)
    month = np.searchsorted(starts, sent.sent, "right") - 1
    nps = (sent.survey == 0) & (month < CLOCK.total)
    felt = lives.world.satisfaction[month[nps], sent.customer[nps]]
    assert 0.6 < np.corrcoef(felt, sent.score[nps])[0, 1] < 0.95
    assert set(np.unique(sent.score[sent.survey == 0])) <= set(range(11))
    assert set(np.unique(sent.score[sent.survey == 1])) <= set(range(1, 8))


def test_a_higher_rate_never_gives_fewer() -> None:
    uniform = np.random.default_rng(1).random(5000)
    few, many = (poisson(uniform, np.full(5000, rate), 6) for rate in (0.4, 0.6))
    assert (many >= few).all()
    assert few.mean() == pytest.approx(0.4, abs=0.03)


def test_money_has_the_digits_of_its_currency(lives: Lives) -> None:
    made = amounts(lives.people, lives.draws, lives.world)
    yen = lives.people.currency == 2
    assert (made.basket[:, yen] % 1 == 0).all()
    cents = made.usage[:, ~yen] * 100
    assert np.allclose(cents, np.rint(cents), atol=1e-6)
    assert (made.is_refunded <= (made.basket > 0)).all(), "only what was bought is refunded"
