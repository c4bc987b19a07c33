"""Exports in the tools' own shapes become rows of the contract, by example."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.lib.adapters.load import load_adapters
from orchestration.lib.ingest.scan import scan
from tests.unit.lab import DAY, Lab

CONTACTS = (
    "Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date,Associated Company,"
    "Country/Region,Contact owner,Lifecycle Stage,Original Source,Associated Company IDs\n"
    "17,Ann,Lee,ann@acme.example,+1 202 555 0100,Connected,2024-01-12 09:14,Acme,Japan,Team,"
    "customer,Organic Search,9001;8002\n"
    "18,,Ōta,,,,3/15/2023 2:30 PM,,,,,Paid Search,\n"
)
COMPANIES = (
    "Record ID,Company name,Website URL,Company owner,Create Date,Industry,Number of Employees,"
    "Country/Region\n"
    '9001,Acme,https://www.Acme.example/en?x=1,Team,2023-01-12 09:14,Retail,"1,200",Japan\n'
)
TICKETS = (
    "Summation column,Id,Requester,Requester id,Requester external id,Requester email,"
    "Requester domain,Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,"
    "Created at,Updated at,Assigned at,Organization,Due date,Initially assigned at,Solved at,"
    "Resolution time,Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,"
    + ",".join(
        f"{what} in minutes,{what} in minutes within business hours"
        for what in (
            "First reply time",
            "First resolution time",
            "Full resolution time",
            "Agent wait time",
            "Requester wait time",
            "On hold time",
        )
    )
    + ",Language [list]\n"
    "1,501,Ann,7,contact-17,ann@acme.example,acme.example,Ann,Bo,First line,Help,a b,Solved,"
    "Urgent,Phone call (inbound),Question,2024-02-01 09:00:00,2024-02-05 09:00:00,,,,,"
    "2024-02-01 11:00:00,2,Good,1,2,0,3,30,25,120,60,120,60,0,0,120,60,0,0,JA\n"
    "1,502,Bob,8,,bob@x.example,x.example,Bob,-,First line,Hi,,On-hold,-,Mail,-,"
    "2024-02-02 09:00:00,2024-02-02 09:00:00,,,,,,,Offered,1,1,0,0,,,,,,,,,,,,,\n"
)
EVENTS = (
    '{"event_id": 1, "ticket_id": 501, "created_at": "2024-02-01T14:00:00Z", "type": "comment",'
    ' "public": true, "author_role": "end-user", "author_id": "7", "body": "Help"}\n'
    '{"event_id": 2, "ticket_id": 501, "created_at": "2024-02-01 14:05:00", "type": "status",'
    ' "value": "open", "author_role": "agent", "time_spent_seconds": 90}\n'
)
ANSWERS = (
    "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,"
    "ResponseId,RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference,"
    "LocationLatitude,LocationLongitude,DistributionChannel,UserLanguage,Q1,Q2\n"
    "Start Date,End Date,Response Type,,,,,,,,,,,,,,,"
    '"How likely are you\nto recommend us?",Why?\n'
    + ",".join(
        '"{""ImportId"":""x"",""timeZone"":""America/New_York""}"' if i < 2 else '"{}"'
        for i in range(19)
    )
    + "\n"
    "2024-02-10 10:00:00,2024-02-10 10:05:00,IP Address,,100,300,True,2024-02-10 10:05:01,"
    "R_1,Lee,Ann,ann@acme.example,contact-17,,,email,PT-BR,9,Fast\n"
    "2024-02-10 10:00:00,2024-02-10 10:05:00,Survey Preview,,100,300,True,2024-02-10 10:05:01,"
    "R_2,,,,,,,preview,EN,1,test\n"
)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "landing").mkdir()
    return Lab(tmp_path, load_adapters(time_zone="America/New_York"))


def accounts(lab: Lab) -> dict[str, tuple[int, int]]:
    return {r["mapping"]: (r["loaded_count"], r["skipped_count"]) for r in lab.ledger()}


def test_hubspot_contacts_and_companies_are_customers(lab: Lab) -> None:
    lab.drop("hubspot/2024-03-01/hubspot-crm-exports-contacts.csv", CONTACTS.encode("utf-16"))
    lab.drop("hubspot/2024-03-01/hubspot-crm-exports-companies-2.csv", COMPANIES)
    lab.run()
    assert accounts(lab) == {"contacts": (2, 0), "companies": (1, 0)}
    columns = (
        "customer_id, customer_kind, parent_customer_id, name, domain, employee_count, "
        "acquisition_channel, signup_at"
    )
    nine = datetime(2024, 1, 12, 14, 14)  # 09:14 in New York
    assert lab.rows("customers", columns) == [
        (
            "company-9001",
            "account",
            None,
            "Acme",
            "acme.example",
            1200,
            None,
            datetime(2023, 1, 12, 14, 14),
        ),
        ("contact-17", "person", "company-9001", "Ann Lee", None, None, "organic", nine),
        (
            "contact-18",
            "person",
            None,
            "Ōta",
            None,
            None,
            "paid_search",
            datetime(2023, 3, 15, 18, 30),
        ),
    ]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("hubspot-crm-exports-contacts.csv", "contacts"),
        ("hubspot-crm-exports-all-contacts-2025-12-28.csv", "contacts"),
        ("hubspot-crm-exports-all-contacts-2025-12-28.csv.gz", "contacts"),
        ("hubspot-crm-exports-my-contacts-2025-12-28-1.xlsx", "contacts"),
        ("hubspot-crm-exports-all-companies-2025-12-28.csv", "companies"),
        ("hubspot-crm-exports-all-deals-2025-12-28.csv", None),
    ],
)
def test_hubspot_files_are_known_by_the_names_it_gives_them(
    name: str, role: str | None, lab: Lab
) -> None:
    lab.drop(f"hubspot/2025-12-28/{name}", "")
    landed, _ = scan(lab.landing, lab.adapters)
    assert [found.file.role for found in landed] == ([role] if role else [])


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet", "xlsx"])
def test_native_files_come_in_every_form(ending: str, lab: Lab) -> None:
    lab.drop(f"native/2025-12-28/survey_responses.{ending}", "")
    lab.drop(f"native/2025-12-28/tickets_2.{ending}", "")
    landed, ignored = scan(lab.landing, lab.adapters)
    assert [found.file.role for found in landed] == ["survey_responses", "tickets"], ignored


def test_zendesk_tickets_keep_the_totals_of_the_tool(lab: Lab) -> None:
    lab.drop("zendesk/2024-03-01/tickets.csv", TICKETS)
    lab.run()
    columns = (
        "ticket_id, customer_id, channel, priority, status, assignee_id, language, created_at, "
        "first_reply_calendar_minutes, first_reply_business_minutes, assignee_station_count"
    )
    assert lab.rows("tickets", columns) == [
        (
            "501",
            "contact-17",
            "phone",
            "urgent",
            "solved",
            "Bo",
            "ja",
            datetime(2024, 2, 1, 14),
            30,
            25,
            2,
        ),
        ("502", None, "email", None, "hold", None, None, datetime(2024, 2, 2, 14), None, None, 1),
    ]


def test_zendesk_satisfaction_is_an_answer_to_a_survey_of_its_own(lab: Lab) -> None:
    """Only Good and Bad are answers; Offered is not. The survey comes with them."""
    lab.drop("zendesk/2024-03-01/tickets.csv", TICKETS)
    lab.run()
    assert accounts(lab) == {"tickets": (2, 0), "ratings": (1, 1), "rating_survey": (1, 1)}
    answer = "response_id, survey_id, score, ticket_id, answered_at"
    assert lab.rows("survey_responses", answer) == [
        ("zendesk-csat-501", "zendesk-csat", Decimal(1), "501", datetime(2024, 2, 1, 16))
    ]
    survey = "survey_id, survey_kind, survey_scope, scale_min, scale_max, is_higher_better"
    assert lab.rows("surveys", survey) == [("zendesk-csat", "csat", "transactional", 0, 1, True)]


def test_zendesk_events_are_utc_whatever_the_zone_of_the_account(lab: Lab) -> None:
    lab.drop("zendesk/2024-03-01/ticket_events.jsonl", EVENTS)
    lab.run()
    columns = (
        "event_id, ticket_id, occurred_at, event_kind, value, is_public, actor_kind, handle_seconds"
    )
    assert lab.rows("ticket_events", columns) == [
        ("1", "501", datetime(2024, 2, 1, 14), "comment", None, True, "customer", None),
        ("2", "501", datetime(2024, 2, 1, 14, 5), "status", "open", None, "agent", Decimal(90)),
    ]


def test_qualtrics_times_are_in_the_zone_its_third_heading_row_names(tmp_path: Path) -> None:
    lab = Lab(tmp_path, load_adapters(time_zone="Asia/Tokyo"))
    lab.drop("qualtrics/2024-03-01/relationship-nps_1.csv", ANSWERS)
    lab.run()
    assert accounts(lab) == {"responses": (1, 1)}  # the preview is no answer
    columns = (
        "response_id, survey_id, customer_id, score, comment, language, answered_at, is_complete"
    )
    assert lab.rows("survey_responses", columns) == [
        (
            "R_1",
            "relationship-nps",
            "contact-17",
            9,
            "Fast",
            "pt",
            datetime(2024, 2, 10, 15, 5),
            True,
        )
    ]


def test_qualtrics_says_what_an_answer_is_about_and_who_was_gone_back_to(tmp_path: Path) -> None:
    """Embedded data of the survey; exported again, an answer has its follow-up."""
    lab = Lab(tmp_path, load_adapters(time_zone="Asia/Tokyo"))
    lab.drop("qualtrics/2024-02-29/nps.csv", ANSWERS)
    lines = ANSWERS.replace(",Q1,Q2\n", ",Q1,Q2,Touchpoint,FollowUpDate\n").replace(
        'recommend us?",Why?\n', 'recommend us?",Why?,Touchpoint,FollowUpDate\n'
    )
    lines = lines.replace('"{}"\n', '"{}","{}","{}"\n').replace(",test\n", ",test,,\n")
    again = lines.replace(",9,Fast\n", ",9,Fast,onboarding_call,2024-02-12 09:00:00\n")
    lab.drop("qualtrics/2024-03-01/nps.csv", again)
    lab.run()
    assert lab.rows("survey_responses", "response_id, touchpoint, followed_up_at") == [
        ("R_1", None, None),
        ("R_1", "onboarding_call", datetime(2024, 2, 12, 14)),
    ]


def test_a_qualtrics_export_without_its_zone_is_refused(lab: Lab) -> None:
    lab.drop("qualtrics/2024-03-01/nps.csv", ANSWERS.replace("timeZone", "zone"))
    lab.run()
    assert "names no time zone" in lab.entry()["reason"]


def test_native_files_come_in_three_formats_with_or_without_a_day(lab: Lab) -> None:
    lab.drop("native/holidays.csv", "schedule_id,holiday_date,name\ndefault,2024-12-25,Xmas\n")
    lab.drop(
        "native/2024-02-01/holidays_b.jsonl", '{"schedule_id": "b", "holiday_date": "2024-01-01"}\n'
    )
    lab.run()
    assert lab.rows("holidays", "schedule_id, holiday_date, extract_date") == [
        ("b", date(2024, 1, 1), date(2024, 2, 1)),
        ("default", date(2024, 12, 25), DAY),
    ]


@pytest.mark.parametrize(
    ("headings", "cells", "company"),
    [
        ("Associated Company IDs (Primary)", "7", "company-7"),
        ("Associated Company IDs,Associated Company IDs (Primary)", "6;7,7", "company-7"),
        ("Associated Company IDs,Associated Company IDs (Primary)", "6;7,", "company-6"),
        ("Phone Number", "", None),
    ],
)
def test_the_primary_company_of_a_contact_is_its_account(
    headings: str, cells: str, company: str | None, lab: Lab
) -> None:
    head = f"Record ID,First Name,Last Name,Email,Create Date,{headings}\n"
    row = f"1,A,B,a@x.example,2024-01-12 09:14,{cells}\n"
    lab.drop("hubspot/2024-03-01/hubspot-crm-exports-contacts.csv", head + row)
    lab.run()
    assert lab.rows("customers", "parent_customer_id") == [(company,)]


def test_hubspot_in_spanish(lab: Lab) -> None:
    head = "ID de registro,Nombre,Apellidos,Correo,Fecha de creación\n"
    name = "hubspot/2024-03-01/hubspot-crm-exports-todos-contacts.csv"
    lab.drop(name, head + "7,Eva,Prueba,eva@x.example,2023-12-01 10:00\n")
    lab.run()
    assert lab.rows("customers", "customer_id, name, email") == [
        ("contact-7", "Eva Prueba", "eva@x.example")
    ]


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("Imported", "loaded"),
        ("Offline", "loaded"),
        ("16", "loaded"),
        ("Survey Test", "skipped"),
        ("8", "skipped"),
        ("Synthetic", "quarantined"),
    ],
)
def test_only_previews_tests_and_spam_are_no_answers(status: str, fate: str, lab: Lab) -> None:
    lab.drop("qualtrics/2024-03-01/SV1.csv", ANSWERS.replace("IP Address,,100", f"{status},,100"))
    lab.run()
    entry = lab.ledger()[0]
    assert entry[f"{fate}_count"] == (2 if fate == "skipped" else 1)


def test_an_anonymous_survey_has_answers_of_nobody(lab: Lab) -> None:
    head = "EndDate,Status,Finished,ResponseId,Q1\n"
    zone = '"{""timeZone"":""America/New_York""}",{},{},{},{}\n'
    row = "2024-02-10 10:05:00,IP Address,True,R_9,8\n"
    lab.drop("qualtrics/2024-03-01/SV1.csv", head + head + zone + row)
    lab.run()
    assert lab.rows("survey_responses", "response_id, score, customer_id, customer_email") == [
        ("R_9", 8, None, None)
    ]
