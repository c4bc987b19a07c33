"""Freireich et al. (1963), 6-mercaptopurine against placebo: weeks in remission of 42 children."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from orchestration.lib.science import NotEstimable
from tests.reference import survival


@pytest.fixture(scope="module")
def remission() -> pd.DataFrame:
    spec = find_spec("lifelines")
    assert spec is not None and spec.origin is not None
    return pd.read_csv(Path(spec.origin).parent / "datasets" / "anderson.csv", sep=r"\s+")


def test_kaplan_meier_gives_the_published_curve(remission):
    treated = remission[remission["Rx"] == 0]
    curve = survival.kaplan_meier(treated["t"], treated["status"])
    assert [round(curve.at(week), 4) for week in (6, 10, 23)] == [0.8571, 0.7529, 0.4482]
    assert curve.median == 23
    assert curve.at(5) == 1
    # Greenwood at week 6: S·sqrt(3/(21·18)) = .8571 · .0891 = .0764
    assert round(float(curve.standard_error[0]), 4) == 0.0764


def test_log_rank_gives_the_published_statistic(remission):
    statistic, p_value = survival.log_rank(remission["t"], remission["status"], remission["Rx"])
    assert round(statistic, 3) == 16.793
    assert p_value < 0.0001


def test_rows_may_be_counted_instead_of_repeated(remission):
    grouped = remission.groupby(["t", "status", "Rx"], as_index=False).size()
    assert len(grouped) < len(remission)
    by_row = survival.log_rank(remission["t"], remission["status"], remission["Rx"])
    by_count = survival.log_rank(grouped["t"], grouped["status"], grouped["Rx"], grouped["size"])
    assert by_count == pytest.approx(by_row)


def test_a_median_nobody_reached_is_missing_not_the_longest_time():
    # Given ten tickets of which one was answered, the median answer is unknown so far.
    curve = survival.kaplan_meier([5] + [60] * 9, [True] + [False] * 9)
    assert np.isnan(curve.median)


def test_one_group_or_no_event_gives_a_reason():
    with pytest.raises(NotEstimable, match="one group"):
        survival.log_rank([1, 2], [True, True], ["a", "a"])
    with pytest.raises(NotEstimable, match="nothing happened"):
        survival.log_rank([1, 2], [False, False], ["a", "b"])
