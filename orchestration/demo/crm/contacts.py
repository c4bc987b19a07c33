"""Records of the CRM: companies, contacts, and how each tool refers to a customer.

Here: HubSpot-shaped rows and references. Not here: what customers do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo.base import phrases
from orchestration.demo.base.clock import DAY, NEVER, Array, Zone
from orchestration.demo.base.columns import Table, join, numbered, pick, to_minute, where
from orchestration.demo.population.people import ACQUISITION, CHANNELS, COUNTRIES, People

COMPANY_BASE, CONTACT_BASE = 10_000_000_000, 50_000_000_000
TLD = "example"
MAIL_DOMAINS = (f"mail.{TLD}", f"post.{TLD}", f"inbox.{TLD}")
PERSONAS = ("saver", "explorer", "expert", None)
STAGES = ("lead", "customer", "evangelist")
STATUSES = ("Connected", "In progress", None)
OWNERS = ("Team North", "Team South", "Team East")
LATER = 0.01  # share of contacts whose persona changes after the record was made


@dataclass(frozen=True)
class Contacts:
    """One entry per contact record; contacts of an account follow each other."""

    customer: Array  # position of the customer in the chunk
    number: Array  # HubSpot record id
    created: Array
    changed: Array  # when the persona changes; NEVER
    is_duplicate: Array
    first: Array  # per customer: position of its first contact
    second_record: Array  # per customer: number of the duplicate record, −1 none
    name: list[tuple[str, str]]
    email: list[str]  # as people write it: in any case, with blanks

    @property
    def size(self) -> int:
        """How many."""
        return len(self.customer)

    def clean_email(self) -> list[str]:
        """E-mails as the tools compare them."""
        return [email.strip().lower() for email in self.email]


def make_contacts(rng: np.random.Generator, people: People, last: int) -> Contacts:
    """Contacts of every customer; a duplicate is a second record with the same e-mail."""
    counts = people.contact_count + people.has_duplicate
    customer = np.repeat(np.arange(people.size), counts)
    first = np.cumsum(counts) - counts
    which = np.arange(len(customer)) - first[customer]
    duplicate = (which == 1) & people.has_duplicate[customer]
    number = CONTACT_BASE + people.index[customer] * 10 + np.where(duplicate, 9, which)
    later = rng.integers(1, 200, len(customer)) * DAY
    created = people.signup_at[customer] + np.where(which > 0, later, 0)
    created = np.where(created > last, people.signup_at[customer], created)
    changes = rng.random(len(customer)) < LATER
    names, emails = _names(rng, people, customer, which, duplicate)
    return Contacts(
        customer=customer,
        number=number,
        created=created,
        changed=np.where(changes, created + rng.integers(1, 400, len(customer)) * DAY, NEVER),
        is_duplicate=duplicate,
        first=first,
        second_record=np.where(people.has_duplicate, CONTACT_BASE + people.index * 10 + 9, -1),
        name=names,
        email=emails,
    )


def _names(
    rng: np.random.Generator, people: People, customer: Array, which: Array, duplicate: Array
) -> tuple[list[tuple[str, str]], list[str]]:
    one, two, style = (rng.integers(0, 1000, len(customer)).tolist() for _ in range(3))
    names: list[tuple[str, str]] = []
    emails: list[str] = []
    rows = zip(
        people.language[customer].tolist(),
        people.is_account[customer].tolist(),
        people.index[customer].tolist(),
        which.tolist(),
        duplicate.tolist(),
        strict=True,
    )
    for i, (language, is_account, index, number, again) in enumerate(rows):
        if again:
            names.append(names[-1])
            emails.append(emails[-1].strip().upper())
            continue
        firsts, lasts = phrases.FIRST_NAMES[language], phrases.LAST_NAMES[language]
        names.append((firsts[one[i] % len(firsts)], lasts[two[i] % len(lasts)]))
        domain = domain_of(index) if is_account else MAIL_DOMAINS[one[i] % 3]
        email = f"{phrases.ROMAN[one[i] % 10]}.{index}.{number}@{domain}"
        emails.append(email.title() if style[i] < 40 else f" {email} " if style[i] < 60 else email)
    return names, emails


def domain_of(index: int) -> str:
    """Web domain of an account."""
    return f"{phrases.COMPANY_WORDS[index % 9].lower()}-{index}.{TLD}"


def company_name(index: int) -> str:
    """Name of an account."""
    words, kinds = phrases.COMPANY_WORDS, phrases.COMPANY_KINDS
    return f"{words[index % 9]} {kinds[index // 9 % 8]} {index}"


def customer_references(people: People) -> Table:
    """Per customer: the id the other systems know it by."""
    account = numbered("company-", COMPANY_BASE + people.index)
    return where(people.is_account, account, numbered("contact-", CONTACT_BASE + people.index * 10))


def company_table(people: People, zone: Zone) -> Table:
    """HubSpot companies, one row per account."""
    at = np.flatnonzero(people.is_account)
    index = people.index[at]
    employees = 5 + (people.price[at] * 7 + index) % 900
    names = [company_name(i) for i in index.tolist()]
    return pa.table(
        {
            "Record ID": pa.array(COMPANY_BASE + index),
            "Company name": pa.array(names, pa.string()),
            "Website URL": pa.array([f"https://www.{domain_of(i)}" for i in index.tolist()]),
            "Company owner": pick(OWNERS, index % 3),
            "Create Date": to_minute(zone.local(people.signup_at[at])),
            "Industry": pick(phrases.INDUSTRIES, index // 9 % 8),
            "Number of Employees": pa.array(employees.astype(np.int64)),
            "Country/Region": pick(COUNTRIES, people.country[at]),
            "Original Source": pick(ACQUISITION, people.acquisition[at]),
            "Acquisition Cost": pa.array(people.acquisition_cost[at]),
            "Referred By ID": referrers(people, at),
            "Preferred Channel": pick(CHANNELS, people.preferred_channel[at]),
        }
    )


def contact_table(people: People, contacts: Contacts, zone: Zone, is_changed: Array) -> Table:
    """HubSpot contacts; those of an account name it."""
    at = contacts.customer
    account = people.is_account[at]
    company = np.where(account, COMPANY_BASE + people.index[at], -1)
    persona = (people.index[at] + is_changed) % 4
    phone = numbered("+1 202 555 ", 1000 + people.index[at] % 9000)
    names = pa.array([company_name(i) for i in people.index.tolist()]).take(pa.array(at))
    return pa.table(
        {
            "Record ID": pa.array(contacts.number),
            "First Name": pa.array([name[0] for name in contacts.name], pa.string()),
            "Last Name": pa.array([name[1] for name in contacts.name], pa.string()),
            "Email": pa.array(contacts.email, pa.string()),
            "Phone Number": phone,
            "Lead Status": pick(STATUSES, people.index[at] % 3),
            "Create Date": to_minute(zone.local(contacts.created)),
            "Associated Company": where(account, names, None),
            "Country/Region": pick(COUNTRIES, people.country[at]),
            "Contact owner": pick(OWNERS, people.index[at] % 3),
            "Lifecycle Stage": pick(STAGES, 1 + (people.index[at] % 11 == 0)),
            "Original Source": pick(ACQUISITION, people.acquisition[at]),
            "Associated Company IDs": numbered("", company),
            "Acquisition Cost": pa.array(people.acquisition_cost[at], mask=account),
            "Referred By ID": where(account, None, referrers(people, at)),
            "Preferred Channel": pick(CHANNELS, people.preferred_channel[at]),
            "Persona": pick(PERSONAS, persona),
        }
    )


def referrers(people: People, at: Array) -> Table:
    """The id of whoever referred each customer; null for most."""
    chosen = people.referrer[at]
    known = np.where(chosen < 0, 0, chosen)
    return where(chosen >= 0, customer_references(people).take(pa.array(known)), None)


def written_emails(contacts: Contacts, rows: Array, is_messy: Array) -> Table:
    """E-mails of contacts as a tool exports them: some in capitals and with a blank."""
    clean = pa.array(contacts.clean_email(), pa.string()).take(pa.array(rows))
    messy = join(pa.compute.utf8_upper(clean), pa.array([" "] * len(rows)))
    return where(is_messy, messy, clean)
