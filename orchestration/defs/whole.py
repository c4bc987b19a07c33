"""Whether a run is the whole night: each run builds from nothing, so a part of it has no ground to
stand on, and publication decides on the evidence of one run.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import dagster as dg

SENTENCE = (
    "A part of the night cannot run by itself: it starts from nothing and publishes on its own "
    "evidence. Run the whole job nightly for the day you want."
)


@dataclass(frozen=True)
class WholeRun:
    """What every run has to contain; only publication may be left out, as `cxroi check` does."""

    steps: frozenset[str]
    assets: frozenset[dg.AssetKey]
    checks: frozenset[dg.AssetCheckKey]

    def is_all_of(self, run: dg.DagsterRun) -> bool:
        """Whether a run, as it was asked for, leaves out nothing; nothing asked for means all."""
        steps, checks = run.step_keys_to_execute, run.asset_check_selection
        return (
            (steps is None or self.steps <= set(steps))  # all but a repetition of failed steps
            and (not run.asset_selection or self.assets <= run.asset_selection)
            and (checks is None or self.checks <= checks)
        )


def whole_night(
    assets: Iterable[dg.AssetsDefinition], gates: Iterable[dg.AssetChecksDefinition]
) -> WholeRun:
    """The night that is made of these assets and gates."""
    assets, gates = list(assets), list(gates)
    return WholeRun(
        frozenset(made.node_def.name for made in (*assets, *gates)),
        frozenset(key for made in assets for key in made.keys),
        frozenset(key for gate in gates for key in gate.check_keys),
    )
