"""The NPS macros on shares that no whole number of answers gives, against published values."""

from __future__ import annotations

import duckdb
import pytest

from tests.product_sql import rendered, value

SIXTH_OF_100 = "'cast(100 as double) / 6'"


def test_half_promoters_a_third_passive_a_sixth_detractors() -> None:
    # p = 1/2, d = 1/6: NPS = 100 · (1/2 − 1/6) = 33.3; SE = 100 · √((2/3 − 1/9) / 100) = 7.45
    score = value(f"nps(50, {SIXTH_OF_100}, 100)")
    error = value(f"nps_standard_error(50, {SIXTH_OF_100}, 100)")
    assert score == pytest.approx(33.3, abs=0.05)
    assert error == pytest.approx(7.45, abs=0.005)


def test_no_answers_have_no_score() -> None:
    # 0 would read as "as many promoters as detractors"
    assert value("nps(0, 0, 0)") is None
    assert value("nps_standard_error(0, 0, 0)") is None


def test_everybody_of_one_mind_has_no_error() -> None:
    assert value("nps(7, 0, 7)") == 100
    assert value("nps_standard_error(0, 7, 7)") == 0


@pytest.mark.parametrize(
    ("promoters", "detractors", "answers", "low", "high"),
    [
        (51, 17, 102, 18.10, 46.66),  # p = 51.75/105, d = 17.75/105: 32.38 ± 1.96 · 7.284
        (7, 0, 7, 32.81, 100),  # 70 ± 1.96 · 18.97; of one mind is not certain
        (1, 0, 1, -48.5, 100),  # 25 ± 1.96 · 37.5 ends at 98.5: widened to the score itself
        (0, 1, 1, -100, 48.5),
        (0, 0, 3, -40.0, 40.0),  # three passives: 0 ± 1.96 · 100 · √(1.5/6/6) = 40.0
    ],
)
def test_an_interval_has_a_width_also_where_all_agree(
    promoters: int, detractors: int, answers: int, low: float, high: float
) -> None:
    """Rocks (2016): as if 3/4 promoter, 3/2 passives and 3/4 detractor had answered too."""
    counts = f"{promoters}, {detractors}, {answers}"
    assert value(f"nps_bound({counts}, -1)") == pytest.approx(low, abs=0.05)
    assert value(f"nps_bound({counts}, 1)") == pytest.approx(high, abs=0.05)


def test_no_answers_have_no_interval() -> None:
    assert value("nps_bound(0, 0, 0, -1)") is None


def covered(promoters: float, detractors: float, answers: int) -> float:
    """How often the interval holds the truth, over every possible set of answers."""
    truth = 100 * (promoters - detractors)
    low, high = (rendered(f"nps_bound('p', 'd', {answers}, {side})") for side in (-1, 1))
    row = duckdb.sql(
        f"""
        select sum(
            gamma({answers} + 1) / gamma(p + 1) / gamma(d + 1) / gamma({answers} - p - d + 1)
            * power({promoters}, p) * power({detractors}, d)
            * power(1 - {promoters} - {detractors}, {answers} - p - d)
        )
        from (select cast(p as double) as p from range({answers + 1}) as a (p))
        cross join (select cast(d as double) as d from range({answers + 1}) as b (d))
        where p + d <= {answers} and {truth} between {low} and {high}
        """
    ).fetchone()
    assert row is not None
    return float(row[0])


@pytest.mark.parametrize(("answers", "least"), [(5, 0.92), (10, 0.93), (20, 0.93), (50, 0.94)])
def test_intervals_of_few_answers_hold_the_truth_95_times_in_100(
    answers: int, least: float
) -> None:
    """± 1.96 errors about the score hold it 66 to 88 times at n = 5."""
    for shares in ((0.5, 1 / 6), (0.8, 0.05), (0.3, 0.3)):
        assert least <= covered(*shares, answers) <= 0.97
