"""The command line, `cxroi`: each command reads the settings, calls one function, prints.

Exit codes: 0 all right, 1 a gate failed, 2 usage or settings, 3 a source is missing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration import screen
from orchestration.lib.home import Home
from orchestration.settings import Settings, SettingsError, from_environment

app = typer.Typer(
    help="From CRM, support and survey extracts to tables that say which customer work pays back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
adapters_app = typer.Typer(help="The folders that say how a tool's export looks.")
app.add_typer(adapters_app, name="adapters", no_args_is_help=True)

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


def main() -> None:
    """Entry point of the `cxroi` command."""
    try:
        app()
    except SettingsError as error:
        _leave(Exit.USAGE, str(error))
    except Stop as stop:
        _leave(stop.code, str(stop))


def _leave(code: Exit, sentence: str) -> None:
    typer.echo(f"cxroi: {sentence}", err=True)
    raise SystemExit(int(code))


def _settings() -> tuple[Settings, Home]:
    settings = from_environment()
    return settings, Home(settings.home)


def _print(as_json: bool, document: dict[str, Any], text: Callable[[dict[str, Any]], str]) -> None:
    typer.echo(json.dumps(document, indent=2, default=str) if as_json else text(document))


@app.command()
def demo(
    customers: Annotated[int, typer.Option(min=500, max=1_000_000, help="How many.")] = 2000,
    months: Annotated[int, typer.Option(min=12, max=60, help="Months of history.")] = 24,
    seed: Annotated[int, typer.Option(help="Same seed, same files, byte for byte.")] = 7,
    nights: Annotated[int, typer.Option(min=0, max=60, help="Nightly deltas at the end.")] = 5,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing if the landing folder has files.")
    ] = False,
) -> None:
    """Write the extracts of a made-up company whose truth is known, to try the pipeline on."""
    from orchestration.demo import write_demo

    settings, home = _settings()
    landing = settings.landing
    if landing.is_dir() and any(landing.iterdir()):
        if if_empty:
            return
        raise Stop(
            Exit.USAGE,
            f"{landing} already has files; empty it, or name another folder with CX_LANDING.",
        )
    with screen.progress("Writing demo extracts") as step:
        summary = write_demo(
            landing, home.root / "truth", customers, months, seed, nights=nights, progress=step
        )
    typer.echo(screen.demo(summary, landing))


@app.command()
def run(
    day: Annotated[
        str | None, typer.Option("--date", help="Data date; default: the newest extract's.")
    ] = None,
    landing: Annotated[Path | None, typer.Option(help="Folder of extracts, for this run.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help='A failed volume check you vouch for: "check=reason".'),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the night: ingest, check, build, check, publish."""
    _night(day, landing, accept or [], publish=True, as_json=as_json)


@app.command()
def check(
    day: Annotated[str | None, typer.Option("--date", help="Data date.")] = None,
    landing: Annotated[Path | None, typer.Option(help="Folder of extracts.")] = None,
    as_json: AsJson = False,
) -> None:
    """Do all that `run` does except publish: what would happen tonight?"""
    _night(day, landing, [], publish=False, as_json=as_json)


def _night(
    day: str | None, landing: Path | None, accept: list[str], *, publish: bool, as_json: bool
) -> None:
    from orchestration import night_report
    from orchestration.lib.adapters import load_adapters
    from orchestration.lib.ingest.scan import newest_day
    from orchestration.runner import run_night

    if landing is not None:
        os.environ["CX_LANDING"] = str(landing.resolve())  # the job reads the same settings
    settings, home = _settings()
    if not settings.landing.is_dir() or not any(settings.landing.iterdir()):
        raise Stop(
            Exit.SOURCE_MISSING,
            f"There is nothing in {settings.landing}. Put extracts there, or run: cxroi demo",
        )
    data_date = _day(day) or newest_day(settings.landing, load_adapters(settings.adapter_folders))
    if data_date is None:
        raise Stop(Exit.USAGE, "No folder in the landing folder is named after a day; say --date.")
    with screen.steps(quiet=as_json):
        outcome = run_night(settings, data_date, accepted=_reasons(accept), publish=publish)
    report = night_report.collect(home, outcome)
    _print(as_json, report, screen.night)
    if not outcome.succeeded:
        raise SystemExit(int(Exit.GATE_FAILED))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Stop(Exit.USAGE, f"--date {text!r} is no day; say e.g. 2025-12-31.") from None


def _reasons(accept: list[str]) -> dict[str, str]:
    reasons = dict(item.split("=", 1) for item in accept if "=" in item)
    if len(reasons) != len(accept) or not all(r.strip() for r in reasons.values()):
        raise Stop(Exit.USAGE, '--accept takes "check=reason", with a reason.')
    return reasons


@app.command()
def status(as_json: AsJson = False) -> None:
    """What is published, since when, and how the last runs ended."""
    from orchestration.lib import versions

    _, home = _settings()
    _print(as_json, versions.status(home), screen.status)


@app.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="Default: the one before.")] = None,
) -> None:
    """Point analysts at an earlier version. Takes effect at once; open readers keep theirs."""
    from orchestration.lib import versions
    from orchestration.lib.locks import Locked

    _, home = _settings()
    try:
        typer.echo(f"current.duckdb is now {versions.rollback(home, version)}")
    except (versions.PublishError, Locked) as error:
        raise Stop(Exit.USAGE, str(error)) from None


@adapters_app.command("check")
def adapters_check(folder: Annotated[Path, typer.Argument(help="An adapter's folder.")]) -> None:
    """Say precisely what is wrong with an adapter, or that nothing is."""
    from orchestration.lib.adapter_check import check_adapter

    problems = check_adapter(folder)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise SystemExit(int(Exit.USAGE))
    typer.echo(f"{folder} is a sound adapter.")
