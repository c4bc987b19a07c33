"""Tonight's tables beside the published ones: what moved too far."""

from __future__ import annotations

import pytest

from expectations.checks.thresholds import HISTORY
from expectations.mart_gate.drift import MUST_STAY, metric_drift, row_count_drift
from expectations.mart_gate.headline_metrics import HEADLINES
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("now", "status", "blocks"),
    [
        (1000, "passed", False),
        (950, "passed", False),
        (949, "failed", False),  # 5 % fewer: look
        (1501, "failed", False),
        (399, "failed", True),  # 60 % fewer: no
        (4001, "failed", True),
    ],
)
def test_a_table_is_compared_with_the_published_one(now: int, status: str, blocks: bool) -> None:
    (result,) = row_count_drift({"fct_a": 1000}, {"fct_a": now})
    assert (result.status, result.blocks) == (status, blocks)


def test_small_tables_and_lists_do_not_block() -> None:
    assert row_count_drift({"fct_a": 3}, {"fct_a": 99}) == []
    (result,) = row_count_drift({"rpt_customers_at_risk": 500}, {"rpt_customers_at_risk": 5})
    assert (result.status, result.blocks) == ("failed", False)


def test_headline_figures_that_jump_or_vanish_warn() -> None:
    (result,) = metric_drift({"churn": 0.10, "nps": 40, "ltv": 5}, {"churn": 0.13, "nps": 41})
    assert result.sample == ("churn: 0.1, now 0.13", "ltv: 5, now unknown")
    assert not result.blocks


def test_only_a_list_may_lose_its_last_row() -> None:
    (result,) = row_count_drift({"fct_a": 1}, {"fct_a": 0})
    assert result.blocks
    assert row_count_drift({"fct_a": 1}, {"fct_a": 0}, may_be_empty={"fct_a"}) == []
    assert row_count_drift({"fct_a": 0}, {"fct_a": 0}) == []


@pytest.mark.parametrize(
    ("before", "now", "blocks", "why"),
    [
        (6601, 2991, True, "a cut file: 45 % are left"),
        (1000, 970, False, "3 % may be taken back"),
        (1000, 969, True, "more than 3 %"),
        (50, 44, True, "small tables too: six rows"),
        (50, 45, False, "five rows say nothing"),
        (1000, 1400, False, "it grows"),
    ],
)
def test_what_happened_does_not_go_away(before: int, now: int, blocks: bool, why: str) -> None:
    results = row_count_drift({"fct_transactions": before}, {"fct_transactions": now})
    assert any(r.blocks for r in results) is blocks, why
    others = row_count_drift({"fct_customer_roi": before}, {"fct_customer_roi": now})
    assert not any(r.blocks for r in others), "other tables may shrink to 40 %"


def test_tables_and_figures_that_must_stay_exist() -> None:
    """A table renamed in the dbt project would no longer be guarded."""
    models = {path.stem for path in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    assert models >= HISTORY
    assert {headline.name for headline in HEADLINES} >= MUST_STAY


@pytest.mark.parametrize(
    ("now", "status", "blocks"),
    [
        ({"net_revenue_12m_amount": 740_000}, "failed", True),
        ({"net_revenue_12m_amount": 760_000}, "passed", False),
        ({"net_revenue_12m_amount": 1_300_000}, "failed", False),
        ({}, "failed", True),
    ],
)
def test_revenue_of_closed_months_does_not_fall_by_a_quarter(
    now: dict[str, float], status: str, blocks: bool
) -> None:
    (result,) = metric_drift({"net_revenue_12m_amount": 1_000_000}, now)
    assert (result.status, result.blocks) == (status, blocks)
