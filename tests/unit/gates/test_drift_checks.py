"""Tonight's tables beside the published ones: what moved too far."""

from __future__ import annotations

import pytest

from expectations.drift_checks import metric_drift, row_count_drift


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
