"""Every file and row is accounted for; what is odd blocks once, and is shown from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from expectations.checks.model import CheckResult
from expectations.lake_gate.ledger import as_published, found_in_lookups, ledger_checks
from orchestration.lib.ingest.lake_snapshot import LEDGER
from orchestration.lib.lake.load_summary import Judged, file_id

MakeRow = Callable[..., dict[str, Any]]


def _find(results: list[CheckResult], name: str) -> CheckResult:
    (found,) = [r for r in results if r.check_name == name]
    return found


def test_the_examples_here_look_like_the_ledger_of_ingestion(ledger_row: MakeRow) -> None:
    assert set(ledger_row()) == set(LEDGER.names)


def test_a_ledger_in_order_passes(ledger_row: MakeRow) -> None:
    results = ledger_checks([ledger_row()], set(), [])
    assert {r.status for r in results} == {"passed"}
    assert {r.check_name for r in results} == {
        "something_loaded",
        "rows_accounted",
        "quarantine_rate",
        "rows_left_out",
        "file_is_readable",
        "every_file_read",
        "every_column_known",
    }


def test_a_night_without_files_is_refused() -> None:
    assert _find(ledger_checks([], set(), []), "something_loaded").blocks


def test_a_row_that_went_missing_is_named_with_its_file(ledger_row: MakeRow) -> None:
    lost = ledger_row(loaded_count=97, row_count=99)  # 97 + 1 + 1 = 99 of 100
    result = _find(ledger_checks([lost], set(), []), "rows_accounted")
    assert result.blocks
    assert result.observed == (
        "crm/2025-03-03/customers.csv: 100 rows, "
        "but 97 loaded + 1 quarantined + 1 duplicates + 0 skipped"
    )


@pytest.mark.parametrize(("quarantined", "blocks"), [(5, False), (6, True)])
def test_the_contract_limits_bad_rows_to_five_percent(
    quarantined: int, blocks: bool, ledger_row: MakeRow
) -> None:
    row = ledger_row(loaded_count=99 - quarantined, quarantined_count=quarantined)
    assert _find(ledger_checks([row], set(), []), "quarantine_rate").blocks is blocks


@pytest.mark.parametrize(
    ("rows", "quarantined", "blocks", "why"),
    [
        (7, 1, False, "one bad row of a quiet night"),
        (20, 5, False, "still few"),
        (20, 6, True, "six bad rows are no accident"),
        (2, 2, False, "nothing left of two rows"),
        (3, 3, True, "nothing left of three"),
    ],
)
def test_a_small_file_is_not_judged_by_one_bad_row(
    rows: int, quarantined: int, blocks: bool, why: str, ledger_row: MakeRow
) -> None:
    row = ledger_row(
        file_row_count=rows,
        row_count=rows,
        loaded_count=rows - quarantined,
        quarantined_count=quarantined,
        duplicate_count=0,
    )
    result = _find(ledger_checks([row], set(), []), "quarantine_rate")
    assert result.blocks is blocks, why


def test_of_surveys_not_one_row_may_be_refused(ledger_row: MakeRow) -> None:
    """One row is the scale of thousands of answers: a rate, or five bad rows, would let it pass."""
    bad = {"row_count": 3, "loaded_count": 2, "quarantined_count": 1, "duplicate_count": 0}
    survey = ledger_row(entity="surveys", file_name="native/2025-03-03/surveys.csv", **bad)
    why = {survey["batch_id"]: "scale_max is not above scale_min"}
    result = _find(ledger_checks([survey], set(), [], why), "quarantine_rate")
    assert result.blocks
    assert result.expected == "no row refused"
    assert result.observed == (
        "native/2025-03-03/surveys.csv: 1 of 3 rows quarantined, "
        "the first because scale_max is not above scale_min"
    )
    customers = _find(ledger_checks([ledger_row(**bad)], set(), []), "quarantine_rate")
    assert customers.status == "passed"


def test_bad_rows_of_a_published_file_were_judged_when_it_was_new(ledger_row: MakeRow) -> None:
    old = ledger_row(loaded_count=49, quarantined_count=50)
    assert _find(ledger_checks([old], set(), []), "quarantine_rate").blocks
    results = ledger_checks([old, ledger_row("2025-03-04")], {file_id(old)}, [])
    assert _find(results, "quarantine_rate").observed == "1 new files"


def test_accounts_are_checked_for_old_files_too(ledger_row: MakeRow) -> None:
    old = ledger_row(loaded_count=97)
    assert _find(ledger_checks([old], {file_id(old)}, []), "rows_accounted").blocks


def test_rows_a_mapping_does_not_concern_are_no_loss(ledger_row: MakeRow) -> None:
    previews = ledger_row(loaded_count=10, row_count=12, skipped_count=88)
    assert _find(ledger_checks([previews], set(), []), "rows_accounted").status == "passed"
    one_too_few = ledger_row(loaded_count=10, row_count=12, skipped_count=87)
    assert _find(ledger_checks([one_too_few], set(), []), "rows_accounted").blocks


def test_an_unreadable_file_blocks_with_its_reason(ledger_row: MakeRow) -> None:
    torn = ledger_row(status="quarantined", reason="not CSV: headings differ", content_sha256="x")
    later = ledger_row("2025-03-04")  # does not hold what the torn file held
    blocked = _find(ledger_checks([torn, later], set(), []), "file_is_readable")
    assert blocked.blocks
    assert blocked.observed == "crm/2025-03-03/customers.csv: not CSV: headings differ"

    published = _find(ledger_checks([torn, later], {file_id(torn)}, []), "file_is_readable")
    assert (published.status, published.blocks) == ("failed", False)

    resent = [ledger_row(status="superseded", content_sha256="x"), ledger_row()]
    assert _find(ledger_checks(resent, set(), []), "file_is_readable").status == "passed"


def test_files_nobody_reads_and_news_in_an_export_warn(ledger_row: MakeRow) -> None:
    row = ledger_row(unknown_columns=["Fax", "Telex"])
    results = ledger_checks([row], set(), ["crm/new.csv: no adapter reads it"])
    unread, news = _find(results, "every_file_read"), _find(results, "every_column_known")
    assert (unread.status, unread.blocks) == (news.status, news.blocks) == ("failed", False)
    assert unread.observed == "crm/new.csv: no adapter reads it"
    assert news.observed == "crm/2025-03-03/customers.csv: Fax, Telex"


@pytest.mark.parametrize(
    ("changes", "is_as_it_was", "why"),
    [
        ({}, True, "nothing changed"),
        ({"loaded_count": 99, "quarantined_count": 0}, True, "an edit that saves a row"),
        ({"loaded_count": 97, "skipped_count": 1}, False, "a rule that now leaves a row out"),
        ({"loaded_count": 93, "quarantined_count": 6}, False, "a contract that refuses more"),
        (
            {"loaded_count": 0, "status": "quarantined", "reason": "x"},
            False,
            "a mapping that fails",
        ),
        ({"loaded_count": 0, "status": "superseded"}, True, "sent again: the new file is judged"),
        ({"mapping": "accounts"}, False, "a mapping nobody has seen the rows of"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_a_published_file_is_new_again_if_an_edit_loses_rows_of_it(
    changes: dict[str, Any], is_as_it_was: bool, why: str, ledger_row: MakeRow
) -> None:
    """Else an adapter edit could quarantine the whole history and only warn."""
    before = ledger_row()
    published = {(*file_id(before), "customers"): Judged(98, 1)}
    known = as_published([ledger_row(**changes)], published)
    assert (file_id(before) in known) is is_as_it_was, why


def test_an_edit_that_quarantines_what_was_published_blocks(ledger_row: MakeRow) -> None:
    published = {(*file_id(ledger_row()), "customers"): Judged(98, 1)}
    refused = ledger_row(loaded_count=49, quarantined_count=50)
    results = ledger_checks([refused], as_published([refused], published), [])
    assert _find(results, "quarantine_rate").blocks
    failed = ledger_row(loaded_count=0, status="quarantined", reason="mapping fails")
    results = ledger_checks([failed], as_published([failed], published), [])
    assert _find(results, "file_is_readable").blocks


def _left(make: MakeRow, rows: int, skipped: int, **changes: Any) -> dict[str, Any]:
    taken = rows - skipped
    counts = {"loaded_count": taken, "quarantined_count": 0, "duplicate_count": 0}
    return make(
        file_row_count=rows, row_count=taken, skipped_count=skipped, **{**counts, **changes}
    )


@pytest.mark.parametrize(
    ("rows", "skipped", "status", "blocks", "why"),
    [
        (45, 45, "failed", True, "the vendor writes LIVE where the rule says live"),
        (45, 44, "failed", False, "one row left: look"),
        (45, 23, "failed", False, "more than half"),
        (46, 23, "passed", False, "half"),
        (2, 2, "failed", False, "two previews on a quiet day"),
        (0, 0, "passed", False, "an empty file"),
    ],
)
def test_rows_the_adapters_rule_leaves_out_are_seen(
    rows: int, skipped: int, status: str, blocks: bool, why: str, ledger_row: MakeRow
) -> None:
    result = _find(ledger_checks([_left(ledger_row, rows, skipped)], set(), []), "rows_left_out")
    assert (result.status, result.blocks) == (status, blocks), why


def test_the_second_mapping_of_a_file_may_leave_everything_out(ledger_row: MakeRow) -> None:
    """Tickets of a day without a rating: the tickets are loaded, no rating is."""
    rows = [_left(ledger_row, 45, 0), _left(ledger_row, 45, 45, mapping="ratings")]
    assert _find(ledger_checks(rows, set(), []), "rows_left_out").status == "passed"
    left = _left(ledger_row, 45, 45)
    known = {file_id(left)}
    assert not any(r.check_name == "rows_left_out" for r in ledger_checks([left], known, []))


@pytest.mark.parametrize(
    ("misses", "references", "status", "severity"),
    [
        (0, 20, "passed", "error"),
        (1, 20, "failed", "warning"),
        (19, 20, "failed", "warning"),
        (20, 20, "failed", "error"),
        (9, 9, "failed", "warning"),  # too few to say that the ids are of another kind
    ],
)
def test_what_a_look_up_lacks_is_said_and_nothing_found_stops(
    misses: int, references: int, status: str, severity: str
) -> None:
    row = {"file_name": "shop/sales.csv", "content_sha256": "s", "mapping": "sales",
           "lookup": "people", "miss_count": misses, "reference_count": references}  # fmt: skip
    result = found_in_lookups([row], set())
    assert (result.status, result.severity) == (status, severity)
    assert not misses or f"finds {misses} of {references} not in people" in result.observed
    assert found_in_lookups([row], {("shop/sales.csv", "s")}).status == "passed"
