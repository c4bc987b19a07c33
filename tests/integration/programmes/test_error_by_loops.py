"""Effects and errors that the night computes in SQL, customer by customer in plain loops."""

from __future__ import annotations

from math import isnan

import pytest

from tests.simulation.by_loops import Change, error_of_both_arms, published


def test_every_effect_and_its_error_is_that_of_plain_loops(results) -> None:
    """Lotteries, matched programmes, segments; weighted where other programmes took customers."""
    estimates = results.execute("""
        select programme_id, segmentation, segment, effect_amount, effect_standard_error_amount
        from intermediate.int_programme_estimates
        where estimate_kind = 'effect' order by all""").fetchall()
    compared = []
    for programme, segmentation, segment, effect, error in estimates:
        changes = results.execute(
            """select customer_key, cell_number, changes.month_number, is_treated, change_amount,
                month_weight, coalesce(kind_weight, 1), is_randomised
            from intermediate.int_programme_adjusted_outcomes as changes
            left join intermediate.int_programme_weights as weights
                using (programme_id, segmentation, segment, customer_kind)
            where design = 'effect' and months_since_entry >= 0 and change_amount is not null
                and programme_id = ? and segmentation = ? and segment = ?""",
            [programme, segmentation, segment],
        ).fetchall()
        rows = [Change(*row[:-1]) for row in changes]
        found = published(rows)
        is_randomised = any(row[-1] for row in changes)
        expected = error_of_both_arms(rows) if is_randomised else found.error
        assert effect == pytest.approx(found.effect, abs=1e-6)
        expected = 0 if isnan(expected) else expected  # of a single treated customer
        assert (error or 0) == pytest.approx(expected, rel=1e-6, abs=1e-6)
        if error:
            compared.append((programme, segmentation))
    assert {programme for programme, _ in compared} >= {"P", "R", "EARLY", "HALF"}
    assert compared.count(("P", "customer_kind")) == compared.count(("R", "customer_kind")) == 2
