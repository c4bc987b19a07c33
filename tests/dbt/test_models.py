"""Every model against its examples worked by hand, and all of them on a company without data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.lake.database import RunParameters, build_lake_database
from orchestration.lib.transform import dbt


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dbt.NodeResult]:
    """One build on an empty lake: a company that has dropped nothing yet."""
    home = Home(Path(tmp_path_factory.mktemp("empty")))
    parameters = RunParameters("test", date(2025, 12, 31), "UTC", "USD", "a secret of the tests")
    build_lake_database(home.lake_database, {}, parameters)
    return dbt.build(home, with_unit_tests=True)


def test_every_example_comes_out(results: list[dbt.NodeResult]) -> None:
    examples = [r for r in results if r.kind == "unit_test"]
    wrong = [f"{r.name}: {r.message}" for r in examples if not r.passed]
    assert len(examples) > 100
    assert not wrong, "\n".join(wrong)


def test_a_company_without_any_extract_builds(results: list[dbt.NodeResult]) -> None:
    """What depends on an entity nobody delivers is empty; nothing fails, nothing is made up."""
    wrong = [
        f"{r.name}: {r.message}" for r in results if r.kind != "unit_test" and r.status == "error"
    ]
    assert not wrong, "\n".join(wrong)
