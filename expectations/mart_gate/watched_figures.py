"""Gate 2: figures people act on, against their own past.

Whole exports can be wrong and plausible: all sales again under new ids, scores turned round, hours
of another zone, costs in cents, rates upside down. No rule about a row sees it; the figures do.
Here: what is watched, the past as it reads tonight beside what was published of it, and what is new
beside the weeks before it. Not here: how many rows came (`lake_gate.volume`) or are gone (`drift`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, inf, log, sqrt
from pathlib import Path
from statistics import median
from typing import Literal, NamedTuple

import duckdb

from expectations.checks.model import CheckResult, verdict
from expectations.mart_gate.mart_suite import GATE

RESTATED, UNUSUAL = "restated_figures", "unusual_figures"
Key = tuple[str, str]  # figure, group


class Limits(NamedTuple):
    """How far a mean may move: beyond `warn` it is said, beyond `stop` it is not published.

    Of what was published before, and of what is new, which moves by itself. On the figure's scale;
    of logarithms log(1.5) is half as much again.
    """

    past_warn: float
    past_stop: float
    new_warn: float
    new_stop: float


# Means of what is in logarithms are geometric. Seen: published means of a year move by under 1 % a
# night, means of a new day by a tenth of an amount, five points of a score and a few per cent of a
# share, however many rows carry them.
AMOUNT = Limits(log(1.05), log(1.25), log(1.5), log(3))
RATE = Limits(log(1.02), log(1.1), log(1.1), log(1.5))  # of exchange: 10 % in a day is a crisis
SCORE = Limits(2, 8, 10, 20)
SHARE = Limits(0.03, 0.1, 0.15, 0.3)
REPLY = Limits(log(1.1), log(1.5), log(3), log(10))
# Rows of the past: late ones come, a per cent or two. A second time all of them is no late row.
MORE_ROWS = (1.1, 1.4)
SURE, VERY_SURE = 4.0, 6.0  # standard errors of what is new: to warn, to stop
FEWEST = 20  # rows below which a group says nothing
BASE_DAYS, BASE_MONTHS = 56, 12
SAME_WEEKDAYS = 4  # so many of them before a day is held against its weekday alone
PAST_DAYS = 365


@dataclass(frozen=True)
class Watched:
    """One figure: groups, days and values of its rows, by a query on the published tables."""

    name: str
    table: str
    meaning: str
    limits: Limits
    query: str
    period: Literal["day", "month"] = "day"
    is_of_the_past: bool = False  # what is new says nothing yet

    def shown(self, mean: float) -> str:
        """A mean as a person reads it."""
        return f"{mean:.3g}" if self.limits in (SCORE, SHARE) else f"{exp(mean):.4g}"


MONTHS = """
    select 'all' as grouped, month_date as day, {} as value
    from cx.fct_customer_months where is_closed_month
    group by month_date
"""
FIGURES = (
    Watched(
        "amount",
        "fct_transactions",
        "amount of a transaction",
        AMOUNT,
        """
        select concat_ws(' ', transaction_kind, currency) as grouped, business_date as day,
            ln(nullif(gross_revenue_amount + refund_amount + payment_amount, 0)) as value
        from cx.fct_transactions
        """,
    ),
    Watched(
        "exchange_rate",
        "fct_transactions",
        "rate of exchange",
        RATE,
        """
        select currency as grouped, business_date as day, ln(nullif(rate_to_reporting, 0)) as value
        from cx.fct_transactions where rate_to_reporting <> 1
        """,
    ),
    Watched(
        "mrr",
        "fct_contracts",
        "monthly amount of a contract",
        AMOUNT,
        """
        select contract_kind as grouped, start_date as day, ln(nullif(mrr_amount, 0)) as value
        from cx.fct_contracts
        """,
    ),
    Watched(
        "ended_contracts",
        "fct_contracts",
        "share of contracts with an end",
        SHARE,
        """
        select contract_kind as grouped, start_date as day,
            case when is_open then 0 else 1 end as value
        from cx.fct_contracts
        """,
        is_of_the_past=True,
    ),
    Watched(
        "score",
        "fct_survey_responses",
        "mean score, 0 to 100",
        SCORE,
        """
        select concat_ws(' ', source_system, survey_kind) as grouped, business_date as day,
            score_normalised as value
        from cx.fct_survey_responses
        """,
    ),
    Watched(
        "opened_by_day",
        "fct_tickets",
        "share of tickets opened between 8 and 20 hours UTC",
        SHARE,
        """
        select source_system as grouped, opened_date as day,
            case when hour(created_at) between 8 and 19 then 1 else 0 end as value
        from cx.fct_tickets
        """,
    ),
    Watched(
        "first_reply",
        "fct_tickets",
        "minutes to the first reply",
        REPLY,
        """
        select source_system as grouped, opened_date as day,
            ln(1 + first_reply_time_calendar_minutes) as value
        from cx.fct_tickets
        """,
        is_of_the_past=True,
    ),
    Watched(
        "support_cost",
        "fct_customer_months",
        "support cost of a ticket in a month",
        AMOUNT,
        MONTHS.format(
            "ln(nullif(cast(sum(support_cost_amount) as double), 0) / nullif(sum(ticket_count), 0))"
        ),
        period="month",
    ),
    Watched(
        "cost_of_sales",
        "fct_customer_months",
        "cost of sales to gross revenue of a month",
        AMOUNT,
        MONTHS.format(
            "ln(nullif(cast(sum(cost_of_sales_amount) as double), 0)"
            " / nullif(cast(sum(gross_revenue_amount) as double), 0))"
        ),
        period="month",
    ),
)


class Moments(NamedTuple):
    """Number of values, their sum and sum of squares."""

    rows: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """Of the values."""
        return self.total / self.rows

    @property
    def variance(self) -> float:
        """Between the values, not below 0."""
        return max(self.squares / self.rows - self.mean**2, 0.0)


Days = Mapping[date, Moments]
Stats = Mapping[Key, Days]


class Odd(NamedTuple):
    """A group that is not what it was."""

    watched: Watched
    group: str
    check_name: str
    is_stop: bool
    text: str


def stats_of(database: Path, as_of_date: date) -> dict[Key, dict[date, Moments]]:
    """Figures by group and day of the past year, of a warehouse file; of tables it has."""
    first = as_of_date - timedelta(days=PAST_DAYS)
    found: dict[Key, dict[date, Moments]] = defaultdict(dict)
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'cx'"
        ).fetchall()
        for watched in FIGURES:
            if (watched.table,) not in tables:
                continue
            rows = connection.execute(
                "select grouped, day, count(*), sum(value), sum(value * value) from ("
                f"select grouped, day, cast(value as double) as value from ({watched.query})"
                ") where value is not null and day between ? and ?"
                " group by grouped, day",
                [first, as_of_date],
            ).fetchall()
            for group, day, *moments in rows:
                found[watched.name, str(group)][day] = Moments(*moments)
    return found


def odd_figures(
    before: Stats,
    now: Stats,
    published_day: date,
    levels: Mapping[Key, date],
) -> list[Odd]:
    """What is not as it was: published days that read otherwise, new ones unlike those before.

    `levels`: from which day on a group has the level a person has vouched for.
    """
    return [
        odd
        for watched in FIGURES
        for group in sorted({g for name, g in now if name == watched.name})
        for odd in _of_group(
            watched,
            group,
            before.get((watched.name, group), {}),
            now[watched.name, group],
            published_day,
            levels.get((watched.name, group)),
        )
    ]


def checks(odd: Sequence[Odd]) -> list[CheckResult]:
    """One check per table for what was published, and one for what is new."""
    found = []
    for table in dict.fromkeys(watched.table for watched in FIGURES):
        watched = [w for w in FIGURES if w.table == table]
        for name, description in (
            (RESTATED, "What was published of the past moves by late rows, not by a new reading"),
            (UNUSUAL, "New rows unlike all before them are looked at before they are believed"),
        ):
            mine = [o for o in odd if o.watched.table == table and o.check_name == name]
            mine.sort(key=lambda o: not o.is_stop)
            is_stop = any(o.is_stop for o in mine)
            found.append(
                verdict(
                    GATE,
                    table,
                    name,
                    [o.text for o in mine],
                    checked=", ".join(w.meaning for w in watched),
                    expected="as published, but for late rows"
                    if name == RESTATED
                    else "as in the weeks or months before",
                    description=description,
                    severity="error" if is_stop or not mine else "warning",
                )
            )
    return found


def new_levels(
    levels: Mapping[Key, date], odd: Sequence[Odd], published_day: date, accepted: Collection[str]
) -> dict[Key, date]:
    """Levels from tomorrow on: what was accepted tonight is what is usual from its first day on."""
    if UNUSUAL not in accepted:
        return dict(levels)
    first = published_day + timedelta(days=1)
    return dict(levels) | {(o.watched.name, o.group): first for o in odd if o.check_name == UNUSUAL}


def _of_group(
    watched: Watched, group: str, before: Days, now: Days, published_day: date, level: date | None
) -> Iterator[Odd]:
    # A month is new when it is closed, which is after its first day.
    is_month = watched.period == "month"
    past = {d: m for d, m in now.items() if (d in before if is_month else d <= published_day)}
    new = {day: m for day, m in now.items() if day not in past}
    if before and past and (said := _restated(watched, pooled(before), pooled(past))):
        yield Odd(watched, group, RESTATED, said[0], f"{watched.meaning}, {group}: {said[1]}")
    if new and not watched.is_of_the_past:
        base = _base(watched, past, new, level)
        if base and (said := _unusual(watched, base, new)):
            yield Odd(watched, group, UNUSUAL, said[0], f"{watched.meaning}, {group}: {said[1]}")


def _restated(watched: Watched, then: Moments, now: Moments) -> tuple[bool, str] | None:
    """Whether to stop, and what moved; None where nothing did."""
    limits, fewest = watched.limits, FEWEST if watched.period == "day" else 1
    if then.rows < fewest:
        return None
    moved = abs(now.mean - then.mean)
    growth = now.rows / then.rows
    if growth > MORE_ROWS[0]:
        is_stop = growth > MORE_ROWS[1]
        return is_stop, f"{then.rows:,} rows published of the past year, now {now.rows:,}"
    if moved <= limits.past_warn:
        return None
    values = f"{watched.shown(then.mean)} published, now {watched.shown(now.mean)}"
    return moved > limits.past_stop, f"{values}, of the same days"


def _base(watched: Watched, past: Days, new: Days, level: date | None) -> dict[date, Moments]:
    """The days to hold new ones against: since the level changed, of the same weekdays if known."""
    first_new = min(new)
    if watched.period == "month":
        earlier = sorted(past)[-BASE_MONTHS:]
    else:
        earlier = [d for d in past if d >= first_new - timedelta(days=BASE_DAYS)]
    base = {day: past[day] for day in earlier if level is None or day >= level}
    if watched.period == "day":
        weekdays = {day.weekday() for day in new}
        same = {day: m for day, m in base.items() if day.weekday() in weekdays}
        if len(same) >= SAME_WEEKDAYS * len(weekdays) and pooled(same).rows >= FEWEST:
            return same
    return base


def _unusual(watched: Watched, base: Days, new: Days) -> tuple[bool, str] | None:
    """The mean of what is new against the base, in errors that let days differ as they do."""
    fewest = FEWEST if watched.period == "day" else BASE_MONTHS // 2
    known, found = pooled(base), pooled(new)
    if known.rows < fewest:
        return None
    limits, moved = watched.limits, abs(found.mean - known.mean)
    means = [m.mean for m in base.values()]
    middle = median(means)
    between = (1.4826 * median(abs(mean - middle) for mean in means)) ** 2
    chance = known.variance * sum(1 / m.rows for m in base.values()) / len(base)
    days_differ = max(between - chance, 0.0) * (1 / len(new) + 1 / len(base))
    error = sqrt(known.variance * (1 / found.rows + 1 / known.rows) + days_differ)
    errors = moved / error if error else inf
    if moved <= limits.new_warn or errors <= SURE:
        return None
    rows = "rows" if watched.period == "day" else "months"
    values = (
        f"{watched.shown(found.mean)} in {found.rows:,} new {rows}, "
        f"{watched.shown(known.mean)} in {known.rows:,} before"
    )
    is_stop = moved > limits.new_stop and errors > VERY_SURE
    return is_stop, f"{values} ({min(errors, 999):.0f} errors apart)"


def pooled(days: Days) -> Moments:
    """Of all days together."""
    return Moments(*(sum(values) for values in zip(*days.values(), strict=True)))
