"""The months of a programme: what they cost, what they count, and that they make its result."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from tests.integration.programmes.conftest import START, month
from tests.simulation.companies import MONTHS

TABLE = "candidate.cx.fct_programme_months"
GIVEN = ("pays_back", "likely_pays_back")


def whole(results, programme: str, columns: str):
    return results.execute(
        f"select {columns} from {TABLE} where programme_id = ? and segmentation = 'all'"
        " order by month_date",
        [programme],
    ).fetchall()


def test_a_month_counts_what_its_matched_customers_gained(results, group_effects, weight, firm):
    """Against the reference in numpy; costs are 100 a month from month 9 on, entries come later."""
    after = [e for e in group_effects if e.event >= 0]
    gained, compared, customers = np.zeros(MONTHS), np.zeros(MONTHS), np.zeros(MONTHS, int)
    for e in after:
        gained[e.period] += (e.gap * e.treated_weight) @ weight
        compared[e.period] += e.treated_weight @ weight
        customers[e.period] += e.is_matched.sum()
    treated = [(firm.cohort <= n).sum() for n in range(MONTHS)]
    counted = gained * sum(treated) / compared.sum()
    rows = whole(
        results,
        "P",
        "month_date, treated_customer_count, matched_customer_count, benefit_amount,"
        " benefit_to_date_amount, cost_to_date_amount",
    )
    assert [row[0] for row in rows] == [month(n) for n in range(9, MONTHS)]
    assert rows[0][1] == 0 and rows[0][3] == 0
    for number, row in enumerate(rows, start=9):
        expected = (counted[number], counted[: number + 1].sum(), 100 * (number - 8))
        assert row[1:3] == (treated[number], customers[number])
        assert [float(v) for v in row[3:]] == pytest.approx(expected, abs=6e-5)


def test_months_make_the_result_of_every_programme_and_segment(results):
    """Cost, benefit and payback by hand from the months, as an analyst would find them."""
    keys = "programme_id, segmentation, segment"
    rows = results.execute(
        f"select {keys}, month_date, treated_customer_count, cost_amount, benefit_amount"
        f" from {TABLE} order by {keys}, month_date"
    ).fetchall()
    published = results.execute(
        f"select {keys}, treated_month_count, cost_amount, benefit_amount, payback_months,"
        " payback_month_date, verdict from candidate.cx.fct_programme_roi"
        " where treated_month_count > 0"
    ).fetchall()
    result = {row[:3]: row[3:] for row in published}
    found = {key: list(own) for key, own in groupby(rows, lambda row: row[:3])}
    assert found.keys() == result.keys() and len(found) > 12
    assert sum(row[3] is not None for row in result.values()) > 1  # paid back
    for key, own in found.items():
        treated, costs, benefits = zip(*(row[4:] for row in own), strict=True)
        months, cost, benefit, payback, when, verdict = result[key]
        assert sum(treated) == months
        is_known = None not in costs
        assert (float(sum(costs)) if is_known else 0) == pytest.approx(float(cost or 0), abs=1e-2)
        if benefit is None:
            assert set(benefits) == {None} and payback is None
            continue
        counted = np.cumsum([float(b or 0) for b in benefits])
        assert counted[-1] == pytest.approx(float(benefit), abs=1e-2)
        if not is_known:
            assert payback is None
            continue
        spent = np.cumsum([float(c) for c in costs])
        behind = np.flatnonzero((spent <= 0) | (counted < spent))
        first = behind[-1] + 1 if len(behind) else 0
        paid = (first, own[first][3]) if first < len(own) else (None, None)
        assert (payback, when) == (paid if verdict in GIVEN else (None, None))


def test_without_a_result_for_the_effect_no_month_has_a_benefit(results):
    for programme in ("ALONE", "TINY", "FLAT", "GONE"):
        rows = whole(
            results,
            programme,
            "cost_amount, benefit_amount, benefit_to_date_amount, net_to_date_amount, is_paid_back",
        )
        assert len(rows) > 0
        assert {row[0] is not None for row in rows} == {True}
        assert {row[1:] for row in rows} == {(None,) * 4}


def test_from_the_first_unknown_cost_on_nothing_is_known_to_date(results):
    """The ledger of this programme has no exchange rate from June 2024 on."""
    rows = whole(
        results, "ONCE", "cost_amount, cost_to_date_amount, benefit_to_date_amount, is_paid_back"
    )
    known = (2024 - START.year) * 12 + 5 - 9
    assert [(float(a), float(b)) for a, b, *_ in rows[:known]] == [
        (100, 100 * n) for n in range(1, known + 1)
    ]
    assert {row[:2] for row in rows[known:]} == {(None, None)}
    assert all(row[2] is not None and row[3] is None for row in rows)
