"""The demo company's three programmes, against what is true of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Company
from tests.simulation.demo_verdicts import RIGHT, judged

SEEDS = range(1, 5)


@pytest.mark.parametrize("programme", RIGHT)
def test_only_the_one_that_works_pays_back(demo_company: Company, programme: str) -> None:
    """In the company everybody gets: the verdict, the truth in the interval, the naive figure."""
    [(verdict, low, high, naive)] = demo_company.query(
        "select verdict, effect_low_amount, effect_high_amount, naive_difference_amount"
        f" from cx.fct_programme_roi where programme_id = '{programme}' and segmentation = 'all'"
    )
    body = json.loads((demo_company.home / "truth" / "truth.json").read_text(encoding="utf-8"))
    [truth] = [
        p["att_amount"]
        for p in body["programmes"]
        if (p["programme_id"], p["segment"]) == (programme, "all")
    ]
    assert verdict in RIGHT[programme]
    assert low < truth < high
    # Setting the enrolled beside the rest would have credited every one of them.
    assert naive > high


@pytest.mark.long
def test_verdicts_are_right_in_most_companies(tmp_path: Path) -> None:
    """Seeds nobody chose: what is right in nine of ten may be wrong in two of twelve."""
    found = [said for seed in SEEDS for said in judged(seed, tmp_path / str(seed))]
    assert len(found) == 12
    assert sum(said.is_right for said in found) >= 10
    assert sum(said.holds_truth for said in found) >= 10
    assert sum(said.naive_is_wrong for said in found) >= 10
    # The one that only looks good is never credited.
    of_loyal = [said.verdict for said in found if said.programme == "P-LOYAL"]
    assert not {"pays_back", "likely_pays_back"} & set(of_loyal)
