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
