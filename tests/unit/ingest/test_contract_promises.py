"""What a contract says of a row beyond its types, and of a file: currencies, rules, rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import openpyxl
import pytest

from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.contracts.lake_columns import lake_columns
from orchestration.lib.ingest.lake_snapshot import quarantine_rows
from orchestration.lib.lake.load_summary import first_refusals
from tests.unit.lab import DAY, Lab, refused

SURVEYS = "survey_id,survey_kind,survey_scope,scale_min,scale_max,is_higher_better\n"
MONEY = "transaction_id,occurred_at,transaction_kind,amount,currency\n"


def _reasons(lab: Lab) -> dict[int, tuple[str, str]]:
    return {q["row_number"]: (q["column_name"], q["reason"]) for q in lab.quarantine()}


def test_currencies_are_three_letters_in_one_spelling(lab: Lab) -> None:
    """USD, usd and " Usd " are one currency; a sign or a country is none."""
    codes = ["USD", "usd", '" Usd "', "€", "US", "US$", "EURO", '" "']
    rows = [f"t{i},2024-02-01,sale,1,{code}\n" for i, code in enumerate(codes, start=1)]
    lab.drop(f"native/{DAY}/transactions.csv", MONEY + "".join(rows))
    lab.run()
    assert lab.rows("transactions", "transaction_id, currency") == [
        ("t1", "USD"), ("t2", "USD"), ("t3", "USD"),
    ]  # fmt: skip
    reason = "is no currency code of three letters, such as EUR (ISO 4217)"
    assert _reasons(lab) == {
        **dict.fromkeys((4, 5, 6, 7), ("currency", reason)),
        8: ("currency", "is missing"),
    }


def test_spellings_of_a_currency_do_not_make_two_rates(lab: Lab) -> None:
    head = "rate_date,from_currency,to_currency,rate\n"
    rows = "2024-01-31,jpy,EUR,0.0061\n2024-01-31,JPY,eur,0.0062\n"
    lab.drop(f"native/{DAY}/exchange_rates.csv", head + rows)
    lab.run()
    found = lab.rows("exchange_rates", "from_currency, to_currency, rate")
    assert found == [("JPY", "EUR", Decimal("0.0062"))]
    assert lab.entry()["duplicate_count"] == 1


def test_a_column_without_value_is_no_wrong_currency(lab: Lab) -> None:
    head = "customer_id,customer_kind,currency\n"
    lab.drop(f"native/{DAY}/customers.csv", head + "c1,person,\nc2,person,eur\n")
    lab.run()
    assert lab.rows("customers", "customer_id, currency") == [("c1", None), ("c2", "EUR")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("s,nps,relationship,0,10,true", None),
        ("s,csat,relationship,1,5,true", None),
        ("s,ces,transactional,1,5,false", None),
        ("s,csat,relationship,0,-1,true", "is not above scale_min"),
        ("s,csat,relationship,5,5,true", "is not above scale_min"),
        ("s,nps,relationship,0,-1,true", "is not above scale_min"),
        ("s,nps,relationship,-100,100,true", "is of an NPS survey"),
        ("s,nps,relationship,1,10,true", "is of an NPS survey"),
        ("s,nps,relationship,0,10,false", "is of an NPS survey"),
    ],
)
def test_a_scale_that_no_answer_can_be_read_on_is_refused(
    row: str, reason: str | None, lab: Lab
) -> None:
    lab.drop(f"native/{DAY}/surveys.csv", SURVEYS + row + "\n")
    lab.run()
    assert len(lab.rows("surveys")) == (reason is None)
    refusals = first_refusals(quarantine_rows(lab.lake, lab.adapters, DAY))
    assert refusals.keys() == ({lab.entry()["batch_id"]} if reason else set())
    assert all(why.startswith(f"scale_max {reason}") for why in refusals.values())
    found = _reasons(lab)
    if reason is None:
        assert found == {}
    else:
        assert found[1][0] == "scale_max"
        assert found[1][1].startswith(reason)


def test_the_scale_a_survey_had_stays_in_force_when_a_bad_one_comes(lab: Lab) -> None:
    lab.drop("native/2024-02-29/surveys.csv", SURVEYS + "s,nps,relationship,0,10,true\n")
    lab.drop(f"native/{DAY}/surveys.csv", SURVEYS + "s,nps,relationship,0,-1,true\n")
    lab.run()
    assert lab.rows("surveys", "scale_max, extract_date::varchar") == [
        (Decimal(10), "2024-02-29"),
    ]


@pytest.mark.parametrize(
    ("entity", "head", "good", "bad"),
    [
        (
            "schedules",
            "schedule_id,weekday,opens_at_minute,closes_at_minute,time_zone,valid_from,valid_to",
            "d,1,540,1020,UTC,2024-01-01,",
            "d,1,1020,540,UTC,2024-01-01,",
        ),
        (
            "schedules",
            "schedule_id,weekday,opens_at_minute,closes_at_minute,time_zone,valid_from,valid_to",
            "d,1,540,1020,UTC,2024-01-01,2024-02-01",
            "d,2,540,1020,UTC,2024-01-01,2023-02-01",
        ),
        (
            "programmes",
            "programme_id,name,start_date,end_date,assignment",
            "p,x,2024-01-01,,rule",
            "q,x,2024-01-01,2023-12-31,rule",
        ),
        (
            "programmes",
            "programme_id,name,start_date,assignment,evaluation_date",
            "p,x,2024-01-01,randomised,2024-07-01",
            "q,x,2024-01-01,randomised,2024-01-01",
        ),
        (
            "programme_enrolments",
            "enrolment_id,programme_id,arm,enrolled_at,left_at",
            "e,p,treated,2024-01-01,2024-01-01",
            "f,p,treated,2024-01-02,2024-01-01",
        ),
    ],
)
def test_ends_come_after_beginnings(entity: str, head: str, good: str, bad: str, lab: Lab) -> None:
    lab.drop(f"native/{DAY}/{entity}.csv", f"{head}\n{good}\n{bad}\n")
    lab.run()
    assert len(lab.rows(entity)) == 1
    assert list(_reasons(lab)) == [2]


@pytest.mark.parametrize("share", ["0", "1", "50"])
def test_a_planned_share_lies_between_none_and_all(share: str, lab: Lab) -> None:
    """50 is meant as per cent, and would make every experiment look badly drawn."""
    lab.drop(
        f"native/{DAY}/programmes.csv",
        "programme_id,name,start_date,assignment,randomised_unit,planned_treated_share\n"
        f"p,x,2024-01-01,randomised,account,0.3333\nq,x,2024-01-01,randomised,,{share}\n",
    )
    lab.run()
    assert lab.rows("programmes", "programme_id, randomised_unit") == [("p", "account")]
    assert list(_reasons(lab)) == [2]


def test_a_contract_ended_before_it_began_is_kept(lab: Lab) -> None:
    """Cancelled before its first day: tools export that, and the models give it no day in force.

    Where nothing was cancelled, the dates are wrong.
    """
    head = (
        "contract_id,contract_kind,start_date,end_date,cancelled_at,billing_period,"
        "recurring_amount,currency\n"
    )
    cancelled = "k,subscription,2024-02-01,2024-01-20,2024-01-20 10:00:00,month,10,EUR\n"
    wrong = "l,subscription,2024-02-01,2024-01-20,,month,10,EUR\n"
    no_day = "m,subscription,2024-02-01,2024-02-01,,month,10,EUR\n"
    lab.drop(f"native/{DAY}/contracts.csv", head + cancelled + wrong + no_day)
    lab.run()
    assert len(lab.rows("contracts")) == 2
    assert list(_reasons(lab)) == [2]


def test_every_rule_can_be_asked_of_its_entity_and_says_yes_or_no() -> None:
    for contract in load_contracts().values():
        columns = ", ".join(f"cast(null as {t}) as {n}" for n, t in lake_columns(contract).items())
        for rule in contract.rules:
            assert "{" not in rule.holds  # a check would take it for the table
            with duckdb.connect() as connection:
                kind = connection.execute(f"describe select {rule.holds} from (select {columns})")
                assert kind.fetchall()[0][1] == "BOOLEAN", rule


def test_a_quiet_day_of_a_native_file_is_loaded(lab: Lab) -> None:
    """Headings alone: the first gate has a say (`empty_file`), not the reader."""
    lab.drop(f"native/{DAY}/transactions.csv", MONEY)
    lab.run()
    entry = lab.entry()
    assert (entry["status"], entry["file_row_count"], entry["loaded_count"]) == ("loaded", 0, 0)


def test_a_list_without_rows_is_refused_with_advice_that_can_be_followed(lab: Lab) -> None:
    reason = refused(lab, SURVEYS, f"native/{DAY}/surveys.csv")
    assert "has 0 rows where at least 1" in reason
    assert "for native files in the contract" in reason


def test_a_workbook_can_have_the_shape_of_a_contract(lab: Lab) -> None:
    book = openpyxl.Workbook()
    book.active.append(["customer_id", "customer_kind", "employee_count", "signup_at"])
    book.active.append(["c1", "account", 12, DAY])
    path = lab.drop(f"native/{DAY}/customers.xlsx", "")
    book.save(path)
    lab.run()
    columns = "customer_id, employee_count, signup_at::date"
    assert lab.rows("customers", columns) == [("c1", 12, DAY)]


TILL = """description: a till
time_zone: America/New_York
files:
  till:
    path: "till.csv"
    format: csv
    columns:
      id: {as: id, type: text, required: true}
      day: {as: day, type: date}
      at: {as: seen, type: timestamp}
mappings:
  sales:
    from: till
    to: transactions
    constants: {transaction_kind: sale, amount: "1", currency: USD}
  terms:
    from: till
    to: contracts
    constants:
      contract_kind: subscription
      billing_period: month
      recurring_amount: "1"
      currency: USD
"""


def test_a_day_is_a_day_of_the_tools_zone(lab: Lab) -> None:
    """Mapped to a moment it begins at local midnight; a moment mapped to a day is of the local
    one. In July New York is four hours behind."""
    lab.teach(
        "shop",
        TILL,
        sales="select row_number, id as transaction_id, day as occurred_at from till",
        terms="select row_number, id as contract_id, seen as start_date from till",
    )
    lab.drop("shop/till.csv", "id,day,at\n1,2023-07-01,2023-06-30 23:30\n")
    lab.run()
    assert lab.rows("transactions", "occurred_at") == [(datetime(2023, 7, 1, 4),)]
    assert lab.rows("contracts", "start_date") == [(date(2023, 6, 30),)]


@pytest.mark.parametrize("arm", ["Treated", "TREATED", " treated "])
def test_a_vocabulary_is_known_in_any_capitals(arm: str, lab: Lab) -> None:
    head = "enrolment_id,programme_id,customer_id,arm,enrolled_at\n"
    rows = f"1,P,c1,{arm},2024-02-01\n2,P,c2,treat,2024-02-01\n"
    lab.drop(f"native/{DAY}/programme_enrolments.csv", head + rows)
    lab.run()
    assert lab.rows("programme_enrolments", "arm") == [("treated",)]
    assert _reasons(lab) == {2: ("arm", "is none of treated, control")}


def test_a_programme_names_its_arms(lab: Lab) -> None:
    """A and B mean something only where the programme says so."""
    head = "programme_id,name,start_date,assignment,treated_arm,control_arm\n"
    rows = "P,Calls,2024-01-01,randomised,Variant,A\nQ,Mails,2024-01-01,rule,,\n"
    lab.drop(f"native/{DAY}/programmes.csv", head + rows)
    head = "enrolment_id,programme_id,customer_id,arm,enrolled_at\n"
    arms = ["P,1,variant", "P,2,a", "P,3,control", "Q,4,A", "Q,5,treated", "none,6,A"]
    rows = "".join(f"{i},{arm},2024-02-01\n" for i, arm in enumerate(arms))
    lab.drop(f"native/{DAY}/programme_enrolments.csv", head + rows)
    lab.run()
    assert lab.rows("programme_enrolments", "customer_id, arm") == [
        ("1", "treated"), ("2", "control"), ("3", "control"), ("5", "treated"),
    ]  # fmt: skip
    assert [q["row_number"] for q in lab.quarantine()] == [4, 6]
