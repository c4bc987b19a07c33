"""How often the demo's verdicts are right: many seeds of the default company, through the SQL.

Run `python -m tests.simulation.demo_verdicts [seeds]` (half a minute each). Files are written
and read as on any night; the models programmes rest on are built, without the gates and the tests.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.demo.company import write_demo
from orchestration.lib.run import steps
from orchestration.lib.run.context import open_run
from orchestration.lib.transform import dbt
from orchestration.settings import from_environment

RIGHT = {
    "P-ONBOARD": ("pays_back", "likely_pays_back"),
    "P-DIGEST": ("not_proven",),
    "P-LOYAL": ("not_proven", "does_not_pay_back"),
}
TESTS = ("resource_type:test", "resource_type:unit_test")


@dataclass(frozen=True)
class Said:
    """What is published of a programme, over all its customers, and what is true."""

    programme: str
    verdict: str
    reason: str
    low: float
    high: float
    naive: float
    truth: float

    @property
    def is_right(self) -> bool:
        """As the demo is meant: one works, one does nothing, one only looks good."""
        return self.verdict in RIGHT[self.programme]

    @property
    def holds_truth(self) -> bool:
        """The 95 % interval does."""
        return self.low <= self.truth <= self.high

    @property
    def naive_is_wrong(self) -> bool:
        """Setting the enrolled beside the rest credits the programme with more than is likely."""
        return self.naive > self.high


def judged(seed: int, home: Path) -> list[Said]:
    """The programmes of one seed's company, by id."""
    write_demo(home / "landing", home / "truth", 2000, 24, seed, nights=0)
    settings = from_environment({"CX_ENV": "ci", "CX_HOME": str(home)})
    with open_run(settings, f"seed-{seed}", date(2025, 12, 31), {}) as night:
        steps.ingest(night)
        dbt._invoke(night.home, ["build", "--select", "+fct_programme_roi", "--exclude", *TESTS])
        with duckdb.connect(str(night.home.candidate), read_only=True) as candidate:
            rows = candidate.execute(
                "select programme_id, verdict, verdict_reason, effect_low_amount,"
                " effect_high_amount, naive_difference_amount from cx.fct_programme_roi"
                " where segmentation = 'all' order by programme_id"
            ).fetchall()
    body = json.loads((home / "truth" / "truth.json").read_text(encoding="utf-8"))
    true = {p["programme_id"]: p["att_amount"] for p in body["programmes"] if p["segment"] == "all"}
    return [Said(*row[:3], *map(float, row[3:]), true[row[0]]) for row in rows]


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    found = []
    for seed in range(1, number + 1):
        with tempfile.TemporaryDirectory() as folder:
            one = judged(seed, Path(folder))
        found += one
        for said in one:
            truth = f"{said.truth:5.1f} {'in' if said.holds_truth else 'NOT IN'}"
            interval = f"{said.low:6.1f} to {said.high:5.1f}"
            print(f"{seed:3} {said.programme:9} {said.verdict:17} {truth} {interval}", end="")
            print(f"  naive {said.naive:5.1f}  {said.reason}", flush=True)
    for programme in RIGHT:
        mine = [said for said in found if said.programme == programme]
        right = sum(said.is_right for said in mine)
        held = sum(said.holds_truth for said in mine)
        wrong = sum(said.naive_is_wrong for said in mine)
        print(
            f"{programme}: verdict right {right}, truth inside {held}, naive wrong {wrong}", end=""
        )
        print(f" of {len(mine)}")


if __name__ == "__main__":
    main()
