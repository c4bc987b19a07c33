"""Gate 2: what the candidate must be before analysts may get it.

Here: the checks of each mart and of the file as a whole. Not here: what is known of a mart
(`mart_catalogue`), the comparison with the version before (`drift`), or dbt's own tests, which have
run by then and hold the keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from expectations.checks.model import Check, CheckResult, columns_with, verdict
from expectations.mart_gate.mart_catalogue import SCHEMA, Mart
from orchestration.lib.contracts.contract import EMAIL, load_contracts

GATE = "marts"
FLOATS = ("DOUBLE", "FLOAT")

# Whatever a column is called exactly, these words say that it holds a person. A metric_name or
# programme_name does not, and a count or a yes or no about an e-mail is no e-mail.
PERSONAL_WORDS = frozenset({"email", "mail", "phone", "telephone", "mobile", "address", "birth"})
PERSONAL_WORDS |= {"birthday", "birthdate", "firstname", "lastname", "surname", "fullname"}
NAMED = frozenset({"customer", "person", "requester", "contact", "account", "agent", "company"})
NAMED |= {"user", "member", "respondent", "first", "last", "middle", "full", "display"}
MEASURES = ("_count", "_rate", "_share", "_amount")


def mart_suite(marts: Sequence[Mart]) -> list[Check]:
    """The checks of all marts."""
    return [check for mart in marts for check in _checks_of(mart)]


def table_checks(
    marts: Sequence[Mart], found: Mapping[str, Mapping[str, str]]
) -> list[CheckResult]:
    """Whether the file holds the marts, nothing else, and no column meant for few eyes."""
    wanted = {mart.name for mart in marts}
    personal = {c.name for e in load_contracts().values() for c in e.columns if c.is_personal}
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
        description="A table has rows if every entity it is made of has some",
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
            query=columns_with(floats, "not isfinite(<column>)"),
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
            query=columns_with(texts, found),
        )
