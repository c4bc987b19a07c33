"""Settings say what is wrong and what to do, before anything runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.settings import SettingsError, from_environment


def test_defaults_are_there_for_everything_but_the_environment(tmp_path: Path) -> None:
    settings = from_environment({"CX_ENV": "local", "CX_HOME": str(tmp_path)})
    assert settings.landing == tmp_path / "landing"
    assert (settings.time_zone, settings.currency, settings.keep_versions) == ("UTC", "USD", 7)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"CX_ENV": ""}, "CX_ENV is not set; set it to one of: local, ci, production."),
        ({"CX_ENV": "prod"}, "CX_ENV is 'prod'; set it to one of"),
        ({"CX_TIME_ZONE": "Paris"}, "no IANA time zone; say e.g. Europe/Paris"),
        ({"CX_HOME": "/tmp/cx [1]"}, "holds [ ], which Dagster takes for a pattern"),
        ({"CX_CURRENCY": "Euro"}, "no ISO 4217 code"),
        ({"CX_PSEUDONYM_KEY": "short"}, "it needs at least 32"),
        ({"CX_KEEP_VERSIONS": "0"}, "at least 1"),
        ({"CX_FIRST_DATE": "yesterday"}, "a day such as 2024-01-31"),
        ({"CX_ADAPTERS": "/nowhere/at/all"}, "which is no folder"),
    ],
)
def test_a_wrong_setting_is_one_sentence(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as raised:
        from_environment({"CX_ENV": "local", **change})
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("CX_LANDIGN", "CX_LANDIGN is not a setting; did you mean CX_LANDING?"),
        ("CX_Landing", "CX_Landing is not a setting; did you mean CX_LANDING?"),
        ("CX_PSEUDONYMKEY", "CX_PSEUDONYMKEY is not a setting; did you mean CX_PSEUDONYM_KEY?"),
        ("CX_COLOUR", "CX_COLOUR is not a setting; settings are CX_ADAPTERS, CX_CURRENCY, "),
    ],
)
def test_a_misspelt_setting_is_not_ignored(name: str, sentence: str) -> None:
    """A night on the wrong landing folder, or with another key, is worse than none."""
    with pytest.raises(SettingsError) as raised:
        from_environment({"CX_ENV": "local", name: "x" * 40})
    assert sentence in str(raised.value)


def test_other_programs_variables_are_their_own() -> None:
    assert from_environment({"CX_ENV": "local", "XCX_A": "1", "CXROI": "1"}).environment == "local"


def test_env_example_lists_every_setting_and_no_other() -> None:
    """A setting nobody can find is no setting."""
    root = Path(__file__).resolve().parents[2]
    listed = {
        line.split("=")[0]
        for line in (root / ".env.example").read_text(encoding="utf-8").splitlines()
        if line.startswith("CX_")
    }
    code = (root / "orchestration" / "settings.py").read_text(encoding="utf-8")
    read = {word for word in code.split('"') if re.fullmatch("CX_[A-Z_]+", word)}
    assert listed == read
