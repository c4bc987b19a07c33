"""How what was found wrong is shown in Dagster: at the check of the table, and as the reason the
run stopped. Always with the table, the rule and the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """One rule that does not hold. `rows`: how many break it, None if they cannot be counted."""

    table: str
    rule: str
    rows: int | None
    found: str
    stops: bool

    def __str__(self) -> str:
        """The table, the rule, the rows and what was found, on one line."""
        counted = {None: "", 1: " (1 row)"}.get(self.rows, f" ({self.rows} rows)")
        return f"{self.table}: {self.rule}{counted}: {self.found}"


def outcome(
    name: str, key: dg.AssetKey, findings: Sequence[Finding], *, evaluated: int
) -> dg.AssetCheckResult:
    """The result of a check that stands for `evaluated` rules, of which these do not hold."""
    stopping = [f for f in findings if f.stops]
    records = [
        dg.TableRecord(
            {
                "table": f.table,
                "rule": f.rule,
                "rows": "" if f.rows is None else f.rows,
                "found": f.found,
                "severity": "error" if f.stops else "warning",
            }
        )
        for f in findings
    ]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=key,
        passed=not findings,
        severity=dg.AssetCheckSeverity.ERROR if stopping else dg.AssetCheckSeverity.WARN,
        description=_first(findings) or None,
        metadata={"rules": evaluated, "broken": len(findings), "blocking": len(stopping)}
        | ({"findings": dg.MetadataValue.table(records)} if records else {}),
    )


def stop(where: str, findings: Sequence[Finding]) -> dg.Failure:
    """What ends the step, with its first reasons. Dagster's own would only count the checks."""
    return dg.Failure(f"{where}: {_first(findings)}", allow_retries=False)


def _first(findings: Sequence[Finding]) -> str:
    by_weight = sorted(findings, key=lambda f: not f.stops)
    said = "; ".join(map(str, by_weight[:SHOWN]))
    left = len(findings) - SHOWN
    return f"{said}; and {left} more" if left > 0 else said
