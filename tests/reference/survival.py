"""Time until something happens when some have not seen it yet (censoring).

Sources: Kaplan & Meier (1958), JASA 53; Greenwood (1926) for the variance; Mantel (1966) for the
log-rank test with the hypergeometric variance.

Here: the curve, its median, the two-group test, all on grouped counts. Not here: what is timed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from orchestration.lib.science import NotEstimable
from orchestration.lib.science.likelihood import Floats


@dataclass(frozen=True)
class Curve:
    """Kaplan–Meier estimate at each time something happened."""

    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    standard_error: Floats

    def at(self, time: float) -> float:
        """Share to whom it has not happened by `time`, that moment included."""
        position = int(np.searchsorted(self.time, time, side="right"))
        return 1.0 if position == 0 else float(self.survival[position - 1])

    @property
    def median(self) -> float:
        """First time at which half or fewer remain; NaN if more than half never ended."""
        reached = self.time[self.survival <= 0.5]
        return float(reached[0]) if len(reached) else float("nan")


def kaplan_meier(time: ArrayLike, happened: ArrayLike, weight: ArrayLike | None = None) -> Curve:
    """The curve from durations, whether the event was seen, and how many share the row."""
    times, at_risk, events = _table(time, happened, weight)
    seen = events > 0
    times, at_risk, events = times[seen], at_risk[seen], events[seen]
    survival = np.asarray(np.cumprod(1 - events / at_risk), np.float64)
    left = at_risk - events
    terms = np.divide(events, at_risk * left, out=np.zeros_like(events), where=left > 0)
    error = np.where(survival > 0, survival * np.sqrt(np.cumsum(terms)), np.nan)
    return Curve(times, at_risk, events, survival, np.asarray(error))


def log_rank(
    time: ArrayLike, happened: ArrayLike, group: ArrayLike, weight: ArrayLike | None = None
) -> tuple[float, float]:
    """Chi-square statistic (1 degree of freedom) and p-value: do two groups share one curve?"""
    first = np.asarray(group) == np.unique(np.asarray(group))[0]
    if first.all():
        raise NotEstimable("only one group")
    times, seen = np.asarray(time, float), np.asarray(happened, bool)
    counts = np.ones(len(times)) if weight is None else np.asarray(weight, float)
    moments, everyone, events = _table(times, seen, counts)
    own_moments, own_risk, own_events = _table(times[first], seen[first], counts[first])
    # At risk in the first group at each moment: those of its own next moment, whenever that is.
    nearest = np.searchsorted(own_moments, moments)
    at_risk = np.append(own_risk, 0.0)[nearest]
    same = np.append(own_moments, np.nan)[nearest] == moments
    observed = np.where(same, np.append(own_events, 0.0)[nearest], 0.0).sum()
    share = at_risk / everyone
    left = np.divide(
        everyone - events, everyone - 1, out=np.zeros_like(everyone), where=everyone > 1
    )
    variance = float((events * share * (1 - share) * left).sum())
    if variance <= 0:
        raise NotEstimable("nothing happened while both groups were watched")
    statistic = float((observed - (events * share).sum()) ** 2 / variance)
    return statistic, float(chi2.sf(statistic, 1))


def _table(
    time: ArrayLike, happened: ArrayLike, weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Distinct times with the numbers at risk just before and of events at each."""
    times, seen = np.asarray(time, float), np.asarray(happened, bool)
    counts = np.ones(len(times)) if weight is None else np.asarray(weight, float)
    moments, position = np.unique(times, return_inverse=True)
    leaving = np.bincount(position, weights=counts, minlength=len(moments))
    events = np.bincount(position, weights=counts * seen, minlength=len(moments))
    return moments, np.asarray(np.cumsum(leaving[::-1])[::-1]), np.asarray(events)
