"""Groups of customers as SQL hands them to the fits."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from orchestration.lib.science import lifetime_fits

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]  # Fader & Hardie (2007), of 1,000
TENURE = ["period_count", "is_loss", "tenure_count", "left_months"]
PURCHASE = ["repeat_count", "recency_days", "observed_days", "customer_count"]
SPEND = ["spend_count", "mean_spend_amount", "customer_count"]
NOTHING = pd.DataFrame()


def table(columns: list[str], rows: list[tuple], segment: str = "all", least: int = 10):
    """Groups as SQL hands them over."""
    found = pd.DataFrame(rows, columns=columns).assign(fit="current", segment=segment)
    found = found.assign(minimum_event_count=least, discount_rate=0.1)
    if columns is TENURE:
        found = found.assign(period_months=12, horizon_months=36)
    if columns is PURCHASE:
        found = found.assign(horizon_days=365.25, training_for=None)
        found["recency_step"] = found["recency_days"].astype(int)
        found["observed_step"] = found["observed_days"].astype(int)
    return found


def empty(columns: list[str]) -> pd.DataFrame:
    return table(columns, [])


def fits(tenures=None, purchases=None, spend=None) -> pd.DataFrame:
    given = [
        empty(columns) if part is None else part
        for columns, part in ((TENURE, tenures), (PURCHASE, purchases), (SPEND, spend))
    ]
    return lifetime_fits.all_fits(*given).to_pandas()


def cohort(survivors: list[int], left: float = 12.0) -> list[tuple]:
    lost = [(age + 1, True, a - b, None) for age, (a, b) in enumerate(pairwise(survivors))]
    return [*lost, (len(survivors) - 1, False, survivors[-1], left)]
