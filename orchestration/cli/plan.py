"""The command `plan`: an experiment before it starts. The work is `lib.planning`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.cli import screen
from orchestration.cli.common import AsJson, Exit, Stop, day_of, settings_and_home, show

planning = typer.Typer()


@planning.command()
def plan(
    name: Annotated[str, typer.Argument(help='Name of the programme, e.g. "Welcome call".')],
    programme_id: Annotated[
        str | None, typer.Option("--id", help="Its id; default: made of the name.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="First day, that of a month; default: the next after the data date."),
    ] = None,
    months: Annotated[int, typer.Option(help="Months until it is judged.")] = 6,
    treated_share: Annotated[float, typer.Option(help="Share of those taken who are treated.")] = (
        0.5
    ),
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", help="Only these: customer_kind=account. Can be repeated."),
    ] = None,
    customers: Annotated[
        int | None, typer.Option(help="How many to take, drawn; default: all who are eligible.")
    ] = None,
    cost: Annotated[
        float | None, typer.Option(help="Cost of a treated customer and month.")
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(help="Folder for the two files that declare it; without it none is written."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan a programme as an experiment: whom to take, what would be found, who is in which arm.

    Read from the published tables: who is active, how much their contribution varies, and so which
    effect would be found four times in five. --write draws the arms and writes programmes_<id>.csv
    and programme_enrolments_<id>.csv; on the first day put both into landing/native/<that day>/,
    treat the arm "treated" and nobody else, and book what it costs in programme_costs. The nights
    then judge it. The same name and secret give the same draw. Nothing else is written.
    """
    from orchestration.lib.planning.extract import NotWritten
    from orchestration.lib.planning.panel import NoPanel
    from orchestration.lib.planning.plan import PlanError, Request
    from orchestration.lib.planning.plan import plan as make_plan
    from orchestration.lib.planning.plan import write as write_plan

    settings, home = settings_and_home()
    request = Request(
        name=name,
        programme_id=programme_id,
        start=day_of(start, "--start"),
        months=months,
        treated_share=treated_share,
        segments=tuple(segment or ()),
        customers=customers,
        monthly_cost=cost,
    )
    try:
        made = make_plan(home, settings, request)
        files = write_plan(made, write, settings) if write else []
    except NoPanel as error:
        raise Stop(Exit.SOURCE_MISSING, str(error)) from None
    except (PlanError, NotWritten) as error:
        raise Stop(Exit.USAGE, str(error)) from None
    report: dict[str, Any] = made.report() | {"files": [str(path) for path in files]}
    show(as_json, report, screen.plan)
