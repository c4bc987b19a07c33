"""Files that come from people rather than from customers' lives: programmes, ledgers, schedules.

Here: rows. Not here: how the sums in them come about (`truth`).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from orchestration.demo.base.clock import (
    CLOSES,
    DAY,
    DESK_ZONE,
    HISTORY,
    HOLIDAYS,
    OPENS,
    Array,
    Clock,
    holidays,
    seconds,
)
from orchestration.demo.base.columns import Table, days, numbered, pick, times, where
from orchestration.demo.population.people import CURRENCIES, People
from orchestration.demo.population.programmes import NOBODY, PROGRAMMES, Enrolments
from orchestration.demo.survey.surveys import CES, NPS, QUESTIONS

EXPENSES = (("people", 0.72), ("tools", 0.12), ("premises", 0.10), ("training", 0.06))
COSTS = (("people", 0.6), ("tools", 0.4))


def schedules() -> Table:
    """Monday to Friday, nine to six."""
    week = np.arange(1, 6)
    return pa.table(
        {
            "schedule_id": pa.array(["default"] * 5),
            "weekday": pa.array(week),
            "opens_at_minute": pa.array(np.full(5, OPENS)),
            "closes_at_minute": pa.array(np.full(5, CLOSES)),
            "time_zone": pa.array([DESK_ZONE] * 5),
            "valid_from": pa.array([date(2015, 1, 1)] * 5),
        }
    )


def holiday_table(clock: Clock) -> Table:
    """The desk's closed days from the window's first year to the year after the end."""
    closed = holidays(seconds(clock.month(HISTORY)), seconds(clock.end) + 300 * DAY)
    return pa.table(
        {
            "schedule_id": pa.array(["default"] * len(closed)),
            "holiday_date": pa.array(closed),
            "name": pa.array([HOLIDAYS[day.month, day.day] for day in closed]),
        }
    )


def surveys() -> Table:
    """The two surveys of the survey tool."""
    return pa.table(
        {
            "survey_id": pa.array([NPS, CES]),
            "name": pa.array(["Relationship survey", "Effort after a ticket"]),
            "survey_kind": pa.array(["nps", "ces"]),
            "survey_scope": pa.array(["relationship", "transactional"]),
            "scale_min": pa.array([0, 1]),
            "scale_max": pa.array([10, 7]),
            "is_higher_better": pa.array([True, True]),
            "question": pa.array([QUESTIONS[NPS].replace("\n", " "), QUESTIONS[CES]]),
            "has_send_list": pa.array([True, True]),
        }
    )


def programmes(first_month: date) -> Table:
    """The three programmes."""
    return pa.table(
        {
            "programme_id": pa.array([p.programme_id for p in PROGRAMMES]),
            "name": pa.array([p.name for p in PROGRAMMES]),
            "description": pa.array([p.description for p in PROGRAMMES]),
            "start_date": pa.array([first_month] * len(PROGRAMMES)),
            "assignment": pa.array([p.assignment for p in PROGRAMMES]),
            "planned_treated_share": pa.array(
                [1 - p.control_share if p.control_share else None for p in PROGRAMMES], pa.float64()
            ),
            "eligibility_rule": pa.array([p.eligibility_rule for p in PROGRAMMES]),
            "target_metric": pa.array(["monthly contribution per customer"] * len(PROGRAMMES)),
            "updated_at": times(np.full(len(PROGRAMMES), seconds(first_month))),
        }
    )


def enrolment_table(
    people: People, enrolments: Enrolments, at: Array, references: Table
) -> tuple[Table, Array]:
    """Everybody a programme took or left out at random, and since when."""
    rows = np.flatnonzero(enrolments.programme != NOBODY)
    programme = enrolments.programme[rows]
    is_randomised = np.array([p.assignment == "randomised" for p in PROGRAMMES])[programme]
    table = pa.table(
        {
            "enrolment_id": numbered("E", people.index[rows]),
            "programme_id": pick([p.programme_id for p in PROGRAMMES], programme),
            "customer_id": references.take(pa.array(rows)),
            "arm": pick(("control", "treated"), enrolments.is_treated[rows].astype(int)),
            "enrolled_at": times(at[rows]),
            "assigned_by": where(is_randomised, "lottery", "rule"),
            "updated_at": times(at[rows]),
        }
    )
    return table, at[rows]


def exchange_rate_table(clock: Clock, rates: Array) -> tuple[Table, Array]:
    """One rate a month for each foreign currency."""
    month, currency = np.nonzero(np.ones((clock.total, len(CURRENCIES)))[:, 1:])
    moments = clock.starts()[month]
    texts = [
        f"{rates[m, c + 1]:.8f}" for m, c in zip(month.tolist(), currency.tolist(), strict=True)
    ]
    table = pa.table(
        {
            "rate_date": days(moments),
            "from_currency": pick(CURRENCIES[1:], currency),
            "to_currency": pick(("USD",), 0 * currency),
            "rate": pa.array(texts),
        }
    )
    return table, moments


def expense_table(clock: Clock, ledger: Array) -> tuple[Table, Array]:
    """The support ledger: four kinds that add up to the month, booked on its last day."""
    return _split(clock, ledger[None, :], EXPENSES, "expense", None)


def programme_cost_table(clock: Clock, costs: Array) -> tuple[Table, Array]:
    """Costs of the programmes, booked at the end of each month."""
    return _split(clock, costs, COSTS, "cost", [p.programme_id for p in PROGRAMMES])


def _split(
    clock: Clock,
    amounts: Array,
    shares: tuple[tuple[str, float], ...],
    word: str,
    names: list[str] | None,
) -> tuple[Table, Array]:
    row, month = np.nonzero(amounts > 0)
    cents = np.rint(amounts[row, month] * 100).astype(np.int64)
    starts = clock.starts()
    parts, left = [], cents.copy()
    for number, (kind, share) in enumerate(shares):
        part = left if number == len(shares) - 1 else np.floor(cents * share).astype(np.int64)
        left = left - part
        columns = {} if names is None else {"programme_id": pick(names, row)}
        columns |= {
            f"{word}_month": days(starts[month]),
            f"{word}_kind": pick((kind,), 0 * row),
            "amount": pa.array(np.round(part / 100, 2)),
            "currency": pick(("USD",), 0 * row),
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts), np.tile(starts[month + 1] - 1, len(shares))
