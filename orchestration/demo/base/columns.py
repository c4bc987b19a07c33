"""Small builders of table columns from numpy arrays.

Here: text, times and look-ups as Arrow arrays. Not here: writing them (`drops`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.demo.base.clock import NEVER, Array

Table = Any  # pyarrow has no type hints


def numbered(prefix: str, numbers: Array) -> Any:
    """`prefix` followed by each number; null where it is negative."""
    texts = pa.array(numbers.astype(np.int64), mask=numbers < 0).cast(pa.string())
    return join(prefix, texts)


def join(*parts: Any) -> Any:
    """Texts one after the other; null where a part is null."""
    return pc.binary_join_element_wise(*parts, "")


def pick(words: Sequence[str | None], which: Array) -> Any:
    """words[which]; null where `which` is negative."""
    index = pa.array(which, mask=which < 0) if (which < 0).any() else pa.array(which)
    return pa.array(words, pa.string()).take(index)


def where(condition: Array, yes: Any, no: Any) -> Any:
    """`yes` or `no` per row; either may be a constant or null."""
    return pc.if_else(pa.array(condition), _text(yes), _text(no))


def times(values: Array) -> Any:
    """Seconds as timestamps; NEVER becomes null."""
    return pa.array(values, mask=values >= NEVER).cast(pa.timestamp("s"))


def days(values: Array) -> Any:
    """Seconds as days; NEVER becomes null."""
    index = np.where(values >= NEVER, 0, values // 86_400).astype(np.int32)
    return pa.array(index, mask=values >= NEVER).cast(pa.date32())


def to_minute(values: Array) -> Any:
    """Times as `2024-03-12 09:14`; NEVER becomes null."""
    return pc.strftime(times(values), format="%Y-%m-%d %H:%M")


def maybe(values: Array, present: Array) -> Any:
    """Numbers, null where not present."""
    return pa.array(values, mask=~present)


def _text(value: Any) -> Any:
    return pa.scalar(value, pa.string()) if value is None or isinstance(value, str) else value
