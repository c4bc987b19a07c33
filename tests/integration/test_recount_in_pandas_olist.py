"""The marketplace counted again in pandas, from its own files and the definitions of the metrics.

Nothing here reads the lake or the models: the files of the public data set, and what the docs of a
metric say. Prices have two decimals, so money is compared in whole cents.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.conftest import Company, public_data

AS_OF = pd.Timestamp("2018-10-31")
MONTHS = pd.period_range("2016-07", "2018-10", freq="M")
Cells = dict[str, tuple]


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """One row per item, with its order and the person who placed it."""
    folder = public_data("olist")
    items = pd.read_csv(folder / "olist_order_items_dataset.csv")
    placed = pd.read_csv(folder / "olist_orders_dataset.csv", parse_dates=[3])
    people = pd.read_csv(folder / "olist_customers_dataset.csv", dtype=str)
    joined = items.merge(placed, on="order_id").merge(people, on="customer_id")
    joined["day"] = joined["order_purchase_timestamp"].dt.normalize()
    joined["month"] = joined["day"].dt.to_period("M")
    for name in ("price", "freight_value"):
        joined[name] = (joined[name] * 100).round().astype(int)  # cents
    joined["revenue"] = joined["price"] + joined["freight_value"]
    return joined[joined["day"] <= AS_OF]


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    folder = public_data("olist")
    answers = pd.read_csv(folder / "olist_order_reviews_dataset.csv", parse_dates=[5, 6])
    placed = pd.read_csv(folder / "olist_orders_dataset.csv")[["order_id", "customer_id"]]
    people = pd.read_csv(folder / "olist_customers_dataset.csv", dtype=str)
    answers = answers.merge(placed, on="order_id", how="left")
    answers = answers.merge(people, on="customer_id", how="left")
    answers["month"] = answers["review_answer_timestamp"].dt.to_period("M")
    return answers


@pytest.fixture(scope="module")
def purchase_days(orders: pd.DataFrame) -> pd.DataFrame:
    """Each day on which a person bought."""
    days = orders[["customer_unique_id", "day"]].drop_duplicates()
    return days.sort_values(["customer_unique_id", "day"])


def window_of(days: pd.DataFrame) -> int:
    """Days without a purchase after which a person is lost: the 95th percentile of their pauses.

    Only where the record is four times as long as that, or the long pauses are not on it yet: else
    365. This shop has two years on record, and people who come back after ten months.
    """
    pauses = days.groupby("customer_unique_id")["day"].diff().dt.days.dropna().sort_values()
    assert len(pauses) >= 30
    usual = int(pauses.iloc[math.ceil(0.95 * len(pauses)) - 1])
    on_record = (days["day"].max() - days["day"].min()).days
    return usual if 4 * usual <= on_record else 365


@pytest.fixture(scope="module")
def active(purchase_days: pd.DataFrame) -> pd.DataFrame:
    """Person × month end (the one before the first month too): bought inside the window."""
    window = pd.Timedelta(days=window_of(purchase_days))
    ends = [MONTHS[0].start_time.normalize() - pd.Timedelta(days=1)]
    ends += [m.end_time.normalize() for m in MONTHS]
    states = {}
    for end in ends:
        until = purchase_days[purchase_days["day"] <= end]
        last = until.groupby("customer_unique_id")["day"].max()
        states[end] = end - last <= window
    people = purchase_days["customer_unique_id"].unique()
    return pd.DataFrame(states).reindex(people).fillna(False).astype(bool)


def churned(active: pd.DataFrame, first: pd.Series, step: int) -> Cells:
    """Start, lost, new and end of every closed month (step 1) or quarter (3)."""
    ends = list(active.columns)
    found = {}
    for i in range(len(MONTHS)):
        month = MONTHS[i]
        if step == 3 and (month.month % 3 != 1 or i + 3 > len(MONTHS)):
            continue
        start, end = active[ends[i]], active[ends[i + step]]
        inside = [str(m) for m in MONTHS[i : i + step]]
        counts = (start.sum(), (start & ~end).sum(), first.isin(inside).sum(), end.sum())
        if any(counts):
            found[str(month.start_time.date())] = tuple(map(int, counts))
    return found


def cents(company: Company, sql: str) -> Cells:
    return {str(m): tuple(round(100 * float(v)) for v in row) for m, *row in company.query(sql)}


def counts(company: Company, sql: str) -> Cells:
    return {str(m): tuple(map(int, row)) for m, *row in company.query(sql) if any(row)}


def by_month(series: pd.DataFrame) -> Cells:
    return {str(m.start_time.date()): tuple(map(int, row)) for m, *row in series.itertuples()}


def test_revenue_of_every_month(olist: Company, orders: pd.DataFrame) -> None:
    ours = cents(
        olist,
        "select month_date, sum(net_revenue_amount) from cx.fct_customer_months "
        "group by 1 having sum(net_revenue_amount) <> 0",
    )
    assert ours == by_month(orders.groupby("month")[["revenue"]].sum())
    assert len(ours) > 20


def test_orders_and_their_average_size(olist: Company, orders: pd.DataFrame) -> None:
    """Average transaction size = revenue ÷ transactions, the items of an order being one."""
    ours = cents(
        olist,
        "select period_date, transaction_count, average_deal_size_amount from cx.fct_segment_roi "
        "where segmentation = 'all' and period_kind = 'quarter' and transaction_count > 0",
    )
    quarters = orders.assign(quarter=orders["month"].dt.start_time.dt.to_period("Q"))
    quarters = quarters[quarters["quarter"].dt.end_time <= AS_OF + pd.Timedelta(days=1)]
    sums = quarters.groupby("quarter").agg(n=("order_id", "nunique"), revenue=("revenue", "sum"))
    true = {
        str(q.start_time.date()): (100 * row["n"], round(row["revenue"] / row["n"]))
        for q, row in sums.iterrows()
    }
    assert ours.keys() == true.keys() and len(ours) == 9
    for quarter, (orders_100, size) in ours.items():
        assert (orders_100, size) == pytest.approx(true[quarter], abs=0.51)  # halves of a cent


def test_lifetime_revenue_of_every_customer(olist: Company, orders: pd.DataFrame) -> None:
    """The key is a pseudonym, so the amounts are compared in order of size."""
    ours = olist.query(
        "select net_revenue_lifetime_amount from cx.fct_customer_roi "
        "where net_revenue_lifetime_amount > 0 order by 1"
    )
    true = sorted(orders.groupby("customer_unique_id")["revenue"].sum())
    assert [round(100 * float(a)) for (a,) in ours] == true


def test_the_window_of_inactivity(olist: Company, purchase_days: pd.DataFrame) -> None:
    ours = olist.query(
        "select distinct inactivity_window_days from cx.fct_customer_months "
        "where customer_key <> 'unknown'"
    )
    assert ours == [(window_of(purchase_days),)]


@pytest.mark.parametrize(("kind", "step"), [("month", 1), ("quarter", 3)])
def test_churn(
    olist: Company, active: pd.DataFrame, purchase_days: pd.DataFrame, kind: str, step: int
) -> None:
    ours = counts(
        olist,
        "select period_date, customers_at_start_count, lost_count, new_count, "
        f"customers_at_end_count from cx.fct_churn where segmentation = 'all' "
        f"and period_kind = '{kind}'",
    )
    first = purchase_days.groupby("customer_unique_id")["day"].min().dt.to_period("M").astype(str)
    assert ours == churned(active, first, step)
    assert sum(lost for _, lost, *_ in ours.values()) > 1000


def test_retention_and_revenue_of_cohorts(
    olist: Company, orders: pd.DataFrame, active: pd.DataFrame, purchase_days: pd.DataFrame
) -> None:
    """Those who first bought in a month: how many are active, what they brought, months later."""
    ours = olist.query(
        "select cohort_month_date, months_since_start, customer_count, retained_count, "
        "net_revenue_to_date_amount from cx.fct_cohort_value "
        "where segmentation = 'all' and cohort <> 'all'"
    )
    first = purchase_days.groupby("customer_unique_id")["day"].min().dt.to_period("M")
    bought = orders.assign(cohort=orders["customer_unique_id"].map(first))
    end_of = dict(zip(MONTHS, list(active.columns)[1:], strict=True))
    assert len(ours) > 200
    for cohort, since, size, kept, revenue in ours:
        born = pd.Timestamp(cohort).to_period("M")
        members = first.index[first == born]
        until = bought[(bought["cohort"] == born) & (bought["month"] <= born + since)]
        true = (len(members), active.loc[members, end_of[born + since]].sum())
        assert (size, kept) == true, (cohort, since)
        assert round(100 * float(revenue)) == until["revenue"].sum(), (cohort, since)


def test_reviews_of_every_month(olist: Company, reviews: pd.DataFrame) -> None:
    """CSAT = 4 and 5 of 5 ÷ all; the mean with its standard error."""
    ours = olist.query(
        "select period_date, csat_answer_count, csat_good_count, csat_rate, mean_score, "
        "mean_score_standard_error from cx.fct_satisfaction "
        "where period_kind = 'month' and survey_id = 'olist-review' and answer_count > 0"
    )
    scores = reviews.groupby("month")["review_score"]
    true = pd.DataFrame({"n": scores.size(), "good": scores.apply(lambda s: (s >= 4).sum())})
    true = true.assign(rate=true["good"] / true["n"], mean=scores.mean(), error=scores.sem())
    assert len(ours) == len(true) > 20
    for month, *found in ours:
        expected = true.loc[pd.Timestamp(month).to_period("M")].fillna(-1)
        assert [-1 if f is None else float(f) for f in found] == pytest.approx(list(expected))


def test_reviews_by_score(olist: Company, reviews: pd.DataFrame) -> None:
    ours = olist.query(
        "select cast(score as int), count(*) from cx.fct_survey_responses group by 1"
    )
    assert dict(ours) == reviews["review_score"].value_counts().to_dict()


def test_responses_to_what_was_sent(olist: Company, reviews: pd.DataFrame) -> None:
    """Every request of the data set was answered, so the rate is 1; by the month of sending."""
    ours = counts(
        olist,
        "select period_date, sent_count, completed_count from cx.fct_satisfaction "
        "where period_kind = 'month' and survey_id = 'all'",
    )
    sent = reviews.groupby(reviews["review_creation_date"].dt.to_period("M")).size()
    assert ours == {str(m.start_time.date()): (n, n) for m, n in sent.items()}


def test_satisfied_customers_by_their_latest_review(olist: Company, reviews: pd.DataFrame) -> None:
    """Of the twelve months up to the end of each quarter, each customer by the latest review."""
    ours = counts(
        olist,
        "select period_date, csat_customer_count, csat_good_customer_count "
        "from cx.fct_segment_satisfaction where segmentation = 'all' and period_kind = 'quarter'",
    )
    ordered = reviews.assign(key=reviews["review_id"] + "-" + reviews["order_id"])
    ordered = ordered.sort_values(["review_answer_timestamp", "key"])
    day = ordered["review_answer_timestamp"].dt.normalize()
    true = {}
    for quarter in pd.period_range("2016Q4", "2018Q4", freq="Q"):
        end = min(quarter.end_time.normalize(), AS_OF)
        inside = ordered[(day <= end) & (day > end - pd.DateOffset(months=12))]
        latest = inside.groupby("customer_unique_id")["review_score"].last()
        true[str(quarter.start_time.date())] = (len(latest), int((latest >= 4).sum()))
    assert ours == true
