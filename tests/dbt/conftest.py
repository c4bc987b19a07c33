"""The manifest of the project, parsed once for all tests here."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.transform.dbt import read_manifest


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_manifest(Home(tmp_path_factory.mktemp("home")))
