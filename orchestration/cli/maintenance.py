"""Commands around a run: what is published, going back, replay, export, adapters, doctor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import screen
from orchestration.cli.common import AsJson, Exit, Stop, day_of, settings_and_home, show

maintenance = typer.Typer()
adapters_app = typer.Typer(help="The folders that say how a tool's export looks.")


@maintenance.command()
def status(as_json: AsJson = False) -> None:
    """What is published, since when, and how the last runs ended."""
    from orchestration.lib.run.status import status as standing

    _, home = settings_and_home()
    show(as_json, standing(home), screen.status)


@maintenance.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="Default: what was read before it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Point analysts at another version. Takes effect at once; open readers keep theirs."""
    from orchestration.lib.publication import versions
    from orchestration.lib.run.refresh import refresh_outputs

    settings, home = settings_and_home()
    try:
        moved_to = versions.rollback(home, version)
    except versions.PublishError as error:
        raise Stop(Exit.USAGE, str(error)) from None
    refresh_outputs(home, settings.currency)
    show(as_json, {"version": moved_to}, screen.rollback)


@maintenance.command()
def replay(
    day: Annotated[str | None, typer.Option("--date", help="Data date.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read and map again what is in quarantine, after an adapter or a contract was mended."""
    from orchestration.lib.adapters.load import load_adapters
    from orchestration.lib.base.locks import exclusive
    from orchestration.lib.ingest.replay import replay as replay_landing

    settings, home = settings_and_home()
    with exclusive(home.root / "run.lock", "a replay"):
        report = replay_landing(
            settings.landing,
            home.lake,
            home.temporary,
            load_adapters(settings.adapter_folders),
            day_of(day),
            lambda step: None,
            settings.settle_seconds,
        )
    show(as_json, asdict(report), screen.replay)


@maintenance.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where the CSV files go.")],
    tables: Annotated[list[str] | None, typer.Option("--table", help="Default: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write published tables as CSV, safe to open in a spreadsheet. Parquet is in exports/."""
    from orchestration.lib.publication.csv_export import UnknownTable, export_csv

    _, home = settings_and_home()
    if not home.current.exists():
        raise Stop(Exit.SOURCE_MISSING, "Nothing is published yet; run: cxroi run")
    try:
        written = export_csv(home.current, folder, tables or [])
    except UnknownTable as error:
        raise Stop(Exit.USAGE, str(error)) from None
    report = {"folder": str(folder), "files": [path.name for path in written]}
    show(as_json, report, screen.export)


@maintenance.command()
def doctor(
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Also make ready what the UI needs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at the installation: settings, landing, disk, adapters, the published file."""
    from orchestration.lib.run.doctor import findings

    settings, home = settings_and_home()
    if prepare:
        from orchestration.lib.transform.dbt import prepare_manifest
        from orchestration.run_history import prepare_dagster_home

        prepare_dagster_home(home)
        prepare_manifest(home)
    found = list(findings(settings, home))
    report = {"findings": [{"ok": is_right, "found": sentence} for is_right, sentence in found]}
    show(as_json, report, screen.doctor)
    if not prepare and not all(is_right for is_right, _ in found):
        raise SystemExit(int(Exit.GATE_FAILED))


@adapters_app.command("check")
def adapters_check(
    folder: Annotated[Path, typer.Argument(help="An adapter's folder.")],
    sample: Annotated[
        Path | None,
        typer.Option(help="An export, or a folder of them: say what would load. Writes nothing."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say precisely what is wrong with an adapter, or that nothing is."""
    from orchestration.lib.adapter_tools.check import check_adapter

    problems = check_adapter(folder)
    if problems or sample is None:
        show(as_json, {"folder": str(folder), "problems": problems}, screen.adapter)
    if problems:
        raise SystemExit(int(Exit.USAGE))
    if sample is not None:
        _try(folder, sample, as_json)


@adapters_app.command("draft")
def adapters_draft(
    folder: Annotated[Path, typer.Argument(help="A folder of exports.")],
    to: Annotated[Path, typer.Option(help="The folder to write, named after the tool.")],
    as_json: AsJson = False,
) -> None:
    """Write a first adapter for exports: what can be told, and a ? for what has to be answered."""
    from orchestration.lib.adapter_tools.draft import NoDraft, draft

    if to.exists() and any(to.iterdir()):
        raise Stop(Exit.USAGE, f"{to} is there already; name a folder that is not.")
    if not folder.is_dir():
        raise Stop(Exit.USAGE, f"There is no folder {folder}.")
    try:
        found = draft(folder, to.name)
    except NoDraft as error:
        raise Stop(Exit.USAGE, str(error)) from None
    for name, text in found.files.items():
        to.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(text, encoding="utf-8")
    report = {"folder": str(to), "sample": str(folder), "written": sorted(found.files)}
    show(as_json, report | {"told": found.told, "questions": found.questions}, screen.draft)


def _try(folder: Path, sample: Path, as_json: bool) -> None:
    from orchestration.lib.adapter_tools.sample import NoSample, try_sample
    from orchestration.lib.adapters.load import read_adapter

    adapter, _ = read_adapter(folder)
    assert adapter is not None  # it is sound
    try:
        found = try_sample(adapter, sample)
    except NoSample as error:
        raise Stop(Exit.USAGE, str(error)) from None
    show(as_json, found, screen.sample)
    files = found.get("files", [found])
    if not any(load["loaded"] for file in files for load in file["loads"]):
        raise SystemExit(int(Exit.GATE_FAILED))
