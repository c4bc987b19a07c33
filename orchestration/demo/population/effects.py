"""What each programme truly did, from customers' lives with and without it.

Here: sums over chunks, the programmes' costs, and the resulting effect and ROI. Not here: the two
lives (`world`), who was enrolled (`programmes`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from orchestration.demo.base.clock import Array, Clock
from orchestration.demo.population.money import DOLLARS_PER_HANDLE_SECOND
from orchestration.demo.population.people import People
from orchestration.demo.population.programmes import (
    NOBODY,
    PROGRAMMES,
    Enrolments,
    enrolment_months,
)
from orchestration.demo.population.world import World

SEGMENTS = ("all", "account", "person")
PLAIN = ("members_amount", "others_amount", "others_customer_months")


class Effects:
    """Sums over chunks of customers, by programme and segment."""

    def __init__(self, clock: Clock) -> None:
        """Start at zero."""
        self.clock = clock
        self.totals: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(float))
        self.enrolled = np.zeros((len(PROGRAMMES), clock.total), int)

    def add(
        self,
        people: People,
        enrolments: Enrolments,
        world: World,
        without: World,
        contribution: tuple[Array, Array],
        handle_seconds: tuple[Array, Array],
    ) -> None:
        """With minus without the programme, per treated customer and closed month.

        Beside it what a plain comparison shows: members against those who were customers when the
        programmes began and joined none.
        """
        months = np.array(self.clock.closed)
        first = enrolment_months(self.clock).start
        after = months[months >= first]
        others = without.is_active[first - 1] & (enrolments.programme == NOBODY)
        exposure = enrolments.exposure(self.clock.total + 1)[months]
        last = months[-1]
        for number, programme in enumerate(PROGRAMMES):
            treated = enrolments.is_treated & (enrolments.programme == number)
            np.add.at(self.enrolled[number], enrolments.month[treated], 1)
            for segment, inside in zip(
                SEGMENTS,
                (np.ones(people.size, bool), people.is_account, ~people.is_account),
                strict=True,
            ):
                who = treated & inside
                on = exposure & who
                total = self.totals[f"{programme.programme_id}/{segment}"]
                total["treated_customers"] += int(who.sum())
                total["treated_customer_months"] += int(on.sum())
                total["benefit_amount"] += float(
                    (contribution[0] - contribution[1])[months][on].sum()
                )
                total["support_cost_avoided_amount"] += DOLLARS_PER_HANDLE_SECOND * float(
                    (handle_seconds[1] - handle_seconds[0])[months][on].sum()
                )
                total["members_amount"] += float(contribution[0][months][on].sum())
                total["others_amount"] += float(contribution[0][after][:, others & inside].sum())
                total["others_customer_months"] += len(after) * int((others & inside).sum())
                total["still_customers"] += int((world.is_active[last] & who).sum())
                total["still_customers_without"] += int((without.is_active[last] & who).sum())
                total["control_customers"] += int(
                    ((enrolments.programme == number) & ~enrolments.is_treated & inside).sum()
                )

    def costs(self) -> Array:
        """US dollars, programme × month: running cost of the enrolled, and a start-up cost."""
        running = np.cumsum(self.enrolled, axis=1).astype(float)
        for number, programme in enumerate(PROGRAMMES):
            running[number] *= programme.monthly_cost
            first = int((running[number] > 0).argmax())
            if first:
                everybody = self.enrolled[number].sum() * programme.monthly_cost
                running[number, first - 1] += programme.fixed_cost * everybody
        return np.round(running, 2)

    def listed(self) -> list[dict[str, Any]]:
        """Per programme and segment: the effect, what it is worth and what it cost."""
        costs = self.costs()
        listed = []
        for number, programme in enumerate(PROGRAMMES):
            everyone = self.totals[f"{programme.programme_id}/all"]["treated_customer_months"]
            for segment in SEGMENTS:
                total = self.totals[f"{programme.programme_id}/{segment}"]
                months = total["treated_customer_months"]
                # A segment bears the cost of its share of the treated months.
                cost = float(costs[number].sum()) * (months / everyone if everyone else 0)
                benefit = total["benefit_amount"]
                listed.append(
                    {
                        "programme_id": programme.programme_id,
                        "segment": segment,
                        **{n: round(v, 2) for n, v in total.items() if n not in PLAIN},
                        "att_amount": round(benefit / months, 4) if months else None,
                        "plain_difference_amount": _plain_difference(total),
                        "cost_amount": round(cost, 2),
                        "roi": round((benefit - cost) / cost, 4) if cost else None,
                    }
                )
        return listed


def _plain_difference(total: dict[str, Any]) -> float | None:
    """Members' average contribution a month minus that of customers in no programme."""
    if not total["treated_customer_months"] or not total["others_customer_months"]:
        return None
    members: float = total["members_amount"] / total["treated_customer_months"]
    others: float = total["others_amount"] / total["others_customer_months"]
    return round(members - others, 4)
