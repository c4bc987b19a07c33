"""A night up to gate 1: what of the files would load, and what of them would stop a night.

Here: the first two steps of a run and its verdict. Not here: how they work (`steps`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from orchestration.lib.publication.decision import gate_reasons
from orchestration.lib.publication.run_record import end_run
from orchestration.lib.run import steps
from orchestration.lib.run.context import open_run
from orchestration.settings import Settings


def check_lake_alone(settings: Settings, day: date, accepted: Mapping[str, str]) -> str:
    """Ingest and ask gate 1, build nothing. The id of the run, whose evidence says what came of it.

    What stops a night before a gate can judge it is raised here too.
    """
    run_id = str(uuid4())
    with open_run(settings, run_id, day, accepted) as context:
        steps.ingest(context)
        steps.check_lake(context)
        reasons = gate_reasons(context.evidence, "lake")
        end_run(context.evidence, "failed" if reasons else "checked", tuple(reasons))
    return run_id
