"""The last step of a run: decide on its evidence, put the evidence beside the marts, publish.

The one way to a published version, so that nobody can publish without the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from orchestration.lib.base.home import Home
from orchestration.lib.publication.audit_tables import TABLES, write_audit_tables
from orchestration.lib.publication.decision import Decision, decide
from orchestration.lib.publication.evidence import Evidence
from orchestration.lib.publication.fingerprint import fingerprints
from orchestration.lib.publication.publish import publish
from orchestration.lib.publication.run_record import end_run
from orchestration.lib.publication.said_verdicts import record_verdicts
from orchestration.lib.publication.versions import SCHEMA, PublishError, Version


class Refused(PublishError):
    """The evidence of the run does not carry a publication. What analysts read stays."""

    def __init__(self, decision: Decision) -> None:
        """`decision`: with every reason."""
        super().__init__("Not published: " + " ".join(decision.reasons))
        self.decision = decision


def release(
    home: Home,
    evidence: Evidence,
    *,
    ledger: pa.Table,
    quarantine: pa.Table,
    figures: Mapping[str, float],
    keep_versions: int,
    on_step: Callable[[str], None] = lambda step: None,
) -> Version:
    """Publish the candidate of this run, or raise Refused and say so in its record."""
    if not home.candidate.exists():
        raise PublishError(f"{home.candidate} is not there: nothing was built.")
    found = fingerprints(home.candidate, SCHEMA)
    marts = {name: table for name, table in found.items() if name not in TABLES}
    decision = decide(evidence, marts)
    if not decision.passed:
        end_run(evidence, "refused", decision.reasons)
        raise Refused(decision)
    record_verdicts(home, evidence)
    own_tables = write_audit_tables(home, evidence, ledger, quarantine)
    version = publish(
        home,
        run_id=evidence.run_id,
        as_of_date=(evidence.read("run") or {})["as_of_date"],
        audited={**evidence.audited(), **own_tables},
        figures=figures,
        keep_versions=keep_versions,
        on_step=on_step,
    )
    end_run(evidence, "published")
    return version
