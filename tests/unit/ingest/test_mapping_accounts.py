"""Each target of a file has an account of its own, and a mapping cannot break it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from orchestration.lib.adapter_tools.check import check_adapter
from orchestration.lib.ingest.lake_snapshot import lookup_rows
from tests.unit.lab import Lab, closes, counts

TWO_TARGETS = """
description: Rated tickets
files:
  tickets:
    path: "{date}/tickets.csv"
    format: csv
    footer: "^(Grand Totals|Confidential)"
    columns:
      "Id": {as: id, type: integer, required: true}
      "Who": {as: who, type: text}
      "At": {as: seen_at, type: timestamp, required: true}
      "Score": {as: score, type: decimal}
  people:
    path: "people.csv"
    format: csv
    key: [who]
    columns:
      "Who": {as: who, type: text, required: true}
      "Mail": {as: mail, type: text}
mappings:
  tickets: {from: tickets, to: tickets}
  scores: {from: tickets, to: survey_responses, when: "score is not null"}
"""
TICKETS = """
select row_number, id as ticket_id, seen_at as created_at, people.mail as customer_email
from tickets left join people using (who)
"""
SCORES = """
select row_number, id as response_id, 's' as survey_id, seen_at as answered_at, score from tickets
"""


def test_two_targets_of_one_file_have_an_account_each(lab: Lab) -> None:
    lab.teach("desk", TWO_TARGETS, tickets=TICKETS, scores=SCORES)
    lab.drop("desk/people.csv", "Who,Mail\nann,ann@x.example\n")
    lab.drop(
        "desk/2024-03-01/tickets.csv",
        "Id,Who,At,Score\n1,ann,2024-02-01,4\n2,bob,2024-02-01,\n3,bob,2024-02-01,5\n"
        "x,bob,2024-02-01,5\n3,bob,2024-02-02,1\n\n"
        'Grand Totals (5 records)\n"Confidential Information - Do Not Distribute"\n',
    )
    lab.run()
    by_mapping = {row["mapping"]: counts(row) for row in lab.ledger()}
    assert by_mapping == {
        None: (1, 1, 1, 0, 0, 0, 0),  # the look-up file has an account too
        "tickets": (5, 5, 3, 1, 1, 0, 2),
        "scores": (5, 3, 2, 0, 1, 2, 2),  # one without a score, one counted as unreadable above
    }
    assert lab.rows("tickets", "ticket_id, customer_email") == [
        ("1", "ann@x.example"),
        ("2", None),
        ("3", None),
    ]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "select row_number, id as ticket_id, seen_at as created_at from tickets where id > 1",
            "1 rows",
        ),
        (
            "select t.row_number, id as ticket_id, seen_at as created_at from tickets t, range(2)",
            "gives 4 rows for 2",
        ),
        ("select row_number, id as ticket_id, no_such as created_at from tickets", "no_such"),
        (
            "select row_number, id as ticket_id, seen_at as created_at, 1 as fax from tickets",
            "'fax'",
        ),
        (
            "select row_number, id as ticket_id, seen_at as created_at, "
            "score / 3 as handle_minutes from tickets",
            "floating-point",
        ),
        (
            "select row_number, error('no') as ticket_id, seen_at as created_at from tickets",
            "Input",
        ),
    ],
)
def test_a_mapping_that_breaks_the_accounts_is_refused(lab: Lab, sql: str, words: str) -> None:
    """Rows dropped or multiplied in SQL would be lost or invented without anybody seeing it."""
    lab.teach("desk", TWO_TARGETS, tickets=sql, scores=SCORES)
    lab.drop("desk/2024-03-01/tickets.csv", "Id,Who,At,Score\n1,a,2024-02-01,4\n2,b,2024-02-01,\n")
    lab.run()
    row = next(r for r in lab.ledger() if r["mapping"] == "tickets")
    assert (row["status"], row["quarantined_count"], row["loaded_count"]) == ("quarantined", 2, 0)
    assert words in row["reason"]
    assert closes(row)
    assert lab.rows("tickets") == []
    assert len(lab.rows("survey_responses")) == 1  # the other target is not held up


LOG = """description: a log in nightly pieces
files:
  log:
    path: "{date}/log.csv"
    format: csv
    columns:
      ticket: {as: ticket, type: text, required: true}
      what: {as: what, type: text}
      moment: {as: moment, type: timestamp, required: true}
mappings:
  tickets: {from: log, to: tickets}
"""
FIRST = """select log.row_number, log.ticket as ticket_id, log.moment as updated_at,
    (select min(moment) from log_on_record as earlier where earlier.ticket = log.ticket)
        as created_at
from log"""


def test_a_mapping_sees_all_rows_of_its_role_on_record(lab: Lab) -> None:
    """A ticket begins in the piece of an earlier night; of a later night nobody knows yet."""
    lab.teach("desk", LOG, tickets=FIRST)
    lab.drop("desk/2024-03-01/log.csv", "ticket,what,moment\nA,open,2024-03-01 10:00\n")
    lab.drop("desk/2024-03-03/log.csv", "ticket,what,moment\nA,close,2024-03-03 09:00\n")
    lab.run(date(2024, 3, 1))
    lab.run(date(2024, 3, 3))
    first = datetime(2024, 3, 1, 10)
    found = lab.rows("tickets", "created_at, updated_at", day=date(2024, 3, 3))
    assert found == [(first, first), (first, datetime(2024, 3, 3, 9))]
    assert check_adapter(lab.root / "adapters" / "desk") == []


@pytest.mark.parametrize(
    "join", ["left join people using (who)", "left join people as p on p.who = t.who and id > 0"]
)
def test_what_a_look_up_lacks_is_counted(lab: Lab, join: str) -> None:
    """Of three who are named one is not there; who is not named misses nothing."""
    sql = f"select row_number, id as ticket_id, seen_at as created_at from tickets as t {join}"
    lab.teach("desk", TWO_TARGETS, tickets=sql, scores=SCORES)
    lab.drop("desk/people.csv", "Who,Mail\nann,ann@x.example\n")
    rows = ("1,ann", "2,bob", "3,ann", "4,")
    lab.drop("desk/2024-03-01/tickets.csv", "Id,Who,At,Score\n" + "".join(
        f"{row},2024-02-01,\n" for row in rows
    ))  # fmt: skip
    lab.run()
    [found] = lookup_rows(lab.lake, lab.adapters, date(2024, 3, 1))
    assert (found["mapping"], found["lookup"]) == ("tickets", "people")
    assert (found["miss_count"], found["reference_count"]) == (1, 3)


WIDE = """description: a survey with a question a column, and notes on other answers
files:
  answers:
    path: "{date}/answers.csv"
    format: csv
    columns:
      Id: {type: text, required: true}
      Nps: {type: decimal}
      Csat: {type: decimal}
      Asked At: {type: timestamp}
mappings:
  answers: {from: answers, to: survey_responses, several: true}
"""
LONG = """select row_number, id || '-' || question as response_id, question as survey_id,
    asked_at as answered_at, score
from (unpivot answers on nps, csat into name question value score)"""


def test_a_row_becomes_several_and_is_counted_once(lab: Lab) -> None:
    """Row 2 answers one question, row 3 none, row 4 is refused whole, row 6 repeats row 5."""
    lab.teach("survey", WIDE, answers=LONG)
    lab.drop(
        "survey/2024-03-01/answers.csv",
        "Id,Nps,Csat,Asked At\nr1,9,4,2024-02-01\nr2,7,,2024-02-01\nr3,,,2024-02-01\nr4,9,4,\n"
        "r5,1,1,2024-02-01\nr5,2,2,2024-02-01\n",
    )
    lab.run()
    assert counts(lab.entry()) == (6, 5, 3, 1, 1, 1, 0)
    assert lab.entry()["record_count"] == 5  # what the gate finds in the lake
    assert closes(lab.entry())
    assert lab.rows("survey_responses", "response_id, survey_id, score") == [
        ("r1-csat", "csat", 4), ("r1-nps", "nps", 9), ("r2-nps", "nps", 7),
        ("r5-csat", "csat", 2), ("r5-nps", "nps", 2),
    ]  # fmt: skip
    [refused] = lab.quarantine()
    assert (refused["row_number"], refused["column_name"]) == (4, "answered_at")
    assert check_adapter(lab.root / "adapters" / "survey") == []


def test_one_bad_part_of_a_row_refuses_all_of_it(lab: Lab) -> None:
    """Half a row would be neither in the tables nor where refused rows are looked for."""
    lab.teach("survey", WIDE.replace("Nps", "Speed"), answers=LONG.replace("nps", "speed").replace(
        "asked_at as", "case question when 'csat' then asked_at end as"
    ))  # fmt: skip
    lab.drop("survey/2024-03-01/answers.csv", "Id,Speed,Csat,Asked At\nr1,9,4,2024-02-01\n")
    lab.run()
    assert lab.rows("survey_responses") == []
    assert counts(lab.entry()) == (1, 1, 0, 1, 0, 0, 0)
    assert [row["row_number"] for row in lab.quarantine()] == [1]


MERGES = """description: a desk whose tickets name those merged into them
files:
  tickets:
    path: "{date}/tickets.csv"
    format: csv
    columns:
      Id: {type: text, required: true}
      Asked At: {type: timestamp}
      Merged: {type: text}
mappings:
  tickets: {from: tickets, to: tickets, several: true}
"""
MARKS = """select row_number, id as ticket_id, asked_at as created_at, null as status from tickets
union all
select row_number, unnest(string_split(merged, ';')), asked_at, 'merged' from tickets
where merged is not null"""


def test_a_row_may_mark_others(lab: Lab) -> None:
    lab.teach("desk", MERGES, tickets=MARKS)
    lab.drop("desk/2024-03-01/tickets.csv", "Id,Asked At,Merged\n1,2024-02-01,\n2,2024-02-02,1;7\n")
    lab.run()
    assert lab.rows("tickets", "ticket_id, status") == [
        ("1", "merged"),
        ("2", None),
        ("7", "merged"),
    ]
    assert counts(lab.entry()) == (2, 2, 1, 0, 1, 0, 0)  # what row 1 said is taken back by row 2


def test_entries_of_a_ledger_add_up(lab: Lab) -> None:
    """Two invoices of one kind in one month, and a reversal; only the same entry twice is one."""
    head = "programme_id,cost_month,cost_kind,amount,currency\n"
    rows = [f"P,2024-02-01,agency,{amount},EUR\n" for amount in (25, 75, -5, 75)]
    lab.drop("native/2024-03-01/programme_costs.csv", head + "".join(rows))
    lab.run()
    assert lab.rows("programme_costs", "amount") == [(25,), (-5,), (75,)]
    assert counts(lab.entry())[2:5] == (3, 0, 1)
