"""The project's SQL without dbt: a macro's value, a model's rows, in DuckDB."""

from __future__ import annotations

import re
import runpy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import yaml
from jinja2 import Environment

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
MACRO = re.compile(r"\{%-? macro (\w+)\(.*?\{%-? endmacro -?%\}", re.DOTALL)


VARS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["cx_roi"]


class _Returned(Exception):
    """What a macro hands back that is not text."""


def _return(value: Any) -> None:
    raise _Returned(value)


def _environment() -> Environment:
    """Every macro under its own name, as dbt has them; relations are tables of that name."""
    environment = Environment(extensions=["jinja2.ext.do"])

    def callable_macro(name: str, source: str) -> Any:
        template = environment.from_string(source)

        def call(*values: Any, **named: Any) -> Any:
            try:
                return getattr(template.module, name)(*values, **named)
            except _Returned as returned:
                return returned.args[0]

        return call

    macros = {
        found[1]: callable_macro(found[1], found[0])
        for file in sorted((PROJECT / "macros").glob("*.sql"))
        for found in MACRO.finditer(file.read_text(encoding="utf-8"))
    }
    environment.globals |= macros | {
        "return": _return,
        "ref": lambda name: name,
        "config": lambda **_: "",
        "var": VARS.__getitem__,
        "dbt": SimpleNamespace(type_string=lambda: "varchar"),
        "adapter": SimpleNamespace(dispatch=lambda name, _: macros["duckdb__" + name]),
    }
    return environment


ENVIRONMENT = _environment()


def rendered(call: str) -> str:
    """The SQL of a macro call."""
    return ENVIRONMENT.from_string("{{ " + call + " }}").render()


def value(call: str) -> float | None:
    """What a macro call gives for constants."""
    row = duckdb.sql(f"select {rendered(call)}").fetchone()
    assert row is not None
    return None if row[0] is None else float(row[0])


def values(call: str, **columns: Any) -> np.ndarray:
    """What a macro call on columns gives, row by row; NULL is NaN."""
    given = pd.DataFrame(columns).reset_index(names="row_number")
    with duckdb.connect() as connection:
        connection.register("given", given)
        rows = connection.execute(
            f"select {rendered(call)} from given order by row_number"
        ).fetchall()
    return np.array([row[0] for row in rows], float)


class Model(NamedTuple):
    """Its file, what it refers to, its SQL (empty where it is Python), and `table` or `view`."""

    file: Path
    references: list[str]
    sql: str
    kind: str


@cache
def model(name: str) -> Model:
    """By name, rendered once."""
    [file] = (path for path in (PROJECT / "models").rglob(f"{name}.*") if path.suffix != ".yml")
    source = file.read_text(encoding="utf-8")
    return Model(
        file=file,
        references=re.findall(r"ref\([\"'](\w+)[\"']\)", source),
        sql=ENVIRONMENT.from_string(source).render() if file.suffix == ".sql" else "",
        kind="view" if "materialized='view'" in source else "table",
    )


def build(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """A model as it is materialised, and before it the models it refers to that are not there."""
    file, references, sql, kind = model(name)
    there = {row[0] for row in connection.execute("show tables").fetchall()}
    for needed in references:
        if needed not in there:
            build(connection, needed)
            there |= {row[0] for row in connection.execute("show tables").fetchall()}
    if sql:
        connection.execute(f"create {kind} {name} as {sql}")
        return
    dbt = SimpleNamespace(ref=connection.table, config=lambda **_: None)
    rows = runpy.run_path(str(file))["model"](dbt, connection)
    connection.register("rows", rows)
    connection.execute(f"create table {name} as from rows")
    connection.unregister("rows")


def drop(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """A model, where it was built."""
    connection.execute(f"drop {model(name).kind} if exists {name}")
