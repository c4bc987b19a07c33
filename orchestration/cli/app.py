"""The entry point of `cxroi` and its commands `demo`, `run`, `check`; also `plan`, `maintenance`.

Each command reads the settings, calls one function and prints what came of it.
"""

from __future__ import annotations

import atexit
import gc
import os
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli import screen
from orchestration.cli.common import AsJson, Exit, Stop, day_of, settings_and_home, show
from orchestration.cli.maintenance import adapters_app, maintenance
from orchestration.cli.plan import planning
from orchestration.settings import Settings, SettingsError

if TYPE_CHECKING:
    from orchestration.runner import Outcome

# What stops a run before a gate could judge it, by the class of the error.
ENDS_EARLY = {
    "Locked": Exit.USAGE,
    "AdapterError": Exit.USAGE,
    "ContractError": Exit.USAGE,
    "PseudonymKeyError": Exit.USAGE,
    "NotEnoughSpace": Exit.USAGE,
    "SourceMissing": Exit.SOURCE_MISSING,
}

Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", help='A failed check you vouch for: volume="Black Friday".'),
]

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the `cxroi` command."""
    # dbt and Dagster hold a million objects to the end. To search them for garbage takes a second
    # of a night, and two more when the process ends.
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)
    # Before numpy is loaded. Its matrices have tens of columns here, too few to be shared out;
    # where DuckDB or another process has the cores, threads of linear algebra wait for each other:
    # a regression of 0.2 s then costs 2 to 9 of CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except SystemExit:  # the usual end; before the next line, which imports half the pipeline
        raise
    except _usage_errors() as error:
        _leave(Exit.USAGE, str(error))
    except _source_missing() as error:
        _leave(Exit.SOURCE_MISSING, str(error))
    except OSError as error:  # a full disk, a folder one may not write to
        _leave(Exit.USAGE, f"{error.strerror}: {error.filename}" if error.filename else str(error))
    except Stop as stop:
        _leave(stop.code, str(stop))


def _usage_errors() -> tuple[type[Exception], ...]:
    from orchestration.lib.adapters.model import AdapterError
    from orchestration.lib.base.locks import Locked
    from orchestration.lib.transform.dbt import DbtError

    return SettingsError, AdapterError, DbtError, Locked


def _source_missing() -> type[Exception]:
    from orchestration.lib.ingest.scan import SourceMissing

    return SourceMissing


def _leave(code: Exit, sentence: str) -> None:
    typer.echo(f"cxroi: {sentence}", err=True)
    raise SystemExit(int(code))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cxroi {version('cx-roi')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """From CRM, support and survey extracts to tables that say which customer work pays back."""


@app.command()
def demo(
    customers: Annotated[int, typer.Option(min=500, max=1_000_000, help="How many.")] = 2000,
    months: Annotated[int, typer.Option(min=12, max=60, help="Months of history.")] = 24,
    seed: Annotated[int, typer.Option(help="Same seed, same files, byte for byte.")] = 7,
    nights: Annotated[int, typer.Option(min=0, max=60, help="Nightly deltas at the end.")] = 5,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing if the landing folder has files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the extracts of a made-up company whose truth is known, to try the pipeline on."""
    from orchestration.demo import write_demo

    settings, home = settings_and_home()
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
    written = {"landing": str(landing), "files": summary.files, "rows": summary.rows}
    show(as_json, written, screen.demo)


@app.command()
def run(
    day: Annotated[
        str | None, typer.Option("--date", help="Data date; default: the newest extract's.")
    ] = None,
    landing: Annotated[Path | None, typer.Option(help="Folder of extracts, for this run.")] = None,
    accept: Accept = None,
    as_json: AsJson = False,
) -> None:
    """Run the night: ingest, check, build, check, publish."""
    _run(day, landing, accept or [], publish=True, as_json=as_json)


@app.command()
def check(
    day: Annotated[str | None, typer.Option("--date", help="Data date.")] = None,
    landing: Annotated[Path | None, typer.Option(help="Folder of extracts.")] = None,
    accept: Accept = None,
    lake: Annotated[
        bool, typer.Option("--lake", help="Only read the files and ask gate 1; build nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do all that `run` does except publish: what would happen tonight?"""
    _run(day, landing, accept or [], publish=False, as_json=as_json, only_lake=lake)


def _run(
    day: str | None,
    landing: Path | None,
    accept: list[str],
    *,
    publish: bool,
    as_json: bool,
    only_lake: bool = False,
) -> None:
    from orchestration.cli import run_report
    from orchestration.lib.adapters.load import load_adapters
    from orchestration.lib.ingest.scan import newest_day

    asked_for, reasons = day_of(day), _reasons(accept)
    if landing is not None:
        os.environ["CX_LANDING"] = str(landing.resolve())  # the job reads the same settings
    settings, home = settings_and_home()
    if not settings.landing.is_dir() or not any(settings.landing.iterdir()):
        raise Stop(
            Exit.SOURCE_MISSING,
            f"There is nothing in {settings.landing}. Put extracts there, or run: cxroi demo",
        )
    data_date = asked_for or newest_day(settings.landing, load_adapters(settings.adapter_folders))
    if data_date is None:
        raise Stop(Exit.USAGE, "No folder in the landing folder is named after a day; say --date.")
    today = datetime.now(settings.zone).date()
    if not settings.first_date <= data_date <= today:
        raise Stop(
            Exit.USAGE,
            f"{data_date} cannot be run, only {settings.first_date} (CX_FIRST_DATE) to {today}. "
            f"Is a folder in {settings.landing} named after a wrong day? Else say --date.",
        )
    with screen.steps(quiet=as_json):
        outcome = _outcome(settings, data_date, reasons, publish=publish, only_lake=only_lake)
    if outcome.error_class in ENDS_EARLY:
        raise Stop(ENDS_EARLY[outcome.error_class], outcome.error or outcome.error_class)
    report = run_report.collect(home, outcome)
    show(as_json, report, screen.run)
    if report["status"] != ("published" if publish else "checked"):
        raise SystemExit(int(Exit.GATE_FAILED))


def _outcome(
    settings: Settings, day: date, accepted: dict[str, str], *, publish: bool, only_lake: bool
) -> Outcome:
    from orchestration.runner import Outcome, run_night

    if not only_lake:
        return run_night(settings, day, accepted=accepted, publish=publish)
    from orchestration.lib.run.lake_check import check_lake_alone

    try:
        return Outcome(check_lake_alone(settings, day, accepted), True, None, None)
    except Exception as error:
        if (kind := type(error).__name__) in ENDS_EARLY:
            raise Stop(ENDS_EARLY[kind], str(error)) from error
        raise


def _reasons(accept: list[str]) -> dict[str, str]:
    from expectations.gates import ACCEPTABLE

    reasons = dict(item.split("=", 1) for item in accept if "=" in item)
    if len(reasons) != len(accept) or not all(r.strip() for r in reasons.values()):
        raise Stop(Exit.USAGE, '--accept takes "check=reason", with a reason.')
    for check in reasons:
        if check not in ACCEPTABLE:
            known = ", ".join(sorted(ACCEPTABLE))
            raise Stop(Exit.USAGE, f"{check!r} cannot be accepted; only {known}.")
    return reasons


app.add_typer(planning)
app.add_typer(maintenance)
app.add_typer(adapters_app, name="adapters", no_args_is_help=True)
