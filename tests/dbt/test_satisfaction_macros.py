"""The NPS macros on shares that no whole number of answers gives, against published values."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment, FileSystemLoader

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
SIXTH_OF_100 = "'cast(100 as double) / 6'"


def evaluate(call: str) -> float | None:
    """The value of a macro call in DuckDB."""
    environment = Environment(loader=FileSystemLoader(MACROS))
    template = "{% from 'satisfaction.sql' import nps, nps_standard_error %}{{ " + call + " }}"
    row = duckdb.sql(f"select {environment.from_string(template).render()}").fetchone()
    assert row is not None
    value: float | None = row[0]
    return value


def test_half_promoters_a_third_passive_a_sixth_detractors() -> None:
    # p = 1/2, d = 1/6: NPS = 100 · (1/2 − 1/6) = 33.3; SE = 100 · √((2/3 − 1/9) / 100) = 7.45
    score = evaluate(f"nps(50, {SIXTH_OF_100}, 100)")
    error = evaluate(f"nps_standard_error(50, {SIXTH_OF_100}, 100)")
    assert score == pytest.approx(33.3, abs=0.05)
    assert error == pytest.approx(7.45, abs=0.005)


def test_no_answers_have_no_score() -> None:
    # 0 would read as "as many promoters as detractors"
    assert evaluate("nps(0, 0, 0)") is None
    assert evaluate("nps_standard_error(0, 0, 0)") is None


def test_everybody_of_one_mind_has_no_error() -> None:
    assert evaluate("nps(7, 0, 7)") == 100
    assert evaluate("nps_standard_error(0, 7, 7)") == 0
