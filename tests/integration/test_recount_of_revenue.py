"""Retention, renewals and new contracts of the demo once more, in plain pandas."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.conftest import Company

GRACE = pd.Timedelta(days=30)


def frame(demo: Company, sql: str, *columns: str) -> pd.DataFrame:
    table = pd.DataFrame(demo.query(sql), columns=list(columns))
    for column in table.columns.intersection(["month", "period", "signed", "start", "end"]):
        table[column] = pd.to_datetime(table[column])
    return table


@pytest.mark.parametrize(("kind", "months"), [("month", 1), ("quarter", 3), ("twelve_months", 12)])
def test_retention_is_of_customers_whatever_lines_and_ledgers_they_have(
    demo_company: Company, kind: str, months: int
) -> None:
    """Begin and end of every customer, both at the rate of the first day of the period."""
    ledgers = frame(
        demo_company,
        "select customer_key, currency, month_date, original_mrr_begin_amount::double, "
        "original_mrr_end_amount::double, rate_to_reporting::double from cx.fct_revenue_movements "
        "where is_closed_month",
        *("customer", "currency", "month", "opening", "closing", "rate"),
    )
    published = frame(
        demo_company,
        "select period_date, grr_rate, nrr_rate from cx.fct_revenue_retention "
        f"where segmentation = 'all' and period_kind = '{kind}' and grr_rate is not null",
        *("period", "grr", "nrr"),
    )
    assert len(published) > 36 / months
    rates = ledgers.groupby(["currency", "month"])["rate"].first()
    for row in published.itertuples():
        last = row.period + pd.DateOffset(months=months - 1)
        sides = [("opening", ledgers["month"] == row.period), ("closing", ledgers["month"] == last)]
        opening, closing = (
            (part[side] * part["currency"].map(rates[:, row.period]))
            .groupby(part["customer"])
            .sum()
            for side, part in [(side, ledgers[rows]) for side, rows in sides]
        )
        both = pd.DataFrame({"opening": opening, "closing": closing}).fillna(0)
        both = both[both["opening"] > 0]
        kept = both.min(axis=1).sum()
        assert row.grr == pytest.approx(kept / both["opening"].sum(), abs=1e-6)
        assert row.nrr == pytest.approx(both["closing"].sum() / both["opening"].sum(), abs=1e-6)


def contracts(demo: Company) -> pd.DataFrame:
    return frame(
        demo,
        "select contract_id, customer_key, product_category, billing_period, signed_date, "
        "start_date, end_date, total_contract_value_amount::double from cx.fct_contracts "
        "where contract_kind <> 'trial' order by start_date, contract_id",
        *("id", "customer", "line", "billing", "signed", "start", "end", "value"),
    )


def renewals(paid: pd.DataFrame) -> dict[str, str]:
    """The contract that ended → the one of the same customer and line that began instead."""
    pairs: dict[str, str] = {}
    for _, group in paid.groupby(["customer", "line"]):
        for old in group.sort_values("end").itertuples():
            for new in group.itertuples():
                free = new.id not in pairs.values() and old.id not in pairs
                if free and new.id != old.id and old.end <= new.start <= old.end + GRACE:
                    pairs[old.id] = new.id
    return pairs


def test_contracts_due_and_renewed(demo_company: Company) -> None:
    paid = contracts(demo_company)
    as_of = pd.Timestamp(str(demo_company.value("select max(as_of_date) from cx.fct_customer_roi")))
    followed = renewals(paid)
    due = [(c.end, c.id in followed) for c in paid.itertuples() if c.end <= as_of]
    for c in paid[paid["billing"] == "year"].itertuples():
        for years in range(1, 9):
            day = c.start + pd.DateOffset(years=years)
            if day <= as_of and not day >= c.end:
                due.append((day, True))
    events = pd.DataFrame(due, columns=["day", "renewed"])
    true = events.groupby(events["day"].dt.to_period("Q"))["renewed"].agg(["count", "sum"])
    ours = frame(
        demo_company,
        "select period_date, due_count, renewed_count from cx.fct_renewals "
        "where segmentation = 'all' and period_kind = 'quarter'",
        *("period", "due", "renewed"),
    ).set_index("period")
    assert len(ours) >= 14
    for quarter, row in ours.iterrows():
        assert tuple(row) == tuple(true.loc[pd.Timestamp(str(quarter)).to_period("Q")])


def test_what_new_contract_customers_sign(demo_company: Company) -> None:
    """Customers whose first contract is of the quarter, and what they sign that renews no other."""
    paid = contracts(demo_company)
    paid["quarter"] = paid["signed"].dt.to_period("Q")
    paid["first"] = paid.groupby("customer")["quarter"].transform("min")
    fresh = paid[~paid["id"].isin(renewals(paid).values())]
    fresh = fresh[(fresh["quarter"] == fresh["first"]) & (fresh["customer"] != "unknown")]
    true = fresh.groupby("quarter").agg(n=("customer", "nunique"), value=("value", "sum"))
    ours = frame(
        demo_company,
        "select period_date, new_contract_customer_count, new_contract_value_amount::double "
        "from cx.fct_segment_roi where segmentation = 'all' and period_kind = 'quarter'",
        *("period", "n", "value"),
    ).set_index("period")
    assert len(ours) >= 14
    for quarter, row in ours.iterrows():
        expected = true.loc[pd.Timestamp(str(quarter)).to_period("Q")]
        assert (row["n"], row["value"]) == pytest.approx((expected["n"], expected["value"]))
