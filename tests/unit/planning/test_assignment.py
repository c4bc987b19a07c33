"""The draw: as planned, the same again, another for another programme, and by chance."""

from __future__ import annotations

from collections import Counter

import numpy as np

from orchestration.lib.planning.assignment import draw

SECRET = "a secret of the tests, long enough"
IDS = [f"c{n}" for n in range(100)]
# One of 40, one of 25, and 35 of one customer each.
STRATA = [("big",)] * 40 + [("middle",)] * 25 + [(f"s{n}",) for n in range(35)]


def test_arms_are_as_planned_in_every_stratum() -> None:
    taken, treated = draw("P", SECRET, IDS, STRATA, 100, 0.3)
    assert taken.all()
    assert treated.sum() == 30
    counts = Counter(s for s, t in zip(STRATA, treated, strict=True) if t)
    assert counts[("big",)] == 12  # 0.3 of 40
    assert counts[("middle",)] in (7, 8)  # 7.5


def test_only_some_are_taken_and_the_treated_are_among_them() -> None:
    taken, treated = draw("P", SECRET, IDS, STRATA, 41, 0.5)
    assert taken.sum() == 41
    assert treated.sum() in (20, 21)
    assert not (treated & ~taken).any()


def test_the_draw_is_the_same_again_whatever_the_order_and_another_for_another_programme() -> None:
    _, first = draw("P", SECRET, IDS, STRATA, 100, 0.5)
    _, again = draw("P", SECRET, IDS[::-1], STRATA[::-1], 100, 0.5)
    assert (first == again[::-1]).all()
    for other in (draw("Q", SECRET, IDS, STRATA, 100, 0.5), draw("P", "x", IDS, STRATA, 100, 0.5)):
        assert 25 < (other[1] == first).sum() < 75


def test_every_customer_has_the_same_chance_in_small_strata_as_in_large_ones() -> None:
    """Of 1,000 programmes 300 treat a customer, give or take 4 · √(1000 · 0.3 · 0.7) = 58."""
    times = sum(draw(f"P{n}", SECRET, IDS, STRATA, 100, 0.3)[1].astype(int) for n in range(1000))
    assert np.abs(np.asarray(times) - 300).max() < 58
