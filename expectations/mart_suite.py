"""Gate 2: what the candidate must be before analysts may get it.

Here: the suite, derived from dbt's manifest and the columns the file really has. Not here: the
comparison with the version before (`drift_checks`), or dbt's own tests, which have run by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from expectations.checks import Check, CheckResult, verdict
from orchestration.lib.contracts import load_contracts

GATE = "marts"
SCHEMA = "cx"
FLOATS = ("DOUBLE", "FLOAT")
SHARE = "0–1)"  # how the description of a share ends
# Text with an @ between two words and a dot after it. Written to find too much rather than too
# little: no code or label of the marts looks like it.
EMAIL = r"[^\s@/,;<>]+@[^\s@/,;<>]+\.[A-Za-z][A-Za-z]+"

# Whatever a column is called exactly, these words say that it holds a person. A metric_name or
# programme_name does not, and a count or a yes or no about an e-mail is no e-mail.
PERSONAL_WORDS = frozenset({"email", "mail", "phone", "telephone", "mobile", "address", "birth"})
PERSONAL_WORDS |= {"birthday", "birthdate", "firstname", "lastname", "surname", "fullname"}
NAMED = frozenset({"customer", "person", "requester", "contact", "account", "agent", "company"})
NAMED |= {"user", "member", "respondent", "first", "last", "middle", "full", "display"}
MEASURES = ("_count", "_rate", "_share", "_amount")


@dataclass(frozen=True)
class Mart:
    """What is known about a published table before looking at its rows."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    scrubbed: frozenset[str] = frozenset()
    must_have_rows: bool = False


def marts_of(
    manifest: Mapping[str, Any],
    columns: Mapping[str, Mapping[str, str]],
    row_counts: Mapping[str, int],
) -> list[Mart]:
    """Every mart of the manifest, with the columns and parents' rows found tonight.

    A mart must have rows if all models it is made of have some, unless its meta says
    `may_be_empty`. A column whose description gives the unit 0–1 is a share; its meta may say
    `range: [low, high]` (null is open), or `is_scrubbed` for text rid of what names a person.
    """
    keys = _keys(manifest)
    nodes = [n for n in manifest["nodes"].values() if _is_mart(n)]
    return [
        Mart(
            name=node["name"],
            columns=columns.get(node["name"], {}),
            key=keys.get(node["unique_id"], ()),
            ranges=_ranges(node["columns"]),
            scrubbed=frozenset(
                name for name, column in node["columns"].items() if _meta(column).get("is_scrubbed")
            ),
            must_have_rows=not _meta(node).get("may_be_empty")
            and all(row_counts.get(parent, 1) > 0 for parent in _model_parents(node)),
        )
        for node in sorted(nodes, key=lambda n: str(n["name"]))
    ]


def mart_suite(marts: Sequence[Mart]) -> list[Check]:
    """The checks of all marts."""
    return [check for mart in marts for check in _checks_of(mart)]


def table_checks(
    marts: Sequence[Mart], found: Mapping[str, Mapping[str, str]]
) -> list[CheckResult]:
    """Whether the file holds the marts, nothing else, and no column meant for few eyes."""
    wanted = {mart.name for mart in marts}
    personal = {c.name for e in load_contracts().values() for c in e.columns if c.pii != "none"}
    other = [f"{name} is missing" for name in sorted(wanted - found.keys())]
    other += [f"{name} belongs to no model" for name in sorted(found.keys() - wanted)]
    scrubbed = {(mart.name, column) for mart in marts for column in mart.scrubbed}
    leaks = [
        f"{table}.{column}"
        for table, columns in sorted(found.items())
        for column, type_ in columns.items()
        if (column in personal or _sounds_personal(column, type_))
        and (table, column) not in scrubbed
    ]
    return [
        verdict(
            GATE,
            "candidate",
            "tables_as_declared",
            other,
            checked=f"{len(found)} tables",
            expected="the marts of the dbt project",
            description="The file holds every mart and nothing else",
        ),
        verdict(
            GATE,
            "candidate",
            "no_personal_columns",
            leaks,
            checked=f"{sum(map(len, found.values()))} columns",
            expected="no column of a personal, identifying or unscrubbed free-text class",
            description="Names, addresses, ids and words of customers stay in the restricted file",
        ),
    ]


def _sounds_personal(column: str, type_: str) -> bool:
    words = column.lower().split("_")
    if type_ == "BOOLEAN" or column.lower().endswith(MEASURES):
        return False
    return not PERSONAL_WORDS.isdisjoint(words) or (
        words[-1] in ("name", "names") and not NAMED.isdisjoint(words)
    )


def _checks_of(mart: Mart) -> Iterator[Check]:
    table = f"{SCHEMA}.{mart.name}"
    yield Check(
        gate=GATE,
        table=table,
        check_name="has_rows",
        kind="row_count",
        minimum=1 if mart.must_have_rows else 0,
        severity="warning" if mart.name.startswith("rpt_") else "error",
        description="A table whose sources have rows has rows",
    )
    if mart.key:
        yield Check(
            gate=GATE,
            table=table,
            check_name="key",
            kind="unique",
            columns=mart.key,
            description=f"One row per {', '.join(mart.key)}",
        )
    for column, (low, high) in mart.ranges.items():
        yield Check(
            gate=GATE,
            table=table,
            check_name="range",
            kind="between",
            columns=(column,),
            minimum=low,
            maximum=high,
            description="The docs of the column bound it",
        )
    floats = [c for c, type_ in mart.columns.items() if type_.startswith(FLOATS)]
    if floats:
        yield Check(
            gate=GATE,
            table=table,
            check_name="finite",
            kind="no_rows",
            description="No number is infinite or not a number",
            query=_columns_with(floats, "not isfinite(<column>)"),
        )
    texts = [c for c, type_ in mart.columns.items() if type_.startswith("VARCHAR")]
    if texts:
        found = f"contains(<column>, '@') and regexp_matches(<column>, '{EMAIL}')"
        yield Check(
            gate=GATE,
            table=table,
            check_name="no_email",
            kind="no_rows",
            description="No text looks like an e-mail address",
            query=_columns_with(texts, found),
        )


def _columns_with(columns: Sequence[str], condition: str) -> str:
    """A query for the columns that have rows of a kind, and how many."""
    conditions = {c: condition.replace("<column>", f'"{c}"') for c in columns}
    counts = " union all ".join(
        f"select '{column}' as column_name, "
        f"count(*) filter (where {holds}) as row_count from {{batch}}"
        for column, holds in conditions.items()
    )
    return f"select column_name, row_count from ({counts}) where row_count > 0"


def _is_mart(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "model" and node["schema"] == SCHEMA)


def _ranges(columns: Mapping[str, Any]) -> dict[str, tuple[float | None, float | None]]:
    ranges = {}
    for name, column in columns.items():
        if bounds := _meta(column).get("range"):
            ranges[name] = (bounds[0], bounds[1])
        elif column.get("description", "").endswith(SHARE):
            ranges[name] = (0, 1)
    return ranges


def _meta(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**(part.get("meta") or {}), **((part.get("config") or {}).get("meta") or {})}


def _model_parents(node: Mapping[str, Any]) -> list[str]:
    return [p.split(".")[-1] for p in node["depends_on"]["nodes"] if p.startswith("model.")]


def _keys(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "unique_key"
        and not (node.get("config") or {}).get("where")  # unique among some rows is not the key
    }
