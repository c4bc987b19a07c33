"""What the command line shows: progress while it works, one readable screen when it is done.

Here: text only. Not here: what is true (that comes as a plain dict) or exit codes (`cli`).
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


def night(report: dict[str, Any]) -> str:
    """The outcome of a night on one screen."""
    lines = [f"Night of {report['as_of_date']}  (run {report['run_id'][:8]})", ""]
    counts = ("files", "rows", "loaded", "quarantined", "duplicates", "skipped")
    lines += _table(
        ["source", *counts],
        [[s["source_system"], *(s[k] for k in counts)] for s in report["sources"]],
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


def status(report: dict[str, Any]) -> str:
    """What is published and how the last runs ended."""
    lines = [f"published  {report['current'] or 'nothing yet'}"]
    versions = [
        [v["version"], v["as_of_date"], f"{v['bytes'] / 1e6:.1f}", "current" * v["is_current"]]
        for v in report["versions"]
    ]
    runs = [
        [r["run_id"][:8], r["as_of_date"], r["status"], r["started_at"]] for r in report["runs"]
    ]
    if versions:
        lines += ["", *_table(["version", "data date", "size MB", ""], versions)]
    if runs:
        lines += ["", *_table(["run", "data date", "status", "started"], runs)]
    lines += ["", *report["warnings"]] if report["warnings"] else []
    return "\n".join(lines)


def replay(report: dict[str, Any]) -> str:
    """What a replay left in quarantine."""
    lines = [
        f"{len(report['ingested']['read'])} files read again, "
        f"{report['rows_in_quarantine']:,} rows still in quarantine"
    ]
    lines += [f"  refused: {sentence}" for sentence in report["files_in_quarantine"]]
    lines += [f"  no longer in the landing folder: {name}" for name in report["missing"]]
    return "\n".join(lines)


def demo(report: dict[str, Any]) -> str:
    """What the demo wrote."""
    return f"{report['files']} files, {report['rows']:,} rows in {report['landing']}"


def rollback(report: dict[str, Any]) -> str:
    """Where analysts are now."""
    return f"current.duckdb is now {report['version']}"


def export(report: dict[str, Any]) -> str:
    """What was written."""
    return f"{len(report['files'])} files in {report['folder']}"


def doctor(report: dict[str, Any]) -> str:
    """One line a finding."""
    return "\n".join(f"{'ok   ' if f['ok'] else 'LOOK '} {f['found']}" for f in report["findings"])


def adapter(report: dict[str, Any]) -> str:
    """What is wrong with an adapter."""
    return "\n".join(report["problems"]) or f"{report['folder']} is a sound adapter."


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
