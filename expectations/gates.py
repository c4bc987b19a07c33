"""The two gates: the checks of a suite, the checks made elsewhere, and the canary.

Here: that nothing passes by being left out. Not here: which checks there are (the suites), or what
follows from a gate's report (`orchestration.lib.publication.decision`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from expectations.checks.engine import great_expectations, run_checks
from expectations.checks.model import Check, CheckResult, GateReport, accept
from expectations.checks.self_test import failing_kinds
from expectations.lake_gate.contract_suite import lake_suite
from expectations.lake_gate.delivery import (
    columns_lost,
    corrections,
    empty_files,
    full_extract,
)
from expectations.lake_gate.freshness import freshness_checks
from expectations.lake_gate.ledger import as_published, found_in_lookups, ledger_checks
from expectations.lake_gate.shared_keys import shared_keys
from expectations.lake_gate.volume import volume_checks
from expectations.mart_gate.answer_scales import Answers, answers_of, valid_answers
from expectations.mart_gate.drift import metric_drift, row_count_drift
from expectations.mart_gate.mart_catalogue import marts_of
from expectations.mart_gate.mart_suite import mart_suite, table_checks
from expectations.mart_gate.money import money_suite
from orchestration.lib.lake.load_summary import Judged, LedgerRow, LoadId, loaded_rows

# What a person may vouch for, with a reason: the data is odd, but it is what happened.
ACCEPTABLE = frozenset(
    {
        "column_lost",
        "correction",
        "empty_file",
        "file_is_readable",
        "found_in_lookups",
        "freshness",
        "full_extract",
        "has_rows",
        "metric_drift",
        "quarantine_rate",
        "row_count_drift",
        "restated_figures",
        "rows_left_out",
        "shared_keys",
        "unborne_money_share",
        "unusual_figures",
        "valid_answers",
        "volume",
    }
)


@dataclass(frozen=True)
class Published:
    """What a gate needs to know of the version analysts read now."""

    as_of_date: date
    row_counts: Mapping[str, int]
    figures: Mapping[str, float]
    answers: Mapping[str, Answers] = field(default_factory=dict)


def load() -> None:
    """Import what the gates need, which takes seconds the first time."""
    great_expectations()


def run_gate(
    gate: str,
    database: Path,
    suite: Sequence[Check],
    others: Sequence[CheckResult],
    accepted: Mapping[str, str],
) -> GateReport:
    """Evaluate a suite on a file and put its results beside the others. Never raises for data."""
    results = [*run_checks(database, suite), *others]
    return GateReport(
        gate=gate,
        # Without a suite nothing counts as declared, whatever the others say: fail closed.
        declared=len(suite) + len(others) if suite else 0,
        results=tuple(accept(results, accepted, ACCEPTABLE)),
        canary=failing_kinds(database.parent),
    )


def check_lake(
    database: Path,
    *,
    ledger: Sequence[LedgerRow],
    published: Mapping[LoadId, Judged],
    unread: Sequence[str],
    refusals: Mapping[str, str],
    lookups: Sequence[Mapping[str, Any]],
    full_extracts: Collection[tuple[str, str]],
    holidays: Collection[date],
    marking: Collection[tuple[str, str]],
    as_of_date: date,
    max_stale_days: int,
    accepted: Mapping[str, str],
) -> GateReport:
    """Gate 1: the lake of the run, and the ledger of how it came to be.

    `published`: loads of the version analysts read now. `unread`: landing files left aside.
    `refusals`: why the first row of a batch was refused. `lookups`: of files and
    mappings, how often a look-up found nothing. `full_extracts`: kinds of files, by tool and role,
    that are the whole list. `holidays`: of any schedule of the desk. `marking`: mappings, by tool
    and name, that mark records of others.
    """
    # How much came is a matter of the file alone: a person may have vouched for it long ago.
    files = {(name, content) for name, content, _ in published}
    others = [
        *ledger_checks(ledger, as_published(ledger, published), unread, refusals),
        *volume_checks(ledger, files, holidays),
        empty_files(ledger, files),
        columns_lost(ledger, files),
        full_extract(ledger, files, full_extracts),
        found_in_lookups(lookups, files),
        shared_keys(database, ledger, marking),
        corrections(ledger, published),
        *freshness_checks(ledger, as_of_date, max_stale_days),
    ]
    # An entity of which nobody ever sent a row is like one that nobody sends: `empty_files` has it.
    # So is one whose rows a mapping's rule left out: of a file's first mapping, `rows_left_out` has
    # it; of another, such as the ratings among the tickets, nothing concerned it.
    sent = {row["entity"] for row in ledger if row["row_count"]}
    loaded = {entity: rows for entity, rows in loaded_rows(ledger).items() if entity in sent}
    return run_gate("lake", database, lake_suite(loaded), others, accepted)


def check_marts(
    database: Path,
    *,
    manifest: Mapping[str, Any],
    tables: Mapping[str, Mapping[str, str]],
    row_counts: Mapping[str, int],
    delivered: Collection[str],
    before: Published | None,
    figures: Mapping[str, float],
    watched: Sequence[CheckResult],
    as_of_date: date,
    accepted: Mapping[str, str],
) -> GateReport:
    """Gate 2: the candidate of the run.

    `tables`: columns of each of its tables. `row_counts`: rows of every model built tonight.
    `delivered`: entities the lake has rows of.
    `before`: the version analysts read now. `figures`: tonight's headline figures.
    `watched`: what came of figures beside their own past.
    """
    marts = marts_of(manifest, tables, row_counts, delivered)
    suite = mart_suite(marts)
    # Without marts there is nothing to check, and nothing checked does not pass.
    suite += money_suite([mart.name for mart in marts], as_of_date) if suite else []
    others = table_checks(marts, tables)
    is_newer = before is not None and before.as_of_date <= as_of_date
    answers = before.answers if before is not None and is_newer else {}
    others.append(valid_answers(answers, answers_of(database)))
    if before is not None and is_newer:
        now = {table: row_counts[table] for table in tables}
        others += row_count_drift(before.row_counts, now, {m.name for m in marts if m.may_be_empty})
        others += metric_drift(before.figures, figures)
    others += watched
    return run_gate("marts", database, suite, others, accepted)
