"""What the commands share: exit codes, how a command ends early, how it prints.

Exit codes: 0 all right, 1 a gate failed, 2 usage or settings, 3 a source is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import IntEnum
from typing import Annotated, Any

import typer

from orchestration.lib.base.home import Home
from orchestration.settings import Settings, from_environment

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    GATE_FAILED = 1
    USAGE = 2
    SOURCE_MISSING = 3


class Stop(Exception):
    """Ends the command with a sentence for the person and an exit code for the machine."""

    def __init__(self, code: Exit, sentence: str) -> None:
        """`sentence`: what is wrong and what to do."""
        super().__init__(sentence)
        self.code = code


def settings_and_home() -> tuple[Settings, Home]:
    """The settings of this process and the folder they name."""
    settings = from_environment()
    return settings, Home(settings.home)


def show(as_json: bool, document: dict[str, Any], text: Callable[[dict[str, Any]], str]) -> None:
    """Print a document for a machine, or what `text` makes of it for a person."""
    typer.echo(json.dumps(document, indent=2, default=str) if as_json else text(document))


def day_of(text: str | None, option: str = "--date") -> date | None:
    """The day a person typed, or None."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Stop(Exit.USAGE, f"{option} {text!r} is no day; say e.g. 2025-12-31.") from None
