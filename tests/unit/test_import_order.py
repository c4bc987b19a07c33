"""Imports run one way: a stage knows only the stages before it, and nothing goes round in circles.

Read from the source, imports inside functions too. The order of the stages is the list below; each
names the modules that other stages may import, and everything else is its own affair.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EVERY_MODULE = None
# In the order of the data: the package or module, and its public modules ("" is itself).
STAGES: dict[str, str | None] = {
    "orchestration": "",
    "orchestration.settings": "",
    "orchestration.lib": "",
    "orchestration.lib.base": EVERY_MODULE,
    "orchestration.lib.science": EVERY_MODULE,
    "orchestration.lib.contracts": EVERY_MODULE,
    "orchestration.lib.adapters": "model load",
    "orchestration.lib.ingest": "run replay scan batches lake_snapshot cast contract_rules mapping",
    "orchestration.lib.adapter_tools": "check draft sample",
    "orchestration.lib.lake": EVERY_MODULE,
    "orchestration.lib.transform": "dbt dbt_tests table_shapes",
    "expectations": "gates checks.model lake_gate.freshness mart_gate.watched_figures "
    "mart_gate.headline_metrics mart_gate.answer_scales",
    "orchestration.lib.publication": "evidence decision fingerprint run_record release versions "
    "said_verdicts audit_tables publication_history parquet_export csv_export",
    "orchestration.lib.planning": "plan panel extract",
    "orchestration.lib.reports": "scorecard quality_page failure_summary",
    "orchestration.lib.run": "context steps refresh alerts doctor status lake_check",
    "orchestration.event_log": "",
    "orchestration.run_history": "",
    "orchestration.defs": EVERY_MODULE,
    "orchestration.definitions": "",
    "orchestration.runner": "",
    "orchestration.demo": "",
    "orchestration.cli": "",
}
HOLD_STAGES = ("orchestration", "orchestration.lib")  # their parts stand in the list, not in a row
Imports = Mapping[str, frozenset[str]]


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; a package has the name of its folder."""
    paths = [p for top in ("orchestration", "expectations") for p in (ROOT / top).rglob("*.py")]
    dotted = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in paths}
    return {name.removesuffix(".__init__"): path for name, path in dotted.items()}


def imported(tree: ast.Module, known: Iterable[str]) -> Iterator[str]:
    """The modules of `known` that a module imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [(alias.name, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute: the order is read from their names"
            names = [(f"{node.module}.{alias.name}", str(node.module)) for alias in node.names]
        else:
            continue
        for whole, parent in names:
            yield from [name for name in (whole, parent) if name in known][:1]


def outside(path: Path) -> Iterator[str]:
    """The names of everything a module imports, other projects' too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


@pytest.fixture(scope="module")
def imports() -> Imports:
    known = modules()
    return {
        name: frozenset(imported(ast.parse(path.read_text(encoding="utf-8")), known))
        for name, path in known.items()
    }


def stage_of(module: str) -> str:
    """The longest entry of the list that a module is, or lies in; a package's own is not guessed.

    Raises KeyError for a module that no entry places.
    """
    name = module
    while name not in STAGES or (name in HOLD_STAGES and name != module):
        name, _, last = name.rpartition(".")
        if not last:
            raise KeyError(f"{module} stands in no stage")
    return name


def upward(imports: Imports) -> list[str]:
    """Imports of a later stage."""
    place = {stage: number for number, stage in enumerate(STAGES)}
    return [
        f"{module} imports {target}"
        for module, targets in sorted(imports.items())
        for target in sorted(targets)
        if place[stage_of(target)] > place[stage_of(module)]
    ]


def private(imports: Imports) -> list[str]:
    """Imports of what another stage keeps to itself."""
    return [
        f"{module} imports {target}"
        for module, targets in sorted(imports.items())
        for target in sorted(targets)
        if (stage := stage_of(target)) != stage_of(module)
        and (public := STAGES[stage]) is not EVERY_MODULE
        and target.removeprefix(stage).removeprefix(".") not in (public.split() or [""])
    ]


def circle(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """One circle of a graph, none if it has none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def parts_of(package: str, imports: Imports) -> dict[str, set[str]]:
    """What the parts of a package (modules and packages in it) import of each other."""
    inside = f"{package}."

    def part(module: str) -> str:
        return inside + module.removeprefix(inside).split(".")[0]

    edges: dict[str, set[str]] = {}
    for module, targets in imports.items():
        if module.startswith(inside):
            found = {part(target) for target in targets if target.startswith(inside)}
            edges.setdefault(part(module), set()).update(found - {part(module)})
    return edges


def test_every_module_stands_in_a_stage_and_every_stage_is_there(imports: Imports) -> None:
    assert {stage_of(module) for module in imports} == set(STAGES)


def test_nothing_imports_a_later_stage(imports: Imports) -> None:
    assert upward(imports) == []


def test_stages_import_only_what_is_public_of_each_other(imports: Imports) -> None:
    assert private(imports) == []


def test_no_module_is_in_a_circle(imports: Imports) -> None:
    assert circle(imports) == []


def test_no_package_is_in_a_circle(imports: Imports) -> None:
    packages = {m.rpartition(".")[0] for m in imports} - {"", *HOLD_STAGES}
    assert {p: found for p in packages if (found := circle(parts_of(p, imports)))} == {}


def test_only_the_wiring_knows_dagster() -> None:
    knows = {
        module
        for module, path in modules().items()
        if "dagster" in {name.partition(".")[0] for name in outside(path)}
    }
    wiring = ("orchestration.defs", "orchestration.definitions", "orchestration.runner")
    assert {module for module in knows if not module.startswith(wiring)} == {
        "orchestration.event_log"
    }


def test_every_package_says_what_belongs_in_it() -> None:
    """A charter: what is here, and what is not."""
    inits = [p for p in modules().values() if p.name == "__init__.py" and p.parent.name != "defs"]
    charters = {p: ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))) or "" for p in inits}
    silent = [str(p.relative_to(ROOT)) for p, text in charters.items() if "Not here" not in text]
    assert silent == []


def test_what_is_wrong_is_seen() -> None:
    """An import upward, one hidden in a function, one of a private module, and both circles."""
    base, steps = "orchestration.lib.base.sql", "orchestration.lib.run.steps"
    hidden = ast.parse(f"def late():\n    from {steps.rpartition('.')[0]} import steps")
    assert list(imported(hidden, {steps, "orchestration.lib.run"})) == [steps]
    assert upward({base: frozenset({steps})}) == [f"{base} imports {steps}"]
    assert upward({steps: frozenset({base})}) == []
    parse = "orchestration.lib.adapters.parse"
    assert private({steps: frozenset({parse})}) == [f"{steps} imports {parse}"]
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    crm, desk = "orchestration.demo.crm", "orchestration.demo.support"
    between = {
        f"{crm}.contacts": frozenset({f"{desk}.tickets"}),
        f"{crm}.contracts": frozenset(),
        f"{desk}.tickets": frozenset({f"{crm}.contracts"}),
    }
    assert circle(between) == []  # no module of them is in one, the packages are
    assert set(circle(parts_of("orchestration.demo", between))) == {crm, desk}
    with pytest.raises(KeyError):
        stage_of("orchestration.lib.anywhere")
