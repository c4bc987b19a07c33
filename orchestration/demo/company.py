"""Writes the demo company: chunk by chunk, so that memory does not grow with its customers.

Here: the call, and the files that are not about single customers. Not here: lives and rows
(`chunk`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.demo.base.clock import DAY, HISTORY, BusinessHours, Clock, Zone, seconds
from orchestration.demo.chunk import HUBSPOT_ZONE, Chunk, Company
from orchestration.demo.extracts import reference_data
from orchestration.demo.extracts.drops import Drops
from orchestration.demo.extracts.kinds import native
from orchestration.demo.population.money import exchange_rates
from orchestration.demo.population.programmes import enrolment_months
from orchestration.demo.support import ticket_rows
from orchestration.demo.survey import surveys
from orchestration.demo.truth.truth import Truth

CHUNK = 5000  # customers at a time; part of what a seed means


@dataclass(frozen=True)
class DemoSummary:
    """What was written."""

    files: int
    rows: int
    customers: int


def write_demo(
    landing: Path,
    truth: Path,
    customers: int,
    months: int,
    seed: int,
    nights: int = 5,
    end: date = date(2025, 12, 31),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DemoSummary:
    """Write extracts of `months` months up to `end`, and the truth about them.

    The first drop is whole; `nights` more hold what is new or changed each day. The same arguments
    give the same files, byte for byte. `progress` is told how many customers of how many are done.
    """
    company = _company(landing, truth, Clock(end, months), seed, nights)
    try:
        for number, first in enumerate(range(0, customers, CHUNK)):
            size = min(CHUNK, customers - first)
            Chunk(company, number, first, size).write()
            progress(first + size, customers)
        _reference_files(company)
    finally:
        company.drops.close()
    counts = {name: dict(counted) for name, counted in sorted(company.drops.counts.items())}
    settings = {
        "customers": customers,
        "months": months,
        "seed": seed,
        "nights": nights,
        "end": end.isoformat(),
    }
    company.truth.write(settings, counts)
    return DemoSummary(len(counts), sum(c["rows"] for c in counts.values()), customers)


def _company(landing: Path, truth: Path, clock: Clock, seed: int, nights: int) -> Company:
    first, last = seconds(clock.month(HISTORY)) - DAY, seconds(clock.end) + 200 * DAY
    rates = exchange_rates(seed, clock)
    return Company(
        seed,
        clock,
        Drops(landing, clock.end, nights, seed),
        Truth(truth, clock, rates),
        rates,
        BusinessHours(first, last),
        {
            "crm": Zone(HUBSPOT_ZONE, seconds(clock.month(0)), last),
            "desk": Zone(ticket_rows.ACCOUNT_ZONE, first, last),
            "survey": Zone(surveys.ACCOUNT_ZONE, first, last),
        },
    )


def _reference_files(company: Company) -> None:
    drops, clock, truth = company.drops, company.clock, company.truth
    for name, table in (
        ("schedules", reference_data.schedules()),
        ("holidays", reference_data.holiday_table(clock)),
        ("surveys", reference_data.surveys()),
        ("programmes", reference_data.programmes(clock.month(enrolment_months(clock).start))),
    ):
        drops.add_twice(native(name), table)
    for name, (table, at) in (
        ("exchange_rates", reference_data.exchange_rate_table(clock, company.rates)),
        ("support_expenses", reference_data.expense_table(clock, truth.ledger())),
        ("programme_costs", reference_data.programme_cost_table(clock, truth.effects.costs())),
    ):
        drops.add(native(name), table, drops.drop_of(at))
