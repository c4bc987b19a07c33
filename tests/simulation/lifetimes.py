"""Are totals of purchases foretold, however customers leave? Many companies, counted 36 months on.

Run `python -m tests.simulation.lifetimes [companies] [--first-seed 0] [--way by_purchase …]`. Each
way of leaving is one row of a Markdown table: 25 companies of it take a minute. The models of the
night run on the purchases of 48 months of 800 to 3,000 customers; their Python is called as dbt
does. A small version is in the test suite.

No way is that of one of the candidates alone: rates are gamma or lognormal over customers by turns,
and in `one_time_heavy` a third to six tenths leave at once and the others at one rate. In `ageing`
the chance of leaving rises or falls with age (Weibull, which one candidate has), in
`ageing_otherwise` as no candidate has it, by gamma, lognormal and Gompertz lives by turns. In
`regular` who buys does it at intervals twice as regular as chance (Erlang).

- error: predicted ÷ actual − 1, the median, the median of its size, and nine tenths are within.
- interval: of the total, 95 %: how many hold what came; half of its width.
- before: the same of BG/NBD alone, whose ends of all customers were added up.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import partial
from os import cpu_count

import duckdb
import numpy as np
import pandas as pd

from orchestration.lib.science.lifetime_fits import all_fits
from orchestration.lib.science.lifetime_predictions import purchase_predictions
from orchestration.lib.science.relations import to_pandas
from tests.product_sql import build

WAYS = (
    "by_purchase",
    "by_time_alike",
    "by_time_unlike",
    "never",
    "one_time_heavy",
    "ageing",
    "regular",
    "ageing_otherwise",
)
EPOCH = pd.Timestamp("2022-01-01")
HISTORY = (pd.Timestamp("2025-12-31") - EPOCH).days
AHEAD = 36 * 30.4375
# Lives that wear out or harden and are not Weibull: gamma, lognormal and Gompertz.
LIVES: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    lambda rng, size: rng.gamma(shape := rng.uniform(0.6, 2.0), 1 / shape, size),
    lambda rng, size: rng.lognormal(0, rng.uniform(0.8, 1.6), size),
    lambda rng, size: np.log1p(rng.exponential(1, size) * (grows := rng.uniform(0.3, 2.0))) / grows,
)


@dataclass(frozen=True)
class Total:
    """Purchase days of all buyers, as foretold and as they came."""

    predicted: float
    low: float
    high: float
    before: float
    before_low: float
    before_high: float
    actual: float


def purchases(way: str, seed: int, most: int = 3000) -> np.ndarray:
    """Customers and days of their purchases, of the history and of the time to foretell."""
    rng = np.random.default_rng([seed, WAYS.index(way)])
    size = int(rng.integers(800, most))
    began, mean = rng.uniform(0, HISTORY, size), rng.uniform(3, 9) / 365.25
    shape, spread = rng.uniform(0.7, 2.5), rng.uniform(0.5, 1.0)
    gamma = rng.gamma(shape, mean / shape, size)
    rate = gamma if seed % 2 else mean * rng.lognormal(-(spread**2) / 2, spread, size)
    regular = 2 if way == "regular" else 1
    years = rng.uniform(2, 5) * 365.25
    life, dropout = np.full(size, np.inf), np.zeros(size)
    match way:
        case "by_purchase":
            share, sureness = rng.uniform(0.05, 0.15), rng.uniform(3, 12)
            dropout = rng.beta(share * sureness, (1 - share) * sureness, size)
        case "by_time_alike":
            life = rng.exponential(years, size)
        case "by_time_unlike" | "regular":
            alike = rng.uniform(0.8, 2.5)
            life = rng.exponential(1, size) / rng.gamma(alike, 1 / (alike * years), size)
        case "one_time_heavy":
            life = rng.exponential(years, size) * (rng.random(size) > rng.uniform(0.35, 0.6))
        case "ageing":
            life = years * rng.weibull(rng.uniform(0.7, 1.4), size)
        case "ageing_otherwise":
            life = years * LIVES[seed // 2 % 3](rng, size)
    clock, alive, days = began.copy(), np.ones(size, bool), [(np.arange(size), began)]
    while alive.any():
        alive &= rng.random(size) >= dropout
        clock = clock + rng.gamma(regular, 1 / (regular * rate))
        alive &= (clock - began <= life) & (clock < HISTORY + AHEAD)
        days.append((np.flatnonzero(alive), clock[alive]))
    both = np.column_stack([np.concatenate(column) for column in zip(*days, strict=True)])
    return np.unique(np.floor(both).astype(int), axis=0)


def foretold(days: np.ndarray) -> Total:
    """The total of a company, by the models of the night on what was known by the data date."""
    known = days[days[:, 1] <= HISTORY]
    table = pd.DataFrame(known, columns=["customer_key", "day"])
    table["business_date"] = (EPOCH + pd.to_timedelta(table["day"], unit="D")).astype("M8[s]")
    with duckdb.connect() as connection:
        connection.register("known", table)
        connection.execute("""
            create table int_clv__purchase_days as
            select customer_key, business_date::date as business_date, 1.0 as spend_amount
            from known;
            create table int_contracts__enriched
                (customer_key bigint, contract_kind varchar, start_date date, end_date date);
            create table int_customer_segments__backdated (customer_key bigint,
                segmentation varchar, segment varchar, valid_from_date date, valid_to_date date);
            create table stg_run__parameters as select date '2025-12-31' as as_of_date;
            create table analyst_settings as select * from (values
                ('clv_holdout_months', '12'), ('clv_horizon_months', '36'))
                as settings (setting_name, setting_value);
            create table int_clv__recent_months as
            select distinct 'current' as fit, customer_key, 1.0 as contribution_amount,
                1.0 as spend_amount from int_clv__purchase_days;
            create table int_clv__spend_predictions as
            select distinct 'current' as fit, 'all' as segment, number as spend_count,
                1.0 as intercept, 0.0 as slope, 0.0 as intercept_variance, 0.0 as covariance,
                0.0 as slope_variance from range(10000) as numbers(number)""")
        build(connection, "int_clv__purchase_histogram")
        groups = to_pandas(connection.table("int_clv__purchase_histogram"))
        nothing = pd.DataFrame(columns=["fit", "segment", "period_months"])
        found = all_fits(nothing, groups, nothing)
        fits = found.to_pandas()
        spend = fits[fits["model"] == "bgnbd"].assign(model="gamma_gamma", reason=None)
        predicted = purchase_predictions(fits, groups)
        connection.register("fitted", pd.concat([fits, spend], ignore_index=True))
        connection.register("predicted", predicted)
        connection.execute("create table int_clv__fits as from fitted")
        connection.execute("create table int_clv__purchase_predictions as from predicted")
        build(connection, "fct_clv_totals")
        row = connection.execute("""
            select expected_purchase_days, expected_purchase_days_low, expected_purchase_days_high
            from fct_clv_totals where buyer_kind = 'all'""").fetchone()
        alone = connection.execute("""
            with customers as (
                select expected_purchases as days, sqrt(error_1 * error_1 + error_2 * error_2
                    + error_3 * error_3 + error_4 * error_4) / expected_purchases as error
                from predicted inner join int_clv__buyers
                    using (fit, repeat_count, recency_step, observed_step)
                where fit = 'current' and predicted.segment = 'all' and model = 'bgnbd'
            )
            select sum(days), sum(days * exp(-1.96 * error)), sum(days * exp(1.96 * error))
            from customers""").fetchone()
    assert row is not None and alone is not None
    return Total(*row, *alone, float((days[:, 1] > HISTORY).sum()))


def told(way: str, seed: int) -> Total:
    return foretold(purchases(way, seed))


def figures(totals: list[Total]) -> list[float]:
    """Median error, median size of it, nine tenths, share of intervals that hold, half width."""
    table, found = np.array([astuple(total) for total in totals], float).T, []
    for columns in (table[[0, 1, 2, 6]], table[[3, 4, 5, 6]]):
        # BG/NBD alone has no fit of some companies.
        predicted, low, high, actual = columns[:, np.isfinite(columns[0])]
        error = predicted / actual - 1
        size = np.abs(error)
        held = ((low <= actual) & (actual <= high)).mean()
        width = np.median((high - low) / 2 / predicted)
        found += [np.median(error), np.median(size), np.quantile(size, 0.9), held, width]
    return [float(figure) for figure in found]


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("companies", type=int, nargs="?", default=25)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--way", action="append", choices=WAYS)
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.companies)
    print("| way of leaving | error | size | 9 of 10 | holds | ± | before: error | holds |")
    print("|---|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor(cpu_count()) as pool:
        for way in given.way or WAYS:
            values = figures(list(pool.map(partial(told, way), seeds)))
            shown = [*values[:5], values[5], values[8]]
            print(f"| {way} | " + " | ".join(f"{100 * v:.1f} %" for v in shown) + " |", flush=True)


if __name__ == "__main__":
    main()
