"""Who the customers are: accounts with contact persons, and persons who buy for themselves.

Here: what is fixed about a customer from the start. Not here: what happens to them (`world`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo.base.clock import DAY, HISTORY, Array, Clock

COUNTRIES = ("United States", "Germany", "Japan", "Brazil", "United Arab Emirates", "China")
COUNTRY_SHARES = (0.40, 0.20, 0.12, 0.12, 0.08, 0.08)
CURRENCIES = ("USD", "EUR", "JPY", "BRL")
CURRENCY_OF_COUNTRY = np.array([0, 1, 2, 3, 0, 0])
LANGUAGES = ("en", "ja", "pt", "ar", "zh")
LANGUAGE_OF_COUNTRY = np.array([0, 0, 1, 2, 3, 4])
LIST_FACTOR = np.array([1.0, 0.92, 148.0, 5.2])  # price lists were fixed once, rates move
PLANS = ("Basic", "Team", "Business", "Enterprise")
PLAN_PRICES = np.array([120.0, 190.0, 290.0, 420.0])
CHANNELS = ("email", "web", "chat", "phone", "social")
ACQUISITION = ("Organic Search", "Paid Search", "Referrals", "Social Media", "Offline Sources")
ACQUISITION_COST = np.array([60.0, 190.0, 45.0, 120.0, 310.0])


@dataclass(frozen=True)
class People:
    """One entry per customer of a chunk; every array has the same length."""

    index: Array  # number of the customer in the whole company
    is_account: Array
    country: Array
    currency: Array
    language: Array
    signup_month: Array
    billing_day: Array  # 2 … 28
    signup_at: Array
    mood: Array  # satisfaction the customer returns to
    is_yearly: Array
    is_metered: Array
    plan: Array
    price: Array  # first monthly price, in local currency
    purchase_rate: Array  # purchases per month of a person at neutral satisfaction
    basket: Array  # typical purchase, in US dollars
    preferred_channel: Array
    acquisition: Array
    acquisition_cost: Array
    referrer: Array  # position in the chunk, −1 = nobody
    contact_count: Array
    has_duplicate: Array  # a second record with the same e-mail in the CRM

    @property
    def size(self) -> int:
        """Customers in the chunk."""
        return len(self.index)


def make_people(rng: np.random.Generator, first: int, size: int, clock: Clock) -> People:
    """Draw the customers number `first` … `first + size − 1`."""
    is_account = rng.random(size) < 0.4
    country = rng.choice(len(COUNTRIES), size, p=COUNTRY_SHARES)
    currency = CURRENCY_OF_COUNTRY[country]
    old = rng.random(size) < 0.55
    signup_month = np.where(
        old, rng.integers(0, HISTORY, size), rng.integers(HISTORY, clock.total, size)
    )
    billing_day = rng.integers(2, 29, size)
    signup_at = (
        clock.starts()[signup_month]
        + (billing_day - 1) * DAY
        + rng.integers(6 * 3600, 20 * 3600, size)
    )
    mood = rng.normal(0.15, 0.85, size)
    plan = rng.choice(4, size, p=[0.38, 0.36, 0.20, 0.06])
    dollars = PLAN_PRICES[plan] * np.exp(rng.normal(0, 0.18, size))
    acquisition = rng.choice(len(ACQUISITION), size, p=[0.36, 0.24, 0.14, 0.16, 0.10])
    cost = ACQUISITION_COST[acquisition] * np.exp(rng.normal(0, 0.3, size))
    referrer = _referrers(rng, acquisition == 2, mood, signup_month)
    return People(
        index=np.arange(first, first + size),
        is_account=is_account,
        country=country,
        currency=currency,
        language=LANGUAGE_OF_COUNTRY[country],
        signup_month=signup_month,
        billing_day=billing_day,
        signup_at=signup_at,
        mood=mood,
        is_yearly=rng.random(size) < 0.25,
        is_metered=rng.random(size) < 0.6,
        plan=plan,
        price=np.rint(dollars * LIST_FACTOR[currency]),
        purchase_rate=rng.gamma(2.5, 0.6 / 2.5, size),
        basket=55 * np.exp(rng.normal(0, 0.35, size)),
        preferred_channel=rng.choice(5, size, p=[0.38, 0.26, 0.18, 0.13, 0.05]),
        acquisition=acquisition,
        acquisition_cost=np.round(np.where(is_account, cost, cost * 0.12), 2),
        referrer=referrer,
        contact_count=np.where(is_account, rng.integers(1, 4, size), 1),
        has_duplicate=~is_account & (rng.random(size) < 0.02),
    )


def _referrers(rng: np.random.Generator, wanted: Array, mood: Array, month: Array) -> Array:
    """The happiest of three earlier customers; nobody where none of the three is earlier."""
    candidates = rng.integers(0, len(mood), (3, len(mood)))
    score = np.where(month[candidates] < month, mood[candidates], -np.inf)
    best = score.argmax(axis=0)[None, :]
    chosen = np.take_along_axis(candidates, best, 0)[0]
    found = np.take_along_axis(score, best, 0)[0] > -np.inf
    return np.where(wanted & found, chosen, -1)
