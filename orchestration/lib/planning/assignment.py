"""Who is taken and in which arm: a draw in strata that anybody with the secret can repeat.

The place of a customer is a keyed hash (HMAC-SHA-256) of programme and customer id, so the draw is
the same whenever it is made, another one for every programme, and nobody without the secret can
foretell it. Not here: how the draw is analysed (`int_programme_reaches`).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Strata = Sequence[tuple[str, ...]]


def draw(
    programme_id: str, secret: str, ids: Sequence[str], strata: Strata, size: int, share: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who of the customers is taken, and who of those is treated.

    `size` are taken, each stratum by its share; `share` of them are treated, in every stratum and
    together as near to it as whole customers allow.
    """
    places = [_place(secret, programme_id, customer) for customer in ids]
    taken = _pick(places, strata, np.ones(len(ids), bool), size, f"{programme_id}|taken", secret)
    # The places among those taken decide who was taken: another hash decides the arm.
    arms = [_place(secret, f"{programme_id}|arm", customer) for customer in ids]
    treated = round(size * share)
    return taken, _pick(arms, strata, taken, treated, f"{programme_id}|treated", secret)


def _place(secret: str, *parts: str) -> int:
    digest = hmac.digest(secret.encode(), "|".join(parts).encode(), "sha256")
    return int.from_bytes(digest[:8], "big")


def _pick(
    places: Sequence[int],
    strata: Strata,
    pool: NDArray[np.bool_],
    size: int,
    purpose: str,
    secret: str,
) -> NDArray[np.bool_]:
    """`size` of the pool, of each stratum its share rounded down or up.

    Systematic sampling over the strata in an order and from a start that are drawn too, so that the
    chance of a customer is the same in small strata as in large ones.
    """
    members: dict[tuple[str, ...], list[int]] = {}
    for number in np.flatnonzero(pool).tolist():
        members.setdefault(strata[number], []).append(number)
    share = Fraction(size, max(int(pool.sum()), 1))
    reached = Fraction(_place(secret, purpose), 2**64)
    picked = np.zeros(len(places), bool)
    for stratum in sorted(members, key=lambda s: _place(secret, purpose, *s)):
        ordered = sorted(members[stratum], key=places.__getitem__)
        before, reached = reached, reached + share * len(ordered)
        picked[ordered[: int(reached) - int(before)]] = True
    return picked
