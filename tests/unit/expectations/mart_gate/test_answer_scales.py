"""Answers that a wrong scale takes out of every metric, though no row is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from expectations.mart_gate.answer_scales import Answers, answers_of, valid_answers


@pytest.mark.parametrize(
    ("scored", "valid", "blocks", "why"),
    [
        (494, 494, False, "all on the scale"),
        (494, 25, True, "-100 to 100 read as 0 to 10"),
        (20, 9, True, "fewer than half of twenty"),
        (20, 10, False, "half"),
        (19, 0, False, "too few answers to tell"),
        (0, 0, False, "nobody gave a score"),
    ],
)
def test_most_scores_of_a_survey_are_on_its_scale(
    scored: int, valid: int, blocks: bool, why: str
) -> None:
    result = valid_answers({}, {"nps": Answers(scored, valid)})
    assert result.blocks is blocks, why


@pytest.mark.parametrize(
    ("now", "blocks", "why"),
    [
        ({"nps": Answers(500, 497)}, False, "more answers"),
        ({"nps": Answers(500, 300)}, True, "200 are no longer on the scale"),
        ({"nps": Answers(480, 480)}, False, "3 % fewer"),
        ({}, True, "the survey is no longer declared"),
    ],
)
def test_valid_answers_do_not_become_fewer(now: dict[str, Answers], blocks: bool, why: str) -> None:
    result = valid_answers({"nps": Answers(494, 494)}, now)
    assert result.blocks is blocks, why


def test_the_sentence_says_how_many(database: Callable[..., Path]) -> None:
    path = database(
        "create schema cx",
        "create table cx.fct_survey_responses "
        "(survey_id varchar, score decimal(18, 4), is_valid_score boolean, scale_min integer)",
        "insert into cx.fct_survey_responses "
        "select 'nps', case when range < 30 then range * 10 end, range < 2, 0 from range(40)",
        "insert into cx.fct_survey_responses select 'of nobody', range, false, null from range(40)",
    )
    assert answers_of(path) == {"nps": Answers(30, 2)}
    result = valid_answers({}, answers_of(path))
    assert result.observed == "survey nps: 2 of 30 scores are on its scale"
    assert answers_of(database("select 1", name="other.duckdb")) == {}
