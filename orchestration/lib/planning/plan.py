"""A planned experiment: who could take part, what would be found at what cost, the arms, the files.

Here: a request becomes a plan. Not here: the panel it rests on (`panel`), the statistics
(`science.power`), the draw (`assignment`) or the files (`extract`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from orchestration.lib.base.home import Home
from orchestration.lib.lake.pseudonym_key import load_or_create_pseudonym_key
from orchestration.lib.planning.assignment import draw
from orchestration.lib.planning.extract import write_extract
from orchestration.lib.planning.panel import NoPanel, Panel, read_panel
from orchestration.lib.publication.versions import current_version
from orchestration.lib.science.power import adjusted_scatter, detectable
from orchestration.settings import Settings

HORIZONS = (3, 6, 9, 12)  # months shown beside those asked for
SHARES = (0.25, 0.5, 1.0)  # of the customers asked for
# What CUPED takes out (int_programme_expected_outcomes): the level of the last months, the mean of
# those before them, tenure.
BEFORE, EARLIER = 3, 9
PASTS = 12  # past starts whose scatter is averaged
FEWEST = 20  # customers an arm must have (minimum_compared_customers)
FEWEST_WITH_OUTCOME = 10  # and of them with an outcome (minimum_customers_with_outcome)
LOOK_FACTOR = 2.054 / 1.959964  # of the interval on the evaluation date (int_programme_returns)
TENURES = (6, 12, 24)  # months, as programme_tenure_band


class PlanError(ValueError):
    """The plan asked for cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Request:
    """What a person asks for."""

    name: str
    programme_id: str | None = None
    start: date | None = None  # first day of a month; default: the first after the data date
    months: int = 6
    treated_share: float = 0.5
    segments: Sequence[str] = ()  # segmentation=segment
    customers: int | None = None  # default: all who are eligible
    monthly_cost: float | None = None  # of one treated customer


@dataclass(frozen=True)
class Power:
    """What so many customers over so many months would show, per treated customer and month."""

    months: int
    treated: int
    control: int
    detectable: float | None  # None: too short a record, or too few in an arm


@dataclass(frozen=True)
class Plan:
    """The whole plan. Amounts are in the reporting currency per customer and month."""

    name: str
    programme_id: str
    version: str
    currency: str
    last_month: date
    start: date
    evaluation: date
    months: int
    treated_share: float
    segments: list[str]
    not_eligible: dict[str, int]
    eligible: int
    treated: int
    control: int
    strata: int
    mean_outcome: float
    with_outcome_share: float  # of customers in the months of the plan
    detectable: float | None
    monthly_cost: float | None
    powers: list[Power]
    warnings: list[str]
    taken: NDArray[np.bool_] = field(repr=False)
    is_treated: NDArray[np.bool_] = field(repr=False)
    panel: Panel = field(repr=False)

    def report(self) -> dict[str, Any]:
        """What a person or a machine is told: everything but who is in which arm."""
        kept = {f.name for f in fields(self)} - {"taken", "is_treated", "panel"}
        plain = {name: getattr(self, name) for name in kept}
        return plain | {"powers": [asdict(power) for power in self.powers]}


def plan(home: Home, settings: Settings, request: Request) -> Plan:
    """Raises PlanError or NoPanel, with what to do, where a plan cannot be made."""
    programme_id = _programme_id(request)
    _check_numbers(request)
    version = current_version(home)
    if version is None:
        raise NoPanel("Nothing is published yet; run: cxroi run")
    panel = read_panel(home.current, home.restricted / "current.duckdb")
    if programme_id in panel.programmes:
        raise PlanError(f"There is a programme {programme_id} already; give this one an --id.")
    last, known = panel.months[-1], date.fromisoformat(version.as_of_date)
    start = request.start or _month(known, 1)
    if start.day != 1 or start <= known:
        raise PlanError(
            f"--start {start} must be the first day of a month after {known}, the data date: "
            f"effects are counted by whole months, and a draw comes before what it is to move."
        )
    eligible, not_eligible = _eligible(panel, _in_segments(panel, request.segments))
    size = eligible.sum() if request.customers is None else request.customers
    if size > eligible.sum():
        raise PlanError(f"--customers {size}: only {eligible.sum():,} customers are eligible.")
    if size < 2 * FEWEST:
        raise PlanError(
            f"{size} customers are too few: there is no verdict with fewer than {FEWEST} in an arm."
        )
    strata = strata_of(panel)
    secret = settings.pseudonym_key or load_or_create_pseudonym_key(home)
    who = np.flatnonzero(eligible)
    taken, treated = np.zeros(len(eligible), bool), np.zeros(len(eligible), bool)
    taken[who], treated[who] = draw(
        programme_id,
        secret,
        [str(panel.ids[i]) for i in who],
        [strata[i] for i in who],
        int(size),
        request.treated_share,
    )
    counts = int(treated.sum()), int((taken & ~treated).sum())
    if min(counts) < FEWEST:
        raise PlanError(
            f"{counts[0]} treated and {counts[1]} controls: there is no verdict with fewer than "
            f"{FEWEST} in an arm. Take more customers, or a --treated-share nearer to 0.5."
        )
    segment = _in_segments(panel, request.segments)
    scatters = {m: scatter_of(panel, segment, m) for m in {*HORIZONS, request.months}}
    found = power_of(scatters[request.months], request.months, *counts).detectable
    recent = panel.outcome[eligible][:, -request.months :]
    with_outcome = float((np.nan_to_num(recent) != 0).any(axis=1).mean())
    return Plan(
        name=request.name,
        programme_id=programme_id,
        version=version.name,
        currency=settings.currency,
        last_month=last,
        start=start,
        evaluation=_month(start, request.months),
        months=request.months,
        treated_share=request.treated_share,
        segments=list(request.segments),
        not_eligible=not_eligible,
        eligible=int(eligible.sum()),
        treated=counts[0],
        control=counts[1],
        strata=len({strata[i] for i in np.flatnonzero(taken)}),
        mean_outcome=float(np.nanmean(recent)),
        with_outcome_share=with_outcome,
        detectable=found,
        monthly_cost=request.monthly_cost,
        powers=[
            power_of(scatters[m], m, round(share * counts[0]), round(share * counts[1]))
            for m in sorted(scatters)
            for share in SHARES
        ],
        warnings=_warnings(found, request.months, with_outcome * min(counts)),
        taken=taken,
        is_treated=treated,
        panel=panel,
    )


def write(plan: Plan, folder: Path, settings: Settings) -> list[Path]:
    """The files that declare the plan, for the landing folder. Raises NotWritten or PlanError."""
    if folder.resolve().is_relative_to(settings.landing):
        raise PlanError(
            f"{folder} lies in the landing folder: a night would read customers as enrolled before "
            f"{plan.start}. Write elsewhere, and put the files there on that day."
        )
    midnight = datetime.combine(plan.start, datetime.min.time(), settings.zone)
    programme = {
        "programme_id": plan.programme_id,
        "name": plan.name,
        "start_date": plan.start.isoformat(),
        "assignment": "randomised",
        "randomised_unit": "customer",
        "planned_treated_share": f"{plan.treated / (plan.treated + plan.control):.4f}",
        "evaluation_date": plan.evaluation.isoformat(),
        "eligibility_rule": _rule(plan),
    }
    arms = [(str(plan.panel.ids[i]), bool(plan.is_treated[i])) for i in np.flatnonzero(plan.taken)]
    return write_extract(folder, programme, arms, midnight.astimezone(ZoneInfo("UTC")))


def _rule(plan: Plan) -> str:
    return " and ".join([f"active at the end of {plan.last_month:%B %Y}", *plan.segments])


def _programme_id(request: Request) -> str:
    if not request.name.strip():
        raise PlanError("A programme needs a name.")
    programme_id = request.programme_id or re.sub(r"[^A-Za-z0-9]+", "-", request.name).strip("-")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", programme_id):
        raise PlanError(
            f"{programme_id!r} is no id: up to 64 letters, digits, - and _. Give one with --id."
        )
    return programme_id


def _check_numbers(request: Request) -> None:
    if not 0 < request.treated_share < 1:
        raise PlanError(f"--treated-share {request.treated_share:g} must lie between 0 and 1.")
    if request.months < 1:
        raise PlanError(f"--months {request.months} must be at least 1.")
    if request.monthly_cost is not None and request.monthly_cost < 0:
        raise PlanError(f"--cost {request.monthly_cost:g} must not be negative.")


def _in_segments(panel: Panel, wanted: Sequence[str]) -> NDArray[np.bool_]:
    inside = np.ones(len(panel.customers), bool)
    for text in wanted:
        segmentation, _, segment = text.partition("=")
        known = panel.segments.get(segmentation)
        if known is None:
            names = ", ".join(sorted(panel.segments))
            raise PlanError(f"--segment {text!r}: segmentations are {names}; say e.g. region=EMEA.")
        if segment not in known:
            names = ", ".join(sorted(known))
            raise PlanError(f"--segment {text!r}: segments of {segmentation} are {names}.")
        inside &= known[segment]
    return inside


def _eligible(panel: Panel, inside: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Active at the end of the last closed month; the others counted by the first reason."""
    left = np.ones(len(panel.customers), bool)
    counts: dict[str, int] = {}
    for reason, holds in (
        ("not active", panel.is_active[:, -1]),
        ("in other segments", inside),
        ("deleted, or without an id in the customer system", ~panel.is_deleted & (panel.ids != "")),
    ):
        counts[reason] = int((left & ~holds).sum())
        left &= holds
    return left, counts


def strata_of(panel: Panel) -> list[tuple[str, ...]]:
    """Kind of customer, third of the last three months' outcome among the active, tenure."""
    level = panel.outcome[:, -BEFORE:].mean(axis=1)
    tenure = np.searchsorted(TENURES, np.nan_to_num(panel.tenure[:, -1]), "right")
    kinds = np.full(len(panel.customers), "", object)
    for kind, inside in panel.segments.get("customer_kind", {}).items():
        kinds[inside] = kind
    third = np.full(len(panel.customers), "new", object)
    for kind in set(kinds.tolist()):
        mine = (kinds == kind) & np.isfinite(level)
        active = level[mine & panel.is_active[:, -1]]
        if len(active):
            edges = np.quantile(active, [1 / 3, 2 / 3])
            third[mine] = np.searchsorted(edges, level[mine]).astype(str)
    return [(str(k), str(t), str(b)) for k, t, b in zip(kinds, third, tenure, strict=True)]


def scatter_of(panel: Panel, inside: NDArray[np.bool_], months: int) -> float | None:
    """Of a customer's mean outcome over so many months, from the last starts on record.

    Customers active at each start, whatever became of them: as those of the plan will be.
    """
    last = panel.outcome.shape[1] - months
    variances = []
    for start in range(max(BEFORE, last - PASTS + 1), last + 1):
        there = inside & panel.is_active[:, start - 1]
        after = panel.outcome[there, start : start + months]
        level = panel.outcome[there, start - BEFORE : start].mean(axis=1)
        early = panel.outcome[there, max(start - EARLIER, 0) : start - BEFORE]
        earlier = np.ma.masked_invalid(early).mean(axis=1).filled(np.nan)
        before = np.column_stack([level, earlier, panel.tenure[there, start]])
        known = np.isfinite(after).all(axis=1)
        if known.sum() >= 2 * FEWEST:
            variances.append(adjusted_scatter(after[known], before[known]) ** 2)
    return float(np.sqrt(np.mean(variances))) if variances else None


def power_of(scatter: float | None, months: int, treated: int, control: int) -> Power:
    """What arms of these sizes find where a customer's mean outcome varies by so much."""
    enough = scatter is not None and min(treated, control) >= FEWEST
    found = None
    if scatter is not None and enough:
        found = detectable(scatter, treated, control, LOOK_FACTOR)
    return Power(months, treated, control, found)


def _warnings(found: float | None, months: int, with_outcome: float) -> list[str]:
    warnings = []
    if found is None:
        warnings.append(
            f"There are not {BEFORE + months} closed months with known contribution of enough "
            f"customers on record, so what {months} months would show cannot be foretold."
        )
    if with_outcome < FEWEST_WITH_OUTCOME:
        warnings.append(
            f"Only about {with_outcome:.0f} customers of an arm will have an outcome: with fewer "
            f"than {FEWEST_WITH_OUTCOME} there is no verdict. Take more customers or more months."
        )
    return warnings


def _month(day: date, later: int) -> date:
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)
