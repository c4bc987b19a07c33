"""What failed, where, how much of it and what to do: one screen for the person who was called."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from expectations.checks.model import CheckResult
from expectations.gates import ACCEPTABLE

MAX_LINES = 24
WIDTH = 96
INDENT = " " * 11
ADVICE = {
    "something_loaded": "Check CX_LANDING and the names of the files in it.",
    "rows_accounted": "A row was lost in ingestion: a fault of the pipeline. Keep the file.",
    "rows_as_loaded": "The lake was changed by hand or a file of it is gone. Restore it.",
    "quarantine_rate": "Read the reasons on the quality page; mend the adapter or resend the file.",
    "rows_left_out": "Compare the values the file holds now with the mapping's when.",
    "unborne_money": "Correct the id at its source, or send the record that is missing.",
    "unborne_money_share": "Correct the id at its source, or send the record that is missing.",
    "doubtful": "Compare with the tool; mend the mapping if the value means another thing.",
    "file_is_readable": "Send the file again under the same name.",
    "column_lost": "Export the column again, or declare its new name in the adapter under also.",
    "correction": "Compare with the tool's own count; send the whole file again under its name.",
    "empty_file": "Export it again; accept it if there was nothing to export.",
    "rule": "Correct the row at its source and send the file again under its name.",
    "currency_code": "The lake was changed by hand. Restore it.",
    "valid_answers": "Compare the survey's scale_min and scale_max with the scores it gives.",
    "shared_keys": "Prefix the ids in the mappings, so that each kind of file has its own.",
    "volume": "Compare with the tool's own count; resend if the export was cut short.",
    "file_freshness": "Find out whether that kind of file is still exported.",
    "freshness": "Find out why the extract did not come; drop it in and run the night again.",
    "has_rows": "Find out why the export is empty; if it is meant to be, accept it.",
    "required": "Mend the adapter's mapping, or the contract if the rule is wrong.",
    "allowed_values": "Map the new value in the adapter, or allow it in the contract.",
    "range": "Look at the sample; mend the mapping or declare another range.",
    "orphans": "See whether the two tools still share their ids.",
    "every_file_read": "Declare the file in the adapter, or take it out of the landing folder.",
    "every_column_known": "Declare the new columns in the adapter if they are wanted.",
    "row_count_drift": "Compare the table with the published one before believing it.",
    "restated_figures": "Look for an export whose columns mean another thing than before.",
    "unusual_figures": "Compare a few of the new rows with the tool before believing them.",
    "metric_drift": "Compare the figure with the published one before believing it.",
    "email_in_label": "Take the address out where the tool keeps it; what is published has none.",
    "no_email": "Scrub the column in the model, or move it to the restricted file.",
    "no_personal_columns": "Move the column to the restricted file.",
    "finite": "Guard the division in the model.",
    "tables_as_declared": "Build again; the candidate holds something else than the project.",
}


def summarise(results: Sequence[CheckResult]) -> str:
    """Failed checks on one screen: those that block first, as many as there is room for."""
    failed = sorted((r for r in results if r.status != "passed"), key=lambda r: not r.blocks)
    blocking = sum(r.blocks for r in failed)
    if not failed:
        return f"All {len(results)} checks passed."
    lines = [
        f"{len(results)} checks: {blocking} failed, {len(failed) - blocking} warned, "
        f"{len(results) - len(failed)} passed."
    ]
    shown = 0
    for result in failed:
        block = _lines(result)
        if shown and len(lines) + len(block) >= MAX_LINES:
            break
        lines += block
        shown += 1
    if shown < len(failed):
        lines.append(f"… and {len(failed) - shown} more on the quality page.")
    return "\n".join(lines)


def wrapped(sentence: str) -> list[str]:
    """A sentence as lines that fit the screen, the first as it is, the others indented."""
    return textwrap.wrap(sentence, WIDTH, subsequent_indent=INDENT, break_on_hyphens=False)


def _lines(result: CheckResult) -> list[str]:
    where = f"{result.table}.{result.column}" if result.column else result.table
    mark = "FAILED " if result.blocks else "warning"
    lines = [f"{mark}  {result.check_name} on {where}: {result.observed}"]
    lines += [f"{INDENT}{example}" for example in result.sample[:1]]
    if result.blocks:
        advice = ADVICE.get(result.check_name, result.description + ".")
        lines.append(f"{INDENT}→ {advice}")
        if result.check_name in ACCEPTABLE and result.status == "failed":
            lines.append(f'{INDENT}or, if it is right: --accept {result.check_name}="why"')
    return [short for line in lines for short in wrapped(line)]
