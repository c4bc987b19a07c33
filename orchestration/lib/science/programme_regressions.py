"""Second estimates of what a programme does, from regressions on what was known at entry.

`robust`: doubly robust difference-in-differences. The mean of the months since entry less the base
is regressed, among the untreated, on what was known; what is left is compared between the treated
and untreated weighted by their odds of entering (logistic). Right if either model is.
`lagged`: the same with the outcome not differenced and the base among what was known. The first is
right where customers were chosen by what lasts, the second where by what passes; the truth lies
between them in either case (Ding and Li 2019), so neither is a verdict of its own: they withhold
one.
`negative_control`: the matched estimate of a programme that never was. Among customers
who were not taken, those whom the programme's own rule would rather have taken stand for its
customers: each weighs as a treated one by the chance the rule gives them, and as an untreated one
by the rest. Whatever is found there is the error of the method in this company, by what of the
rule can be seen in what was known at entry.
Sources: Sant'Anna and Zhao (2020), "Doubly robust difference-in-differences estimators",
J. Econometrics 219(1); Ding and Li (2019), "A bracketing relationship between difference-in-
differences and lagged-dependent-variable adjustment", Political Analysis 27(4); Schuemie et al.
(2018), "Empirical confidence interval calibration for population-level effect estimation studies",
PNAS 115(11), for what the error of controls is good for.

Here: the estimates. Not here: who is compared (int_programme_regression_rows), or the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import expit

from orchestration.lib.science.likelihood import Floats
from orchestration.lib.science.logistic import coefficients

RIDGE = 1e-4  # an observation, on the slopes of who is chosen
LEAST = 20  # treated, and untreated, below which nothing is estimated
DIGITS = 9
KEYS = ("programme_id", "segmentation", "segment")
TRAITS = ("level", "last_step", "tenure", "risk", "answer", "active")
ESTIMATED = pa.schema(
    {
        **dict.fromkeys(KEYS, pa.string()),
        "robust_amount": pa.float64(),
        "robust_error": pa.float64(),
        "robust_degrees": pa.float64(),
        "lagged_amount": pa.float64(),
        "lagged_error": pa.float64(),
        "disagreement_z": pa.float64(),
        "overlap_rate": pa.float64(),
        "treated_left_rate": pa.float64(),
        "control_left_rate": pa.float64(),
        "risk_left_ratio": pa.float64(),
        "negative_control_amount": pa.float64(),
        "negative_control_error": pa.float64(),
    }
)


@dataclass(frozen=True)
class Sample:
    """Customers as they entered, or could have: one row per customer and month of entry."""

    customer: NDArray[np.int64]
    entry: NDArray[np.int64]
    kind: NDArray[np.int64]
    cell: NDArray[np.int64]  # with whom the matched estimate compares them
    is_treated: NDArray[np.bool_]
    weight: Floats  # of how many like them an untreated one is left
    months: Floats  # since entry
    outcome: Floats  # mean of those months
    left: Floats  # share of those months in which they were no customer
    base: Floats
    early: Floats
    traits: Floats  # one column per trait, NaN = not known


@dataclass(frozen=True)
class Estimate:
    """Effect, with one influence value per customer: their squares add up to the squared error."""

    effect: float
    influence: Floats
    treated: int
    effective_controls: float
    chance: Floats
    odds: Floats

    @property
    def error(self) -> float:
        """Standard error of the effect."""
        return float(np.sqrt(self.influence @ self.influence))


def robust(sample: Sample) -> Estimate:
    """Doubly robust difference-in-differences."""
    return adjusted(sample, sample.outcome - sample.base, known(sample))


def lagged(sample: Sample) -> Estimate:
    """With the base as something known at entry, and the outcome as it is."""
    base = np.column_stack([sample.early, by_kind(sample, sample.early)])
    return adjusted(sample, sample.outcome, np.column_stack([known(sample), base]))


def known(sample: Sample) -> Floats:
    """What foretells staying, bringing in and being chosen; NaN as the mean, and a mark of it."""
    is_known = np.isfinite(sample.traits)
    count = np.maximum(is_known.sum(axis=0), 1)
    means = np.where(is_known, sample.traits, 0).sum(axis=0) / count
    filled = np.where(is_known, sample.traits, means)
    level, risk = filled[:, TRAITS.index("level")], filled[:, TRAITS.index("risk")]
    ones = np.ones(len(level))
    return np.column_stack(
        [filled, ~is_known, by_kind(sample, ones), by_kind(sample, level), risk * level]
    )


def negative_control(sample: Sample) -> tuple[float, float]:
    """Matched estimate of the programme that never was, and its error; NaN without comparison."""
    nothing = (np.nan, np.nan)
    own = sample.weight * sample.months * ~sample.is_treated
    x, chance = chosen(sample, rule(sample))

    def by_cell(values: Floats) -> Floats:
        return np.asarray(np.bincount(sample.cell, values, sample.cell.max() + 1), float)

    is_used = (by_cell(np.asarray(~sample.is_treated, float)) >= 2)[
        sample.cell
    ] & ~sample.is_treated
    taken, left = own * chance * is_used, own * (1 - chance) * is_used
    if is_used.sum() < LEAST or not taken.sum():
        return nothing
    change = sample.outcome - sample.base
    with np.errstate(divide="ignore", invalid="ignore"):  # cells without anybody
        of_taken = (by_cell(taken * change) / by_cell(taken))[sample.cell]
        of_left = (by_cell(left * change) / by_cell(left))[sample.cell]
        ratio = (by_cell(taken) / by_cell(left))[sample.cell]
    gap = np.where(is_used, of_taken - of_left, 0)
    amount = float(taken @ gap / taken.sum())
    # By how much the amount moves with a customer's weight as a treated, and as an untreated one,
    # and with the slopes of the rule.
    as_taken = np.where(is_used, change - of_taken + gap - amount, 0)
    as_left = np.where(is_used, ratio * (change - of_left), 0)
    moves = taken * as_taken - left * as_left
    spread = chance * (1 - chance)
    squares = (x.T * spread) @ x + len(x) * RIDGE * np.eye(x.shape[1])
    by_slopes = x @ np.linalg.solve(squares, x.T @ (own * spread * (as_taken + as_left)))
    moves = moves + by_slopes * (sample.is_treated - chance)
    of_customers = np.bincount(sample.customer, moves) / taken.sum()
    return amount, float(np.sqrt(of_customers @ of_customers))


def rule(sample: Sample) -> Floats:
    """What may have chosen the customers: what was known, what lasts, and how far they were off."""
    level, step = (
        np.nan_to_num(sample.traits[:, TRAITS.index(trait)]) for trait in ("level", "last_step")
    )
    lasting = np.abs(sample.early) + np.abs(sample.early).mean() / 10 + 1e-9
    steps = [
        np.clip((level + step - sample.early) / lasting, -3, 3),
        np.clip((level - sample.early) / lasting, -3, 3),
    ]
    steps += [by_kind(sample, values) for values in (*steps, sample.early)]
    return np.column_stack([known(sample), sample.early, *steps])


def chosen(sample: Sample, features: Floats) -> tuple[Floats, Floats]:
    """What may have chosen the customers, a column of ones first, and the chance it gives each."""
    entries = np.unique(sample.entry)[1:]
    scaled = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-9)
    design = np.column_stack([scaled, sample.entry[:, None] == entries[None, :]]).astype(float)
    with_one = np.column_stack([np.ones(len(design)), design])
    slopes = coefficients(design, sample.is_treated, RIDGE * len(design))
    return with_one, np.clip(expit(with_one @ slopes), 1e-4, 0.9)


def by_kind(sample: Sample, values: Floats) -> Floats:
    """A column per kind of customer but the first."""
    kinds = np.unique(sample.kind)[1:]
    return np.asarray((sample.kind[:, None] == kinds[None, :]) * values[:, None], float)


def adjusted(sample: Sample, outcome: Floats, features: Floats) -> Estimate:
    """Augmented inverse weighting for the treated (AIPW): linear outcome, logistic choice."""
    treated = sample.is_treated
    with_one, chance = chosen(sample, features)
    own = sample.weight * ~treated
    squares = (with_one.T * own) @ with_one + 1e-6 * own.sum() * np.eye(with_one.shape[1])
    left = outcome - with_one @ np.linalg.solve(squares, (with_one.T * own) @ outcome)
    odds = sample.months * own * chance / (1 - chance)
    months = sample.months * treated
    of_treated = float(months @ left / months.sum())
    of_controls = float(odds @ left / odds.sum())
    moves = months * (left - of_treated) / months.sum() - odds * (left - of_controls) / odds.sum()
    influence = np.bincount(sample.customer, moves, sample.customer.max() + 1)
    count = int(treated.sum())
    return Estimate(
        effect=of_treated - of_controls,
        influence=np.asarray(influence * np.sqrt(count / (count - 1))),
        treated=count,
        effective_controls=float(odds.sum() ** 2 / (odds @ odds)),
        chance=chance,
        odds=odds,
    )


def second_estimates(rows: pa.Table, influences: pa.Table) -> pa.Table:
    """One row per programme, segmentation and segment.

    `rows`: KEYS, entry_number, customer_key, customer_kind, cell_number, is_treated, month_count,
    weight, outcome_amount, left_rate, base_amount, early_amount and TRAITS. `influences`: KEYS,
    customer_key, effect_amount, influence of the matched estimate, to tell how far the two are
    apart beyond chance.
    """
    order = [(key, "ascending") for key in (*KEYS, "entry_number", "customer_key")]
    frame = rows.sort_by(order).to_pandas()
    own = dict(iter(influences.to_pandas().groupby(list(KEYS))))
    found = []
    for key, group in frame.groupby(list(KEYS)):
        is_treated = group["is_treated"].to_numpy(bool)
        if min(is_treated.sum(), (~is_treated).sum()) < LEAST or key not in own:
            continue
        found.append(dict(zip(KEYS, key, strict=True)) | _compared(group, own[key]))
    return pa.Table.from_pylist(found, schema=ESTIMATED)


def _compared(group: Any, own: Any) -> dict[str, float | None]:
    customers, codes = np.unique(group["customer_key"].to_numpy(str), return_inverse=True)
    sample = Sample(
        customer=codes,
        entry=group["entry_number"].to_numpy(np.int64),
        kind=np.unique(group["customer_kind"].to_numpy(str), return_inverse=True)[1],
        cell=np.unique(group["cell_number"].to_numpy(np.int64), return_inverse=True)[1],
        is_treated=group["is_treated"].to_numpy(bool),
        weight=group["weight"].to_numpy(float),
        months=group["month_count"].to_numpy(float),
        outcome=group["outcome_amount"].to_numpy(float),
        left=group["left_rate"].to_numpy(float),
        base=group["base_amount"].to_numpy(float),
        early=group["early_amount"].to_numpy(float),
        traits=np.column_stack([group[trait].to_numpy(float) for trait in TRAITS]),
    )
    first, second = robust(sample), lagged(sample)
    everybody = np.union1d(customers, own["customer_key"].to_numpy(str))
    apart = np.zeros(len(everybody))
    apart[np.searchsorted(everybody, customers)] += first.influence
    apart[np.searchsorted(everybody, own["customer_key"].to_numpy(str))] -= own["influence"]
    scatter = float(np.sqrt(np.sort(apart**2).sum()))
    treated = sample.is_treated
    months = sample.months * treated
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody differs, nobody left
        apart_by = np.divide(first.effect - float(own["effect_amount"].iloc[0]), scatter)
    control_amount, control_error = negative_control(sample)
    figures = {
        "robust_amount": first.effect,
        "robust_error": first.error,
        "robust_degrees": min(first.treated, first.effective_controls) / 2,
        "lagged_amount": second.effect,
        "lagged_error": second.error,
        "disagreement_z": float(apart_by),
        "overlap_rate": float(np.mean(first.chance[treated] < 0.9)),
        "treated_left_rate": float(months @ sample.left / months.sum()),
        "control_left_rate": float(first.odds @ sample.left / first.odds.sum()),
        "risk_left_ratio": _risk_ratio(sample),
        "negative_control_amount": control_amount,
        "negative_control_error": control_error,
    }
    return {
        name: round(float(value), DIGITS) if np.isfinite(value) else None
        for name, value in figures.items()
    }


def _risk_ratio(sample: Sample) -> float:
    """How many times as often the riskiest third of the untreated left as the least risky one."""
    risk = sample.traits[:, TRAITS.index("risk")]
    inside = ~sample.is_treated & np.isfinite(risk)
    if inside.sum() < 3 * LEAST:
        return np.nan
    low, high = np.quantile(risk[inside], (1 / 3, 2 / 3))
    riskiest, safest = inside & (risk > high), inside & (risk <= low)
    if not riskiest.any() or not sample.left[safest].any():
        return np.nan
    return float(sample.left[riskiest].mean() / sample.left[safest].mean())
