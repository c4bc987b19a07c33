"""The gallery of worlds as a page: a table and a plot, from the companies that were kept.

Run `python -m tests.simulation.gallery`. Not here: the companies (`natural_comparisons`).
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from tests.simulation.natural_comparisons import KEPT
from tests.simulation.worlds import WORLDS

PAGE = Path(__file__).parents[2] / "docs" / "programmes-without-a-draw.md"
PLOT = PAGE.with_suffix(".svg")
BEGIN, END = "<!-- gallery -->", "<!-- end of gallery -->"
HEADS = {
    "world": "customers taken",
    "seen": "seen",
    "companies": "companies",
    "bias": "bias",
    "error": "error",
    "scatter": "scatter",
    "held_by_sampling_error": "held: sampling",
    "held": "held",
    "nothing_pays": "nothing: pays",
    "nothing_likely": "likely",
    "even_pays": "even: pays",
    "even_likely": "likely",
    "even_does_not": "does not",
    "with_effect": "with effect",
    "twice_pays": "twice: pays",
    "twice_likely": "likely",
    "twice_harms": "harms",
    "twice_held": "held",
}
ROW, LEFT, WIDTH = 18, 380, 260  # of the plot, in pixels


def table(found: pd.DataFrame) -> pd.DataFrame:
    """A row per world, shares in per cent of its companies."""
    rows = []
    for name in [name for name in WORLDS if name in set(found["world"])]:
        cases = dict(iter(found[found["world"] == name].groupby("case")))
        nothing, even = cases["nothing"], cases["even"]
        twice = cases.get("twice", nothing.iloc[:0])
        known = nothing.dropna(subset=["effect_amount"]).astype({"effect_amount": float})
        rows.append(
            {
                "world": name,
                "seen": WORLDS[name].is_seen,
                "companies": len(nothing),
                "bias": round(known["effect_amount"].mean(), 1),
                "error": round(known["effect_standard_error_amount"].astype(float).mean(), 1),
                "scatter": round(known["effect_amount"].std(), 1),
                "held_by_sampling_error": held(known, 1),
                "held": held(known),
                "nothing_pays": share(nothing, "pays_back"),
                "nothing_likely": share(nothing, "likely_pays_back"),
                "even_pays": share(even, "pays_back"),
                "even_likely": share(even, "likely_pays_back"),
                "even_does_not": share(even, "does_not_pay_back"),
                "with_effect": len(twice),
                "twice_pays": share(twice, "pays_back"),
                "twice_likely": share(twice, "likely_pays_back"),
                "twice_harms": share(twice, "pays_back_but_harms"),
                "twice_held": held(twice.dropna(subset=["effect_amount"])),
            }
        )
    return pd.DataFrame(rows)


def share(own: pd.DataFrame, verdict: str) -> float:
    """Per cent of companies with a verdict; NaN without any."""
    return round(100 * (own["verdict"] == verdict).mean(), 1) if len(own) else np.nan


def held(own: pd.DataFrame, without: int = 0) -> float:
    """Per cent of the intervals that hold the truth; `without` what is taken off the ends."""
    low = own["effect_low_amount"] + without * own["low_allowance_amount"]
    high = own["effect_high_amount"] - without * own["high_allowance_amount"]
    inside = (low.astype(float) <= own["truth"]) & (own["truth"] <= high.astype(float))
    return round(100 * inside.mean(), 1) if len(own) else np.nan


def markdown(rows: pd.DataFrame) -> str:
    """As a table of the page."""
    lines = [list(HEADS.values()), ["---"] * len(HEADS)]
    for row in rows.to_dict("records"):
        row |= {"world": WORLDS[str(row["world"])].told, "seen": "yes" if row["seen"] else "no"}
        lines.append(["–" if pd.isna(row[name]) else _number(row[name]) for name in HEADS])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: object) -> str:
    return f"{value + 0.0:g}" if isinstance(value, int | float) else str(value)  # no "-0"


def wilson(rate: float, size: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), both in per cent."""
    p, square = rate / 100, 1.96**2
    middle = (p + square / 2 / size) / (1 + square / size)
    reach = 1.96 * np.sqrt(p * (1 - p) / size + square / 4 / size**2) / (1 + square / size)
    return 100 * (middle - reach), 100 * (middle + reach)


def plot(rows: pd.DataFrame) -> str:
    """Of each world how many intervals hold, and which verdicts are given, as SVG."""
    height = ROW * (len(rows) + 3)
    second = LEFT + WIDTH + 40

    def x(per_cent: float, left: int) -> float:
        return round(left + WIDTH * per_cent / 100, 1)

    parts = [
        f'<rect x="{x(92, LEFT)}" y="{ROW * 1.5}" width="{WIDTH * 0.06:.1f}"'
        f' height="{ROW * len(rows)}" fill="#dddddd"/>',
        f'<text x="{LEFT}" y="{ROW}">intervals that hold the truth: nothing (95 %: grey)</text>',
        f'<text x="{second}" y="{ROW}">pays or likely: break-even (open), twice (full)</text>',
    ]
    for number, row in enumerate(rows.to_dict("records")):
        y = ROW * (number + 2)
        told = escape(WORLDS[str(row["world"])].told) + ("" if row["seen"] else " (unseen)")
        parts.append(f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{told}</text>')
        if not pd.isna(row["held"]):
            low, high = (x(end, LEFT) for end in wilson(row["held"], row["companies"]))
            parts.append(f'<path d="M{low} {y}H{high}" stroke="#777777"/>')
            parts.append(f'<circle cx="{x(row["held"], LEFT)}" cy="{y}" r="4"/>')
        even = row["even_pays"] + row["even_likely"]
        parts.append(
            f'<circle cx="{x(even, second)}" cy="{y}" r="4" fill="none" stroke="#000000"/>'
        )
        if row["with_effect"]:
            works = row["twice_pays"] + row["twice_likely"] + row["twice_harms"]
            parts.append(f'<circle cx="{x(works, second)}" cy="{y}" r="4"/>')
    for left in (LEFT, second):
        for per_cent in (0, 50, 100):
            parts.append(
                f'<text x="{x(per_cent, left)}" y="{height - 8}" text-anchor="middle">'
                f"{per_cent} %</text>"
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{second + WIDTH + 30}" height="{height}"'
        ' font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%"'
        ' fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def with_table(page: str, rows: pd.DataFrame) -> str:
    """The page with the table of these rows in its place."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{markdown(rows)}\n\n{END}{rest.split(END)[1]}"


def main() -> None:
    rows = table(pd.read_csv(KEPT))
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
    PLOT.write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
