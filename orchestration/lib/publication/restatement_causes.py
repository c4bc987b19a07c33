"""Why a month is restated: which files read since then, or read no longer, speak of it.

A file speaks of a month if it has rows of the metric's entities in it that no file read before
had; a file that says nothing new explains nothing. Not here: what was restated (`restatements`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from orchestration.lib.base.home import Home
from orchestration.lib.contracts.contract import load_contracts
from orchestration.lib.publication.evidence import Document

# First and last moment a row speaks of; a day is added at both ends for the time zone.
EVER = "date '9999-12-01'"
SPANS = {
    "transactions": ("occurred_at", "occurred_at"),
    "contracts": ("start_date", f"coalesce(end_date, cancelled_at, {EVER})"),
    "customers": ("coalesce(signup_at, date '0001-02-01')", EVER),
    "interactions": ("occurred_at", "occurred_at"),
    "exchange_rates": ("rate_date", EVER),
    "support_expenses": ("expense_month", "expense_month"),
    "tickets": ("created_at", "coalesce(closed_at, solved_at, created_at)"),
    "ticket_events": ("occurred_at", "occurred_at"),
    "survey_responses": ("answered_at", "answered_at"),
    "surveys": ("date '0001-02-01'", EVER),
}
# The headline metrics of a month, columns of fct_segment_roi, and the entities behind each.
ACTIVITY = ("contracts", "transactions", "interactions", "customers")
SOURCES = {
    "net_revenue_amount": ("transactions", "contracts", "exchange_rates"),
    "churn_rate": ACTIVITY,
    "customers_at_end_count": ACTIVITY,
    "support_cost_amount": ("support_expenses", "tickets", "ticket_events", "exchange_rates"),
    "nps": ("survey_responses", "surveys"),
    "ticket_count": ("tickets",),
}
SHOWN = 5


def causes_of(
    home: Home,
    months: Sequence[tuple[str, str]],
    added: Mapping[str, str],
    gone: Mapping[str, str],
    before: Mapping[str, Any] | None,
    now: Mapping[str, Any],
) -> dict[tuple[str, str], Document]:
    """Cause and files for each restated (metric, month). `added` and `gone`: batch id to file."""
    entities = sorted({entity for metric, _ in months for entity in SOURCES[metric]})
    spans = _spans(home, entities, added) if months and added else {}
    otherwise = _otherwise(before or {}, now)
    causes = {}
    for metric, month in months:
        speaking = {
            name
            for entity in SOURCES[metric]
            for name, first, last in spans.get(entity, ())
            if first <= month <= last
        }
        # Rows taken out leave no trace in the file that came instead: then it is what was replaced.
        files = sorted(speaking or set(gone.values()))
        causes[metric, month] = {
            "cause": "files" if files else otherwise,
            "file_count": len(files),
            "files": ", ".join(files[:SHOWN]) + (", …" if len(files) > SHOWN else "") or None,
        }
    return causes


def _spans(
    home: Home, entities: Iterable[str], added: Mapping[str, str]
) -> dict[str, list[tuple[str, str, str]]]:
    """Per entity: each file with new rows in a month, and the first and last month of these."""
    contracts = load_contracts()
    found = {}
    with duckdb.connect(str(home.lake_database), read_only=True) as connection:
        for entity in entities:
            columns = ", ".join(column.name for column in contracts[entity].columns)
            first, last = SPANS[entity]
            found[entity] = connection.execute(
                f"""
                with all_rows as (
                    select
                        file_name,
                        list_contains($added, batch_id) as is_added,
                        hash({columns}) as content,
                        cast({first} as timestamp) - interval 1 day as first_at,
                        cast({last} as timestamp) + interval 1 day as last_at
                    from {entity}
                )
                select distinct
                    file_name,
                    strftime(date_trunc('month', first_at), '%Y-%m-%d'),
                    strftime(date_trunc('month', last_at), '%Y-%m-%d')
                from all_rows
                where is_added
                    and content not in (select content from all_rows where not is_added)
                """,
                {"added": list(added)},
            ).fetchall()
    return found


def _otherwise(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What else differs between the two runs."""
    if any(before.get(key) != now.get(key) for key in ("git_commit", "versions")):
        return "code"
    return "recomputed" if before.get("settings") == now.get("settings") else "settings"
