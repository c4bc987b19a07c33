"""Randomised experiments run through the product's SQL, many at once: each is a programme."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

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
