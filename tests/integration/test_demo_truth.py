"""The published tables of the demo company say what is true of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Company


@pytest.fixture(scope="module")
def truth(demo_company: Company) -> dict[str, Any]:
    path = demo_company.home / "truth" / "truth.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_row_is_loaded_refused_or_a_known_duplicate(
    demo_company: Company, truth: dict[str, Any]
) -> None:
    """The primary mapping of each file: rows as written, bad ones refused, doubled ones counted."""
    ledger = demo_company.query(
        "select file_name, status, sum(row_count), sum(quarantined_count), sum(duplicate_count), "
        "sum(skipped_count) from cx.load_ledger "
        "where is_first_mapping group by all"
    )
    assert {row[0] for row in ledger} == set(truth["counts"]["files"])
    for name, status, rows, refused, duplicates, skipped in ledger:
        counted = truth["counts"]["files"][name]
        assert rows + skipped == counted["rows"], name
        if status == "loaded":
            assert refused == counted.get("bad_rows", 0), name
            assert duplicates == counted.get("exact_duplicates", 0), name
            assert skipped == counted.get("preview_rows", 0), name
        else:
            assert duplicates == rows, f"{name} came before, unchanged"
    written = sum(counted["rows"] for counted in truth["counts"]["files"].values())
    [log] = demo_company.query(
        "select file_count, row_count, loaded_count + quarantined_count + duplicate_count "
        "+ skipped_count from cx.run_log"
    )
    assert log == (len(truth["counts"]["files"]), written, written)


def test_revenue_cost_and_accounts_of_every_month(
    demo_company: Company, truth: dict[str, Any]
) -> None:
    found = demo_company.query(
        "select month_date, sum(gross_revenue_amount), sum(refund_amount), "
        "sum(cost_of_sales_amount), sum(support_cost_amount), "
        "count(*) filter (where activity_rule = 'contract' and is_active_at_start), "
        "count(*) filter (where activity_rule = 'contract' and is_churned) "
        "from cx.fct_customer_months group by all"
    )
    months = {str(row[0]): row[1:] for row in found}
    for month in truth["months"]:
        sales, refunds, cost, support, active, lost = months[month["month"]]
        # Converted row by row to four decimals here, in one sum there.
        assert float(sales) == pytest.approx(month["sales_amount"], abs=0.05)
        assert float(refunds) == pytest.approx(month["refunds_amount"], abs=0.05)
        assert float(cost) == pytest.approx(month["cost_of_sales_amount"], abs=0.05)
        assert float(support or 0) == pytest.approx(month["support_expense_amount"], abs=0.005)
        assert active == month["accounts_active_at_start"], month
        assert lost == month["accounts_lost"], month
    # No column of the comparison is empty throughout.
    names = [n for n in truth["months"][0] if n != "month"]
    assert all(sum(m[n] for m in truth["months"]) > 0 for n in names)


def test_service_of_every_channel_and_month(demo_company: Company, truth: dict[str, Any]) -> None:
    """From the events alone: tickets, answered ones, and whole minutes to the first reply."""
    found = demo_company.query(
        "select channel, month_date, count(*), count(first_reply_at), "
        "coalesce(sum(floor(first_reply_time_calendar_minutes)), 0), "
        "coalesce(sum(floor(first_reply_time_business_minutes + 0.00001)), 0) "
        "from cx.fct_tickets group by all"
    )
    assert {(c, str(m)): (n, a, int(r), int(b)) for c, m, n, a, r, b in found} == {
        (d["channel"], d["month"]): (
            d["tickets"],
            d["answered"],
            d["reply_minutes"],
            d["reply_business_minutes"],
        )
        for d in truth["desk"]
    }


def test_only_tickets_of_unknown_people_have_no_customer(
    demo_company: Company, truth: dict[str, Any]
) -> None:
    unknown = "select count(*) from cx.fct_tickets where customer_key = 'unknown'"
    assert demo_company.value(unknown) == truth["counts"]["orphan_tickets"]
    assert demo_company.value("select count(*) from cx.fct_tickets") == truth["counts"]["tickets"]


def test_second_records_are_one_customer(demo_company: Company, truth: dict[str, Any]) -> None:
    known = "select count(*) from cx.dim_customers where customer_key <> 'unknown'"
    assert demo_company.value(known) == truth["counts"]["customers"]


def test_every_kind_of_touch_is_in_the_one_list(demo_company: Company) -> None:
    """Support, social, web, product, community, survey and purchase, each as often as recorded."""
    listed = dict(
        demo_company.query(
            "select interaction_kind, count(*) from cx.fct_interactions where interaction_kind in "
            "('page_view', 'product_use', 'community_post', 'social_mention', 'ticket_opened', "
            "'ticket_reply', 'survey_answer', 'purchase') group by all"
        )
    )
    assert len(listed) == 8
    for kind, table, rows in (
        ("ticket_opened", "fct_tickets", "true"),
        ("survey_answer", "fct_survey_responses", "true"),
        ("purchase", "fct_transactions", "transaction_kind = 'sale'"),
    ):
        assert listed[kind] == demo_company.value(f"select count(*) from cx.{table} where {rows}")


def test_goods_drawn_independently_show_no_affinity(demo_company: Company) -> None:
    """Each purchase of a person is one of four goods by the same odds: nothing goes together.

    Counted plainly every pair would seem to, as who buys often has more of everything.
    """
    pairs = demo_company.query(
        "select lift, has_affinity, customer_count_both * customer_count::double "
        "/ (customer_count_a * customer_count_b) from cx.fct_product_affinity "
        "where customer_kind = 'person' and line_level = 'product'"
    )
    assert len(pairs) == 4 * 3
    assert not any(has_affinity for _, has_affinity, _ in pairs)
    assert max(abs(lift - 1) for lift, _, _ in pairs) < 0.03
    assert min(plain for _, _, plain in pairs) > 1.01


def test_programme_effects_cover_the_truth(demo_company: Company, truth: dict[str, Any]) -> None:
    """Each programme's interval, over all its customers, holds what it truly does."""
    found = demo_company.query(
        "select programme_id, effect_low_amount, effect_high_amount, cost_amount "
        "from cx.fct_programme_roi where segmentation = 'all'"
    )
    true = {p["programme_id"]: p for p in truth["programmes"] if p["segment"] == "all"}
    assert {row[0] for row in found} == set(true)
    assert sum(low is not None for _, low, *_ in found) == 3
    for programme, low, high, cost in found:
        if low is not None:  # too few members to say anything
            assert low <= true[programme]["att_amount"] <= high, programme
        assert float(cost) == pytest.approx(true[programme]["cost_amount"], abs=0.01)
