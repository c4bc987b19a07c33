"""dbt in this process: the manifest, kept fresh, and one build of the whole project.

Here: how dbt is called and what came of each node. Not here: what the models say, or whether a
night may be published (`evidence`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.lib.base.home import Home
from orchestration.lib.base.messages import of_dbt
from orchestration.lib.transform.dbt_tests import describe_test

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"


class DbtError(RuntimeError):
    """dbt could not run at all (a model does not parse, a file is locked)."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one node: a model, seed or test."""

    unique_id: str
    name: str
    kind: str
    status: str
    seconds: float
    failures: int | None = None
    message: str | None = None
    description: str = ""  # of a test: what it claims

    @property
    def is_test(self) -> bool:
        """Whether the node checks rather than builds."""
        return self.kind == "test"

    @property
    def passed(self) -> bool:
        """Built, or checked and found right. A warning is not a pass, and not an error."""
        return self.status in ("success", "pass")


def manifest_path(home: Home) -> Path:
    """Where the manifest of this home is."""
    return home.dbt_target / "manifest.json"


def prepare_manifest(home: Home) -> Path:
    """Parse the project if any of its files changed since the manifest was written."""
    stamp = home.dbt_target / "parsed_files.sha256"
    signature = _project_signature()
    fresh = manifest_path(home).exists() and stamp.exists()
    if not fresh or stamp.read_text(encoding="utf-8") != signature:
        # In full: what dbt remembers of a parse goes wrong when descriptions move between files.
        _invoke(home, ["parse", "--no-partial-parse"])
        stamp.write_text(signature, encoding="utf-8")
    return manifest_path(home)


def read_manifest(home: Home) -> dict[str, Any]:
    """The manifest, parsed afresh where needed."""
    return dict(json.loads(prepare_manifest(home).read_text(encoding="utf-8")))


def expected_nodes(manifest: dict[str, Any]) -> set[str]:
    """Every node that a nightly build has to run: models, seeds and data tests."""
    return {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "test")
        and node["config"].get("enabled", True)
        and node["config"].get("materialized") != "ephemeral"
    }


def build(home: Home, *, with_unit_tests: bool = False) -> list[NodeResult]:
    """Build and test every model. Raises DbtError if dbt could not start, not if a node failed.

    Unit tests compare models with examples worked by hand: for development, not for the night.
    """
    for path in (home.work, home.candidate, home.restricted_candidate):
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
    left_out = [] if with_unit_tests else ["--exclude", "resource_type:unit_test"]
    outcome = _invoke(home, ["build", *left_out])
    return [_node_result(result) for result in outcome.result.results]


def _node_result(result: Any) -> NodeResult:
    kind = str(result.node.resource_type.value)
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        kind=kind,
        status=str(getattr(result.status, "value", result.status)),
        seconds=float(result.execution_time),
        failures=result.failures,
        message=of_dbt(result.message),  # kept as evidence and published: no cell of a row
        description=describe_test(result.node.to_dict()) if kind == "test" else "",
    )


def _invoke(home: Home, arguments: list[str]) -> Any:
    # Imported here: dbt takes a second or two, and most commands do not need it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    (home.temporary / "spill").mkdir(parents=True, exist_ok=True)
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    home.build.mkdir(parents=True, exist_ok=True)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    folders += ["--target-path", str(home.dbt_target)]
    folders += ["--log-path", str(home.dbt_target.parent / "log")]
    # At debug, dbt's default for the file, a seventh of the build went into writing the log. What
    # was run stands in target/run.
    folders += ["--log-level-file", "info"]
    with _environment({"CX_HOME": str(home.root), "DO_NOT_TRACK": "1"}):
        try:
            outcome = dbtRunner().invoke(["--quiet", *arguments, *folders])
        finally:
            # dbt-duckdb keeps its connection for the process; the file must be closed to be read.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if outcome.exception or outcome.result is None:
        raise DbtError(f"dbt {arguments[0]} stopped: {outcome.exception}")
    return outcome


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _project_signature() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in PROJECT.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
