"""A small version of the gallery: what is said of programmes that choose by what is in no cell.

The full table (`python -m tests.simulation.natural_comparisons`, then `gallery`) is narrower.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.reference.experiments import benjamini_hochberg, difference_in_means
from tests.simulation.gallery import PAGE, PLOT, plot, table, wilson, with_table
from tests.simulation.natural_comparisons import KEPT, priced, simulated, tables
from tests.simulation.worlds import MONTHS, WORLDS, company

AMOUNTS = [
    "effect_amount",
    "effect_low_amount",
    "low_allowance_amount",
    "effect_standard_error_amount",
]
PAYS = ("pays_back", "likely_pays_back")
SMALL = ["bad_answer", "higher_value", "held_back"]
# Where too few can be compared: a verdict is never given.
SILENT = {"random_tiny", "newcomers"}


def held(found: pd.DataFrame) -> int:
    """Intervals that hold the truth, of those there are."""
    low, high = (found[f"effect_{end}_amount"].astype(float) for end in ("low", "high"))
    return int(((low <= found["truth"]) & (found["truth"] <= high)).sum())


def test_nothing_is_said_of_what_is_not_there_and_something_of_what_is() -> None:
    """Three worlds of four companies: of twelve true 95 % intervals ten hold in 98 of 100 tries.

    Half of the companies are tried with an effect, too.
    """
    found = simulated(SMALL, range(3000, 3004))
    cases = dict(iter(found.groupby("case")))
    nothing, even, twice = cases["nothing"], cases["even"], cases["twice"]
    assert len(nothing) == 12
    assert "pays_back" not in set(nothing["verdict"]) | set(even["verdict"])
    assert (nothing["verdict"] == "likely_pays_back").sum() <= 2
    assert "does_not_pay_back" not in set(even["verdict"])
    shown = nothing[nothing["effect_low_amount"].notna()]
    assert held(shown) >= len(shown) - 2 >= 8
    assert len(twice) >= 5
    assert twice["verdict"].isin(PAYS).sum() >= 0.6 * len(twice)


def test_customers_of_two_regions_are_judged_by_how_far_regions_drift_apart() -> None:
    """Shocks of 8 % make the error half as large again; chosen at random, regions do not matter."""
    errors = {}
    for name in ("random", "regions_8"):
        for seed in range(3000, 3003):
            with duckdb.connect() as connection:
                tables(connection, company(WORLDS[name], seed))
                priced(connection, 1.0)
                errors[name, seed] = connection.execute(
                    "select effect_error, clustered_by from int_programme_returns"
                    " where programme_id = 'P'"
                ).fetchone()
                [alone] = connection.execute(
                    "select effect_standard_error_amount from int_programme_estimates"
                    " where programme_id = 'P' and estimate_kind = 'effect'"
                ).fetchone()
            errors[name, seed] = (errors[name, seed][0] / alone, errors[name, seed][1])
    assert [errors["random", seed] for seed in range(3000, 3003)] == [(1, None)] * 3
    together = [errors["regions_8", seed] for seed in range(3000, 3003)]
    assert np.mean([times for times, _ in together]) > 1.3
    assert "region" in {by for _, by in together}


def test_the_page_shows_the_companies_that_were_kept() -> None:
    rows = table(pd.read_csv(KEPT))
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page, rows) == page
    assert PLOT.read_text(encoding="utf-8") == plot(rows)


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_kept_keeps_the_promise(name: str) -> None:
    """In every world, of a hundred companies; likely, and intervals, where the bias can be seen."""
    kept = pd.read_csv(KEPT)
    row = table(kept[kept["world"] == name]).iloc[0]
    assert row["companies"] >= 100
    assert row["nothing_pays"] <= 5 and row["even_pays"] <= 5
    assert row["even_does_not"] <= 5
    if WORLDS[name].is_seen:
        assert row["nothing_likely"] <= 15 and row["even_likely"] <= 15
        assert name in SILENT or row["held"] >= 90
    assert name in SILENT or row["twice_pays"] + row["twice_likely"] >= 60


def test_the_interval_of_a_share() -> None:
    """19 of 20: Wilson's 76.4 to 99.1 %."""
    assert wilson(95, 20) == pytest.approx((76.4, 99.1), abs=0.05)


SAID = [
    "verdict",
    "verdict_reason",
    "effect_amount",
    "effect_low_amount",
    "effect_high_amount",
    "treated_month_count",
]


@pytest.mark.parametrize("ended", ["left", "evaluation"])
def test_a_finished_programme_says_the_same_ever_after(ended: str) -> None:
    """Everybody has left, or it was judged, at the beginning of month 30; six months later."""
    panel = company(WORLDS["bad_answer"], 3000, effect=15)
    said = []
    for closed in (30, MONTHS):
        with duckdb.connect() as connection:
            tables(connection, panel, closed, **{ended: 30})
            said.append(dict(priced(connection, 1.0)[SAID]))
    assert said[0] == said[1]
    assert said[0]["verdict"] in PAYS
    months = [30 - entry for entry in panel.cohort[np.isfinite(panel.cohort)]]
    assert said[0]["treated_month_count"] == sum(months)


def test_looks_before_the_day_of_judgement_ask_for_more() -> None:
    """Of eleven months from month 20 on, five or all: 2.807/√(5/11) and 2.054 errors, not 1.98."""
    panel = company(WORLDS["random"], 3001)
    reaches = []
    for closed in (25, 31):
        with duckdb.connect() as connection:
            tables(connection, panel, closed, evaluation=31)
            row = priced(connection, 1.0)[AMOUNTS].astype(float)
        width = row["effect_amount"] - row["low_allowance_amount"] - row["effect_low_amount"]
        reaches.append(width / row["effect_standard_error_amount"])
    assert reaches[0] / reaches[1] == pytest.approx(2.807 / np.sqrt(5 / 11) / 2.054, rel=0.02)
    assert 2.054 < reaches[1] < 2.2


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in WORLDS if name != "random_huge"])
def test_a_world_keeps_the_promise(name: str) -> None:
    """Of 20 companies a true 5 % is at most 3 in 98 of 100 tries, a true 15 % at most 6."""
    row = table(simulated([name], range(4000, 4020))).iloc[0]
    assert row["nothing_pays"] <= 15 and row["even_pays"] <= 15
    assert row["even_does_not"] <= 15
    if WORLDS[name].is_seen:
        assert row["nothing_likely"] <= 30
    if name not in SILENT:  # ten of them
        assert row["twice_pays"] + row["twice_likely"] >= 40


def test_twenty_programmes_at_once() -> None:
    """Uniform p-values, as of programmes without effect: something is found in one family of 20.

    Of the findings where half of the programmes work, half of 5 % are false.
    """
    rng = np.random.default_rng(1)
    null, works = rng.uniform(size=100_000), rng.uniform(0, 1e-6, 100_000)
    some, false = [], []
    for _ in range(2000):
        some.append(benjamini_hochberg(rng.choice(null, 20)).min() <= 0.05)
        mixed = np.concatenate([rng.choice(null, 10), rng.choice(works, 10)])
        is_found = benjamini_hochberg(mixed) <= 0.05
        false.append(is_found[:10].sum() / max(is_found.sum(), 1))
    assert np.mean(some) == pytest.approx(0.05, abs=0.015)
    assert np.mean(false) == pytest.approx(0.025, abs=0.01)


def test_cuped_intervals_cover_and_are_shorter() -> None:
    """Lotteries of 200 with skewed amounts, half of which were there before: 95 % of 2,000."""
    rng = np.random.default_rng(2)
    inside, shorter = [], []
    for _ in range(2000):
        before = rng.gamma(2, 20, 200)
        treated = rng.permutation(200) < 100
        after = 0.5 * before + rng.gamma(2, 8, 200) + 5 * treated
        adjusted = difference_in_means(after, treated, before)
        low, high = adjusted.interval()
        inside.append(low < 5 < high)
        shorter.append(adjusted.standard_error / difference_in_means(after, treated).standard_error)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)
    assert np.mean(shorter) < 0.7
