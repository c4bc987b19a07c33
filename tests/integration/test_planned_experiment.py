"""Experiments through whole nights: one planned by `cxroi plan`, and three that were done wrong.

200 accounts buy every month. By June three programmes were drawn: of the contacts of sixty accounts
(CONTACTS: the money stands on the account, which holds both arms), of accounts with a subsidiary
(GROUPS), and one whose arms are not as planned (SHIFTED). Then one is planned, done, and judged.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Company, company

EARLY, LATE = date(2025, 6, 30), date(2025, 11, 30)
FIRST, START = date(2024, 1, 1), date(2025, 7, 1)
ACCOUNTS = 200
EFFECT, COST = 20.0, 2.0
MARGIN = 0.4  # of sales
ACCEPT = ("--accept", "metric_drift=five months in one step")


def months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = (first + timedelta(days=31)).replace(day=1)


def sales(first: date, last: date, lifted: Iterable[int] = ()) -> list[str]:
    """Each account has a level of its own and varies about it; the lifted buy for more."""
    rng = np.random.default_rng(first.toordinal())
    lift = np.isin(np.arange(ACCOUNTS), list(lifted)) * EFFECT / MARGIN
    level = 100 + 4 * (np.arange(ACCOUNTS) % 25)
    return [
        f"{number}-{month},a{number},{month} 09:00:00,sale,{amount:.2f},USD,"
        f"{(1 - MARGIN) * amount:.4f}"
        for month in months(first, last)
        for number, amount in enumerate(level + lift + rng.normal(0, 20, ACCOUNTS))
    ]


def drop(shop: Company, day: date, entity: str, rows: list[str]) -> None:
    heads = {
        "customers": "customer_id,customer_kind,parent_customer_id",
        "transactions": "transaction_id,customer_id,occurred_at,transaction_kind,amount,currency,"
        "cost_amount",
        "programmes": "programme_id,name,start_date,assignment,randomised_unit,"
        "planned_treated_share",
        "programme_enrolments": "enrolment_id,programme_id,customer_id,arm,enrolled_at",
        "programme_costs": "programme_id,cost_month,cost_kind,amount,currency",
    }
    target = shop.home / "landing" / "native" / str(day)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{entity}.csv").write_text("\n".join([heads[entity], *rows]) + "\n", "utf-8")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Published as of the end of June, with a secret of its own: the draw goes by it, and of draws
    that differ from run to run one interval in twenty would miss.
    """
    shop = company(tmp_path_factory.mktemp("shop"), CX_PSEUDONYM_KEY="planned experiments " * 2)
    arms = ("treated", "control")
    people = [f"a{n}{p},person,a{n}" for n in range(60) for p in "xy"]
    # From 100 on every second account is the subsidiary of the one before.
    parents = [f"a{n - 1}" if n >= 100 and n % 2 else "" for n in range(ACCOUNTS)]
    drop(shop, EARLY, "customers", [f"a{n},account,{p}" for n, p in enumerate(parents)] + people)
    drop(shop, EARLY, "transactions", sales(FIRST, EARLY))
    programmes = [("CONTACTS", "", ""), ("GROUPS", "account", "0.5"), ("SHIFTED", "", "0.5")]
    drop(
        shop,
        EARLY,
        "programmes",
        [f"{i},{i},2025-01-01,randomised,{unit},{share}" for i, unit, share in programmes],
    )
    enrolled = [("CONTACTS", f"a{n}{p}", arms["xy".index(p)]) for n in range(60) for p in "xy"]
    enrolled += [("GROUPS", f"a{n}", arms[n // 2 % 2]) for n in range(100, ACCOUNTS)]
    enrolled += [("SHIFTED", f"a{n}", arms[n < 75]) for n in range(100)]
    drop(
        shop,
        EARLY,
        "programme_enrolments",
        [f"{p}-{c},{p},{c},{arm},2025-01-05 08:00:00" for p, c, arm in enrolled],
    )
    costs = [f"{p},2025-01-01,people,50,USD" for p, _, _ in programmes]
    drop(shop, EARLY, "programme_costs", costs)
    shop.cxroi("run", "--date", str(EARLY))
    return shop


def row(shop: Company, programme: str) -> dict[str, Any]:
    columns = (
        *("verdict", "verdict_reason", "effect_amount", "effect_low_amount", "effect_high_amount"),
        *("randomised_unit", "treated_unit_count", "control_unit_count", "sample_ratio_p_value"),
        *("matched_customer_count", "minimum_detectable_effect_amount"),
    )
    [values] = shop.query(
        f"select {', '.join(columns)} from cx.fct_programme_roi "
        f"where programme_id = '{programme}' and segmentation = 'all'"
    )
    return dict(zip(columns, values, strict=True))


def test_contacts_drawn_where_the_money_stands_on_the_account(shop: Company) -> None:
    """Each of the sixty accounts is in both arms: nothing can be told, whatever the figures say."""
    found = row(shop, "CONTACTS")
    assert (found["verdict"], found["verdict_reason"]) == ("not_proven", "arms_mixed_on_the_unit")
    assert found["effect_amount"] is None


def test_accounts_drawn_with_their_subsidiaries_count_as_one(shop: Company) -> None:
    """100 customers in 50 groups, 25 of them in either arm."""
    found = row(shop, "GROUPS")
    assert found["randomised_unit"] == "account"
    assert (found["treated_unit_count"], found["control_unit_count"]) == (25, 25)
    assert found["matched_customer_count"] == 50
    assert found["verdict_reason"] == "roi_not_significant"
    assert found["sample_ratio_p_value"] == 1


def test_arms_that_are_not_as_planned(shop: Company) -> None:
    """25 of 100 treated where half was meant: (25 − 50) / 5 = −5."""
    found = row(shop, "SHIFTED")
    assert (found["verdict"], found["verdict_reason"]) == ("not_proven", "arms_not_as_planned")
    assert found["effect_amount"] is None
    assert found["sample_ratio_p_value"] == pytest.approx(5.733e-7, rel=1e-3)


@pytest.fixture(scope="module")
def drawn(shop: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder and the report of a plan."""
    folder = tmp_path_factory.mktemp("plan")
    before = sorted(path for path in shop.home.rglob("*") if path.is_file())
    told = json.loads(shop.cxroi("plan", *PLAN, "--write", str(folder), "--json").stdout)
    assert sorted(path for path in shop.home.rglob("*") if path.is_file()) == before
    return folder, told


PLAN = ("Welcome call", "--id", "CALL", "--months", "4", "--cost", str(COST))


def test_a_plan_says_whom_and_what_would_be_found(drawn: tuple[Path, dict[str, Any]]) -> None:
    """Accounts vary by 20 in sales, 8 in margin, about their own level, which CUPED knows but for
    its own noise, 8/√3 a month: over four months √(8²/4 + 8²/3) = 6.1, and with a slope that
    weighs the noise a little less. Of 100 against 100: 2.82 · 6.1 · √(2/100) = 2.4.
    """
    _, told = drawn
    assert (told["eligible"], told["treated"], told["control"]) == (200, 100, 100)
    assert (told["start"], told["evaluation"]) == ("2025-07-01", "2025-11-01")
    assert 2.0 < told["detectable"] < 2.5
    assert told["warnings"] == []
    assert told["mean_outcome"] == pytest.approx(148 * MARGIN, rel=0.02)


def test_the_same_plan_gives_the_same_draw_and_never_writes_over(
    shop: Company, drawn: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = drawn
    shop.cxroi("plan", *PLAN, "--write", str(tmp_path))
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    again = shop.cxroi("plan", *PLAN, "--write", str(tmp_path), code=2)
    assert "is there already" in again.stderr
    landing = shop.home / "landing"
    refused = shop.cxroi("plan", *PLAN, "--write", str(landing / "native"), code=2)
    assert "lies in the landing folder" in refused.stderr


def test_the_nights_judge_a_planned_experiment_as_the_one_it_is(
    shop: Company, drawn: tuple[Path, dict[str, Any]]
) -> None:
    """The treated buy for 50 more, 20 at a margin of 40 %; it costs 2 a treated customer-month."""
    folder, told = drawn
    target = shop.home / "landing" / "native" / str(START)
    target.mkdir(parents=True)
    for path in folder.iterdir():
        shutil.copy(path, target)
    with (folder / "programme_enrolments_CALL.csv").open(encoding="utf-8") as file:
        arms = {line["customer_id"]: line["arm"] for line in csv.DictReader(file)}
    lifted = [n for n in range(ACCOUNTS) if arms[f"a{n}"] == "treated"]
    drop(shop, LATE, "transactions", sales(START, LATE, lifted))
    due = [f"CALL,{m},people,{COST * len(lifted)},USD" for m in months(START, LATE)]
    drop(shop, LATE, "programme_costs", due)
    shop.cxroi("run", "--date", str(LATE), *ACCEPT)
    found = row(shop, "CALL")
    assert (found["verdict"], found["verdict_reason"]) == ("pays_back", "benefit_above_cost")
    assert found["effect_low_amount"] < EFFECT < found["effect_high_amount"]
    assert (found["randomised_unit"], found["sample_ratio_p_value"]) == ("customer", 1)
    assert (found["treated_unit_count"], found["control_unit_count"]) == (100, 100)
    # What the plan foretold is what the night could find.
    assert float(found["minimum_detectable_effect_amount"]) == pytest.approx(
        told["detectable"], rel=0.15
    )


def test_what_was_said_in_june_is_kept_and_held_against_what_came(shop: Company) -> None:
    """After the night of November. In GROUPS nothing was done: the months since show nothing."""
    rows = shop.query(
        "select programme_id, verdict_date, verdict_reason, is_final, scored_by, is_within_error "
        "from cx.fct_programme_track_record where segmentation = 'all' order by all"
    )
    groups = ("GROUPS", EARLY, "roi_not_significant", False, "later_months", True)
    assert groups in rows
    assert ("CALL", LATE, "benefit_above_cost", True, None, None) in rows
    assert {(programme, day) for programme, day, *_ in rows} == {
        *((p, d) for p in ("CONTACTS", "GROUPS", "SHIFTED") for d in (EARLY, LATE)),
        ("CALL", LATE),
    }
