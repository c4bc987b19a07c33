"""JSON lines, Parquet and workbooks pass the same checks as CSV, and lose no digit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from tests.unit.lab import Lab


def test_json_numbers_keep_every_digit(lab: Lab) -> None:
    """2^53 + 1 and long fractions survive only if no binary floating point touches them."""
    lab.drop(
        "native/2024-03-01/customers.jsonl",
        '{"customer_id": 9007199254740993, "customer_kind": "person", "employee_count": 12.0}\n'
        '{"customer_id": "c2", "customer_kind": "person", "acquisition_cost_amount": 0.1}\n'
        '{"customer_id": "c3", "customer_kind": "person", "acquisition_cost_amount": 1e3}\n'
        '{"customer_id": "c4", "customer_kind": "person", "acquisition_cost_amount": NaN}\n'
        '{"customer_id": "c5", "customer_id": "c6", "customer_kind": "person"}\n'
        "[1, 2]\n"
        f"{'[' * 100_000}\n"
        '{"customer_id": "c7", "customer_kind": "person", "is_deleted": true, "fax": {"a": [1]}}\n',
    )
    lab.run()
    assert lab.rows("customers", "customer_id, employee_count, is_deleted, row_number") == [
        ("9007199254740993", 12, None, 1),
        ("c2", None, None, 2),
        ("c3", None, None, 3),
        ("c7", None, True, 8),
    ]
    assert [(q["row_number"], q["reason"]) for q in lab.quarantine()] == [
        (4, "holds NaN, which is no number"),
        (5, "has the same key twice"),
        (6, "is not a JSON object"),
        (7, "is nested too deeply"),
    ]
    assert lab.entry()["unknown_columns"] == ["fax"]


def test_parquet_and_xlsx_pass_the_same_checks(lab: Lab) -> None:
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = lab.drop("native/2024-03-01/customers.parquet", b"")
    moments = pa.array([datetime(2024, 1, 1, 12)] * 3, pa.timestamp("us", "Europe/Paris"))
    pq.write_table(
        pa.table(
            {
                "customer_id": [1, 2, 3],
                "customer_kind": pa.array(["person", "person", "robot"]).dictionary_encode(),
                "acquisition_cost_amount": [0.1, float("nan"), 5.0],
                "signup_at": moments,
            }
        ),
        path,
    )
    lab.teach(
        "desk",
        """
description: Workbook
files:
  people:
    path: "people.xlsx"
    format: xlsx
    preamble_rows: 1
    columns:
      "Nr": {as: customer_id, type: text, required: true}
      "Since": {as: signup_at, type: timestamp}
      "Staff": {as: employee_count, type: integer}
mappings:
  people: {from: people, to: customers, constants: {customer_kind: account}}
""",
    )
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    for row in (
        ["List of people"],
        ["Nr", "Since", "Staff"],
        [17, datetime(2024, 1, 2, 3, 4, 5), 12.0],
        [],
        ["x", datetime(2024, 1, 2), 12.5],
        ["y", None, None, "note"],
    ):
        sheet.append(row)
    book.save(lab.drop("desk/people.xlsx", b""))
    lab.run()
    columns = "file_name, customer_id, acquisition_cost_amount, signup_at, employee_count"
    assert lab.rows("customers", columns) == [
        ("desk/people.xlsx", "17", None, datetime(2024, 1, 2, 3, 4, 5), 12),
        (
            "native/2024-03-01/customers.parquet",
            "1",
            Decimal("0.1"),
            datetime(2024, 1, 1, 12),
            None,
        ),
    ], [r["reason"] for r in lab.ledger()]
    assert [(q["row_number"], q["column_name"]) for q in lab.quarantine()] == [
        (2, "Staff"),
        (3, None),
        (2, "acquisition_cost_amount"),
        (3, "customer_kind"),
    ]
