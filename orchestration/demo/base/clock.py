"""Time in the demo: months, time zones and the support desk's opening hours, all vectorised.

Times are whole seconds since 1970 in UTC. Here: conversions. Not here: what happens when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
DAY = 86_400
NEVER = np.int64(2**60)  # later than every time there is
HISTORY = 24  # months before the exported window in which customers could already sign up

DESK_ZONE = "Europe/Berlin"
OPENS, CLOSES = 9 * 60, 18 * 60  # Monday to Friday
HOLIDAYS = {
    (1, 1): "New Year",
    (5, 1): "Labour Day",
    (10, 3): "German Unity Day",
    (12, 25): "Christmas Day",
    (12, 26): "Second Christmas Day",
}


def seconds(day: date) -> int:
    """Midnight UTC of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Clock:
    """Month indexes of the world: 0 … history − 1 before the window, then the window."""

    end: date
    months: int

    @property
    def total(self) -> int:
        """Months simulated, history included; the last one holds `end`."""
        return HISTORY + self.months

    @property
    def window(self) -> range:
        """Month indexes the support desk and the survey tool existed in."""
        return range(HISTORY, self.total)

    @property
    def closed(self) -> range:
        """Months of the window that are over at the end of the last day."""
        return range(HISTORY, self.total - (self.month(self.total) > self.end + timedelta(days=1)))

    def month(self, index: int) -> date:
        """First day of a month by its index."""
        number = self.end.year * 12 + self.end.month - self.total + index
        return date(number // 12, number % 12 + 1, 1)

    def starts(self) -> Array:
        """Start of every month, and of the three after the last."""
        return np.array([seconds(self.month(i)) for i in range(self.total + 3)], dtype=np.int64)


class Zone:
    """UTC to local time by one look-up per value; zones change offset on the hour."""

    def __init__(self, name: str, first: int, last: int) -> None:
        """Offsets of every hour between two times."""
        self.origin = first // 3600 * 3600
        hours = range(self.origin, last + 3600, 3600)
        zone = ZoneInfo(name)
        self.offsets = np.array(
            [datetime.fromtimestamp(h, zone).utcoffset().total_seconds() for h in hours],  # type: ignore[union-attr]
            dtype=np.int64,
        )

    def local(self, times: Array) -> Array:
        """Local wall-clock seconds; times outside the range take the nearest offset."""
        hour = np.clip((times - self.origin) // 3600, 0, len(self.offsets) - 1)
        return np.asarray(times + self.offsets[hour])


class BusinessHours:
    """Minutes the desk was open up to a time, and the way back."""

    def __init__(self, first: int, last: int) -> None:
        """Every minute between two times, open or not."""
        self.origin = first // 60 * 60
        minutes = np.arange(self.origin, last, 60, dtype=np.int64)
        local = Zone(DESK_ZONE, first, last).local(minutes)
        days = (local // DAY).astype("datetime64[D]")
        closed = np.isin(days, np.array(holidays(first, last), dtype="datetime64[D]"))
        minute = local % DAY // 60
        weekday = (local // DAY + 3) % 7
        self.open = (weekday < 5) & (minute >= OPENS) & (minute < CLOSES) & ~closed
        self.total = np.concatenate([[0], np.cumsum(self.open)])

    def until(self, times: Array) -> Array:
        """Open minutes from the origin to each time."""
        at = np.clip(times - self.origin, 0, len(self.open) * 60 - 1)
        return np.asarray(self.total[at // 60] + self.open[at // 60] * (at % 60) / 60)

    def add(self, times: Array, minutes: Array) -> Array:
        """The time at which that many more open minutes have passed."""
        target = self.until(times) + minutes
        after = np.clip(np.searchsorted(self.total, target, "left"), 1, len(self.open))
        inside = (target - self.total[after - 1]) * 60
        found = self.origin + (after - 1) * 60 + inside
        return np.asarray(np.maximum(times, found.astype(np.int64)))


def holidays(first: int, last: int) -> list[date]:
    """Days between two times on which the desk is closed."""
    years = range(date.fromtimestamp(first).year, date.fromtimestamp(last).year + 1)
    return [date(year, *month_day) for year in years for month_day in HOLIDAYS]
