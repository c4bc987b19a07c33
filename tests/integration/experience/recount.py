"""What followed an experience, customer by customer and day by day, from the published events.

From the definitions (doc `experience_impact`, DECISIONS) and not from the models. The one thing
taken as given is which pause still counts as active in a quarter.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

DAY = pd.Timedelta(days=1)
BUCKETS = {  # worst first
    "nps": ["detractor", "passive", "promoter"],
    "csat": ["bad", "good"],
    "ces": ["high_effort", "low_effort"],
    "contact_effort": ["high_effort", "low_effort"],
    "follow_up": ["not_followed_up", "followed_up"],
    "first_reply": [
        *("over_3_days", "within_3_days", "within_1_day", "within_4_hours", "within_1_hour"),
    ],
}


class World(NamedTuple):
    """The published tables, with days as days."""

    as_of: pd.Timestamp
    customers: pd.DataFrame
    answers: pd.DataFrame
    tickets: pd.DataFrame
    transactions: pd.DataFrame
    contracts: pd.DataFrame
    low_answers: pd.DataFrame
    uses: pd.DataFrame
    months: pd.DataFrame
    impact: pd.DataFrame


def read(connection: duckdb.DuckDBPyConnection) -> World:
    def table(sql: str) -> pd.DataFrame:
        return connection.execute(sql).df()

    return World(
        pd.Timestamp(table("select max(as_of_date) as day from cx.fct_customer_roi")["day"][0]),
        table("select * from cx.dim_customers").set_index("customer_key"),
        table("select * from cx.fct_survey_responses"),
        table("select * from cx.fct_tickets"),
        table("select * from cx.fct_transactions"),
        table("select * from cx.fct_contracts"),
        table("select * from cx.rpt_feedback_to_close"),
        table("select * from cx.fct_interactions where interaction_kind = 'product_use'"),
        table("select * from cx.fct_customer_months"),
        table("select * from cx.fct_experience_impact").set_index(
            ["signal", "bucket", "horizon_days"]
        ),
    )


class Activity:
    """Whether a customer was active on a day: by contract, else by the last sign of life."""

    def __init__(self, world: World) -> None:
        paid = world.contracts[world.contracts["contract_kind"] != "trial"]
        paid = paid[paid["end_date"].isna() | (paid["end_date"] > paid["start_date"])]
        paid = paid[paid["start_date"] <= world.as_of]
        self.contracts = {
            key: list(zip(rows["start_date"], rows["end_date"], strict=True))
            for key, rows in paid.groupby("customer_key")
        }
        assert not (world.contracts["contract_kind"] == "trial").any()  # the demo has none
        billed = world.transactions["contract_id"].isin(world.contracts["contract_id"])
        bought = (world.transactions["transaction_kind"] == "sale") & ~billed
        self.purchases = self._days(world.transactions[bought], world.as_of)
        self.uses = self._days(world.uses, world.as_of)
        self.kinds = dict(world.customers["customer_kind"])
        ruled = world.months[world.months["activity_rule"] == "inactivity_window"].copy()
        ruled["kind"] = ruled["customer_key"].map(self.kinds)
        ruled["quarter"] = ruled["month_date"].dt.to_period("Q")
        keys = ["kind", "quarter"]
        rules = ruled[[*keys, "inactivity_window_days", "activity_evidence"]].drop_duplicates()
        self.rules = {(kind, quarter): (*rule,) for kind, quarter, *rule in rules.to_numpy()}
        assert len(self.rules) == len(rules)

    @staticmethod
    def _days(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, np.ndarray]:
        known = rows[(rows["customer_key"] != "unknown") & (rows["business_date"] <= as_of)]
        return {
            key: np.unique(days.to_numpy())
            for key, days in known.groupby("customer_key")["business_date"]
        }

    def on(self, key: str, day: pd.Timestamp) -> bool:
        contracts = self.contracts.get(key, [])
        if any(start <= day for start, _ in contracts):
            return any(start <= day and (pd.isna(end) or end > day) for start, end in contracts)
        window, evidence = self.rules.get((self.kinds[key], day.to_period("Q")), (0, ""))
        last = pd.Timestamp(0)
        for name, source in (("purchases", self.purchases), ("use", self.uses)):
            if name in evidence and key in source:
                before = np.searchsorted(source[key], day.to_datetime64(), side="right")
                last = max(last, pd.Timestamp(source[key][before - 1])) if before else last
        return (day - last) <= window * DAY

    def first_day(self, key: str) -> pd.Timestamp | None:
        """Activity begins with a contract, a sign of life, or a rule by which one counts."""
        days = [start for start, _ in self.contracts.get(key, [])]
        days += [pd.Timestamp(d) for s in (self.purchases, self.uses) for d in s.get(key, [])]
        if days:
            first, last = min(days), max(days)
            days += list(pd.date_range(first, last + 400 * DAY, freq="QS"))
        return next((day for day in sorted(days) if self.on(key, day)), None)


def signals(world: World, signal: str) -> pd.DataFrame:
    """Every signal: whose, in which bucket, and the day on which that was settled."""
    if signal in ("nps", "csat", "ces"):
        bucket = {
            "nps": world.answers["nps_class"],
            "csat": world.answers["is_csat_good"].map({True: "good", False: "bad"}),
            "ces": world.answers["is_low_effort"].map({True: "low_effort", False: "high_effort"}),
        }[signal]
        scope = "relationship" if signal == "nps" else "transactional"
        asked = bucket.notna() & (world.answers["survey_scope"] == scope)
        return rows_of(world.answers[asked], "response_id", bucket, "business_date", 0)
    if signal == "follow_up":
        rows = world.low_answers[world.low_answers["is_follow_up_recorded"]]
        soon = (rows["days_to_follow_up"] <= 14).fillna(False).astype(bool)
        bucket = soon.map({True: "followed_up", False: "not_followed_up"})
        return rows_of(rows, "response_id", bucket, "business_date", 14)
    if signal == "contact_effort":
        rows = world.tickets
        rows = rows[rows["reopen_count"].notna() | rows["handoff_count"].notna()]
        # The demo's days are those of UTC.
        rows = rows[rows["solved_at"].notna()].assign(day=rows["solved_at"].dt.normalize())
        counts = rows[["reopen_count", "handoff_count", "channel_switch_count"]]
        hard = (counts.fillna(0) > 0).any(axis=1) | rows["is_repeat_contact"].fillna(False)
        bucket = hard.astype(bool).map({True: "high_effort", False: "low_effort"})
        return rows_of(rows, "ticket_id", bucket, "day", 0)
    rows = world.tickets
    minutes = rows["first_reply_time_calendar_minutes"].astype(float)
    rows = rows[minutes.notna() | rows["unanswered_calendar_minutes"].notna()]
    bucket = pd.cut(
        minutes[rows.index].fillna(math.inf),
        [-math.inf, 60, 240, 1440, 4320, math.inf],
        labels=BUCKETS["first_reply"][::-1],
    ).astype(str)
    return rows_of(rows, "ticket_id", bucket, "opened_date", 3)


def rows_of(rows: pd.DataFrame, key: str, bucket: pd.Series, day: str, wait: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": rows[key], "customer_key": rows["customer_key"], "ticket_id": rows["ticket_id"]}
        | {"channel": rows["channel"].fillna("unknown") if key == "ticket_id" else "all"}
        | {"bucket": bucket[rows.index], "day": rows[day] + wait * DAY}
    )


def tenure_band(first: pd.Timestamp | None, day: pd.Timestamp) -> str:
    if first is None or first > day:
        return "never"
    days = (day - first).days
    return next((str(limit) for limit in (91, 365, 1096) if days < limit), "more")


Ledger = dict[str, tuple[np.ndarray, np.ndarray]]


def ledger(rows: pd.DataFrame, key: str, day: str, amount: str) -> Ledger:
    """Days and amounts of each customer."""
    return {
        name: (own[day].to_numpy(), own[amount].to_numpy(float)) for name, own in rows.groupby(key)
    }


def between(entries: Ledger, key: str, after: pd.Timestamp, until: pd.Timestamp) -> float:
    """Sum of the amounts after a day and up to another; not known if one of them is not."""
    if key not in entries:
        return 0.0
    days, amounts = entries[key]
    within = (days > after.to_datetime64()) & (days <= until.to_datetime64())
    return float(amounts[within].sum())


def followed(world: World, activity: Activity, signal: str, horizon: int) -> pd.DataFrame:
    """The first signal of each customer in the year, and what came within the horizon."""
    rows = signals(world, signal)
    rows["until"] = rows["day"] + horizon * DAY
    rows = rows[rows["customer_key"] != "unknown"]
    rows = rows[(rows["until"] <= world.as_of) & (rows["until"] > world.as_of - 365 * DAY)]
    rows = rows.sort_values(["day", "id"]).drop_duplicates("customer_key").reset_index(drop=True)
    seen = world.customers["first_seen_date"]
    transactions = world.transactions
    bought = ledger(transactions, "customer_key", "business_date", "net_revenue_amount")
    asked = ledger(world.tickets, "customer_key", "opened_date", "support_cost_amount")
    tickets = world.tickets.set_index("ticket_id")[["opened_date", "support_cost_amount"]]
    brought = world.customers.dropna(subset=["referred_by_customer_key"]).assign(one=1)
    friends = ledger(brought, "referred_by_customer_key", "signup_date", "one")
    rateable = world.months[world.months["rateable_revenue_amount"].fillna(0) != 0]
    rateable = dict(tuple(rateable.groupby("customer_key")))
    found = []

    def spent(key: str, after: pd.Timestamp, last: pd.Timestamp) -> float:
        revenue = between(bought, key, after, last)
        for month in rateable[key].itertuples() if key in rateable else ():
            end = min(month.month_date + pd.offsets.MonthEnd(0), world.as_of)
            shared = (min(last, end) - max(after + DAY, month.month_date)).days + 1
            share = max(shared, 0) / ((end - month.month_date).days + 1)
            revenue += float(month.rateable_revenue_amount) * share
        return revenue

    def cost(row: Any, after: pd.Timestamp, last: pd.Timestamp) -> float:
        """Of all tickets but the one that the signal speaks of."""
        whole = between(asked, row.customer_key, after, last)
        if row.ticket_id not in tickets.index:
            return whole
        own = tickets.loc[row.ticket_id]
        return whole - float(own["support_cost_amount"]) * (after < own["opened_date"] <= last)

    for row in rows.itertuples():
        key, day, until = row.customer_key, row.day, row.until
        was = activity.on(key, day)
        half = horizon // 2 * DAY
        spans = {"": (day, until), "_before": (day - horizon * DAY, day)}
        spans["_base"] = (day - 3 * half, day - half)
        spans["_earlier"] = (day - 5 * half, day - 3 * half)
        known = {"": True, "_before": seen[key] <= day - 2 * half}
        known |= {"_base": seen[key] <= day - 3 * half, "_earlier": seen[key] <= day - 5 * half}
        found.append(
            {
                "is_active": was,
                "is_churned": was and not activity.on(key, until),
                **{f"revenue{s}": spent(key, *spans[s]) if known[s] else math.nan for s in spans},
                **{f"cost{s}": cost(row, *spans[s]) if known[s] else math.nan for s in spans},
                "referred": between(friends, key, day, until) > 0,
                "stratum": (
                    activity.kinds[key],
                    tenure_band(activity.first_day(key), day),
                    row.channel,
                    until > world.as_of - 182 * DAY,
                ),
            }
        )
    table = pd.concat([rows, pd.DataFrame(found)], axis=1)
    table["kind"] = table["customer_key"].map(activity.kinds)
    for name in ("revenue", "cost"):
        after, base, earlier = (table[f"{name}{s}"] for s in ("", "_base", "_earlier"))
        table[f"{name}_base"] = base.where(earlier.notna() & after.notna())
        table[f"{name}_change"] = (after - base).where(earlier.notna())
        table[f"{name}_trend_adjusted"] = after - base - 1.5 * (base - earlier)
    return table.assign(fine=list(zip(table["stratum"], spending_before(table), strict=True)))


def spending_before(table: pd.DataFrame) -> pd.Series:
    """Nothing, or in which half of the kind, and whether it had fallen by more than a tenth."""
    spent = (table["revenue_base"] + table["revenue_earlier"]).round(4)
    by = [table["kind"], spent > 0]
    rank = (spent.groupby(by).rank("min") - 1) / (spent.groupby(by).transform("count") - 1)
    falling = table["revenue_before"] < 0.9 * table["revenue_base"]
    half = (rank >= 0.5).map({True: "higher", False: "lower"}) + falling.astype(str)
    return half.where(spent > 0, "none").where(spent.notna(), "not_known")
