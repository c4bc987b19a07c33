"""Do the intervals hold? Many companies with a known effect, counted.

Run `python -m tests.simulation.coverage` (about ten minutes) for the table; a small version is in
the test suite. Each line is a way of choosing customers, a true effect, and whether a second
programme takes customers by another rule.

- covered: share of 95 % intervals that hold the truth.
- break-even: share called "pays back" where the cost is exactly the benefit, the hardest case.
- no effect: share called "pays back" among programmes without effect that cost 1 a month per
  customer, a sixth of what a good one brings.
- families: twenty programmes without effect at a time; in how many does Benjamini–Hochberg at 5 %
  leave any discovery.
"""

from __future__ import annotations

import sys

import numpy as np

from orchestration.lib.science import effects
from orchestration.lib.science.experiments import Estimate, benjamini_hochberg
from orchestration.lib.science.likelihood import Floats
from tests.simulation.companies import RULES, Company, company, group_times

PROGRAMMES, COST = 20, 1.0
LIMIT = 1.959963984540054


def estimate(one: Company) -> Estimate:
    """The published effect: mean over matched customer-months since entry."""
    after = [e for e in group_times(one) if e.event >= 0]
    return effects.average_over_treated(after)[0]


def errors(number: int, customers: int, rule: str, effect: float, with_other: bool) -> Floats:
    """Per company: estimate less truth, and standard error."""
    rows = []
    for seed in range(number):
        one = company(seed, customers, rule, effect, with_other)
        found = estimate(one)
        rows.append((found.effect - one.true_effect, found.standard_error))
    return np.array(rows)


def covered(rows: Floats) -> float:
    """Share of intervals that hold the truth."""
    return float((abs(rows[:, 0]) < LIMIT * rows[:, 1]).mean())


def called_pays_back(rows: Floats, cost_above_benefit: float) -> float:
    """Share whose interval lies above a cost that exceeds the true benefit by so much."""
    return float((rows[:, 0] - cost_above_benefit > LIMIT * rows[:, 1]).mean())


def families_with_a_discovery(rows: Floats) -> float:
    """Share of families of programmes without effect in which one survives the correction."""
    p_values = np.array([Estimate(*row, 0).p_value for row in rows])
    rng = np.random.default_rng(0)
    smallest = [benjamini_hochberg(rng.choice(p_values, PROGRAMMES)).min() for _ in range(4000)]
    return float((np.array(smallest) <= 0.05).mean())


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print("chosen     effect  other  covered  bias/error  break-even  no effect")
    without = []
    for rule in RULES:
        for effect, with_other in ((0.0, False), (6.0, False), (0.0, True)):
            rows = errors(number, 3000, rule, effect, with_other)
            bias = rows[:, 0].mean() / rows[:, 1].mean()
            line = f"{rule:10} {effect:6.1f}  {with_other!s:5}  {covered(rows):7.3f}  {bias:10.2f}"
            line += f"  {called_pays_back(rows, 0.0):10.3f}"
            if effect == 0:
                without.append(rows)
                line += f"  {called_pays_back(rows, COST):9.3f}"
            print(line, flush=True)
    found = families_with_a_discovery(np.concatenate(without))
    print(f"families of {PROGRAMMES} without effect in which something is found: {found:.3f}")


if __name__ == "__main__":
    main()
