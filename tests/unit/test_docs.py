"""What the pages name exists: files, modules, tables, columns, commands, and words of the code.

A page cannot be compiled, so a renaming would leave it behind. Of the changelog the latest section
counts, and of its table the names of tables: what changed is told in names of then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from typer.main import get_command

from orchestration.cli.app import app
from orchestration.lib.adapter_tools.check import check_adapter
from orchestration.lib.adapter_tools.sample import COUNTS, try_sample
from orchestration.lib.adapters.load import read_adapter
from orchestration.lib.base.home import Home
from tests.dbt.test_order import ORDER
from tests.unit.test_import_order import STAGES

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt_project" / "models"
CODE = ("orchestration", "expectations", "dbt_project", "tests")
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "DECISIONS.md", "CHANGELOG.md")),
        *(ROOT / "docs").rglob("*.md"),
        *(page for folder in CODE for page in (ROOT / folder).rglob("README.md")),
    ]
)
SUFFIXES = {".py", ".sql", ".yml", ".csv", ".html"}
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"[\w.<>{}*-]*(?:/[\w.<>{}*-]*)+")
MODULE = re.compile(r"\b(?:orchestration|expectations|tests)(?:\.\w+)+")
TABLE = re.compile(
    r"(?<![\w/.])(?:cx\.)?((?:fct|dim|rpt|bridge|int|stg|v)_\w+)(?:\.(?!sql|yml|py)(\w+))?"
)
PUBLISHED = ("fct_", "dim_", "rpt_", "bridge_", "v_")  # all of their columns are declared
FILE = re.compile(r"[\w-]+\.(?:py|sql|yml|md|csv)\b")
WORD = re.compile(r"[A-Za-z]\w*_\w*[A-Za-z0-9]")
# What is in the home folder; `landing` is a setting of its own, `native` a folder in it.
OF_THE_HOME = {"", "landing", "native", *(p.parts[1] for p in (
    getattr(Home(Path("home")), name) for name, value in vars(Home).items()
    if isinstance(value, property)
))}  # fmt: skip


class Table(NamedTuple):
    """A table one can name: its columns where they are declared, and the text that makes it."""

    columns: frozenset[str]
    text: str


@dataclass(frozen=True)
class Known:
    """What there is to be named."""

    tables: Mapping[str, Table]
    files: frozenset[str]
    words: frozenset[str]
    commands: frozenset[str]
    targets: frozenset[str]


@cache
def known() -> Known:
    """All that the checkout holds."""
    files = [p for top in CODE for p in within(ROOT / top) if p.suffix in SUFFIXES]
    files += [ROOT / name for name in ("Makefile", "pyproject.toml", ".env.example")]
    texts = {p: p.read_text(encoding="utf-8") for p in files if p != Path(__file__)}
    cli = get_command(app).commands  # type: ignore[attr-defined]
    groups = {n: getattr(c, "commands", {}) for n, c in cli.items()}
    makefile = texts[ROOT / "Makefile"]
    return Known(
        tables=dict(tables(texts)),
        files=frozenset(p.name for top in (*CODE, "docs") for p in within(ROOT / top)),
        words=frozenset(w for text in texts.values() for w in re.findall(r"\w+", text)),
        commands=frozenset([*cli, *(f"{g} {c}" for g, found in groups.items() for c in found)]),
        targets=frozenset(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)),
    )


def within(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


@cache
def declared() -> Mapping[str, Mapping[str, str]]:
    """The columns of each model, with their descriptions."""
    found = {}
    for path in within(MODELS):
        if path.suffix == ".yml":
            body = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for model in body.get("models") or ():
                columns = model.get("columns") or ()
                found[model["name"]] = {c["name"]: c.get("description", "") for c in columns}
    return found


def tables(texts: Mapping[Path, str]) -> Iterator[tuple[str, Table]]:
    """Models and seeds of the project by name."""
    for path, text in texts.items():
        folders = path.relative_to(ROOT).parts
        if path.suffix in (".sql", ".py", ".csv") and {"models", "seeds"} & {*folders}:
            yield path.stem, Table(frozenset(declared().get(path.stem, ())), text)


def spoken(path: Path) -> str:
    """The text of a page that has to be true now."""
    text = path.read_text(encoding="utf-8")
    if path.name != "CHANGELOG.md":
        return text
    latest = re.split(r"^## ", text, flags=re.MULTILINE)[1].splitlines()
    rows = [line for line in latest if line.startswith("|")]
    prose = [line for line in latest if not line.startswith("|")]
    named = [m[0] for row in rows for m in TABLE.finditer(row.split("|")[2])]
    return "\n".join([*prose, *(f"`{name}`" for name in named)])


def stale(text: str, folder: Path, there: Known) -> list[str]:
    """Everything a page in this folder names that does not exist."""
    prose = FENCE.sub("", text)
    spans = SPAN.findall(prose)
    blocks = [body for _, body in FENCE.findall(text)]
    return [
        *(f"{k} (link)" for k in LINK.findall(prose) if not leads_somewhere(k, text, folder)),
        *(f"{span} (path)" for span in spans if PATH.fullmatch(span) and not exists(span, folder)),
        *(m for s in (*spans, *blocks) for m in MODULE.findall(s) if not is_module(m)),
        *(name for s in (*spans, *blocks) for name in lost_tables(s, there)),
        *(command for s in (*spans, *blocks) for command in lost_commands(s, there)),
        *(w for s in spans for w in lost_words(s, there)),
        *(f"{info} (quoted otherwise)" for info in misquoted(text)),
    ]


def leads_somewhere(link: str, text: str, folder: Path) -> bool:
    """To a file of the checkout, and if the link names one, to a heading in it or in this page."""
    if link.startswith(("https://", "http://")):
        return True
    target, _, anchor = link.partition("#")
    path = folder / target
    if target and (not path.exists() or not anchor):
        return path.exists()
    return anchor in anchors(path.read_text(encoding="utf-8") if target else text)


def anchors(text: str) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def exists(path: str, folder: Path) -> bool:
    """A path of the checkout, from its root, from the page or from the models; or of the home."""
    pattern = re.sub(r"<[^>]*>|\{[^}]*\}", "*", path).strip("/")
    if re.sub(r"^var(/|$)", "", pattern).split("/")[0] in OF_THE_HOME:
        return True
    return any(next(base.glob(pattern), None) is not None for base in (ROOT, folder, MODELS))


def is_module(dotted: str) -> bool:
    """A module, or a name in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        rest = parts[end:]
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.exists():
                return all(name in file.read_text(encoding="utf-8") for name in rest)
        if path.is_dir():
            return not rest
    return False


def lost_tables(span: str, there: Known) -> Iterator[str]:
    """Tables, and columns named together with their table, that are not there."""
    for name, column in TABLE.findall(span):
        if name.endswith("__") and any(table.startswith(name) for table in there.tables):
            continue  # the tables of that prefix
        if name not in there.tables:
            yield name
        elif column and column not in columns_of(name, there.tables[name]):
            yield f"{name}.{column}"


def columns_of(name: str, table: Table) -> Collection[str]:
    return table.columns if name.startswith(PUBLISHED) else set(re.findall(r"\w+", table.text))


def lost_commands(span: str, there: Known) -> Iterator[str]:
    """Commands of the program and targets of the Makefile that are not there."""
    for command in re.findall(r"\bcxroi ((?!-)[a-z-]+(?: [a-z]+\b)?)", span):
        if command not in there.commands and command.split()[0] not in there.commands:
            yield f"cxroi {command}"
    yield from (
        f"make {target}"
        for target in re.findall(r"(?:^|\n)make (?:PYTHON=\S+ )?([a-z-]+)", span)
        if target not in there.targets
    )


def lost_words(span: str, there: Known) -> Iterator[str]:
    """Names of the code that is none: of columns, settings, macros, functions, coded values."""
    if "/" not in span:
        span = MODULE.sub("", span)
        yield from (f for f in FILE.findall(span) if f not in there.files)
        rest = FILE.sub("", TABLE.sub("", span))
        yield from (w for w in WORD.findall(rest) if w not in there.words)


def misquoted(text: str) -> Iterator[str]:
    """Blocks that name a file (```sql path) and are not in it; a line with … leaves some out."""
    for info, body in FENCE.findall(text):
        _, _, path = info.strip().partition(" ")
        if path.startswith(CODE):
            file = ROOT / path
            source = squeezed(file.read_text(encoding="utf-8")) if file.exists() else ""
            parts = re.split(r"^.*…\s*$", body, flags=re.MULTILINE)
            if not all(squeezed(part) in source for part in parts) or not source:
                yield info


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_names_what_exists(page: Path) -> None:
    assert stale(spoken(page), page.parent, known()) == []


def test_there_are_pages_for_who_carries_it_on() -> None:
    names = {p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md")}
    recipes = {f"how-to/add-{what}.md" for what in ("a-metric", "an-adapter", "a-check", "a-chart")}
    assert {"architecture.md", "glossary.md", "style.md", *recipes} <= names


def listed(pattern: str) -> list[str]:
    """First cells of the tables of the architecture page, in order."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return re.findall(rf"^\| `((?:{pattern})(?:[/.][\w/.]+)?)` \|", page, re.MULTILINE)


def test_the_architecture_page_has_the_areas_in_their_order() -> None:
    assert listed("|".join(dict.fromkeys(area.split("/")[0] for area in ORDER))) == list(ORDER)


def test_the_architecture_page_has_the_python_stages_in_their_order() -> None:
    assert listed("orchestration|expectations") == list(STAGES)


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    text = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### D-(\d{3}) (.+)$", text, re.MULTILINE)
    assert sorted(int(n) for n, _ in headings) == list(range(1, len(headings) + 1))
    index = re.findall(r"\[(\d{3}) ([^\]]+)\]\(#", text)
    assert index == headings


def test_every_decision_says_what_it_binds() -> None:
    text = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    entries = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    silent = [e.splitlines()[0] for e in entries if not re.search(r"^Binds: \[", e, re.MULTILINE)]
    assert silent == []


def test_the_glossary_has_every_reason_code() -> None:
    """The codes a reason column names: what in its description is no column, table or setting."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\w+", "".join(re.findall(r"^\|.*", glossary, re.MULTILINE))))
    settings = re.findall(r"^(\w+),", known().tables["analyst_settings"].text, re.MULTILINE)
    columns = {column for table in known().tables.values() for column in table.columns}
    columns |= {column.removesuffix("_amount") for column in columns}  # as metrics are called
    named = set(re.findall(r"[a-z]+(?:_[a-z]+)+", " ".join(reasons())))
    codes = named - columns - set(settings) - known().tables.keys()
    assert len(codes) > 40
    assert sorted(codes - listed) == []


def reasons() -> Iterator[str]:
    """What is said of each reason column of a published table."""
    texts = "".join(p.read_text(encoding="utf-8") for p in MODELS.rglob("_docs.md"))
    blocks = dict(re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", texts, re.DOTALL))
    for name, columns in declared().items():
        for column, said in columns.items():
            if name.startswith(PUBLISHED) and column.endswith("_reason"):
                yield blocks[m[1]] if (m := re.search(r"doc\('(\w+)'\)", said)) else said


def test_the_example_of_an_adapter_does_what_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "add-an-adapter.md").read_text(encoding="utf-8")
    blocks = {info.partition(" ")[2]: body for info, body in FENCE.findall(page)}
    for name in ("adapter.yml", "orders.sql", "orders.csv"):
        (tmp_path / "shop").mkdir(exist_ok=True)
        (tmp_path / "shop" / name).write_text(blocks[f"shop/{name}"], encoding="utf-8")
    assert check_adapter(tmp_path / "shop") == []
    adapter, _ = read_adapter(tmp_path / "shop")
    assert adapter is not None
    found = try_sample(adapter, tmp_path / "shop" / "orders.csv")
    [load] = found["loads"]
    [told] = re.findall(r"^(orders +transactions[ \d]+)$", page, re.MULTILINE)
    assert told.split() == [str(load[key]) for key in ("mapping", "entity", *COUNTS)]
    [reason] = found["reasons"]
    assert reason["reason"] in page


def test_what_is_stale_is_seen() -> None:
    """Each kind of name, wrong once; beside it what is right."""
    there = Known(
        tables={
            "fct_churn": Table(frozenset({"churn_rate"}), "select rate_of_churn"),
            "int_churn": Table(frozenset(), "select lost_count"),
        },
        files=frozenset({"fct_churn.sql"}),
        words=frozenset({"pays_back"}),
        commands=frozenset({"run"}),
        targets=frozenset({"test"}),
    )
    wrong = {
        "[a](nowhere.md)": "nowhere.md (link)",
        "[a](#not-there)": "#not-there (link)",
        "[a](README.md#not-there)": "README.md#not-there (link)",
        "`tests/nowhere.py`": "tests/nowhere.py (path)",
        "`nowhere/at/all`": "nowhere/at/all (path)",
        "`python -m tests.simulation.nothing`": "tests.simulation.nothing",
        "`fct_chrun`": "fct_chrun",
        "`chrun.sql`": "chrun.sql",
        "`fct_churn.rate_of_churn`": "fct_churn.rate_of_churn",
        "`int_churn.churn_rate`": "int_churn.churn_rate",
        "`cxroi fly`": "cxroi fly",
        "`make coffee`": "make coffee",
        "`found_where_nothing_happened`": "found_where_nothing_happened",
        "```sql dbt_project/macros/money.sql\nnot a line of it\n```": "sql dbt_project/macros/"
        "money.sql (quoted otherwise)",
        "```sql\nselect * from cx.fct_chrun\n```": "fct_chrun",
    }
    for text, name in wrong.items():
        assert stale(text, ROOT, there) == [name], text
    right = "`fct_churn.churn_rate` `int_churn.lost_count` `cxroi run` `make test` `pays_back` "
    right += (
        "`tests/unit` `var/landing/<system>/` `orchestration.lib.base.sql` [a](README.md#try-it)"
    )
    assert stale(right, ROOT, there) == []
