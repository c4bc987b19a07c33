"""What the command line shows: progress while it works, one readable screen when it is done.

Here: text only. Not here: what is true (that comes as a plain dict) or exit codes (`app`).
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

STEPS = logging.getLogger("cxroi")


class _StepLines(logging.Handler):
    """One line a step, with the seconds since the start."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        seconds = time.monotonic() - self.started
        sys.stderr.write(f"{seconds:6.1f} s  {record.getMessage()}\n")
        sys.stderr.flush()


@contextmanager
def steps(*, quiet: bool) -> Iterator[None]:
    """Show what the run says it is doing, on standard error."""
    handler = _StepLines()
    STEPS.setLevel(logging.INFO)
    STEPS.propagate = False
    if not quiet:
        STEPS.addHandler(handler)
    try:
        yield
    finally:
        STEPS.removeHandler(handler)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, one line otherwise. Yields what to call with (done, total)."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        sys.stderr.write(f"{title} …\n")
        yield lambda done, total: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(title)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def run(report: dict[str, Any]) -> str:
    """The outcome of a run on one screen."""
    lines = [f"Night of {report['as_of_date']}  (run {report['run_id'][:8]})", ""]
    lines += _table(
        ["rows of files", "files", "rows", "loaded", "quarantined", "duplicates", "skipped"],
        [
            *_rows_of(report["sources"], "tonight", "tonight"),
            *_rows_of(report["sources"], "total", "all nights"),
        ],
    )
    lines += [""]
    lines += _table(
        ["checks", "evaluated", "failed", "warnings"],
        [[g[k] for k in ("gate", "evaluated", "failed", "warnings")] for g in report["gates"]],
    )
    lines += ["", report["verdict"]]
    lines += [f"  {line}" for line in report["reasons"]]
    lines += ["", *report["warnings"]] if report["warnings"] else []
    if report["published"]:
        lines += [
            "",
            f"tables   {report['published']}  (schema cx, read-only)",
            f"exports  {report['exports']}",
            f"pages    {report['reports']}",
            "",
            *(f"{n['value']:>14}  {n['meaning']}" for n in report["numbers"]),
        ]
    return "\n".join(lines)


def _rows_of(sources: list[dict[str, Any]], period: str, title: str) -> list[list[Any]]:
    """Rows of all sources together, and of each."""
    of_each = [[f"  {s['source_system']}", *s[period].values()] for s in sources]
    together = [sum(column) for column in zip(*(row[1:] for row in of_each), strict=True)]
    return [[title, *together], *of_each] if sources else []


def status(report: dict[str, Any]) -> str:
    """What is published, since when, and how the last runs ended. Moments are UTC."""
    lines = [f"published  {report['current'] or 'nothing yet'}"]
    versions = [
        [
            v["version"],
            v["as_of_date"],
            _moment(v["published_at"]),
            v["run_id"][:8],
            f"{v['bytes'] / 1e6:.1f}",
            _READ[v["standing"]].format(since=_moment(v["current_since"])),
        ]
        for v in report["versions"]
    ]
    runs = [
        [r["run_id"][:8], r["as_of_date"], r["status"], _moment(r["started_at"])]
        for r in report["runs"]
    ]
    if versions:
        heads = ["version", "data date", "published", "run", "size MB", "analysts"]
        lines += ["", *_table(heads, versions)]
    if runs:
        lines += ["", *_table(["run", "data date", "status", "started"], runs)]
    lines += ["", *report["warnings"]] if report["warnings"] else []
    return "\n".join(lines)


SHOWN_MONTHS = 12
_READ = {
    "current": "read it since {since}",
    "earlier": "read it before",
    "gone back from": "were taken back from it",
    "beside": "never read it",
}


def _moment(text: str | None) -> str:
    """2025-12-31 02:04, of an ISO 8601 text."""
    return (text or "")[:16].replace("T", " ")


def replay(report: dict[str, Any]) -> str:
    """What a replay left in quarantine."""
    lines = [
        f"{len(report['ingested']['read'])} files read again, "
        f"{report['rows_in_quarantine']:,} rows still in quarantine"
    ]
    lines += [f"  refused: {sentence}" for sentence in report["files_in_quarantine"]]
    lines += [f"  no longer in the landing folder: {name}" for name in report["missing"]]
    return "\n".join(lines)


def sample(report: dict[str, Any]) -> str:
    """What an adapter would make of a sample, a file or a folder of files."""
    texts = [_sampled(found) for found in report.get("files", [report])]
    texts += ["\n".join(_entity(found)) for found in report["entities"]]
    if unread := report.get("unread"):
        texts += [f"Files of no kind the adapter knows, not read: {', '.join(unread)}."]
    return "\n\n".join(texts)


def _entity(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['entity']}, the first rows:"]
    lines += [
        "  " + ", ".join(f"{column} {text}" for column, text in row.items())
        for row in found["rows"]
    ]
    for dates in found["dates"]:
        months = [f"{month} {count:,}" for month, count in dates["months"].items()]
        if len(months) > SHOWN_MONTHS:
            half = SHOWN_MONTHS // 2
            months = [*months[:half], f"… {len(months) - 2 * half} months …", *months[-half:]]
        lines += [
            f"  {dates['column']}: {dates['first']} to {dates['last']}; rows a month: "
            f"{', '.join(months)}"
        ]
    return lines + [f"  {_partners(reference)}" for reference in found["references"]]


def _partners(found: dict[str, Any]) -> str:
    text = f"{found['column']}: {found['ids']:,} {'id' if found['ids'] == 1 else 'ids'}"
    if "without_partner" not in found:
        return f"{text}; {found['entity']} are not in the sample"
    text += f", {found['without_partner']:,} of them no {found['entity']}"
    text += f" (such as {', '.join(found['such_as'])})" if found["such_as"] else ""
    if found["without_partner"]:
        text += f"; {found['unused']:,} of those are named by none"
        text += (
            f" (such as {', '.join(found['unused_such_as'])})" if found["unused_such_as"] else ""
        )
    return text


def _sampled(report: dict[str, Any]) -> str:
    if report["refused"]:
        return f"{report['sample']} is refused as a whole: it {report['refused']}"
    kinds = ("loaded", "quarantined", "duplicate", "skipped")
    lines = [f"{report['sample']}: {report['rows']:,} rows, read as file {report['file']}", ""]
    lines += _table(
        ["mapping", "entity", "loaded", "quarantined", "duplicates", "skipped"],
        [[load["mapping"], load["entity"], *(load[k] for k in kinds)] for load in report["loads"]],
    )
    lines += [f"  {load['reason']}" for load in report["loads"] if load["reason"]]
    if report["reasons"]:
        lines += [""]
        lines += _table(
            ["refused rows", "first row", "column", "value", "reason"],
            [
                [r["rows"], r["first_row"], r["column"] or "", r["value"] or "", r["reason"]]
                for r in report["reasons"]
            ],
        )
        lines += [
            f"  to read {r['value']!r} in {r['column']}, write {r['line']}"
            for r in report["reasons"]
            if r["line"]
        ]
    for what, columns in (
        ("Headings the adapter does not know, not read", report["unknown_columns"]),
        ("Optional columns the file lacks, without value in every row", report["absent_columns"]),
    ):
        if columns:
            lines += ["", f"{what}: {', '.join(columns)}."]
    lines += [
        f"  {row['mapping']}: {row['miss_count']:,} of {row['reference_count']:,} rows name what "
        f"look-up {row['lookup']} lacks"
        for row in report["lookups"]
        if row["miss_count"]
    ]
    if report["empty_lookups"]:
        names = ", ".join(report["empty_lookups"])
        lines += ["", f"Look-ups found nothing, for the sample came alone: {names}."]
    return "\n".join(lines)


def demo(report: dict[str, Any]) -> str:
    """What the demo wrote."""
    return f"{report['files']} files, {report['rows']:,} rows in {report['landing']}"


def plan(report: dict[str, Any]) -> str:
    """Who could take part, what would be found at what cost, and where the files are."""
    money = report["currency"]
    left = [f"{n:,} {reason}" for reason, n in report["not_eligible"].items() if n]
    lines = [
        f"{report['name']} ({report['programme_id']}), planned from {report['version']}",
        "",
        f"eligible      {report['eligible']:,} customers active at the end of "
        f"{report['last_month']:%B %Y}" + (f"; not: {', '.join(left)}" if left else ""),
        f"drawn         {report['treated']:,} treated, {report['control']:,} controls, "
        f"in {report['strata']} strata of kind, contribution and tenure",
        f"judged        {report['evaluation']}, after {report['months']} months "
        f"from {report['start']}",
        f"they leave    {report['mean_outcome']:,.2f} {money} a customer and month now; "
        f"{report['with_outcome_share']:.0%} leave anything in {report['months']} months",
        "",
        f"Smallest true effect found four times in five, {money} per treated customer and month:",
    ]
    horizons = sorted({p["months"] for p in report["powers"]})
    rows: dict[str, list[str]] = {}
    for power in report["powers"]:
        found = "–" if power["detectable"] is None else f"{power['detectable']:,.2f}"
        arms = f"{power['treated']:,} / {power['control']:,}"
        rows.setdefault(arms, []).append(found)
    heads = ["treated / controls", *(f"{m} months" for m in horizons)]
    lines += _table(heads, [[arms, *found] for arms, found in rows.items()])
    lines += ["", *_worth(report)]
    lines += [f"Mind: {sentence}" for sentence in report["warnings"]]
    if report["files"]:
        lines += [
            "",
            f"Written; on {report['start']} put both into landing/native/{report['start']}/:",
            *(f"  {path}" for path in report["files"]),
        ]
    else:
        lines += ["", "Nothing was written; --write FOLDER draws the arms into two files."]
    return "\n".join(lines)


def _worth(report: dict[str, Any]) -> list[str]:
    if report["detectable"] is None:
        return []
    found, cost = report["detectable"], report["monthly_cost"]
    if cost is None:
        return [
            f"It is found to pay back if it brings {found:,.2f} more than it costs (--cost), "
            "per treated customer and month."
        ]
    need = f"{cost + found:,.2f}"
    if report["mean_outcome"] > 0:
        need += f" ({(cost + found) / report['mean_outcome']:.0%} of what they leave now)"
    return [
        f"At a cost of {cost:,.2f} it pays back if it brings more than that, and is found to if "
        f"it brings {need}."
    ]


def rollback(report: dict[str, Any]) -> str:
    """Where analysts are now."""
    return f"current.duckdb, the exports and the scorecard are now {report['version']}"


def export(report: dict[str, Any]) -> str:
    """What was written."""
    return f"{len(report['files'])} files in {report['folder']}"


def doctor(report: dict[str, Any]) -> str:
    """One line a finding."""
    return "\n".join(f"{'ok   ' if f['ok'] else 'LOOK '} {f['found']}" for f in report["findings"])


def adapter(report: dict[str, Any]) -> str:
    """What is wrong with an adapter."""
    return "\n".join(report["problems"]) or f"{report['folder']} is a sound adapter."


def draft(report: dict[str, Any]) -> str:
    """What was told of a folder of exports, and what is to be answered."""
    lines = list(report["told"])
    if report["written"]:
        questions = report["questions"]
        lines += ["", f"{report['folder']} is written. To be answered:"]
        lines += [f"  {question}" for question in questions]
        lines += [
            "",
            f"Then: cxroi adapters check {report['folder']} --sample {report['sample']}",
        ]
    return "\n".join(lines)


def _table(heads: list[str], rows: list[list[Any]]) -> list[str]:
    cells = [heads, *([f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    number = [
        all(isinstance(row[i], int) for row in rows) and bool(rows) for i in range(len(heads))
    ]
    return [
        "  ".join(
            cell.rjust(w) if right else cell.ljust(w)
            for cell, w, right in zip(row, widths, number, strict=True)
        ).rstrip()
        for row in cells
    ]
