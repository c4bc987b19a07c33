"""Tables are made in one direction: an area reads itself and areas before it, never one after.

The order is that of docs/architecture.md; dbt itself forbids circles between models, this forbids
them between areas.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.dbt.nodes import Node, area_of, models

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"

ORDER = (
    *("staging/run", "staging/crm", "staging/support", "staging/survey"),
    *("core/reference", "core/currency", "core/identity", "core/transactions", "core/contracts"),
    *("core/surveys", "core/tickets", "core/interactions", "core/customer_months"),
    "core/customers",
    *("metrics/revenue", "metrics/churn", "metrics/service", "metrics/satisfaction"),
    *("metrics/engagement", "metrics/customers", "metrics/cohorts", "metrics/referrals"),
    "metrics/segments",
    *("analysis/health", "analysis/churn_risk", "analysis/lifetime_value"),
    *("analysis/programmes", "analysis/experience", "analysis/products"),
    *("reports/customers_at_risk", "reports/next_actions", "reports/growth_levers"),
    *("reports/claims", "reports/views"),
    "restricted",
)
Reference = tuple[str, str, str, str]  # area and name of the reader, area and name of what it reads


def references(manifest: Node) -> list[Reference]:
    """Every reference of a model to a model."""
    known = {n["unique_id"]: n for n in models(manifest)}
    return [
        (area_of(n), n["name"], area_of(known[i]), known[i]["name"])
        for n in known.values()
        for i in n["depends_on"]["nodes"]
        if i in known
    ]


def backward(found: Iterable[Reference]) -> list[str]:
    """The references to an area that comes later."""
    return [
        f"{area}: {name} reads {other}: {read}"
        for area, name, other, read in found
        if ORDER.index(other) > ORDER.index(area)
    ]


def test_every_area_has_its_place_in_the_order(manifest: Node) -> None:
    assert {area_of(n) for n in models(manifest)} == set(ORDER)


def test_no_area_reads_one_that_comes_after_it(manifest: Node) -> None:
    found = references(manifest)
    assert len(found) > 500
    assert backward(found) == []


def test_a_step_back_would_be_seen() -> None:
    step = ("core/tickets", "fct_tickets", "metrics/churn", "fct_churn")
    assert backward([step]) == ["core/tickets: fct_tickets reads metrics/churn: fct_churn"]


def test_every_area_says_what_enters_what_leaves_and_what_it_may_read() -> None:
    pages = {
        a: MODELS / ("staging" if a.startswith("staging/") else a) / "README.md" for a in ORDER
    }
    silent = [
        area
        for area, page in pages.items()
        if not page.exists()
        or {"enters", "leaves", "may read"}
        - {word for word in ("enters", "leaves", "may read") if word in page.read_text().lower()}
    ]
    assert silent == []
