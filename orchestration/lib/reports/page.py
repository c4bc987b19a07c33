"""Pages as one file each: nothing is fetched, so they open anywhere and still open in ten years.

Here: the template engine and its number formats. Whatever comes from data is escaped.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestration.lib.base.files import write_text

TEMPLATES = Path(__file__).with_name("templates")
UNKNOWN = "–"
NBSP = "\N{NO-BREAK SPACE}"


def write_page(path: Path, template: str, **values: Any) -> Path:
    """Fill a template and put the page in place whole."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "share": share, "day": day, "moment": moment}
    write_text(path, environment.get_template(template).render(**values))
    return path


def number(value: float | None, digits: int = 0) -> str:
    """With separators, or a dash for what is not known."""
    return UNKNOWN if value is None else f"{value:,.{digits}f}".replace("-", "−")


def share(value: float | None, digits: int = 1) -> str:
    """As a percentage."""
    return UNKNOWN if value is None else f"{number(100 * value, digits)}{NBSP}%"


def day(value: date | str | None) -> str:
    """2025-12-31."""
    return UNKNOWN if value is None else str(value)[:10]


def moment(value: str | None) -> str:
    """2025-12-31 02:04, of an ISO 8601 text."""
    return UNKNOWN if value is None else f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}"


def quarter_name(first_day: date) -> str:
    """Q4 2025."""
    return f"Q{(first_day.month + 2) // 3} {first_day.year}"
