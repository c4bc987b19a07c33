"""Touches outside tickets, surveys and purchases: use, visits, mails, community, calls.

Here: how often and in which row. Not here: what follows from them; nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo.base.clock import DAY, HISTORY, Array, Clock
from orchestration.demo.base.columns import Table, maybe, numbered, pick, times, where
from orchestration.demo.crm.contacts import Contacts, written_emails
from orchestration.demo.population.people import People
from orchestration.demo.population.world import World, poisson

LATE = 0.01


@dataclass(frozen=True)
class Touch:
    """One kind of touch: how many a month at neutral satisfaction, and its answer to it."""

    kind: str
    channel: str
    touchpoint: str
    stage: str
    objects: tuple[str, ...]
    direction: str
    account_rate: float
    person_rate: float
    per_point: float  # log of the rate per point of satisfaction
    seconds: float | None = None
    most_quantity: int = 1


FEATURES = ("dashboard", "export", "automation", "integrations")
GOODS = ("Starter kit", "Refill", "Accessory", "Gift box")
POSTS = ("tips", "ideas", "help")
TOUCHES = (
    Touch("product_use", "app", "product", "use", FEATURES, "inbound", 2.2, 0.4, 0.35, 900, 9),
    Touch("page_view", "web", "shop", "use", GOODS, "inbound", 0.3, 1.3, 0.1, 60, 5),
    Touch("page_view", "web", "help_center", "support", POSTS, "inbound", 0.2, 0.12, -0.4, 120),
    Touch("page_view", "web", "pricing_page", "renewal", FEATURES, "inbound", 0.1, 0.1, -0.2, 60),
    Touch("campaign", "email", "newsletter", "use", ("newsletter",), "outbound", 0.35, 0.35, 0.0),
    Touch("email", "email", "account_mail", "use", ("check-in",), "outbound", 0.15, 0.03, 0.0),
    Touch("community_post", "community", "forum", "advocacy", POSTS, "inbound", 0.08, 0.08, 0.5),
    Touch("social_mention", "social", "brand", "advocacy", ("brand",), "inbound", 0.02, 0.05, 0.1),
    Touch("call", "phone", "account_call", "use", ("check-in",), "outbound", 0.12, 0.01, 0.0, 700),
    Touch("meeting", "field", "review", "renewal", ("review",), "outbound", 0.05, 0.0, 0.1, 2700),
    Touch("review", "web", "review_site", "advocacy", ("brand",), "inbound", 0.01, 0.02, 0.2),
)
ONBOARDING = Touch("event", "app", "setup", "onboarding", FEATURES, "inbound", 2.5, 0.7, 0.2)
VISIT = Touch("page_view", "web", "landing_page", "awareness", GOODS, "inbound", 1.6, 1.6, 0.0, 50)
COMPARISON = Touch(
    "page_view", "web", "pricing_page", "consideration", FEATURES, "inbound", 0.9, 0.9, 0.0, 90
)


def make_interactions(
    rng: np.random.Generator,
    people: People,
    contacts: Contacts,
    world: World,
    clock: Clock,
    chunk: int,
) -> tuple[Table, Array]:
    """Rows of the interactions file, and when each first appears in an export."""
    every = (*TOUCHES, ONBOARDING, VISIT, COMPARISON)
    starts = clock.starts()
    months = np.arange(HISTORY, clock.total)
    active = world.is_active[months]
    first_month = months[:, None] == people.signup_month
    parts = []
    for number, touch in enumerate(every):
        rate = np.where(people.is_account, touch.account_rate, touch.person_rate)
        rate = rate * np.exp(touch.per_point * np.clip(world.satisfaction[months], -3, 3))
        before = touch in (VISIT, COMPARISON)
        on = first_month if before or touch is ONBOARDING else active
        count = on * poisson(rng.random(on.size), rate.ravel(), 12).reshape(on.shape)
        month, customer = (axis.ravel() for axis in np.indices(count.shape))
        size = int(count.sum())
        month, customer = np.repeat(month, count.ravel()), np.repeat(customer, count.ravel())
        begin = np.maximum(starts[months[month]], people.signup_at[customer])
        until = starts[months[month] + 1] - 1
        at = begin + (rng.random(size) * (until - begin)).astype(np.int64)
        if before:  # in the three weeks before they became customers
            at = people.signup_at[customer] - (rng.random(size) * 20 * DAY).astype(np.int64) - 60
        if touch is ONBOARDING:
            at = people.signup_at[customer] + (rng.random(size) * 25 * DAY).astype(np.int64)
        parts.append((customer, at, np.full(size, number)))
    customer, at, touch_number = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((touch_number, at, customer))
    customer, at, touch_number = customer[order], at[order], touch_number[order]
    table = _table(rng, people, contacts, every, customer, at, touch_number, chunk)
    late = rng.random(len(at)) < LATE
    return table, at + late * rng.integers(1, 8, len(at)) * DAY


def _table(
    rng: np.random.Generator,
    people: People,
    contacts: Contacts,
    every: tuple[Touch, ...],
    customer: Array,
    at: Array,
    number: Array,
    chunk: int,
) -> Table:
    size = len(at)
    which = (rng.random(size) * people.contact_count[customer]).astype(np.int64)
    contact = contacts.first[customer] + which
    contact = np.where(contacts.created[contact] > at, contacts.first[customer], contact)
    is_web = np.array([t.channel == "web" for t in every])[number]
    by_mail = is_web & (rng.random(size) < 0.3)  # web tracking knows people by e-mail
    objects = [name for t in every for name in t.objects]
    offsets = np.cumsum([0, *(len(t.objects) for t in every[:-1])])
    picked = (
        offsets[number]
        + rng.integers(0, 1000, size) % np.array([len(t.objects) for t in every])[number]
    )
    length = np.array([t.seconds or -1.0 for t in every])[number]
    most = np.array([t.most_quantity for t in every])[number]
    columns: dict[str, Table] = {
        "interaction_id": numbered("I", chunk * 10_000_000 + np.arange(size)),
        "customer_id": where(by_mail, None, numbered("contact-", contacts.number[contact])),
        "customer_email": where(
            by_mail, written_emails(contacts, contact, rng.random(size) < 0.1), None
        ),
        "occurred_at": times(at),
    }
    for name, field in (
        ("channel", "channel"),
        ("interaction_kind", "kind"),
        ("touchpoint", "touchpoint"),
        ("journey_stage", "stage"),
    ):
        columns[name] = pick([getattr(t, field) for t in every], number)
    columns |= {
        "object": pick(objects, picked),
        "direction": pick([t.direction for t in every], number),
        "duration_seconds": maybe(
            np.rint(length * np.exp(0.6 * rng.standard_normal(size))), length > 0
        ),
        "quantity": maybe(1 + (rng.random(size) * most).astype(np.int64), most > 1),
    }
    return pa.table(columns)
