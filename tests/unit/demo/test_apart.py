"""What is true of the demo company is for tests: nothing that makes tables may look at it.

Here: the code. That a night without the truth gives the same tables is in
`tests/integration/test_night.py`.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WRITES_THE_DEMO = {"orchestration/cli/app.py"}  # `cxroi demo` says where the truth goes


def names_in(module: Path) -> set[str]:
    """Modules it imports, and every name and text in it but for the texts that explain it."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    explaining = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set() if id(node) in explaining else {node.value}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return found


def looks_at_the_demo(name: str) -> bool:
    """The demo's package, or its folder: a word of a path, not of a sentence."""
    return name.startswith("orchestration.demo") or bool(
        re.search(r"(^|[/\\.])truth($|[/\\.])", name)
    )


def test_no_module_outside_the_demo_knows_where_the_truth_is() -> None:
    guilty = {
        module.relative_to(ROOT).as_posix(): sorted(filter(looks_at_the_demo, names_in(module)))
        for package in ("orchestration", "expectations")
        for module in (ROOT / package).rglob("*.py")
        if "orchestration/demo/" not in module.as_posix()
        and any(map(looks_at_the_demo, names_in(module)))
    }
    assert guilty.keys() == WRITES_THE_DEMO, guilty


def test_no_model_and_no_adapter_reads_a_file_by_itself() -> None:
    """SQL reads tables: a path in it could be any file, the truth among them."""
    reads = re.compile(r"(read_(csv|json|parquet|text|blob)\w*|glob)\s*\(|\btruth[/.]", re.I)
    for folder in ("dbt_project", "orchestration/adapters"):
        for path in (ROOT / folder).rglob("*.sql"):
            assert not reads.search(path.read_text(encoding="utf-8")), path
