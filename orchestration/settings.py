"""The one place where the environment is read: every setting, its type and its default.

Here: names, types, defaults and what is wrong with a value. Not here: anything that acts on one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

ROOT = Path(__file__).resolve().parents[1]
Environment = Literal["local", "ci", "production"]
NAMES = (
    "CX_ADAPTERS",
    "CX_CURRENCY",
    "CX_ENV",
    "CX_FIRST_DATE",
    "CX_FULL_EXTRACTS",
    "CX_HOME",
    "CX_KEEP_VERSIONS",
    "CX_LANDING",
    "CX_MAX_STALE_DAYS",
    "CX_PSEUDONYM_KEY",
    "CX_SETTLE_SECONDS",
    "CX_TIME_ZONE",
)


class SettingsError(ValueError):
    """A setting is missing or has a value that cannot be used. Exit code 2."""


@dataclass(frozen=True)
class Settings:
    """All settings of one process. Build it with `from_environment`."""

    environment: Environment
    home: Path
    landing: Path
    adapter_folders: tuple[Path, ...] = ()
    time_zone: str = "UTC"
    currency: str = "USD"
    keep_versions: int = 7
    max_stale_days: int = 3
    settle_seconds: int = 5
    first_date: date = date(2016, 1, 1)
    full_extracts: tuple[str, ...] = ()
    pseudonym_key: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone: a day begins and ends in it."""
        return ZoneInfo(self.time_zone)


def from_environment(environ: dict[str, str] | None = None) -> Settings:
    """Read the `CX_*` variables. Raises SettingsError with what to do about it."""
    env = dict(os.environ) if environ is None else environ
    _refuse_unknown(env)
    home = Path(env.get("CX_HOME") or _default_home()).resolve()
    landing = Path(env.get("CX_LANDING") or home / "landing").resolve()
    if pattern := sorted(set(str(home)) & set("*?[]")):
        raise SettingsError(
            f"CX_HOME={str(home)!r} holds {' '.join(pattern)}, which Dagster takes for a pattern, "
            f"and then finds no settings. Name another folder."
        )
    for name, folder in (("CX_HOME", home), ("CX_LANDING", landing)):
        if folder.exists() and not folder.is_dir():
            raise SettingsError(f"{name} names {folder}, which is no folder.")
    zone = env.get("CX_TIME_ZONE") or "UTC"
    if zone not in available_timezones():
        raise SettingsError(f"CX_TIME_ZONE={zone!r} is no IANA time zone; say e.g. Europe/Paris.")
    currency = (env.get("CX_CURRENCY") or "USD").upper()
    if len(currency) != 3 or not currency.isalpha():
        raise SettingsError(f"CX_CURRENCY={currency!r} is no ISO 4217 code; say e.g. EUR.")
    folders = [Path(p).resolve() for p in (env.get("CX_ADAPTERS") or "").split(os.pathsep) if p]
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"CX_ADAPTERS names {folder}, which is no folder.")
    return Settings(
        environment=_environment(env),
        home=home,
        landing=landing,
        adapter_folders=tuple(folders),
        time_zone=zone,
        currency=currency,
        keep_versions=_number(env, "CX_KEEP_VERSIONS", 7),
        max_stale_days=_number(env, "CX_MAX_STALE_DAYS", 3, least=0),
        settle_seconds=_number(env, "CX_SETTLE_SECONDS", 5, least=0),
        full_extracts=tuple((env.get("CX_FULL_EXTRACTS") or "").split()),
        first_date=_day(env, "CX_FIRST_DATE", date(2016, 1, 1)),
        pseudonym_key=_secret(env, "CX_PSEUDONYM_KEY"),
    )


def _default_home() -> Path:
    """`var` of the checkout; of an installed wheel, `var` where the command is given."""
    return (ROOT if (ROOT / "pyproject.toml").exists() else Path.cwd()) / "var"


def _refuse_unknown(env: dict[str, str]) -> None:
    """A misspelt name would mean the default: another landing folder, another secret."""
    for name in sorted(env):
        if name.startswith("CX_") and name not in NAMES:
            near = get_close_matches(name.upper(), NAMES, n=1, cutoff=0.75)
            known = f"did you mean {near[0]}?" if near else f"settings are {', '.join(NAMES)}."
            raise SettingsError(f"{name} is not a setting; {known}")


def _environment(env: dict[str, str]) -> Environment:
    known = get_args(Environment)
    value = env.get("CX_ENV")
    for name in known:
        if value == name:
            return name  # type: ignore[no-any-return]  # get_args loses the literal type
    said = "is not set" if not value else f"is {value!r}"
    raise SettingsError(f"CX_ENV {said}; set it to one of: {', '.join(known)}.")


def _secret(env: dict[str, str], name: str) -> str | None:
    text = env.get(name) or None
    if text is not None and len(text) < 32:
        raise SettingsError(f"{name} has {len(text)} characters; it needs at least 32.")
    return text


def _number(env: dict[str, str], name: str, default: int, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) < least:
        raise SettingsError(f"{name}={text!r} must be a whole number of at least {least}.")
    return int(text)


def _day(env: dict[str, str], name: str, default: date) -> date:
    text = env.get(name) or default.isoformat()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{name}={text!r} must be a day such as 2024-01-31.") from None
