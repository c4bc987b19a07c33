"""Cells become values by strict rules: what does not fit is refused with a reason, never bent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from orchestration.lib.adapters.model import SourceColumn, SourceFile
from orchestration.lib.ingest.cast import cell, plain, value
from tests.unit.lab import Lab


def read(text: str | None, kind: str, file: dict[str, Any] | None = None, **column: Any) -> Any:
    """What a cell of a declared type becomes; None if it is refused."""
    declared = SourceColumn("x", "x", kind, **column)
    of = SourceFile("f", ("f.csv",), "csv", (declared,), **(file or {}))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        bare = "t" if kind == "text" else plain("t")
        row = connection.execute(
            f"select {value('p', declared, of)} "
            f"from (select {bare} as p from (select {cell('$1', of)} as t))",
            [text],
        ).fetchone()
    assert row
    return row[0]


EUROPEAN = {"decimal_mark": ",", "thousands_mark": "."}
ENGLISH = {"thousands_mark": ","}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", 12), ("-3", -3), ("+3", 3), (" 12 ", 12), ("12.0", 12), ("１２", 12), ("١٢", 12)]
    + [("۱۲", 12), ("१२", 12), ("9007199254740993", 9007199254740993)]
    + [
        (bad, None) for bad in ("12.5", "1e3", "N/A", "1,5", "1 2", "0x1", "", "9" * 19, "²", "1_0")
    ],
)
def test_integers_are_never_rounded(text: str, expected: int | None) -> None:
    """12.5 into a whole number would silently become 13 in most loaders."""
    assert read(text, "integer") == expected


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("1234.5", {}, "1234.5"),
        ("-0.0001", {}, "-0.0001"),
        ("1,234.50", ENGLISH, "1234.5"),
        ("$1,234.50", ENGLISH, "1234.5"),
        ("-$5", {}, "-5"),
        ("$-5", {}, "-5"),
        ("1.234,50 €", EUROPEAN, "1234.5"),
        ("1234,5", EUROPEAN, "1234.5"),
        ("1\u202f234,5", {"decimal_mark": ",", "thousands_mark": " "}, "1234.5"),
        ("１，２３４．５", ENGLISH, "1234.5"),
        ("١٬٢٣٤٫٥", ENGLISH, "1234.5"),
        ("१२.५", {}, "12.5"),
        ("−7", {}, "-7"),
        ("0.12340000000", {}, "0.1234"),
        ("1,5", {}, None),  # a decimal comma nobody declared
        ("1,5", ENGLISH, None),
        ("1,23,456", ENGLISH, None),
        ("1.5", EUROPEAN, None),
        ("1e3", {}, None),
        ("NaN", {}, None),
        ("inf", {}, None),
        ("-Infinity", {}, None),
        ("1.2.3", {}, None),
        ("--1", {}, None),
        ("0.12345", {}, None),  # more places than are kept
        ("9" * 40, {}, None),
    ],
)
def test_decimals_in_declared_marks(text: str, marks: dict[str, Any], expected: str | None) -> None:
    number = read(text, "decimal", marks)
    assert number == (None if expected is None else Decimal(expected))


def test_rounding_only_where_declared() -> None:
    assert read("0.12345", "decimal", round=True) == Decimal("0.1235")
    assert read("0.123456789012", "decimal", round=True) == Decimal("0.1235")
    assert read("0.12345", "decimal") is None


def test_exchange_rates_keep_eight_places(lab: Lab) -> None:
    head = "rate_date,from_currency,to_currency,rate\n"
    lab.drop("native/2024-03-01/exchange_rates.csv", head + "2024-01-31,JPY,EUR,0.00612345\n")
    lab.run()
    assert lab.rows("exchange_rates", "rate") == [(Decimal("0.00612345"),)]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2024-07-01 12:00", "UTC", "2024-07-01 12:00:00"),
        ("2024-07-01 12:00", "Europe/Paris", "2024-07-01 10:00:00"),
        ("2024-07-01 2:05:00", "Europe/Paris", "2024-07-01 00:05:00"),
        ("2024-07-01 2:05 +02", "UTC", "2024-07-01 00:05:00"),
        ("2024-07-01T12:00:00.250Z", "Europe/Paris", "2024-07-01 12:00:00.250"),
        ("2026-03-29T02:30:00+02:00", "America/New_York", "2026-03-29 00:30:00"),
        ("2024-07-01 12:00+02", "UTC", "2024-07-01 10:00:00"),
        ("2024-07-01 12:00:00 -0330", "UTC", "2024-07-01 15:30:00"),
        ("2024-07-01", "Europe/Paris", "2024-06-30 22:00:00"),
        # The night the clocks go forward has no 02:30: the declared zone must be wrong.
        ("2026-03-29 02:30:00", "Europe/Paris", None),
        ("2026-03-29 03:00:00", "Europe/Paris", "2026-03-29 01:00:00"),
        # The night they go back has it twice; the later one is taken.
        ("2026-10-25 02:30:00", "Europe/Paris", "2026-10-25 01:30:00"),
        ("9999-12-31 00:00:00", "UTC", None),
        ("0024-01-05", "UTC", None),
        ("2024-02-30", "UTC", None),
        ("2024-01-05 25:00", "UTC", None),
        ("05/01/2024", "UTC", None),
        ("yesterday", "UTC", None),
    ],
)
def test_times_are_stored_in_utc(text: str, zone: str, expected: str | None) -> None:
    wanted = None if expected is None else datetime.fromisoformat(expected)
    assert read(text, "timestamp", {"time_zone": zone}) == wanted


def test_declared_formats_of_times() -> None:
    american = ("%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M")
    berlin = {"time_zone": "Europe/Berlin"}
    noon = datetime(2024, 3, 15, 13, 30)
    assert read("3/15/2024 2:30 PM", "timestamp", berlin, formats=american) == noon
    assert read("2024-03-15 14:30", "timestamp", berlin, formats=american) == noon
    assert read("15/3/2024 2:30 PM", "timestamp", berlin, formats=american) is None
    offset = ("%Y-%m-%d %H:%M %z",)
    assert read("2024-03-15 14:30 +0100", "timestamp", berlin, formats=offset) == noon
    assert read("03/15/24", "date", formats=("%m/%d/%y",)).isoformat() == "2024-03-15"
    assert read("２０２４-０３-１５", "date").isoformat() == "2024-03-15"
    assert read("2024-03-15 08:00", "date") is None  # the hour would be lost


def test_durations_become_minutes() -> None:
    assert read("01:30:00", "duration_minutes") == Decimal(90)
    assert read("100:00", "duration_minutes") == Decimal(6000)  # h:mm
    assert read("0:00:20", "duration_minutes") == Decimal("0.3333")
    assert read("1:75:00", "duration_minutes") is None
    assert read("90", "duration_minutes") is None  # ninety of what?
    assert read("90", "duration_minutes", unit="seconds") == Decimal("1.5")
    assert read("90000", "duration_minutes", unit="milliseconds") == Decimal("1.5")
    assert read("1.5", "duration_minutes", unit="days") == Decimal(2160)
    assert read("1 day, 2:03:04", "duration_minutes") == Decimal("1563.0667")
    assert read("1d 2h 3min", "duration_minutes") == Decimal(1563)
    assert read("PT1H0.5S", "duration_minutes") == Decimal("60.0083")
    assert read("P1M", "duration_minutes") is None  # a month has no length
    assert read("PT", "duration_minutes") is None
    assert read("2h 1d", "duration_minutes") is None
    assert read("1.1", "duration_minutes", unit="hours") == Decimal(66)
    assert read("1,234", "duration_minutes", ENGLISH, unit="minutes") == Decimal(1234)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in ("TRUE", "yes", "1", "t")),
        *((text, False) for text in ("f", "No", "0", "false")),
        *((text, None) for text in ("maybe", "2", "")),
    ],
)
def test_booleans(text: str, expected: bool | None) -> None:
    assert read(text, "boolean") is expected


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "\rx", "{{ 7*7 }}", "<script>", " a "]
)
def test_text_is_stored_as_it_came(text: str) -> None:
    assert read(text, "text") == text


def test_null_markers_are_no_values() -> None:
    markers = {"null_markers": ("", "N/A", "9999-12-31")}
    assert read("N/A", "text", markers) is None
    assert read(" N/A ", "text", markers) is None
    assert read("9999-12-31", "date", markers) is None
    assert read("N/A", "text", {"null_markers": ()}) == "N/A"


TWO_YEARS = ("%m/%d/%Y", "%m/%d/%y")
TWO_ORDERS = ("%d-%m-%Y", "%m-%d-%Y")


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("05/17/2019", TWO_YEARS, "2019-05-17"),
        ("5/17/19", TWO_YEARS, "2019-05-17"),
        ("25-11-2020", TWO_ORDERS, "2020-11-25"),
        ("11-25-2020", TWO_ORDERS, "2020-11-25"),
        ("06-06-2020", TWO_ORDERS, "2020-06-06"),  # the same day in both
        ("03-08-2020", TWO_ORDERS, None),
        ("30-30-2020", TWO_ORDERS, None),
    ],
)
def test_each_format_is_judged_for_itself(
    text: str, formats: tuple[str, ...], expected: str | None, turn: int
) -> None:
    """Whatever the order of the formats; a cell that two of them read differently is refused."""
    for kind in ("date", "timestamp"):
        found = read(text, kind, formats=formats[::turn])
        assert (found and str(found)[:10]) == expected


SALES = "transaction_id,occurred_at,transaction_kind,amount,currency\n"


@pytest.mark.parametrize(
    ("cells", "loaded", "in_doubt"),
    [
        (["2.750", "180"], ["180"], 1),
        (["-2.750", "€2.750"], [], 2),
        (["2.750", "2.75"], ["2.75", "2.75"], 0),  # one cell says what the point is
        (["2.750", "0.125"], ["2.75", "0.125"], 0),
        (["2.750", "2750.125"], ["2.75", "2750.125"], 0),
        (["2.750", "2.750,10"], [], 1),  # the other is no number in the declared marks
        (["2.7500", "7.5"], ["2.75", "7.5"], 0),
    ],
)
def test_what_fits_two_readings_is_refused(
    cells: list[str], loaded: list[str], in_doubt: int, lab: Lab
) -> None:
    """2.750 may be two and three quarters, or the 2,750 of a country that writes it so."""
    rows = [f't{i},2024-02-01,sale,"{cell}",EUR\n' for i, cell in enumerate(cells)]
    lab.drop("native/2024-03-01/transactions.csv", SALES + "".join(rows))
    lab.run()
    assert lab.rows("transactions", "amount") == [(Decimal(text),) for text in loaded]
    reasons = [q["reason"] for q in lab.quarantine()]
    assert sum("fits two readings" in reason for reason in reasons) == in_doubt
    assert len(reasons) == len(cells) - len(loaded)


def test_a_whole_number_with_three_zeros_behind_a_point_is_refused(lab: Lab) -> None:
    head = "customer_id,customer_kind,employee_count\n"
    rows = "c1,account,31.000\nc2,account,31.0\nc3,account,31\n"
    lab.drop("native/2024-03-01/customers.csv", head + rows)
    lab.drop("native/2024-03-01/customers_2.jsonl", _employees("31.000"))
    lab.run()
    assert lab.rows("customers", "customer_id, employee_count") == [
        ("c2", 31), ("c3", 31), ("j", 31),
    ]  # fmt: skip
    assert [q["row_number"] for q in lab.quarantine()] == [1]


def _employees(count: str) -> str:
    return f'{{"customer_id": "j", "customer_kind": "account", "employee_count": {count}}}\n'


@pytest.mark.parametrize(
    ("number", "expected"),
    [("6.5e-03", "0.0065"), ("2E3", "2000"), ("1.5e+2", "150"), ("1e999999999", None)],
)
def test_json_numbers_may_have_an_exponent(number: str, expected: str | None, lab: Lab) -> None:
    row = (
        f'{{"transaction_id": "t", "occurred_at": "2024-02-01", "transaction_kind": "sale", '
        f'"amount": {number}, "currency": "EUR"}}\n'
    )
    lab.drop("native/2024-03-01/transactions.jsonl", row)
    lab.run()
    found = [amount for (amount,) in lab.rows("transactions", "amount")]
    assert found == ([Decimal(expected)] if expected else [])


DESK = """description: a desk
files:
  calls:
    path: "calls.csv"
    format: csv
    columns:
      id: {as: id, type: text, required: true}
      at: {as: asked, type: timestamp, required: true}
      reply: {as: reply, type: duration_minutes, null_markers: ["0:00:00"]}
      hold: {as: hold, type: duration_minutes}
      note: {as: note, type: integer}
      kind: {as: kind, type: text, allowed: [Call, Mail]}
mappings:
  calls: {from: calls, to: tickets, when: "kind = 'Call'"}
"""
CALLS = """select row_number, id as ticket_id, asked as created_at,
    reply as first_reply_calendar_minutes, hold as on_hold_calendar_minutes from calls"""


def test_a_value_of_a_column_may_mean_nothing(lab: Lab) -> None:
    lab.teach("desk", DESK, calls=CALLS)
    head = "id,at,reply,hold,note,kind\n"
    rows = "1,2024-02-01,0:00:00,0:00:00,,Call\n2,2024-02-01,71:30:00,0:01:00,,Call\n"
    lab.drop("desk/calls.csv", head + rows)
    lab.run()
    found = lab.rows("tickets", "first_reply_calendar_minutes, on_hold_calendar_minutes")
    assert found == [(None, 0), (71 * 60 + 30, 1)]


def test_a_column_no_mapping_reads_refuses_nothing(lab: Lab) -> None:
    lab.teach("desk", DESK, calls=CALLS)
    head = "id,at,reply,hold,note,kind\n"
    rows = "1,2024-02-01,,,plenty,Call\n2,2024-02-01,,soon,,Call\n3,2024-02-01,,,,Fax\n"
    lab.drop("desk/calls.csv", head + rows)
    lab.run()
    assert lab.rows("tickets", "ticket_id") == [("1",)]
    assert [(q["row_number"], q["column_name"], q["reason"]) for q in lab.quarantine()] == [
        (2, "hold", "is no duration such as 26:03:00, 1d 2h 3min or P1DT2H3M"),
        (3, "kind", "is none of Call, Mail"),
    ]
    everything = CALLS.replace("calls", "(select * from calls)")
    lab.teach("desk", DESK, calls=everything)
    lab.run()
    assert lab.rows("tickets", "ticket_id") == []
