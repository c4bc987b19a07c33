"""The same rows in five countries' hands, three encodings and four formats are the same facts.

Or they are refused: where nobody says how numbers are written, no cell becomes another value.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.lab import DAY, Lab, closes

HEAD = ("Id", "When", "Amount", "Pieces", "Note")
ADAPTER = """description: the same shop in every country
number: {{decimal: "{decimal}", thousands: {thousands}}}
files:
  sales:
    path: "{{date}}/sales.*"
    format: auto
    encoding: {encoding}
    delimiter: "{delimiter}"
    columns:
      "Id": {{type: text, required: true}}
      "When": {{type: timestamp, formats: ["{form}"], time_zone: UTC}}
      "Amount": {{type: decimal}}
      "Pieces": {{type: integer}}
      "Note": {{type: text}}
mappings:
  sales: {{from: sales, to: transactions, constants: {{currency: EUR, transaction_kind: sale}}}}
"""
MAPPED = """select row_number, id as transaction_id, "when" as occurred_at,
    coalesce(amount, 0) as amount, pieces as quantity, note as product from sales"""
DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "ja": "０１２３４５６７８９"}


@dataclass(frozen=True)
class Locale:
    """How a country writes numbers and days, and how its files are encoded."""

    decimal: str
    thousands: str
    form: str
    delimiter: str = ","
    digits: str | None = None

    def number(self, value: Decimal | int | None) -> str:
        if value is None:
            return ""
        text = f"{value:,}".translate(str.maketrans({",": self.thousands, ".": self.decimal}))
        return self._in_digits(text)

    def moment(self, value: datetime) -> str:
        return self._in_digits(value.strftime(self.form))

    def _in_digits(self, text: str) -> str:
        if self.digits is None:
            return text
        return text.translate(str.maketrans("0123456789", DIGITS[self.digits]))


LOCALES = {
    "en": Locale(".", ",", "%m/%d/%Y %I:%M %p"),
    "de": Locale(",", ".", "%d.%m.%Y %H:%M", ";"),
    "fr": Locale(",", "\u00a0", "%d/%m/%Y %H:%M", ";"),
    "ar": Locale(".", ",", "%d/%m/%Y %H:%M", digits="ar"),
    "ja": Locale(".", ",", "%Y/%m/%d %H:%M", digits="ja"),
}
ENCODINGS = ("utf-8", "utf-16", "cp1252")
FORMATS = ("csv", "jsonl", "xlsx", "parquet")
Sale = tuple[datetime, Decimal | None, int, str]
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2023, 12, 31)).map(
    lambda m: m.replace(second=0, microsecond=0)
)
SALES = st.lists(
    st.tuples(
        MOMENTS,
        st.none() | st.decimals(0, 9_999_999, places=2),
        st.integers(0, 9_999_999) | st.integers(1, 999).map(lambda n: 1000 * n),
        st.sampled_from(["", "café", 'a "quoted" one', "two\nlines", "semi;colon, comma", "-"]),
    ),
    min_size=1,
    max_size=6,
)


def write(path: Path, form: str, encoding: str, delimiter: str, rows: list[list[str]]) -> None:
    """The cells as text, in each format; a spreadsheet and Parquet may hold text too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
        writer.writerows([list(HEAD), *rows])
        path.write_bytes(text.getvalue().encode(encoding))
    elif form == "jsonl":
        lines = [json.dumps(dict(zip(HEAD, row, strict=True)), ensure_ascii=False) for row in rows]
        path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    elif form == "xlsx":
        book = openpyxl.Workbook()
        for cells in ([*HEAD], *rows):
            book.active.append([cell or None for cell in cells])
        book.save(path)
    else:
        columns = list(zip(*rows, strict=True))
        pq.write_table(pa.table(dict(zip(HEAD, columns, strict=True))), path)


@contextmanager
def shop(
    sales: list[Sale], written: Locale, encoding: str, form: str, *, declared: bool = True
) -> Iterator[Lab]:
    """A lake of the sales as a country writes them; `declared`: its marks are in the adapter."""
    with TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        lab.teach(
            "shop",
            ADAPTER.format(
                decimal=written.decimal if declared else ".",
                thousands=json.dumps(written.thousands if declared else None),
                encoding=encoding,
                delimiter=written.delimiter,
                form=written.form,
            ),
            sales=MAPPED,
        )
        rows = [
            [f"s{i}", written.moment(when), written.number(amount), written.number(pieces), note]
            for i, (when, amount, pieces, note) in enumerate(sales)
        ]
        path = lab.landing / "shop" / str(DAY) / f"sales.{form}"
        write(path, form, encoding, written.delimiter, rows)
        lab.run()
        yield lab


def facts(lab: Lab) -> list[tuple[object, ...]]:
    return lab.rows("transactions", "transaction_id, occurred_at, amount, quantity, product")


def expected(sales: list[Sale]) -> list[tuple[object, ...]]:
    return [(f"s{i}", when, a or 0, n, note or None) for i, (when, a, n, note) in enumerate(sales)]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("country", LOCALES)
@settings(max_examples=6, deadline=None)
@given(sales=SALES, encoding=st.sampled_from(ENCODINGS))
def test_the_same_rows_are_the_same_facts(
    country: str, form: str, sales: list[Sale], encoding: str
) -> None:
    if encoding == "cp1252" and LOCALES[country].digits:
        encoding = "utf-8"  # it has no such digits
    with shop(sales, LOCALES[country], encoding, form) as lab:
        assert facts(lab) == expected(sales)


@pytest.mark.parametrize("country", LOCALES)
@settings(max_examples=15, deadline=None)
@given(sales=SALES)
def test_numbers_whose_marks_nobody_declared_are_right_or_refused(
    country: str, sales: list[Sale]
) -> None:
    """12.000 pieces are not 12, and 1.234,50 is not 1.2345."""
    with shop(sales, LOCALES[country], "utf-8", "csv", declared=False) as lab:
        assert set(facts(lab)) <= set(expected(sales))
        assert closes(lab.entry())
        assert len(facts(lab)) + len(lab.quarantine()) == len(sales)


def test_the_order_of_day_and_month_is_the_declared_one() -> None:
    """01/02 is a day of January in one country and of February in another: both as declared."""
    when = datetime(2023, 2, 1, 10, 30)
    for country in ("en", "fr"):
        with shop([(when, Decimal("1.00"), 1, "x")], LOCALES[country], "utf-8", "csv") as lab:
            assert facts(lab) == [("s0", when, Decimal("1.00"), 1, "x")]
