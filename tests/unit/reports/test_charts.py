"""Charts show what is known, on one scale with zero in it, and leave a gap where nothing is."""

from __future__ import annotations

import re
from datetime import date

import duckdb

from orchestration.lib.reports.charts import Point, bars, line, two_lines
from orchestration.lib.reports.page import number, quarter_name
from orchestration.lib.reports.programmes import payback_charts


def test_charts_keep_zero_in_sight_and_break_where_nothing_is_known() -> None:
    points = [Point("a", 10), Point("b", None), Point("c", -5), Point("d", 5)]
    drawn = line(points, "T & T", str)
    assert drawn.count("<polyline") == 2  # a, then c to d
    assert 'aria-label="T &amp; T: a 10; b –; c -5; d 5"' in drawn
    assert bars(points, "T", str).count("<rect") == 3
    assert "<svg" in line([], "nothing yet", str)


def test_two_lines_share_a_scale_and_one_may_end_before_the_other() -> None:
    """Of 100 points of height for 0 to 60: 60 is at the top (10), 30 half way (60), 0 at 110."""
    benefit = [Point("a", 0), Point("b", 60)]
    drawn = two_lines(benefit, [Point("a", 30), Point("b", None)], ("in", "out"), "T", str)
    heights = re.findall(r'cy="([\d.]+)"', drawn)
    assert heights == ["60.0", "10.0"]  # where the thin line ends, then the other
    assert '110.0 257.5,10.0" class="line"/>' in drawn
    assert 'aria-label="T: a in 0, out 30; b in 60, out –"' in drawn


def test_a_programme_is_drawn_from_its_start_to_its_last_closed_month() -> None:
    """Benefit to date 10, 50, 40, 60 against 30, 36, 42, 48; the second has a cost not known."""
    with duckdb.connect() as connection:
        connection.execute("create schema cx")
        connection.execute("""
            create table cx.fct_programme_roi as
            from (values
                ('P', 'Guided <start>', 'not_proven', 0.2, false),
                ('Q', null, 'not_proven', null, false),
                ('R', 'Without a result', 'not_proven', null, false),
                ('S', 'Not believed', 'not_proven', null, true)
            ) t(programme_id, programme_name, verdict, roi_rate_low, is_refuted),
                (values ('all', 'all'), ('country', 'Japan')) s(segmentation, segment)
        """)
        connection.execute("""
            create table cx.fct_programme_months as
            from (values ('P', 1, 10, 30, false), ('P', 2, 50, 36, false), ('P', 3, 40, 42, false),
                ('P', 4, 60, 48, true), ('Q', 4, 5, null, null), ('R', 4, null, 7, null),
                ('S', 4, 60, 48, true)
            ) t(programme_id, number, benefit_to_date_amount, cost_to_date_amount, is_paid_back),
                (values ('all', 'all'), ('country', 'Japan')) s(segmentation, segment)
        """)
        connection.execute("alter table cx.fct_programme_months add month_date date")
        connection.execute(
            "update cx.fct_programme_months set month_date = make_date(2024, number, 1)"
        )
        drawn = payback_charts(connection, number)
    assert [title for title, _ in drawn] == [
        "Guided <start> (not proven): ahead of its cost since 2024-04",
        "Q (not proven): cost not known",
    ]
    assert "Guided &lt;start&gt;" in drawn[0][1]
    assert (
        "2024-01 benefit 10, cost 30; 2024-02 benefit 50, cost 36; "
        "2024-03 benefit 40, cost 42; 2024-04 benefit 60, cost 48"
    ) in drawn[0][1]
    assert "benefit 5, cost –" in drawn[1][1]


def test_quarters_have_names() -> None:
    assert [quarter_name(date(2025, m, 1)) for m in (1, 4, 12)] == ["Q1 2025", "Q2 2025", "Q4 2025"]
