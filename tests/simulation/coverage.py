"""Do the intervals and verdicts hold? Many companies with a known effect, counted.

Run `python -m tests.simulation.coverage --help`. All lines with 1,000 companies take about an hour
on two processors; `--line 4 --line 7` makes only these, so that the table can be made in pieces.
Each line is one row of a Markdown table. A small version is in the test suite.

A line is a way of choosing customers, a size of company, a true effect, and whether a second
programme takes customers by another rule: other ones, or (overlaps) those of the first too.
Verdicts are the product's: twenty customers on either side, half of the treated months matched,
pre-trend and placebos, and Benjamini-Hochberg over the rows of the company (all, accounts,
persons). Where not said otherwise, shares are of the row that holds all customers. In brackets:
standard error from the number of companies.

- covered: 95 % intervals that hold the truth, the mean effect on all treated of this company.
- bias: mean error in standard errors.
- break-even: called "pays back" though the cost of every row is exactly its benefit.
- pays back, does not, not proven: verdicts where a month costs 1 per customer without an effect and
  2 with one.
- trend, dates, cohort: pre-trend test fails at 5 %, placebo dates and placebo cohort at 1 %.
- families: twenty programmes at a time, judged together; once lines of 3,000 customers with and
  without an effect were made.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, fields
from functools import partial
from os import cpu_count

import numpy as np
from scipy.stats import t

from orchestration.lib.science.likelihood import Floats
from tests.reference.experiments import Estimate, benjamini_hochberg
from tests.simulation.companies import MONTHS, RULES, company
from tests.simulation.product import Row, rows, verdicts

PROGRAMMES, EFFECT = 20, 6.0
COST = {0.0: 1.0, EFFECT: 2.0}
FREE = 1e-9  # a programme without any cost has no return


@dataclass(frozen=True)
class Line:
    """One way of making companies."""

    rule: str
    customers: int
    effect: float
    with_other: bool
    overlaps: bool = False


LINES = [
    Line(rule, customers, effect, with_other)
    for rule in RULES
    for customers, effect, with_other in (
        (3000, 0.0, False),
        (3000, EFFECT, False),
        (3000, 0.0, True),
        (800, EFFECT, False),
        (800, 0.0, False),
    )
] + [
    Line(rule, 3000, effect, with_other=True, overlaps=True)
    for rule, effect in (("newcomers", 0.0), ("newcomers", EFFECT), ("anybody", 0.0))
]


def judged(line: Line, seed: int) -> list[Row]:
    """The rows of one company."""
    one = company(seed, line.customers, line.rule, line.effect, line.with_other, line.overlaps)
    order = np.random.default_rng([seed, 1]).random((line.customers, MONTHS))
    return rows(one, order)


def simulated(line: Line, number: int, workers: int = 1) -> list[list[Row]]:
    """Companies of one line."""
    if workers == 1:
        return [judged(line, seed) for seed in range(number)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(judged, line), range(number), chunksize=10))


def table(companies: Iterable[list[Row]], row: int = 0) -> dict[str, Floats]:
    """Columns of one row (0 = all customers) over the companies in which it has a result."""
    values = np.array([astuple(found[row]) for found in companies], float)
    columns = dict(zip([f.name for f in fields(Row)], values.T, strict=True))
    has_result = np.isfinite(columns["effect"])
    return {name: column[has_result] for name, column in columns.items()}


def covered(columns: dict[str, Floats]) -> Floats:
    """Whether each interval holds the truth."""
    miss = np.abs(columns["effect"] - columns["true_effect"])
    reach = t.ppf(0.975, columns["degrees_of_freedom"]) * columns["error"]
    return np.asarray(miss < reach, float)


def bias(columns: dict[str, Floats]) -> float:
    """Mean error in standard errors."""
    miss = columns["effect"] - columns["true_effect"]
    return float(miss.mean() / columns["error"].mean())


def said(companies: Iterable[list[Row]], cost: float | None) -> list[list[str]]:
    """Verdicts of each company at a cost per customer and month; None: exactly at break-even."""
    return [
        verdicts(
            found,
            np.array([max(r.true_effect, FREE) if cost is None else cost for r in found]),
        )
        for found in companies
    ]


def share(values: Iterable[object]) -> str:
    """Per cent of what is true, with the standard error of that share."""
    is_so = np.array([float(bool(v)) for v in values])
    error = np.sqrt(is_so.mean() * (1 - is_so.mean()) / len(is_so))
    return f"{100 * is_so.mean():.1f} ({100 * error:.1f})"


def families(null: Floats, works: Floats) -> tuple[Floats, Floats]:
    """Benjamini-Hochberg over twenty programmes, from p-values of single ones.

    Whether anything is found among twenty without effect; and the share of false findings where
    half of them work.
    """
    rng = np.random.default_rng(0)
    some, false = [], []
    for _ in range(4000):
        some.append(benjamini_hochberg(rng.choice(null, PROGRAMMES)).min() <= 0.05)
        half = PROGRAMMES // 2
        mixed = np.concatenate([rng.choice(null, half), rng.choice(works, half)])
        found = benjamini_hochberg(mixed) <= 0.05
        false.append(found[:half].sum() / max(found.sum(), 1))
    return np.array(some, float), np.array(false)


def p_values(columns: dict[str, Floats]) -> Floats:
    """Against no effect."""
    names = ("effect", "error", "degrees_of_freedom")
    rows = zip(*(columns[name] for name in names), strict=True)
    return np.array([Estimate(effect, error, 0, known).p_value for effect, error, known in rows])


COLUMNS = (
    "line | chosen | size | effect | other | found | matched | treated | covered % | bias |"
    " break-even % | of 3 rows % | pays back % | does not % | not proven % |"
    " trend % | dates % | cohort %"
)


def printed(number: int, companies: list[list[Row]]) -> str:
    """One row of the table."""
    line = LINES[number]
    columns = table(companies)
    even, cost = said(companies, None), said(companies, COST[line.effect])
    other = "overlaps" if line.overlaps else "apart" if line.with_other else "none"
    cells = [
        f"{number} | {line.rule} | {line.customers} | {line.effect:g} | {other}",
        f"{len(columns['effect'])} | {columns['matched_count'].mean():.0f}",
        f"{columns['treated_count'].mean():.0f}",
        share(covered(columns)),
        f"{bias(columns):.2f}",
        share(v[0] == "pays_back" for v in even),
        share("pays_back" in v for v in even),
        *(
            share(v[0] == verdict for v in cost)
            for verdict in ("pays_back", "does_not_pay_back", "not_proven")
        ),
        share(columns["pre_trend_p"] < 0.05),
        share(columns["placebo_p"] < 0.01),
        share(columns["placebo_cohort_p"] < 0.01),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("companies", nargs="?", type=int, default=300, help="a line")
    parser.add_argument(
        "--line", type=int, action="append", choices=range(len(LINES)), help="by number; else all"
    )
    asked = parser.parse_args()
    print(f"| {COLUMNS} |\n|{'---|' * len(COLUMNS.split(' | '))}", flush=True)
    null, works = [], []
    for number in asked.line or range(len(LINES)):
        line = LINES[number]
        companies = simulated(line, asked.companies, cpu_count() or 1)
        print(printed(number, companies), flush=True)
        if line.customers == 3000:
            (works if line.effect else null).append(p_values(table(companies)))
    if null and works:
        some, false = families(np.concatenate(null), np.concatenate(works))
        print(f"\nfamilies of {PROGRAMMES} in which something is found by chance: {share(some)} %")
        print(f"false ones among the findings where half of them work: {100 * false.mean():.1f} %")


if __name__ == "__main__":
    main()
