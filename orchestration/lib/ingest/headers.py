"""The headings of a file against its declaration: bound by name; by place only where declared so.

What is said of them is published. A file without headings has a person in their place, so declared
labels are named, and of those found only what is plainly a heading; the others are counted.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.lib.adapters.model import SourceColumn, SourceFile
from orchestration.lib.ingest.problems import FileProblem

SNAKE_CASE = re.compile(r"[a-z]+(_[a-z]+)*[0-9]?")  # a name of the machine, not of a person


@dataclass(frozen=True)
class Bound:
    """Where each declared column stands in the file, and what a person should know about it."""

    positions: tuple[tuple[SourceColumn, int | None], ...]  # None: an optional column is absent
    unknown: tuple[str, ...]  # labels nobody declared, as far as they may be shown
    absent: tuple[str, ...]  # labels of optional columns the file lacks


def bind(
    file: SourceFile, labels: Sequence[str], headings: Sequence[Sequence[str | None]] = ()
) -> Bound:
    """Bind the declared columns to the labels found. Raises FileProblem if they do not fit.

    `headings`: all heading rows, to tell a file whose names stand in another of them.
    """
    by_place = {c.place - 1: c for c in file.columns if c.place is not None}
    if moved := [
        f"{c.label!r} stands at place {labels.index(c.label) + 1}, not {i + 1}"
        for i, c in by_place.items()
        if c.label in labels and labels[i : i + 1] != [c.label]
    ]:
        raise FileProblem(f"has its columns at other places: {', '.join(moved)}. Change place.")
    named = ["" if i in by_place else label for i, label in enumerate(labels)]
    return _bind(file, named, {c.name: i for i, c in by_place.items() if i < len(labels)}, headings)


def _bind(
    file: SourceFile,
    labels: Sequence[str],
    placed: Mapping[str, int],
    headings: Sequence[Sequence[str | None]],
) -> Bound:
    """Bind the other columns, to what the labels of `placed` ones leave."""
    repeated = sorted(label for label, n in Counter(labels).items() if n > 1 and label)
    columns = [c for c in file.columns if c.place is None]
    declared = {label: column for column in columns for label in column.labels}
    if ambiguous := [label for label in repeated if label in declared]:
        raise FileProblem(f"has a heading twice: {_listed(ambiguous)}. Which one is meant?")
    unknown = [label for label in dict.fromkeys(labels) if label and label not in declared]
    found = {c.name: [label for label in c.labels if label in labels] for c in columns}
    if several := [" and ".join(map(repr, names)) for names in found.values() if len(names) > 1]:
        raise FileProblem(f"has several headings of one column: {', '.join(several)}. Remove one.")
    lacking = [c for c in file.columns if not found.get(c.name) and c.name not in placed]
    missing = [c.label for c in lacking if not c.optional]
    absent = [c.label for c in lacking if c.optional]
    if missing:
        raise FileProblem(_mismatch(file, labels, missing, unknown) + _elsewhere(file, headings))
    if renamed := [f"{a!r} for {b!r}" for b in absent for a in unknown if _plain(a) == _plain(b)]:
        raise FileProblem(
            f"has renamed headings: {', '.join(renamed)}. Rename them back or change the adapter."
        )
    if unknown and file.unknown_columns == "fail":
        raise FileProblem(
            f"has headings the adapter does not know: {_found(file, labels, unknown)}. "
            f"Declare or remove them."
        )
    if file.unknown_columns == "ignore":
        unknown = []
    places = {label: i for i, label in enumerate(labels)}
    shown = _shown(file, labels, unknown)
    if hidden := len(unknown) - len(shown):
        shown.append(f"({hidden} not shown)")
    where = dict(placed) | {name: places[of[0]] for name, of in found.items() if of}
    return Bound(
        tuple((c, where.get(c.name)) for c in file.columns),
        tuple(shown),
        tuple(absent),
    )


def _mismatch(
    file: SourceFile, labels: Sequence[str], missing: Sequence[str], unknown: Sequence[str]
) -> str:
    kind = "CSV" if file.format == "auto" else file.format.upper()
    text = (
        f"is not {kind} of {file.role}: header mismatch. Expected but not found: "
        f"{_listed(missing)}. Found but not expected: {_found(file, labels, unknown)}."
    )
    shown = _shown(file, labels, unknown)
    for label in missing:
        if near := difflib.get_close_matches(label, shown, n=1):
            text += f" {near[0]!r} may be the new name of {label!r}."
    head = "".join(labels).lstrip().lower()
    if head.startswith("<"):
        text += " It looks like a web page, perhaps of an expired login."
    elif head.startswith(("pk\x03\x04", "par1")):
        text += " It looks like a binary file."
    elif len(labels) == 1:
        for mark in (";", "\t", "|", ","):
            if mark in labels[0] and mark != file.delimiter:
                text += f" It seems to be separated by {mark!r}, not {file.delimiter!r}."
                break
    return text + " Export it as before or change the adapter."


def _elsewhere(file: SourceFile, headings: Sequence[Sequence[str | None]]) -> str:
    wanted = {_plain(label) for c in file.columns if not c.optional for label in c.labels}
    for number, cells in enumerate(headings, start=1):
        found = wanted.intersection(_plain(cell or "") for cell in cells)
        if number != file.headings.name_row and len(found) * 2 > len(wanted):
            return (
                f" Row {number} holds the headings: this is another form of the export, such as an "
                f"older one. Export it in the form of today, or declare this one too, in its file: "
                f"forms: [{{header_rows: {number}, name_row: {number}}}]."
            )
    return ""


def _plain(label: str) -> str:
    return re.sub(r"[\W_]+", "", label).lower()


def _shown(file: SourceFile, labels: Sequence[str], unknown: Sequence[str]) -> list[str]:
    """Labels that are headings beyond doubt. In a line with none of the declared ones, nothing is:
    "Emil" is close to "Email", and a name.
    """
    declared = [label for column in file.columns for label in column.labels]
    plain = {_plain(label) for label in declared}
    words = {word for label in declared for word in _words(label)}
    is_heading_line = not set(labels).isdisjoint(declared)
    return [
        label
        for label in unknown
        if _plain(label) in plain
        or (
            is_heading_line
            and (
                SNAKE_CASE.fullmatch(label)
                or difflib.get_close_matches(label, declared, n=1, cutoff=0.75)
                or (_words(label) and words.issuperset(_words(label)))
            )
        )
    ]


def _words(label: str) -> list[str]:
    return re.findall(r"\w+", label.lower())


def _found(file: SourceFile, labels: Sequence[str], unknown: Sequence[str]) -> str:
    shown = _shown(file, labels, unknown)
    hidden = len(unknown) - len(shown)
    said = [_listed(shown)] if shown else []
    if hidden:
        said.append(f"{hidden} {'others' if shown else 'headings'} not shown here")
    return " and ".join(said) or "nothing"


def _listed(labels: Sequence[str]) -> str:
    shown = [repr(label[:60]) for label in labels[:8]]
    more = f" and {len(labels) - 8} more" if len(labels) > 8 else ""
    return ", ".join(shown) + more
