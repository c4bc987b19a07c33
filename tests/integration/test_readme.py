"""What the README says can be done is done here, with the answers it prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.main import get_command

from orchestration.cli.app import app
from tests.conftest import ROOT, Company

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", README, re.DOTALL)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_there_are_three_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("sql, answer", EXAMPLES)
def test_an_example_query_gives_the_printed_answer(
    demo_company: Company, sql: str, answer: str
) -> None:
    lines = answer.strip().splitlines()
    printed = [cells(line) for line in lines[2:]]
    assert [[str(value) for value in row] for row in demo_company.query(sql)] == printed


def test_the_truth_it_tells_of_the_programmes_is_the_demos(demo_company: Company) -> None:
    truth = json.loads((demo_company.home / "truth" / "truth.json").read_text(encoding="utf-8"))
    worth = {
        p["programme_id"]: round(p["att_amount"], 1)
        for p in truth["programmes"]
        if p["segment"] == "all"
    }
    [first] = re.findall(r"the first is worth ([\d.]+) a month, the other two nothing", README)
    assert list(worth.values()) == [float(first), 0, 0]


def test_every_command_named_exists() -> None:
    """And every command that exists is named: a command nobody can find is no command."""
    named = set(re.findall(r"`cxroi ([a-z]+)", README))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_file_and_target_named_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", README):
        assert f"\n{target}:" in makefile, target


def test_every_table_named_is_published(demo_company: Company) -> None:
    """And every published table is named."""
    listed = README.split("## What is in it")[1].split("## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", listed.split("Every column")[0]))
    published = {
        name
        for (name,) in demo_company.query(
            "select table_name from duckdb_tables() where schema_name = 'cx'"
        )
    }
    assert named == published


def test_every_view_is_named_and_answers(demo_company: Company) -> None:
    """A view is bound when it is asked: one that names a table by another file would fail here."""
    listed = README.split("**Start with the views.**")[1].split("**Which programmes")[0]
    views = demo_company.query(
        "select view_name from duckdb_views() where schema_name = 'cx' and not internal"
    )
    assert set(re.findall(r"`(v_[a-z_]+)`", listed)) == {name for (name,) in views}
    for (name,) in views:
        assert demo_company.query(f"from cx.{name} limit 1"), name


def test_every_column_says_what_it_is(demo_company: Company) -> None:
    """The README promises a comment on every column of the published file."""
    silent = demo_company.query(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = 'cx' and coalesce(comment, '') = ''"
    )
    assert silent == []


def test_nothing_is_written_outside_the_home(demo_company: Company) -> None:
    for left in ("var", "target", "logs", "dbt_project/target", "dbt_project/logs"):
        if left != "var":
            assert not (ROOT / left).exists(), left
    assert Path(demo_company.home / "warehouse").exists()
