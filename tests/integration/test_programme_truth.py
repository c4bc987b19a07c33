"""The demo company's three programmes, against what is true of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Company, company


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company in its default size, published."""
    demo = company(tmp_path_factory.mktemp("demo"))
    demo.cxroi("demo", "--customers", "2000", "--months", "24", "--seed", "7", "--nights", "0")
    demo.cxroi("run")
    return demo


def truth(home: Path, programme: str) -> float:
    body = json.loads((home / "truth" / "truth.json").read_text(encoding="utf-8"))
    [effect] = [
        p["att_amount"]
        for p in body["programmes"]
        if (p["programme_id"], p["segment"]) == (programme, "all")
    ]
    return float(effect)


@pytest.mark.long
@pytest.mark.parametrize("programme", ["P-ONBOARD", "P-DIGEST", "P-LOYAL"])
def test_interval_holds_the_truth_and_only_the_one_that_works_pays_back(
    published: Company, programme: str
) -> None:
    [(verdict, low, high, naive)] = published.query(
        "select verdict, effect_low_amount, effect_high_amount, naive_difference_amount"
        f" from cx.fct_programme_roi where programme_id = '{programme}' and segmentation = 'all'"
    )
    assert low < truth(published.home, programme) < high
    assert (verdict == "pays_back") == (programme == "P-ONBOARD")
    # Setting the enrolled beside the rest would have credited every one of them.
    assert naive > high
