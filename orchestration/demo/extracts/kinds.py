"""Every kind of file of the landing folder, and the values that do not belong in each.

Here: paths and dirt. Not here: rows.
"""

from __future__ import annotations

from orchestration.demo.extracts.drops import Bad, FileKind
from orchestration.demo.survey.surveys import SURVEYS, heading_rows


def native(entity: str, *bad: Bad, key: str = "", is_dirty: bool = False) -> FileKind:
    """A file in the shape of a contract."""
    return FileKind("native", f"{entity}.csv", key, bad, is_dirty=is_dirty)


CONTACTS = FileKind(
    "hubspot",
    "hubspot-crm-exports-contacts.csv",
    "Record ID",
    (Bad("Create Date", "2025-02-30 10:00"),),
)
COMPANIES = FileKind("hubspot", "hubspot-crm-exports-companies.csv")
TICKETS = FileKind("zendesk", "tickets.csv", "Id", (Bad("Created at", "2025-13-45 10:00:00"),))
EVENTS = FileKind("zendesk", "ticket_events.jsonl", "event_id", (Bad("created_at", "yesterday"),))
POLICY_EVENTS = FileKind("zendesk", "ticket_events_policy.jsonl", is_dirty=False)
ANSWERS = tuple(
    FileKind(
        "qualtrics",
        f"{survey}.csv",
        "ResponseId",
        (
            Bad("Q1", "seven"),
            Bad("Q1", "99", "out_of_scale_rows"),
            Bad("Status", "Survey Preview", "preview_rows"),
        ),
        preamble=heading_rows(survey),
        is_nightly=True,
    )
    for survey in SURVEYS
)
TRANSACTIONS = native(
    "transactions",
    Bad("amount", "12,5o"),
    Bad("occurred_at", "2025-02-30 10:00:00"),
    key="transaction_id",
    is_dirty=True,
)
CONTRACTS = native("contracts", Bad("start_date", "soon"), key="contract_id", is_dirty=True)
INTERACTIONS = native("interactions", Bad("channel", ""), key="interaction_id", is_dirty=True)
INVITATIONS = native("survey_invitations")
ENROLMENTS = native("programme_enrolments")
