"""The software company's support desk counted again in pandas, from its own file.

Nothing here reads the lake or the models. Unanswered and unresolved tickets count as still waiting
at the end of the last day of data; durations agree to the thousandth of a minute.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.conftest import Company, public_data

END_OF_DATA = pd.Timestamp("2025-01-01")


@pytest.fixture(scope="module")
def tickets() -> pd.DataFrame:
    path = public_data("ravenstack") / "ravenstack_support_tickets.csv"
    rows = pd.read_csv(path, parse_dates=["submitted_at"])
    rows["closed_at"] = pd.to_datetime(rows["closed_at"], format="mixed")
    rows["month"] = rows["submitted_at"].dt.to_period("M")
    return rows


def survival_quantile(waited: pd.Series, is_over: pd.Series, left: float) -> float:
    """Kaplan–Meier: the first length after which no more than `left` still wait."""
    still = 1.0
    for length in sorted(set(waited)):
        at_risk = (waited >= length).sum()
        still *= 1 - ((waited == length) & is_over).sum() / at_risk
        if still <= left + 1e-9:
            return float(length)
    return math.nan


def test_first_response_of_every_month(ravenstack: Company, tickets: pd.DataFrame) -> None:
    """Mean of the answered; median and 90th percentile with who still waits."""
    ours = ravenstack.query(
        "select month_date, ticket_count, replied_ticket_count, "
        "average_first_reply_time_calendar_minutes, "
        "first_reply_survival_median_calendar_minutes, first_reply_survival_p90_calendar_minutes "
        "from cx.fct_channel_service"
    )
    assert {pd.Timestamp(m).to_period("M") for m, *_ in ours} == set(tickets["month"])
    for month, *found in ours:
        of_month = tickets[tickets["month"] == pd.Timestamp(month).to_period("M")]
        reply = of_month["first_response_time_minutes"]
        so_far = (END_OF_DATA - of_month["submitted_at"]).dt.total_seconds() / 60
        waited = reply.fillna(so_far)
        true = [len(of_month), reply.count(), reply.mean()]
        true += [survival_quantile(waited, reply.notna(), left) for left in (0.5, 0.1)]
        assert found == pytest.approx(true, abs=0.001), month


def test_resolution_of_every_month(ravenstack: Company, tickets: pd.DataFrame) -> None:
    ours = ravenstack.query(
        "select month_date, solved_count, full_resolution_survival_calendar_count, "
        "full_resolution_survival_median_calendar_minutes, "
        "full_resolution_survival_p90_calendar_minutes from cx.fct_channel_service"
    )
    for month, *found in ours:
        of_month = tickets[tickets["month"] == pd.Timestamp(month).to_period("M")]
        minutes = (60 * of_month["resolution_time_hours"]).where(of_month["closed_at"].notna())
        so_far = (END_OF_DATA - of_month["submitted_at"]).dt.total_seconds() / 60
        waited = minutes.fillna(so_far)
        true = [of_month["closed_at"].notna().sum(), len(of_month)]
        true += [survival_quantile(waited, minutes.notna(), left) for left in (0.5, 0.1)]
        assert found == pytest.approx(true, abs=0.001), month


def test_satisfaction_of_every_month(ravenstack: Company, tickets: pd.DataFrame) -> None:
    """CSAT by the month the ticket was closed: 4 and 5 of 5 ÷ all scores."""
    ours = ravenstack.query(
        "select period_date, csat_answer_count, csat_good_count from cx.fct_satisfaction "
        "where period_kind = 'month' and survey_id = 'all' and csat_answer_count > 0"
    )
    scored = tickets[tickets["satisfaction_score"].notna()]
    month = scored["closed_at"].fillna(scored["submitted_at"]).dt.to_period("M")
    good = (scored["satisfaction_score"] >= 4).groupby(month)
    assert {pd.Timestamp(m).to_period("M"): (n, hits) for m, n, hits in ours} == {
        m: (n, good.sum()[m]) for m, n in good.size().items()
    }
