"""Randomised experiments run through the product's SQL, many at once: each is a programme.

Run `python -m tests.simulation.randomised_experiments [--share 1] [--orders payments.csv]`: a
Markdown table of experiments without effect, a row per size of the arms and kind of money, the last
the order values of a shop. It takes half an hour; a small version is in the test suite.

- above, below: shares of intervals that lie above and below 0, nominal 2.5 % each.
- control: of an interval by the control arm's error alone, as was published once.
- CUPED: of customers who keep the level that was drawn for a year, freed of nine months before.
- families: of twenty experiments, corrected together (Benjamini and Hochberg), at least one found,
  nominal 5 %.
- found: an effect of 2.8 errors, by the draws and by Welch.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from tests.product_sql import build
from tests.reference.randomisation import Units

JUDGED = """
    select programme_id, int_programme_estimates.effect_amount, effect_standard_error_amount,
        degrees_of_freedom, low_reach, high_reach, is_treated_skewed, treated_with_outcome_count,
        control_with_outcome_count, winsorised.effect_amount as winsorised_amount,
        winsorised.low_amount as winsorised_low_amount
    from int_programme_estimates
    inner join int_programme_reaches using (programme_id, segmentation, segment)
    inner join int_programme_winsorised as winsorised using (programme_id, segmentation, segment)
    where estimate_kind = 'effect'
    order by programme_id
"""


@dataclass(frozen=True)
class Outcome:
    """Kinds of money, by name; `draw` gives one experiment's amounts."""

    name: str

    def draw(self, rng: np.random.Generator, size: int) -> np.ndarray:
        match self.name:
            case "lognormal(1)":
                return rng.lognormal(0, 1, size)
            case "lognormal(1.5)":
                return rng.lognormal(0, 1.5, size)
            case "Pareto(1.5)":
                return rng.pareto(1.5, size)
            case "gamma(0.5)":
                return rng.gamma(0.5, 1, size)
        raise ValueError(self.name)


def judged(experiments: Iterable[Units], customers: int = 1) -> pd.DataFrame:
    """What the models make of them, one row per experiment, in their order.

    A unit's amount is spread evenly over its months, and is the mean of its customers', who differ.
    """
    tables = []
    cells = 0
    for number, units in enumerate(experiments):
        months = units.months.astype(int)
        member = np.repeat(np.arange(customers), months.sum())
        row = np.tile(np.repeat(np.arange(len(months)), months), customers)
        keys = np.array(units.keys)[row]
        share = 1 + (2 * member - customers + 1) / customers
        tables.append(
            pd.DataFrame(
                {
                    "programme_id": number,
                    "customer_key": np.char.add(keys, np.char.mod(" %d", member)),
                    "unit_key": keys,
                    "is_treated": units.is_treated[row],
                    "cell_number": cells + units.stratum[row],
                    "months_since_entry": np.tile(
                        np.concatenate([np.arange(m) for m in months]), customers
                    ),
                    "change_amount": (units.amount / units.months)[row] * share,
                }
            )
        )
        cells += int(units.stratum.max()) + 1
    with duckdb.connect() as connection:
        connection.register("given", pd.concat(tables))
        connection.execute("""
            create table int_programme_adjusted_outcomes as
            select 'effect' as design, lpad(programme_id::varchar, 6, '0') as programme_id,
                'all' as segmentation, 'all' as segment, 'person' as customer_kind,
                true as is_randomised, 100 as entry_number,
                100 + months_since_entry as month_number, months_since_entry, customer_key,
                unit_key, is_treated, cell_number, 1 as month_weight, true as is_active,
                false as has_referred, change_amount <> 0 as has_outcome, change_amount,
                0.0 as retained_change_amount, 0.0 as support_change_amount,
                0.0 as referred_change_amount
            from given;
            create table int_customers__sampling_key as
            select distinct unit_key as customer_key, unit_key as draw_key from given;
        """)
        return _estimated(connection)


@dataclass(frozen=True)
class Past:
    """An experiment with its nine months before: customers × months, tenure at entry, arm."""

    outcome: np.ndarray
    tenure: np.ndarray
    is_treated: np.ndarray


def judged_from_before(experiments: Iterable[Past]) -> pd.DataFrame:
    """What the models make of them from the panel on, one row per experiment, in their order."""
    tables = []
    for number, given in enumerate(experiments):
        row, month = (index.ravel() for index in np.indices(given.outcome.shape))
        tables.append(
            pd.DataFrame(
                {
                    "programme_id": f"{number:06}",
                    "customer_key": np.char.mod("c%d", row),
                    "is_treated": given.is_treated[row],
                    "cell_number": number,
                    "months_since_entry": month - 9,
                    "outcome_amount": given.outcome[row, month],
                    "level_amount": given.outcome[:, 6:9].mean(axis=1)[row],
                    "tenure_months": given.tenure[row],
                }
            )
        )
    with duckdb.connect() as connection:
        connection.register("given", pd.concat(tables))
        connection.execute("""
            create table int_programme_panel as
            select *, 'effect' as design, 'all' as segmentation, 'all' as segment,
                'person' as customer_kind, true as is_randomised, 100 as entry_number,
                100 + months_since_entry as month_number, 1 as month_weight, true as is_active,
                false as has_referred, 0.0 as base_amount, 0.0 as month_before_amount,
                0.0 as retained_change_amount, 0.0 as support_change_amount,
                0.0 as referred_change_amount
            from given;
            create table int_programme_matched_sample as
            select distinct programme_id, segmentation, cell_number, customer_key, tenure_months
            from int_programme_panel;
            create table int_programme_enrolments__by_customer as
            select programme_id, customer_key, customer_key as unit_key
            from int_programme_matched_sample;
            create table int_customers__sampling_key as
            select distinct customer_key, customer_key as draw_key from given;
        """)
        return _estimated(connection)


def _estimated(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """From adjusted outcomes, or what they are made of, to the reaches."""
    if ("int_programme_adjusted_outcomes",) not in connection.execute("show tables").fetchall():
        build(connection, "int_programme_adjusted_outcomes")
    connection.execute("""
        create table int_programme_weights as
        select programme_id, segmentation, segment, customer_kind, 1.0 as kind_weight
        from int_programme_adjusted_outcomes limit 0;
        create table int_programme_cost_benefit as
        select programme_id, segmentation, segment, month_number, 1.0 as discount_factor
        from int_programme_adjusted_outcomes limit 0;
    """)
    for model in ("int_programme_estimates", "int_programme_reaches", "int_programme_winsorised"):
        build(connection, model)
    return connection.execute(JUDGED).df()


ARMS = {(40, 40): 4000, (200, 200): 1500, (1000, 1000): 400, (200, 40): 2000}  # how many of each
MONEY = ("lognormal(1)", "lognormal(1.5)", "Pareto(1.5)", "gamma(0.5)")
FAMILY = 20
ROWS = 60_000  # units of one run of the SQL


def drawn(money: str, orders: np.ndarray, seed: int, size: int, count: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        if money == "orders":
            yield rng.choice(orders, size, replace=False)
        else:
            yield Outcome(money).draw(rng, size)


def alone(amount: np.ndarray, treated: int) -> Units:
    """One stratum, one month, the first customers treated."""
    size = len(amount)
    keys = [f"customer {i}" for i in range(size)]
    return Units(amount, np.ones(size), np.arange(size) < treated, np.zeros(size, int), keys)


def lasting(level: np.ndarray, treated: int, seed: int) -> Past:
    """Customers who spend about the same every month, of whom the first are treated."""
    rng = np.random.default_rng(seed)
    outcome = level[:, None] * rng.lognormal(0, 0.3, (len(level), 12))
    tenure = rng.integers(0, 60, len(level))
    return Past(np.round(outcome, 4), tenure, np.arange(len(level)) < treated)


def parts(given: list[Any], size: int) -> Iterator[list[Any]]:
    return (given[first : first + size] for first in range(0, len(given), size))


def figures(amounts: list[np.ndarray], treated: int) -> list[float]:
    """One row of the table, in shares."""
    arms = [(amount[:treated], amount[treated:]) for amount in amounts]
    effect = np.array([one.mean() - other.mean() for one, other in arms])
    squares = np.array([[arm.var(ddof=1) / len(arm) for arm in pair] for pair in arms])
    error = np.sqrt(squares.sum(axis=1))
    sizes = np.array([treated - 1, len(amounts[0]) - treated - 1])
    welch = error * stats.t.ppf(0.975, error**4 / (squares**2 / sizes).sum(axis=1))
    by_control = 1.96 * np.sqrt(squares[:, 1] * (1 + (sizes[1] + 1) / treated))
    rows = [
        judged(alone(amount, treated) for amount in some)
        for some in parts(amounts, ROWS // len(amounts[0]))
    ]
    reach = pd.concat([r[["low_reach", "high_reach"]] for r in rows]).to_numpy()
    low, high = (error[:, None] * reach).T
    pasts = [lasting(amount, treated, seed) for seed, amount in enumerate(amounts)]
    freed = pd.concat([judged_from_before(some) for some in parts(pasts, ROWS // len(amounts[0]))])
    left, scatter = freed["effect_amount"], freed["effect_standard_error_amount"]
    score = stats.norm.ppf(0.975) * effect / np.where(effect > 0, low, high)
    chance = 2 * stats.norm.sf(np.abs(score[: len(score) // FAMILY * FAMILY]))
    families = stats.false_discovery_control(chance.reshape(-1, FAMILY), axis=1)
    larger = effect + 2.8 * np.sqrt(np.mean(error**2))
    shares = [
        effect > by_control,
        effect > welch,
        effect > low,
        effect < -high,
        left > freed["low_reach"] * scatter,
        left < -freed["high_reach"] * scatter,
        (families <= 0.05).any(axis=1),
        larger > low,
        larger > welch,
    ]
    return [float(np.mean(share)) for share in shares]


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--orders", type=Path, help="olist_order_payments_dataset.csv")
    given = parser.parse_args()
    orders = np.empty(0)
    if given.orders:
        orders = pd.read_csv(given.orders).groupby("order_id")["payment_value"].sum().to_numpy()
    print("| arms | money | control | Welch | above | below | CUPED above | below | families |"
          " found | by Welch |\n" + "|---" * 11 + "|")  # fmt: skip
    for (treated, control), usual in ARMS.items():
        for money in (*MONEY, *["orders"] * (given.orders is not None)):
            count = max(FAMILY, int(usual * given.share))
            amounts = list(drawn(money, orders, given.seed, treated + control, count))
            shown = " | ".join(f"{100 * share:.1f}" for share in figures(amounts, treated))
            print(f"| {treated}/{control} | {money} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
