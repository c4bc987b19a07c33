"""What a night says of closed months is what a later night says of them, if no late row comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import Company, company

EARLY, LATE = date(2024, 6, 30), date(2025, 6, 30)
SALES = "transaction_id,customer_id,occurred_at,transaction_kind,product,amount,currency\n"
USES = "interaction_id,customer_id,occurred_at,channel,interaction_kind\n"
# Everything that says who was active, came and went, and how many that makes.
TABLES = {
    "fct_customer_months": "* exclude (is_closed_month)",
    "fct_churn": "*",
    "fct_churn_reasons": "*",
    "fct_segment_roi": "*",
    "fct_cohort_value": "*",
}
PERIODS = {"fct_churn": "period", "fct_churn_reasons": "period", "fct_segment_roi": "period"}


def days(number: int) -> Iterator[date]:
    """A customer buys every 40 to 69 days; from July 2024 on half as often."""
    day = date(2022, 1, 3) + timedelta(days=number % 200)
    while day <= LATE:
        yield day
        pause = 40 + (number * 7 + day.toordinal()) % 30
        day += timedelta(days=pause * (2 if day > EARLY - timedelta(days=40) else 1))


def drop(landing: Path, day: date, entity: str, heading: str, rows: list[str]) -> None:
    target = landing / "native" / str(day)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{entity}.csv").write_text(heading + "\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A shop of 60 persons, a third of them gone after a while; use on record since 2023-10."""
    shop = company(tmp_path_factory.mktemp("shop"))
    landing = shop.home / "landing"
    sold = [
        (day, f"{n}-{day},c{n},{day} 10:00:00,sale,tea,{10 + n},USD")
        for n in range(60)
        for day in days(n)
        if n % 3 or day < date(2023, 1, 1) + timedelta(days=15 * n)
    ]
    used = [
        (day, f"u{n}-{day},c{n},{day} 09:00:00,app,product_use")
        for n in range(0, 60, 3)
        for day in (date(2023, 10, 5) + timedelta(days=20 * k) for k in range(32))
    ]
    drop(
        landing,
        EARLY,
        "customers",
        "customer_id,customer_kind\n",
        [f"c{n},person" for n in range(60)],
    )
    for entity, heading, rows in (("transactions", SALES, sold), ("interactions", USES, used)):
        drop(landing, EARLY, entity, heading, [row for day, row in rows if day <= EARLY])
        drop(landing, LATE, entity, heading, [row for day, row in rows if day > EARLY])
    return shop


def closed(shop: Company, table: str) -> list[tuple]:
    """Every row of a period that had ended on the early day."""
    columns = TABLES[table]
    if table in PERIODS:
        ended = (
            "period_date + case period_kind when 'month' then interval 1 month "
            "else interval 3 month end <= date '2024-07-01'"
        )
    elif table == "fct_cohort_value":
        ended = "cohort_month_date + to_months(months_since_start) < date '2024-07-01'"
    else:
        ended = "month_date <= date '2024-06-01'"
    return shop.query(f"select {columns} from cx.{table} where {ended} order by all")


def test_a_later_night_says_the_same_of_closed_months(shop: Company) -> None:
    shop.cxroi("run", "--date", str(EARLY))
    then = {table: closed(shop, table) for table in TABLES}
    rules = "select distinct inactivity_window_days, activity_evidence from cx.fct_customer_months "
    known_then = set(shop.query(rules + "where activity_rule = 'inactivity_window'"))

    # a year in one step moves the headlines
    shop.cxroi("run", "--date", str(LATE), "--accept", "metric_drift=a year has passed")

    # the year after has another window: taken from all data it would have moved the past
    known_later = set(shop.query(rules + "where activity_rule = 'inactivity_window'"))
    assert known_then < known_later
    assert {evidence for _, evidence in known_then} == {"purchases", "purchases_and_use"}
    assert shop.value("select sum(lost_count) from cx.fct_churn where segmentation = 'all'")
    for table, rows in then.items():
        assert rows
        assert closed(shop, table) == rows, table
    assert shop.query("select * from cx.restatements") == []
