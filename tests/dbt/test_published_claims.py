"""Every claim of the documents is on the scorecard with its document and its figure."""

from __future__ import annotations

import csv
from pathlib import Path

SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "published_claims.csv"
# document, figure (upper end), comparison
CLAIMS = {
    ("How to improve the ROI", 0.84, None, "none"),  # steady improvers grow
    ("How to improve the ROI", 5.7, None, "at_least"),  # good against poor experience
    ("Shayla Price", 0.2, None, "not_comparable"),  # retention of 60 % of retailers
    ("Shayla Price", 0.64, None, "none"),  # best tactic for lifetime value
    ("Shayla Price", 0.47, None, "at_least"),  # leave within a day of poor service
    ("Shayla Price", 0.2, None, "none"),  # personalisation lifts sales
    ("Shayla Price", 0.73, None, "at_least"),  # loyalty members recommend
    ("QuestionPro", 5.0, None, "at_least"),  # revenue growth of excellent experience
    ("QuestionPro", 3.0, None, "at_least"),  # returned per 1 invested
    ("Customer success", 0.91, None, "none"),  # buy from brands that recognise them
    ("SugarCRM", 1.4, None, "at_least"),  # more spend after the best experiences
    ("SugarCRM", 0.9, None, "at_least"),  # high effort makes disloyal
    ("SugarCRM", 0.1, None, "at_most"),  # low effort keeps loyal
    ("SugarCRM", 0.37, None, "at_least"),  # a low-effort contact costs less
    ("SugarCRM", 5.0, 25.0, "between"),  # winning against keeping
    ("SugarCRM", 0.95, None, "up_to"),  # profit of 5 % more retention
    ("SugarCRM", 0.92, None, "none"),  # gained loyalty
    ("SugarCRM", 0.82, None, "none"),  # gained revenue
}


def test_every_claim_is_there_with_its_figure_and_a_way_to_measure_it_or_none() -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listed = []
    for row in rows:
        [document] = {d for d, *_ in CLAIMS if row["source_document"].startswith(d)}
        upper = float(row["published_to"]) if row["published_to"] else None
        listed.append((document, float(row["published_figure"]), upper, row["comparison"]))
        is_none = row["comparison"] == "none"
        is_judged = row["comparison"] not in ("none", "not_comparable")
        assert is_judged != bool(row["no_verdict_reason"]), row["claim_id"]
        assert is_none != bool(row["how_measured"] and row["source_table"] and row["needs"])
    assert len(listed) == len(CLAIMS) == 18
    assert set(listed) == CLAIMS
