"""Gate 2: are the answers of a survey still read on the scale they were given on?

The scale is one cell of one small file, and every answer is judged by it: a typing error there
takes thousands of answers out of NPS and CSAT, and no row is missing anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from expectations.checks.model import CheckResult, verdict
from expectations.checks.thresholds import is_cut
from expectations.mart_gate.mart_suite import GATE

TABLE = "fct_survey_responses"
# Typing slips and test answers are a few per cent; answers on -100 to 100 read as 0 to 10 leave 5 %
# on the scale. Below 20 answers, chance alone can.
FEWEST_ANSWERS, LOWEST_SHARE = 20, 0.5


class Answers(NamedTuple):
    """Scores given in a survey, and those on its scale."""

    scored: int
    valid: int


def answers_of(database: Path) -> dict[str, Answers]:
    """Answers per survey that is declared, of a warehouse file; none if it has no such table."""
    with duckdb.connect(str(database), read_only=True) as connection:
        has_table = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'cx' and table_name = ?", [TABLE]
        ).fetchone()
        rows = (
            has_table
            and connection.execute(
                f"select survey_id, count(score), count(*) filter (is_valid_score) from cx.{TABLE} "
                "where scale_min is not null group by survey_id"
            ).fetchall()
        )
    return {survey: Answers(scored, valid) for survey, scored, valid in rows or ()}


def valid_answers(before: Mapping[str, Answers], now: Mapping[str, Answers]) -> CheckResult:
    """Most answers of a survey are on its scale, and none that was valid is no longer."""
    none = Answers(0, 0)
    odd = {
        survey: f"{then.valid} valid answers published, now {now.get(survey, none).valid}"
        for survey, then in before.items()
        if is_cut(then.valid, now.get(survey, none).valid)
    }
    odd |= {
        survey: f"{found.valid} of {found.scored} scores are on its scale"
        for survey, found in now.items()
        if found.scored >= FEWEST_ANSWERS and found.valid < LOWEST_SHARE * found.scored
    }
    return verdict(
        GATE,
        TABLE,
        "valid_answers",
        [f"survey {survey}: {text}" for survey, text in sorted(odd.items())],
        checked=f"{len(now)} surveys",
        expected=f"at least {LOWEST_SHARE:.0%} of a survey's scores on its scale, and no fewer "
        "valid answers than published",
        description="Answers outside their scale are in no NPS, CSAT or CES",
    )
