"""Surveys: a quarterly relationship NPS and an effort question after solved tickets.

Answers are noisy readings of satisfaction. Here: invitations and answers. Not here: ratings inside
the support desk (`tickets`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo.base import phrases
from orchestration.demo.base.clock import DAY, HISTORY, NEVER, Array, Clock, Zone
from orchestration.demo.base.columns import Table, numbered, pick, times
from orchestration.demo.crm.contacts import Contacts
from orchestration.demo.population.people import LANGUAGES, People
from orchestration.demo.population.world import World
from orchestration.demo.support.ticket_rows import local
from orchestration.demo.support.tickets import Tickets, is_generic

NPS, CES = "relationship-nps", "ticket-ces"
SURVEYS = (NPS, CES)
QUESTIONS = {
    NPS: "How likely are you to recommend us\nto a friend or colleague?",
    CES: "The company made it easy for me to handle my issue.",
}
ACCOUNT_ZONE = "America/New_York"
COLUMNS = {  # heading of row 1: text of row 2, import id of row 3
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "IPAddress": ("IP Address", "ipAddress"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "RecipientLastName": ("Recipient Last Name", "recipientLastName"),
    "RecipientFirstName": ("Recipient First Name", "recipientFirstName"),
    "RecipientEmail": ("Recipient Email", "recipientEmail"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
    "LocationLatitude": ("Location Latitude", "locationLatitude"),
    "LocationLongitude": ("Location Longitude", "locationLongitude"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
    "Q1": ("", "QID1"),
    "Q2": ("Please tell us why.", "QID2_TEXT"),
    "TicketId": ("TicketId", "TicketId"),  # embedded data, as the next one is
    "FollowUpDate": ("FollowUpDate", "FollowUpDate"),
}


@dataclass(frozen=True)
class Invitations:
    """One entry per survey sent."""

    number: Array
    survey: Array  # 0 NPS, 1 CES
    contact: Array
    customer: Array
    ticket: Array  # −1 none
    sent: Array
    opened: Array
    started: Array
    completed: Array
    is_bounced: Array
    score: Array
    mood: Array


def make_invitations(
    rng: np.random.Generator,
    people: People,
    contacts: Contacts,
    world: World,
    tickets: Tickets,
    who: Array,
    clock: Clock,
    chunk: int,
) -> Invitations:
    """Everything sent in the window, answered or not."""
    months = np.arange(HISTORY, clock.total)
    turn = (months[:, None] + people.index) % 3 == 0
    month, customer = np.nonzero(turn & world.is_active[months])
    sent = clock.starts()[months[month]] + rng.integers(8 * 3600, 25 * DAY, len(month))
    asked = sent > people.signup_at[customer]
    month, customer, sent = month[asked], customer[asked], sent[asked]
    feeling = world.satisfaction[months[month], customer]
    size = len(month)
    nps = np.clip(np.rint(7.3 + 1.5 * feeling + 1.3 * rng.standard_normal(size)), 0, 10)
    first = tickets.at["solved"]
    after = np.flatnonzero((first < NEVER) & (who >= 0))
    effort = (
        4.9
        + 0.5 * tickets.satisfaction[after]
        + 0.9 * tickets.outcome[after]
        - 0.6 * is_generic(tickets)[after]
        + 0.8 * rng.standard_normal(len(after))
    )
    ces = np.clip(np.rint(effort), 1, 7)
    survey = np.concatenate([np.zeros(size, int), np.ones(len(after), int)])
    every = len(survey)
    at = np.concatenate([sent, first[after] + 3600])
    lag = (3600 * np.exp(1.5 * rng.standard_normal(every))).astype(np.int64) + 60
    answers = rng.random(every) < np.where(survey == 0, 0.40, 0.42)
    bounced = ~answers & (rng.random(every) < 0.02)
    opens = answers | (~bounced & (rng.random(every) < 0.35))
    starts = answers | (opens & (rng.random(every) < 0.08))
    score = np.concatenate([nps, ces])
    mood = np.where(
        survey == 0,
        (score >= 7).astype(int) + (score >= 9),
        (score >= 4).astype(int) + (score >= 6),
    )
    return Invitations(
        number=chunk * 10_000_000 + np.arange(every),
        survey=survey,
        contact=np.concatenate([contacts.first[customer], who[after]]),
        customer=np.concatenate([customer, tickets.customer[after]]),
        ticket=np.concatenate([np.full(size, -1), tickets.number[after]]),
        sent=at,
        opened=np.where(opens, at + lag, NEVER),
        started=np.where(starts, at + lag + 30, NEVER),
        completed=np.where(answers, at + lag + 30 + rng.integers(20, 600, every), NEVER),
        is_bounced=bounced,
        score=score,
        mood=mood,
    )


def invitation_table(contacts: Contacts, sent: Invitations, shown_until: Array) -> Table:
    """Rows of the invitations file; what came later than `shown_until` does not show."""

    def shown(moments: Array) -> Table:
        return times(np.where(moments <= shown_until, moments, NEVER))

    return pa.table(
        {
            "invitation_id": numbered("N", sent.number),
            "survey_id": pick(SURVEYS, sent.survey),
            "customer_id": numbered("contact-", contacts.number[sent.contact]),
            "channel": pick(("email",), 0 * sent.survey),
            "sent_at": times(sent.sent),
            "opened_at": shown(sent.opened),
            "started_at": shown(sent.started),
            "completed_at": shown(sent.completed),
            "is_bounced": pa.array(sent.is_bounced),
            "ticket_id": numbered("", sent.ticket),
        }
    )


def answer_table(
    rng: np.random.Generator,
    people: People,
    contacts: Contacts,
    sent: Invitations,
    survey: int,
    zone: Zone,
) -> tuple[Table, Array, Array]:
    """Qualtrics rows of the answers to one survey, when they were recorded, whose they are."""
    rows = np.flatnonzero((sent.survey == survey) & (sent.completed < NEVER))
    contact = sent.contact[rows]
    language = people.language[sent.customer[rows]]
    emails = [contacts.email[i] for i in contact.tolist()]
    says = rng.random(len(rows)) < 0.45
    words = phrases.feedback(rng, language, sent.mood[rows], [e.strip() for e in emails])
    comments = pa.array(words, pa.string())
    started, completed = sent.started[rows], sent.completed[rows]
    empty = pa.array([None] * len(rows), pa.string())
    size = len(rows)
    table = pa.table(
        {
            "StartDate": local(zone, started),
            "EndDate": local(zone, completed),
            "Status": pick(("IP Address",), np.zeros(size, int)),
            "IPAddress": empty,
            "Progress": pa.array(np.full(size, 100)),
            "Duration (in seconds)": pa.array(completed - started),
            "Finished": pick(("True",), np.zeros(size, int)),
            "RecordedDate": local(zone, completed + 1),
            "ResponseId": numbered("R_", sent.number[rows]),
            "RecipientLastName": pa.array(
                [contacts.name[i][1] for i in contact.tolist()], pa.string()
            ),
            "RecipientFirstName": pa.array(
                [contacts.name[i][0] for i in contact.tolist()], pa.string()
            ),
            "RecipientEmail": pa.array(emails, pa.string()),
            "ExternalReference": numbered("contact-", contacts.number[contact]),
            "LocationLatitude": empty,
            "LocationLongitude": empty,
            "DistributionChannel": pick(("email",), np.zeros(size, int)),
            "UserLanguage": pick([code.upper() for code in LANGUAGES], language),
            "Q1": pa.array(sent.score[rows].astype(np.int64)),
            "Q2": pa.compute.if_else(pa.array(says), comments, pa.scalar(None, pa.string())),
            "TicketId": numbered("", sent.ticket[rows]),
        }
    )
    return table, completed + 1, rows


def with_follow_ups(table: Table, zone: Zone, moments: Array, shown: Array) -> Table:
    """The same rows with the day somebody went back, where the export shows it by then."""
    return table.append_column("FollowUpDate", local(zone, np.where(shown, moments, NEVER)))


def heading_rows(survey: str) -> tuple[str, str]:
    """Rows 2 and 3 of the export: question texts, and import ids with the time zone."""
    texts, ids = [], []
    for name, (text, import_id) in COLUMNS.items():
        shown = QUESTIONS[survey] if name == "Q1" else text
        zone = (
            f',"timeZone":"{ACCOUNT_ZONE}"' if name.endswith("Date") and name != import_id else ""
        )
        texts.append('"' + shown.replace('"', '""') + '"')
        ids.append('"' + f'{{"ImportId":"{import_id}"{zone}}}'.replace('"', '""') + '"')
    return ",".join(texts), ",".join(ids)
