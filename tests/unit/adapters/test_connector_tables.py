"""Tables of a managed connector: the same from CSV and Parquet, and its public samples."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.base.sql import quote
from orchestration.lib.contracts.contract import load_contracts
from tests.conftest import public_data
from tests.unit.lab import DAY, Lab

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "landing").mkdir()
    return Lab(tmp_path, load_adapters(time_zone="America/New_York"))


@pytest.mark.parametrize("case", sorted(EXPORTS.glob("*_connector")), ids=lambda case: case.name)
def test_typed_parquet_files_give_the_rows_of_the_csv_files(case: Path, tmp_path: Path) -> None:
    """In Parquet ids are numbers and moments are moments, as in the warehouse."""
    rows = []
    for form in ("csv", "parquet"):
        lab = Lab(tmp_path / form, load_adapters(time_zone="America/New_York"))
        shutil.copytree(case / "landing", lab.landing)
        if form == "parquet":
            for file in lab.landing.glob("*/*/*.csv"):
                target = quote(file.with_suffix(".parquet"))
                duckdb.sql(f"copy (from read_csv({quote(file)})) to {target} (format parquet)")
                file.unlink()
        day = date.fromisoformat(max(path.name for path in lab.landing.glob("*/*")))
        lab.run(day)
        found = {}
        for entity, contract in load_contracts().items():
            columns = ", ".join(column.name for column in contract.columns)
            found[entity] = sorted(map(str, lab.rows(entity, columns, day)))
        rows.append((found, [row["quarantined_count"] for row in lab.ledger(day)]))
    assert rows[0] == rows[1]
    assert any(rows[0][0].values())


def counts(lab: Lab) -> dict[str, tuple[int, ...]]:
    kinds = ("loaded", "quarantined", "duplicate", "skipped")
    return {
        row["mapping"]: tuple(row[f"{kind}_count"] for kind in kinds)
        for row in lab.ledger()
        if row["mapping"]
    }


def sample(lab: Lab, tool: str) -> None:
    """The public sample of a tool's tables, each under the name of its table."""
    for file in (public_data("connector_schemas") / tool).glob("*.csv"):
        name = file.name.replace("_data.csv", ".csv").removeprefix("sf_")
        lab.drop(f"{tool}_connector/{DAY}/{name}", file.read_bytes())
    lab.run()


def test_the_public_sample_of_zendesk_tables(lab: Lab) -> None:
    """Counted by hand: of 10 tickets one was opened by somebody the table user knows, and nobody
    there wrote one of the 20 comments; one change of a status is in the history four times."""
    sample(lab, "zendesk")
    assert counts(lab) == {
        "tickets": (10, 0, 0, 0),
        "creations": (1, 0, 0, 9),
        "field_history": (34, 0, 3, 1),
        "comments": (0, 20, 0, 0),
        "ticket_schedules": (10, 0, 0, 0),
        "reply_targets": (0, 0, 0, 10),  # of the one whose priority is known it is round the clock
        "schedules": (5, 0, 0, 0),
        "holidays": (2, 0, 0, 0),
    }
    assert sorted(
        lab.rows("schedules", "weekday, opens_at_minute, closes_at_minute, time_zone")
    ) == [(day, 8 * 60, 20 * 60, "America/Los_Angeles") for day in range(1, 6)]
    assert sorted(lab.rows("holidays", "holiday_date")) == [
        (date(2022, 12, 26),),
        (date(2022, 12, 27),),
        (date(2022, 12, 29),),
    ]
    statuses = lab.rows("ticket_events", "occurred_at, value, ticket_id, event_kind")
    assert [
        (at, value) for at, value, ticket, kind in statuses if (ticket, kind) == ("11071", "status")
    ][-2:] == [
        (datetime(2020, 11, 14, 11, 1, 27), "solved"),
        (datetime(2020, 11, 15, 11, 1, 27), "closed"),
    ]


def test_the_public_sample_of_hubspot_tables(lab: Lab) -> None:
    """Of 25 tickets one is in a stage that the table of stages has."""
    sample(lab, "hubspot")
    assert counts(lab) == {
        "contacts": (22, 0, 0, 0),
        "companies": (24, 0, 0, 0),
        "tickets": (1, 24, 0, 0),
    }
    assert lab.rows("tickets", "ticket_id, status") == [("350123456", "open")]
    merged = [row for row in lab.rows("customers", "customer_id, merged_customer_ids") if row[1]]
    assert merged == [
        ("contact-78971951", "contact-76340251;contact-46897301;contact-76226001"),
    ]


def test_the_public_sample_of_salesforce_tables(lab: Lab) -> None:
    """Three of ten rows are old versions."""
    sample(lab, "salesforce")
    assert counts(lab) == {"accounts": (7, 0, 0, 3), "contacts": (4, 0, 0, 0)}


def test_the_public_sample_of_qualtrics_tables(lab: Lab) -> None:
    """None of the answers in it is to one of its responses; one invitation is of a distribution
    that it has."""
    sample(lab, "qualtrics")
    assert counts(lab) == {"responses": (5, 0, 0, 0), "invitations": (1, 0, 0, 4)}
    assert lab.rows("survey_responses", "score") == [(None,)] * 5
