"""Headings in other forms: none at all, in another row, on another sheet, twice the same."""

from __future__ import annotations

import openpyxl
import pytest

from orchestration.lib.adapters.model import name_of
from tests.unit.lab import DAY, Lab

ANSWERS = """description: a survey tool that changed its export
files:
  answers:
    path: "{{date}}/answers.csv"
    format: csv
    {headings}
    columns:
      "Response ID": {{type: text, required: true, also: [ResponseID]}}
      "Score": {{type: integer}}
mappings:
  answers:
    from: answers
    to: survey_responses
    constants: {{survey_id: s, answered_at: "2024-02-01"}}
"""
ONE_EACH = "select row_number, response_id, score from answers"
TWO_FORMS = "forms: [{header_rows: 2, name_row: 2}, {header_rows: 3, name_row: 3}]"


@pytest.mark.parametrize(
    "above", ["", "V1,V2\n", "Exported by the tool\nV1,V2\n"], ids=["today", "older", "oldest"]
)
def test_a_file_is_read_in_the_first_form_that_fits(lab: Lab, above: str) -> None:
    lab.teach("survey", ANSWERS.format(headings=TWO_FORMS), answers=ONE_EACH)
    names = "ResponseID,Score" if above else "Response ID,Score"
    lab.drop(f"survey/{DAY}/answers.csv", f"{above}{names}\nr1,7\nr2,9\n")
    lab.run()
    assert lab.rows("survey_responses", "response_id, score") == [("r1", 7), ("r2", 9)]
    assert lab.entry()["file_row_count"] == 2


def test_a_file_in_no_form_is_refused_for_the_usual_one(lab: Lab) -> None:
    lab.teach("survey", ANSWERS.format(headings=TWO_FORMS), answers=ONE_EACH)
    lab.drop(f"survey/{DAY}/answers.csv", "Answer,Score\nr1,7\nr2,8\nr3,9\n")
    lab.run()
    reason = lab.entry()["reason"]
    assert "Expected but not found: 'Response ID'" in reason
    assert "Found but not expected: 1 headings not shown" in reason


BY_PLACE = """description: a call log without headings
files:
  calls:
    path: "{date}/calls.*"
    format: auto
    header_rows: 0
    columns:
      number: {type: text, place: 1, required: true}
      agent: {type: text, place: 3}
      rating: {type: integer, place: 5, optional: true}
"""


def test_columns_without_headings_are_bound_by_place(lab: Lab) -> None:
    lab.teach("desk", BY_PLACE)
    rows = [["A1", "x", "ann", "7"], ["A2", "y", "bob", "8"]]
    lab.drop(f"desk/{DAY}/calls.csv", "".join(",".join(row) + "\n" for row in rows))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(lab.drop(f"desk/{DAY}/calls.xlsx", b""))
    lab.run()
    assert [(e["status"], e["loaded_count"]) for e in lab.ledger()] == [("loaded", 2)] * 2
    assert lab.ledger()[0]["absent_columns"] == ["rating"]  # a sheet drops empty cells at its end


TWICE = """description: a desk whose export has one heading twice
files:
  tickets:
    path: "{date}/tickets.csv"
    format: csv
    columns:
      "Id": {type: text, required: true}
      "First rating": {type: integer, place: 2}
      "Rating": {as: last_rating, type: integer, place: 3}
mappings:
  tickets: {from: tickets, to: tickets, constants: {created_at: "2024-02-01"}}
"""
RATED = """select row_number, id as ticket_id, first_rating as reopen_count,
    last_rating as public_reply_count from tickets"""


def test_a_heading_that_stands_twice_is_told_apart_by_place(lab: Lab) -> None:
    lab.teach("desk", TWICE, tickets=RATED)
    lab.drop(f"desk/{DAY}/tickets.csv", "Id,Rating,Rating\n1,3,5\n")
    lab.run()
    assert lab.rows("tickets", "reopen_count, public_reply_count") == [(3, 5)]


def test_a_column_that_moved_is_not_taken_for_its_neighbour(lab: Lab) -> None:
    lab.teach("desk", TWICE, tickets=RATED)
    lab.drop(f"desk/{DAY}/tickets.csv", "Id,Team,First rating,Rating\n1,9,3,5\n")
    lab.run()
    reason = lab.entry()["reason"]
    assert "'First rating' stands at place 3, not 2, 'Rating' stands at place 4, not 3" in reason


BOOK = """description: a workbook with two lists
files:
  people:
    path: "{date}/book.xlsx"
    format: xlsx
    sheet: Customers
    columns:
      "Customer Id": {type: text, required: true}
      "Customer Kind": {type: text}
  sales:
    path: "{date}/book.xlsx"
    format: xlsx
    sheet: Sales
    columns:
      "Transaction Id": {type: text, required: true}
      "Customer Id": {type: text}
      "Amount": {type: decimal}
mappings:
  people: {from: people, to: customers}
  sales:
    from: sales
    to: transactions
    constants: {currency: EUR, transaction_kind: sale, occurred_at: "2024-02-01"}
"""


def workbook(lab: Lab, *names: str) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Made for", "nobody"])
    rows = {
        names[0]: [["Customer Id", "Customer Kind"], ["c1", "person"]],
        names[1]: [["Transaction Id", "Customer Id", "Amount"], ["t1", "c1", 5], ["t2", "c1", 7]],
    }
    for name, cells in rows.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    book.save(lab.drop(f"office/{DAY}/book.xlsx", b""))


def test_the_sheets_of_one_workbook_are_kinds_of_files(lab: Lab) -> None:
    lab.teach("office", BOOK)
    workbook(lab, "customers ", "Sales")  # capitals and blanks do not matter
    report = lab.run()
    assert report.ignored == ()
    assert lab.rows("customers", "customer_id") == [("c1",)]
    assert lab.rows("transactions", "transaction_id, amount") == [("t1", 5), ("t2", 7)]
    assert lab.run().unchanged_count == 2
    workbook(lab, "Customers", "Sales 2024")  # sent again: one sheet is gone, the other the same
    lab.run()
    found = {(e["file_role"], e["version"]): (e["status"], e["reason"]) for e in lab.ledger()}
    assert found["people", 1][0] == "superseded" and found["people", 2][0] == "loaded"
    assert found["sales", 1][0] == "loaded"  # the last good one stays in force
    assert "has no sheet 'Sales' among its 3; 'Sales 2024' may be" in found["sales", 2][1]


def test_two_kinds_of_files_without_a_sheet_each_still_clash(lab: Lab) -> None:
    lab.teach("office", BOOK.replace("    sheet: Sales\n", ""))
    workbook(lab, "Customers", "Sales")
    assert "claimed by several kinds of files: people and sales" in lab.run().ignored[0].reason


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("First Name", "first_name"),
        ("Total (€)", "total"),
        ("Número de empleados", "numero_de_empleados"),
        ("CSAT %", "csat"),
        ("2nd contact", ""),  # no name begins with a digit
        ("Имя", ""),
        ("Дата ID", ""),  # id alone would be another column's name
        ("顧客ID", ""),
        ("%", ""),
    ],
)
def test_a_heading_makes_its_name(heading: str, name: str) -> None:
    assert name_of(heading) == name
