"""Do the intervals hold? Many companies with a known effect, counted.

Run `python -m tests.simulation.coverage` (about two minutes) for the table; a small version is in
the test suite. Each line is a way of choosing customers and a true effect; `pays back` is tested
where it is hardest not to err: at a cost exactly equal to the benefit.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from orchestration.lib.science import effects
from orchestration.lib.science.experiments import Estimate, benjamini_hochberg
from tests.simulation.companies import RULES, Company, company, group_times

PROGRAMMES = 20


@dataclass(frozen=True)
class Coverage:
    """What happened over some companies."""

    companies: int
    covered: float
    bias_in_errors: float
    false_pays_back: float
    families_with_a_false_discovery: float


def estimate(one: Company) -> Estimate:
    """The published effect: mean over matched customer-months since entry."""
    after = [e for e in group_times(one) if e.event >= 0]
    return effects.average_over_treated(after)[0]


def coverage(
    number: int, customers: int, rule: str, effect: float, with_other: bool = False
) -> Coverage:
    """Simulate, estimate and count. Families of 20 are drawn from all p-values at true zero."""
    scores = []
    for seed in range(number):
        one = company(seed, customers, rule, effect, with_other)
        found = estimate(one)
        scores.append((found.effect - one.true_effect) / found.standard_error)
    score = np.array(scores)
    p_values = np.array([Estimate(s, 1.0, 0).p_value for s in score])
    rng = np.random.default_rng(0)
    families = [benjamini_hochberg(rng.choice(p_values, PROGRAMMES)).min() for _ in range(2000)]
    return Coverage(
        companies=number,
        covered=float((abs(score) < 1.96).mean()),
        bias_in_errors=float(score.mean()),
        false_pays_back=float((score > 1.96).mean()),
        families_with_a_false_discovery=float((np.array(families) <= 0.05).mean()),
    )


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(f"{'rule':10} {'effect':>6} {'other':>5} {'covered':>8} {'bias/se':>8}", end=" ")
    print(f"{'false pays back':>15} {'false family':>12}")
    for rule in RULES:
        for effect, with_other in ((0.0, False), (6.0, False), (0.0, True)):
            found = coverage(number, 3000, rule, effect, with_other)
            print(
                f"{rule:10} {effect:6.1f} {with_other!s:>5} {found.covered:8.3f} "
                f"{found.bias_in_errors:8.2f} {found.false_pays_back:15.3f} "
                f"{found.families_with_a_false_discovery:12.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
