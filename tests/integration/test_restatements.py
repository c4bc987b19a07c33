"""A file of an old month is corrected: the month is published anew and as restated."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import company

HEADINGS = "transaction_id,customer_id,occurred_at,transaction_kind,amount,currency\n"


def _sales(folder: Path, day: str, *rows: str) -> None:
    target = folder / "native" / day
    target.mkdir(parents=True, exist_ok=True)
    (target / "transactions.csv").write_text(HEADINGS + "\n".join(rows) + "\n", encoding="utf-8")


def test_a_correction_of_an_old_month_is_visible_as_a_restatement(tmp_path: Path) -> None:
    # given two nights of a shop, January known as 100 + 50
    shop = company(tmp_path / "shop")
    landing = shop.home / "landing"
    customers = landing / "native" / "2025-01-31" / "customers.csv"
    customers.parent.mkdir(parents=True)
    customers.write_text("customer_id,customer_kind\nc1,person\nc2,person\n", encoding="utf-8")
    _sales(
        landing,
        "2025-01-31",
        "t1,c1,2025-01-10 10:00:00,sale,100,USD",
        "t2,c2,2025-01-20 10:00:00,sale,50,USD",
    )
    _sales(landing, "2025-02-28", "t3,c1,2025-02-10 10:00:00,sale,30,USD")
    shop.cxroi("run", "--date", "2025-02-28")
    assert shop.query("select * from cx.restatements") == []

    # then the tool delivers January again with another price, and March as usual
    _sales(
        landing,
        "2025-01-31",
        "t1,c1,2025-01-10 10:00:00,sale,80,USD",
        "t2,c2,2025-01-20 10:00:00,sale,50,USD",
    )
    _sales(landing, "2025-03-31", "t4,c1,2025-03-10 10:00:00,sale,40,USD")
    shop.cxroi("run", "--date", "2025-03-31")

    # the one restated figure says what it was, what it is, and which file changed it
    [(month, before, now, difference, cause, files)] = shop.query(
        "select month_date, previous_value, value, difference, cause, files from cx.restatements "
        "where metric_name = 'net_revenue_amount'"
    )
    assert str(month) == "2025-01-01"
    assert (before, now, difference) == (150.0, 130.0, -20.0)
    assert (cause, files) == ("files", "native/2025-01-31/transactions.csv")
