"""The same rows give the same tables, in whatever order they are stored and on any threads.

A sum of floats depends on the order of its terms, and DuckDB keeps none. Here: one lake built
again, and the plans of all models. Not here: whether the figures are right.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.lib.base.home import Home
from orchestration.lib.publication.fingerprint import Fingerprints, differences, fingerprints
from orchestration.lib.transform.dbt import PROJECT
from tests.conftest import Company

# Of floats: what is the same in whatever order they come. A list is for ascending_sum, which sorts.
ORDER_FREE = {"min", "max", "count", "quantile_cont", "quantile_disc", "list"}
FLOATS = {"DOUBLE", "FLOAT"}


def shuffled(lake: Path, to: Path) -> None:
    """The rows that a night saw, in an order of their own."""
    with duckdb.connect(str(to)) as copy:
        copy.execute("set threads = 1")
        copy.execute(f"attach '{lake}' as night (read_only)")
        names = copy.execute(
            "select table_name from duckdb_tables() where database_name = 'night' union all "
            "select view_name from duckdb_views() where database_name = 'night' and not internal"
        ).fetchall()
        for (name,) in names:
            copy.execute(
                f'create table "{name}" as select * from night."{name}" as r order by hash(r, 7)'
            )


def built_again(night: Company, folder: Path, threads: int, *, keeps_order: bool) -> Home:
    """All models, run on the shuffled lake of a night."""
    home = Home(folder)
    for needed in (home.build, home.temporary / "spill", folder / "profiles"):
        needed.mkdir(parents=True)
    shuffled(Home(night.home).lake_database, home.lake_database)
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    profile["cx_roi"]["outputs"]["duckdb"]["settings"] |= {
        "threads": threads,
        "preserve_insertion_order": keeps_order,
    }
    (folder / "profiles" / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    options = {
        "--exclude": "resource_type:test",
        "--exclude-resource-type": "unit_test",
        "--project-dir": str(PROJECT),
        "--profiles-dir": str(folder / "profiles"),
        "--target-path": str(home.dbt_target),
        "--log-path": str(folder / "log"),
        "--log-level-file": "none",
    }
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "build"]
        + [word for option in options.items() for word in option],
        env=night.environment | {"CX_HOME": str(folder), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def tables(work: Path, published: Path, restricted: Path) -> Fingerprints:
    """Every table by schema and name. Views read another file, and show nothing of their own."""
    schemas = {"staging": work, "intermediate": work, "cx": published, "restricted": restricted}
    found = {}
    for schema, file in schemas.items():
        with duckdb.connect(str(file.resolve()), read_only=True) as connection:
            stored = connection.execute(
                "select table_name from duckdb_tables() where schema_name = ?", [schema]
            ).fetchall()
        only = {table for (table,) in stored}
        for table, seen in fingerprints(file.resolve(), schema, only).items():
            found[f"{schema}.{table}"] = seen
    return found


def assert_same(night: Company, again: Home) -> None:
    """Value for value at full precision, of all tables that models make."""
    home = Home(night.home)
    one = tables(home.work, home.current, home.restricted / "current.duckdb")
    other = tables(again.work, again.candidate, again.restricted_candidate)
    assert differences({name: one[name] for name in other}, other) == []


def test_the_order_of_rows_and_threads_change_nothing(
    demo_company: Company, tmp_path: Path
) -> None:
    assert_same(demo_company, built_again(demo_company, tmp_path, 4, keeps_order=False))


@pytest.mark.long
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("keeps_order", [True, False])
@pytest.mark.parametrize("name", ["demo_company", "olist", "ravenstack"])
def test_nor_do_they_anywhere(
    name: str, threads: int, keeps_order: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    night = request.getfixturevalue(name)
    assert_same(night, built_again(night, tmp_path, threads, keeps_order=keeps_order))


def aggregates(plan: Any) -> Iterator[tuple[str, set[str]]]:
    """Name and types of what each aggregate and window of a plan adds up."""
    if isinstance(plan, list):
        for part in plan:
            yield from aggregates(part)
    elif isinstance(plan, dict):
        kind = plan.get("expression_class")
        if kind == "BOUND_AGGREGATE" or (kind == "BOUND_WINDOW" and plan.get("name")):
            given = (child.get("return_type") or {} for child in plan["children"])
            yield plan["name"], {str(one.get("id")) for one in given}
        yield from aggregates(list(plan.values()))


def test_no_model_adds_up_floats(demo_company: Company) -> None:
    """What the data of one night leave to luck: exact_sum, exact_mean or ascending_sum instead."""
    home, found, seen = Home(demo_company.home), [], 0
    manifest = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(home.work), read_only=True) as engine:
        for name, file in (("lake", home.lake_database), ("candidate", home.current.resolve())):
            engine.execute(f"attach '{file}' as {name} (read_only)")
        for node in manifest["nodes"].values():
            if node["resource_type"] != "model" or node["language"] != "sql":
                continue
            path = home.dbt_target / "compiled" / "cx_roi" / node["original_file_path"]
            text = path.read_text(encoding="utf-8").replace("'", "''")
            [answer] = engine.execute(f"select json_serialize_plan('{text}')").fetchone() or [""]
            plan = json.loads(answer)
            assert not plan["error"], (node["name"], plan)
            sums = list(aggregates(plan))
            seen += len(sums)
            found += [f"{node['name']}: {n}" for n, t in sums if t & FLOATS and n not in ORDER_FREE]
    assert seen > 1000, "The plans were not read."
    assert found == []
