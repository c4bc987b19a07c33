"""The revenue of the software company counted again in pandas, from its own files.

Nothing here reads the lake or the models. Amounts are whole dollars a month, so the ledger of
recurring revenue is compared exactly; revenue by day to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from tests.conftest import Company, public_data

MONTHS = pd.period_range("2023-01", "2024-12", freq="M")
Cells = dict[str, tuple]


@pytest.fixture(scope="module")
def paid() -> pd.DataFrame:
    """Subscriptions that are no trial; the last day is exclusive, an end before the start none.

    One that is renewed within 30 days counts until the next one begins; it earns until it ends.
    """
    path = public_data("ravenstack") / "ravenstack_subscriptions.csv"
    rows = pd.read_csv(path, parse_dates=["start_date", "end_date"])
    rows = rows[~rows["is_trial"]].copy()
    rows["end"] = rows["end_date"].fillna(pd.Timestamp("2200-01-01"))
    rows["end"] = rows[["start_date", "end"]].max(axis=1)
    followed = renewals(rows[(rows["mrr_amount"] > 0) & (rows["end"] > rows["start_date"])])
    starts = rows.set_index("subscription_id")["start_date"]
    rows["until"] = rows["subscription_id"].map(followed).map(starts).fillna(rows["end"])
    return rows


def renewals(paid: pd.DataFrame) -> dict[str, str]:
    """The subscription that ended -> the one of the account that began instead: see D-018.

    The first of those that end goes with the first of those that begin, one of its plan before any.
    """
    pairs: dict[str, str] = {}
    for _, group in paid.groupby("account_id"):
        possible = [
            (old, new)
            for old in group.itertuples()
            for new in group.itertuples()
            if old.subscription_id != new.subscription_id
            and old.end <= new.start_date <= old.end + pd.Timedelta(days=30)
        ]

        def forward(pair: tuple) -> tuple:
            old, new = pair
            return old.plan_tier != new.plan_tier, new.start_date, new.subscription_id

        def back(pair: tuple) -> tuple:
            old, new = pair
            return old.plan_tier != new.plan_tier, -old.end.toordinal(), old.subscription_id

        suited = []
        for old, new in possible:
            ahead = sorted((p for p in possible if p[0] == old), key=forward).index((old, new))
            behind = sorted((p for p in possible if p[1] == new), key=back).index((old, new))
            if ahead == behind:
                suited.append((ahead, old.subscription_id, new.subscription_id))
        for _, old_id, new_id in sorted(suited):
            if old_id not in pairs and new_id not in pairs.values():
                pairs[old_id] = new_id
    return pairs


def in_force(paid: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return paid[(paid["start_date"] <= day) & (paid["until"] > day)]


def ends() -> list[pd.Timestamp]:
    """The day before the first month, and the last day of each."""
    first = MONTHS[0].start_time - pd.Timedelta(days=1)
    return [first, *(m.end_time.normalize() for m in MONTHS)]


def cells(company: Company, sql: str) -> Cells:
    return {str(m): tuple(map(float, row)) for m, *row in company.query(sql) if any(row)}


def day_of(period: pd.Period) -> str:
    return str(period.start_time.date())


def ledger(paid: pd.DataFrame) -> Iterator[tuple[str, dict[str, float]]]:
    """What moved recurring revenue, month by month; there is one product line."""
    days = ends()
    stock = {d: in_force(paid, d).groupby("account_id")["mrr_amount"].sum() for d in days}
    line = ["account_id", "plan_tier"]
    tiers = {d: in_force(paid, d).groupby(line)["mrr_amount"].agg(["sum", "size"]) for d in days}
    ever: set[str] = set()
    for month, one, two in zip(MONTHS, days[:-1], days[1:], strict=True):
        both = pd.DataFrame({"begin": stock[one], "end": stock[two]}).fillna(0)
        begin, end, change = both["begin"], both["end"], both["end"] - both["begin"]
        known = both.index.isin(ever)
        stays = (begin > 0) & (end > 0)
        # As many contracts for one product at a higher amount: its price rose.
        pair = {"left_index": True, "right_index": True, "suffixes": ("_one", "")}
        tier = tiers[one].merge(tiers[two], **pair)
        rise = (tier["sum"] - tier["sum_one"]).where(tier["size"] == tier["size_one"], 0).clip(0)
        rise = rise.groupby("account_id").sum().reindex(both.index).fillna(0)
        up = change.clip(0).where(stays, 0)
        price = pd.concat([up, rise], axis=1).min(axis=1)
        yield (
            day_of(month),
            {
                "mrr_begin": begin.sum(),
                "new": end[(begin == 0) & ~known].sum(),
                "reactivation": end[(begin == 0) & known].sum(),
                "expansion": (up - price).sum(),
                "cross_sell": 0.0,
                "price": price.sum(),
                "contraction": (-change).clip(0)[stays].sum(),
                "churn": begin[end == 0].sum(),
                "mrr_end": end.sum(),
            },
        )
        ever |= set(stock[two].index)


NAMES = ("mrr_begin", "new", "reactivation", "expansion", "cross_sell", "price", "contraction")
NAMES += ("churn", "mrr_end")


def test_the_ledger_of_recurring_revenue(ravenstack: Company, paid: pd.DataFrame) -> None:
    columns = ", ".join(f"sum(original_{n}_amount)" for n in NAMES)
    ours = cells(
        ravenstack, f"select month_date, {columns} from cx.fct_revenue_movements group by 1"
    )
    true = {m: tuple(moved[n] for n in NAMES) for m, moved in ledger(paid)}
    assert ours == {m: row for m, row in true.items() if any(row)}
    seen = [
        name
        for name, moved in zip(NAMES, zip(*true.values(), strict=True), strict=True)
        if sum(moved)
    ]
    assert [name for name in NAMES if name not in seen] == ["cross_sell"]
    for begin, new, back, up, cross, price, down, lost, end in true.values():
        assert begin + new + back + up + cross + price - down - lost == end


def test_gross_and_net_retention(ravenstack: Company, paid: pd.DataFrame) -> None:
    ours = cells(
        ravenstack,
        "select period_date, grr_rate, nrr_rate from cx.fct_revenue_retention "
        "where segmentation = 'all' and period_kind = 'month' and grr_rate is not null",
    )
    true = {}
    for month, m in ledger(paid):
        kept = m["mrr_begin"] - m["contraction"] - m["churn"]
        more = m["expansion"] + m["cross_sell"] + m["price"]
        if m["mrr_begin"]:
            true[month] = (kept / m["mrr_begin"], (kept + more) / m["mrr_begin"])
    assert ours.keys() == true.keys() and len(ours) >= 23
    for month, rates in ours.items():
        assert rates == pytest.approx(true[month], abs=1e-12)


@pytest.mark.parametrize("step", [1, 3])
def test_churn(ravenstack: Company, paid: pd.DataFrame, step: int) -> None:
    """An account is active while a paid contract is in force; trials alone make no customer."""
    kind = {1: "month", 3: "quarter"}[step]
    ours = cells(
        ravenstack,
        "select period_date, customers_at_start_count, lost_count, customers_at_end_count "
        f"from cx.fct_churn where segmentation = 'all' and period_kind = '{kind}'",
    )
    active = [set(in_force(paid, day)["account_id"]) for day in ends()]
    true = {}
    for i in range(0, len(MONTHS), step):
        start, end = active[i], active[i + step]
        true[day_of(MONTHS[i])] = (len(start), len(start - end), len(end))
    assert ours == {m: row for m, row in true.items() if any(row)}
    assert sum(lost for _, lost, _ in ours.values()) > 0


def test_retention_of_cohorts(ravenstack: Company, paid: pd.DataFrame) -> None:
    ours = ravenstack.query(
        "select cohort_month_date, months_since_start, customer_count, retained_count "
        "from cx.fct_cohort_value where segmentation = 'all' and cohort <> 'all'"
    )
    real = paid[paid["end"] > paid["start_date"]]
    first = real.groupby("account_id")["start_date"].min().dt.to_period("M")
    assert len(ours) > 200
    for cohort, since, size, kept in ours:
        born = pd.Timestamp(cohort).to_period("M")
        members = set(first.index[first == born])
        there = set(in_force(paid, (born + since).end_time.normalize())["account_id"])
        assert (size, kept) == (len(members), len(members & there)), (cohort, since)


def test_contract_revenue_and_refunds_of_every_month(
    ravenstack: Company, paid: pd.DataFrame
) -> None:
    """A contract brings its monthly amount by days in force; refunds are taken off."""
    ours = cells(
        ravenstack,
        "select month_date, sum(rateable_revenue_amount), sum(refund_amount), "
        "sum(net_revenue_amount) from cx.fct_customer_months group by 1",
    )
    path = public_data("ravenstack") / "ravenstack_churn_events.csv"
    refunds = pd.read_csv(path, parse_dates=["churn_date"])
    given = refunds.groupby(refunds["churn_date"].dt.to_period("M"))["refund_amount_usd"].sum()
    true = {}
    for month in MONTHS:
        last = month.end_time.normalize() + pd.Timedelta(days=1)
        start = paid["start_date"].clip(lower=month.start_time)
        days = (paid["end"].clip(upper=last) - start).dt.days.clip(lower=0)
        revenue = (paid["mrr_amount"] * days / month.days_in_month).sum()
        refund = given.get(month, 0.0)
        true[day_of(month)] = (revenue, refund, revenue - refund)
    assert ours.keys() == true.keys()
    for month, amounts in ours.items():
        assert amounts == pytest.approx(true[month], abs=0.005), month


def test_annual_value_of_the_contracts_signed(ravenstack: Company, paid: pd.DataFrame) -> None:
    ours = cells(
        ravenstack,
        "select date_trunc('month', start_date)::date, count(*), sum(acv_amount) "
        "from cx.fct_contracts where contract_kind <> 'trial' group by 1",
    )
    months = paid.groupby(paid["start_date"].dt.to_period("M"))["mrr_amount"].agg(["size", "sum"])
    assert ours == {day_of(m): (n, 12.0 * mrr) for m, n, mrr in months.itertuples()}
