"""The ledgers that must add up are checked on every night, and a failure would have stopped it."""

from __future__ import annotations

import pytest

from tests.conftest import Company

LEDGERS = {
    "revenue_movements_roll_forward_exactly",
    "the_movement_ledger_ends_every_month_at_the_contracts_in_force",
    "support_cost_of_every_month_equals_its_ledger",
    "customer_months_hold_all_support_costs",
    "lifetimes_hold_all_support_cost",
}


@pytest.mark.parametrize("name", ["demo_company", "olist", "ravenstack"])
def test_movements_and_support_cost_add_up(name: str, request: pytest.FixtureRequest) -> None:
    company: Company = request.getfixturevalue(name)
    found = company.query(
        "select check_name, severity, status, failed_count from cx.quality_results "
        f"where check_name in {tuple(sorted(LEDGERS))}"
    )
    assert {check for check, *_ in found} == LEDGERS
    assert {tuple(rest) for _, *rest in found} == {("error", "passed", 0)}


def test_there_is_something_to_add_up(demo_company: Company, ravenstack: Company) -> None:
    """The marketplace has no contracts and no support desk; its ledgers are empty and say so."""
    movements = "select count(*) from cx.fct_revenue_movements where original_new_amount > 0"
    assert int(str(demo_company.value(movements))) > 500
    assert int(str(ravenstack.value(movements))) > 400
    cost = "select sum(support_cost_amount) from cx.fct_support_costs"
    by_ticket = "select sum(support_cost_amount) from cx.fct_tickets"
    assert float(str(demo_company.value(cost))) > 50_000
    assert demo_company.value(by_ticket) == demo_company.value(cost)
