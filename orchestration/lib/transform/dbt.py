"""dbt in this process: the manifest, kept fresh, and one build of the whole project.

Here: how dbt is called and what came of each node. Not here: what the models say, or whether a
night may be published (`publication.decision`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import pickle
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.base.home import Home
from orchestration.lib.base.messages import of_dbt
from orchestration.lib.base.sql import quote
from orchestration.lib.transform.dbt_tests import Rule, is_of_rules, rules_of

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"
LOG = logging.getLogger("cxroi")
SECONDS_BETWEEN_LINES = 5
TEMPLATE = re.compile(r"\{[{%#]")
UNBROKEN: dict[str, Any] = {"status": "pass", "failures": 0, "message": None}


class DbtError(RuntimeError):
    """dbt could not run at all (a model does not parse, a file is locked)."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one node (a model, seed or test), or of one rule of a test of rules."""

    unique_id: str
    name: str
    kind: str
    status: str
    seconds: float
    failures: int | None = None
    message: str | None = None
    description: str = ""  # of a test: what it claims
    table: str | None = None  # of a rule: the model it is about
    sample: str = ""  # of a broken rule of a published table: the key of a row that breaks it

    @property
    def is_test(self) -> bool:
        """Whether the node checks rather than builds."""
        return self.kind == "test"

    @property
    def node_id(self) -> str:
        """The node of the manifest: that of the test, if this is one of its rules."""
        return self.unique_id.split("#")[0]

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
    signature = _signature(home)
    made = (manifest_path(home), _parsed_project(home), stamp)
    if not all(path.exists() for path in made) or stamp.read_text(encoding="utf-8") != signature:
        stamp.unlink(missing_ok=True)
        # In full: what dbt remembers of a parse goes wrong when descriptions move between files.
        project = _invoke(home, ["parse", "--no-partial-parse"]).result
        _compile(home, project)
        _parsed_project(home).write_bytes(pickle.dumps(project))
        stamp.write_text(signature, encoding="utf-8")
    return manifest_path(home)


def _compile(home: Home, project: Any) -> None:
    """Put the SQL of each model and each test where its template and arguments were.

    A night would render them for itself, a sixth of its build, and always to the same SQL. The
    manifest on disk keeps templates and arguments.
    """
    what = ["--select", "resource_type:model", "test_type:generic", "--exclude", "file:*.py"]
    offline = ["--no-populate-cache", "--no-introspect", "--no-write-json"]
    outcome = _invoke(home, ["compile", *what, *offline], parsed=project)
    for compiled in outcome.result.results:
        node, sql = project.nodes[compiled.node.unique_id], compiled.node.compiled_code
        if TEMPLATE.search(sql):
            continue  # what looks like a template would be rendered once more
        node.raw_code = sql
        if hasattr(node, "test_metadata"):
            node.test_metadata.kwargs = {}


def read_manifest(home: Home) -> Mapping[str, Any]:
    """The manifest, parsed afresh where needed. For whoever reads it next it is the same object."""
    path = prepare_manifest(home)
    return _manifest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _manifest(path: Path, _: int) -> Mapping[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def expected_nodes(manifest: Mapping[str, Any]) -> set[str]:
    """All that a nightly build has to run: models, seeds, data tests; of tests of rules, each."""
    return {
        expected
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "test")
        and node["config"].get("enabled", True)
        and node["config"].get("materialized") != "ephemeral"
        for expected in (
            [_rule_id(unique_id, rule) for rule in rules_of(node)]
            if is_of_rules(node)
            else [unique_id]
        )
    }


def build(home: Home, *, with_unit_tests: bool = False) -> list[NodeResult]:
    """Build and test every model. Raises DbtError if dbt could not start, not if a node failed.

    Unit tests compare models with examples worked by hand: for development, not for the night.
    """
    manifest = read_manifest(home)
    for path in (home.work, home.candidate, home.restricted_candidate):
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
    left_out = ["resource_type:exposure"] + ([] if with_unit_tests else ["resource_type:unit_test"])
    outcome = _invoke(
        home,
        # What dbt would write of it is the manifest twice over; the SQL stands in target/compiled.
        ["build", "--no-write-json", "--exclude", *left_out],
        # Unit tests put their own rows into the templates, which are no longer there.
        parsed=None if with_unit_tests else pickle.loads(_parsed_project(home).read_bytes()),
        callback=_Progress(manifest).on_event,
    )
    _write_comments(home, manifest)
    return [
        found for result in outcome.result.results for found in _results(home, manifest, result)
    ]


def _results(home: Home, manifest: Mapping[str, Any], result: Any) -> list[NodeResult]:
    """The node, or each of its rules that was evaluated."""
    whole = NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        kind=str(result.node.resource_type.value),
        status=str(getattr(result.status, "value", result.status)),
        seconds=float(result.execution_time),
        failures=result.failures,
        message=of_dbt(result.message),  # kept as evidence and published: no cell of a row
    )
    if not whole.is_test:
        return [whole]
    node = manifest["nodes"][whole.unique_id]
    if not is_of_rules(node):
        [rule] = rules_of(node)
        return [replace(whole, description=rule.claim)]
    sql = result.node.compiled_code or ""
    evaluated = set(re.findall(r"'(\w+)' as rule_name", sql))
    rules = [
        replace(
            whole,
            unique_id=_rule_id(whole.unique_id, rule),
            name=rule.name,
            description=rule.claim,
            table=rule.table,
        )
        for rule in rules_of(node)
        if rule.name in evaluated or whole.status not in ("pass", "fail", "warn")
    ]
    if whole.status not in ("fail", "warn"):
        return rules
    broken = _broken_rules(home, sql)
    if len(broken.keys() & {rule.name for rule in rules}) != whole.failures:
        return rules  # dbt counted otherwise: then every rule has what the test has
    return [replace(rule, **broken.get(rule.name, UNBROKEN)) for rule in rules]


def _rule_id(unique_id: str, rule: Rule) -> str:
    return f"{unique_id}#{rule.name}"


def _broken_rules(home: Home, sql: str) -> dict[str, dict[str, Any]]:
    """What a test of rules found, once more: dbt says how many rows it gave, not what they say."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, path in _databases(home).items():
            connection.execute(f"attach {quote(path)} as {name} (read_only)")
        connection.execute("use work")
        found = connection.execute(
            f"select rule_name, broken_count, here, there, example from ({sql}\n)"
        ).fetchall()
    return {name: _broken(*values) for name, *values in found}


def _broken(
    count: int | None, here: str | None, there: str | None, example: str | None
) -> dict[str, Any]:
    such = f", such as {example}" if example else ""
    said = f"{here} here, {there} there" if count is None else f"{count} rows{such}"
    return {"failures": 1 if count is None else count, "message": said, "sample": example or ""}


def _write_comments(home: Home, manifest: Mapping[str, Any]) -> None:
    """Describe the tables of the candidate and their columns: in one go, not a model at a time."""
    with duckdb.connect(str(home.candidate)) as connection:
        columns = defaultdict(set)
        for table, column in connection.execute(
            "select schema_name || '.' || table_name, column_name "
            "from duckdb_columns() where not internal"
        ).fetchall():
            columns[table].add(column)
        script = ["begin"]  # as one script: they are thousands
        for node in manifest["nodes"].values():
            table = f"{node['schema']}.{node['name']}"
            if node["resource_type"] != "model" or node["database"] != "candidate":
                continue
            if table not in columns:  # it failed, and the night with it
                continue
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            script.append(f"comment on {kind} {table} is {quote(_table_comment(node))}")
            for name in node["columns"].keys() & columns[table]:
                said = node["columns"][name]["description"]
                script.append(f'comment on column {table}."{name}" is {quote(said)}')
        connection.execute(";\n".join([*script, "commit"]))


def _table_comment(node: Mapping[str, Any]) -> str:
    """What the table is for and its grain, its key and its joins.

    The reasons and definitions that follow in the description are for the documentation.
    """
    said = [node["description"].split("\n")[0].strip()]
    for constraint in node.get("constraints") or ():
        columns = ", ".join(constraint["columns"])
        if constraint["type"] == "primary_key":
            said.append(f"Key: {columns}.")
        else:
            said.append(f"Join: {columns} to {constraint['expression']}.")
    return " ".join(said)


def _databases(home: Home) -> dict[str, Path]:
    """The files of a build, by the names they have in it (profiles.yml)."""
    return {
        "work": home.work,
        "candidate": home.candidate,
        "restricted": home.restricted_candidate,
        "lake": home.lake_database,
    }


class _Progress:
    """How far the build is, in the log, every few seconds."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        kinds = Counter(node["resource_type"] for node in manifest["nodes"].values())
        self.total = {"tables": kinds["model"] + kinds["seed"], "tests": kinds["test"]}
        self.done = dict.fromkeys(self.total, 0)
        self.said_at = time.monotonic()

    def on_event(self, event: Any) -> None:
        """Count a node that is done."""
        if event.info.name != "NodeFinished":
            return
        kind = event.data.node_info.resource_type
        self.done["tests" if kind == "test" else "tables"] += kind in ("model", "seed", "test")
        if time.monotonic() - self.said_at >= SECONDS_BETWEEN_LINES:
            self.said_at = time.monotonic()
            parts = (f"{done} of {self.total[what]} {what}" for what, done in self.done.items())
            LOG.info("dbt: %s", ", ".join(parts))


def _parsed_project(home: Home) -> Path:
    return home.dbt_target / "parsed_project.pickle"


def command_line() -> tuple[Any, Any]:
    """dbt's command line in this process, and what keeps its connections.

    Imported here: it takes a second or two, and most commands do not need it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    return dbtRunner, DuckDBConnectionManager


def _invoke(
    home: Home,
    arguments: list[str],
    *,
    parsed: Any = None,
    callback: Callable[[Any], None] | None = None,
) -> Any:
    runner, connections = command_line()
    (home.temporary / "spill").mkdir(parents=True, exist_ok=True)
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    home.build.mkdir(parents=True, exist_ok=True)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    folders += ["--target-path", str(home.dbt_target)]
    folders += ["--log-path", str(home.dbt_target.parent / "log")]
    # dbt makes a line of each of ten thousand events for every place it logs to, whatever the
    # level, which is a tenth of a build. What goes wrong comes back as the result.
    folders += ["--log-level", "none", "--log-level-file", "none"]
    with _environment({"CX_HOME": str(home.root), "DO_NOT_TRACK": "1"}):
        try:
            outcome = runner(parsed, [callback] if callback else None).invoke(
                [*arguments, *folders]
            )
        finally:
            # dbt-duckdb keeps its connection for the process; the file must be closed to be read.
            connections.close_all_connections()
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


def _signature(home: Home) -> str:
    """What the parse rests on: the project, the folder its profile names, Python and dbt."""
    digest = hashlib.sha256(f"{home.root}\0{sys.version}\0".encode())
    for package in ("dbt-core", "dbt-duckdb", "dbt-adapters", "dbt-common"):
        digest.update(f"{package} {version(package)}\0".encode())
    for path in sorted(p for p in PROJECT.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
