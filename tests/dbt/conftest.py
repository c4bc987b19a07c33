"""The manifest of the project, parsed once for all tests here."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.lib.dbt import read_manifest
from orchestration.lib.home import Home


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_manifest(Home(tmp_path_factory.mktemp("home")))
