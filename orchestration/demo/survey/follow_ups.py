"""What the survey team does after a low answer: whom it goes back to, and when.

It goes back to some by chance, and what it says changes nothing: customers leave as if nobody had
(`truth.json` says so). Here: moments. Not here: rows of files (`surveys`).
"""

from __future__ import annotations

import numpy as np

from orchestration.demo.base.clock import DAY, NEVER, Array
from orchestration.demo.survey.surveys import Invitations

SHARES = np.array([0.5, 0.3])  # of low answers, by survey
MEDIAN_DAYS = 4
CHANGES_LEAVING = 0.0  # log-odds that going back adds to leaving


def follow_ups(rng: np.random.Generator, sent: Invitations) -> Array:
    """When somebody went back to each answer; NEVER for good answers and most low ones."""
    low = (sent.completed < NEVER) & np.where(sent.survey == 0, sent.score <= 6, sent.score < 5)
    chosen = low & (rng.random(len(low)) < SHARES[sent.survey])
    lag = DAY * MEDIAN_DAYS * np.exp(0.8 * rng.standard_normal(len(low)))
    return np.where(chosen, sent.completed + lag.astype(np.int64), NEVER)
