"""One gate: the checks of a suite, the checks made elsewhere, and the canary.

Here: that nothing passes by being left out. Not here: which checks there are (the suites), or what
follows from a gate's report (`orchestration.lib.evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from expectations.canary import failing_kinds
from expectations.checks import Check, CheckResult, GateReport, accept
from expectations.engine import run_checks

# What a person may vouch for, with a reason: the data is odd, but it is what happened.
ACCEPTABLE = frozenset(
    {"volume", "row_count_drift", "file_is_readable", "quarantine_rate", "freshness"}
)


def run_gate(
    gate: str,
    database: Path,
    suite: Sequence[Check],
    others: Sequence[CheckResult],
    accepted: Mapping[str, str],
) -> GateReport:
    """Evaluate a suite on a file and put its results beside the others. Never raises for data."""
    results = [*run_checks(database, suite), *others]
    return GateReport(
        gate=gate,
        # Without a suite nothing counts as declared, whatever the others say: fail closed.
        declared=len(suite) + len(others) if suite else 0,
        results=tuple(accept(results, accepted, ACCEPTABLE)),
        canary=failing_kinds(database.parent),
    )
