"""One landing file into one immutable Parquet file of typed vendor rows, and its quarantine.

Here: text cells of any format through the casts into the lake. Not here: which files those are
(`scan`), or what the rows mean (`mapping`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.base.sql import name, quote
from orchestration.lib.ingest import cast
from orchestration.lib.ingest.decode import Copy, copy_bytes, copy_text, cut_footer
from orchestration.lib.ingest.files import whole
from orchestration.lib.ingest.formats.csv import read_csv
from orchestration.lib.ingest.formats.jsonl import read_jsonl
from orchestration.lib.ingest.formats.parquet import read_parquet
from orchestration.lib.ingest.formats.rows import Rows
from orchestration.lib.ingest.formats.xlsx import read_xlsx
from orchestration.lib.ingest.headers import Bound, bind
from orchestration.lib.ingest.problems import (
    LIMITS,
    EngineLost,
    FileProblem,
    Limits,
    Unreadable,
)

READERS = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet, "xlsx": read_xlsx}
TWO_READINGS = (
    "fits two readings, as a decimal number and as thousands; declare the marks of its numbers "
    "(number) in an adapter, or export it without a mark of thousands"
)
FAULTS_OF_DATA = (duckdb.DataError, duckdb.ProgrammingError)
REJECTED = "row_number bigint, column_name varchar, reason varchar, raw_line varchar"
BLOCKS_AT_ONCE = 8  # one block of Arrow is one task for the engine: give it some to share out


@dataclass(frozen=True)
class Reading:
    """What reading a file gave.

    row_count is what the parser counted, the others what was written: if rows were lost on the way
    they do not add up, and the first gate refuses the run. Footer lines are no rows.
    """

    row_count: int
    good_count: int
    rejected_count: int
    footer_count: int
    unknown_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]


def read_source(
    connection: duckdb.DuckDBPyConnection,
    landed: Path,
    file: SourceFile,
    target: Path,
    rejected: Path,
    temporary: Path,
    limits: Limits = LIMITS,
) -> Reading:
    """Write the good rows of `landed` to `target` and the others to `rejected`.

    Raises FileProblem, and writes nothing, if the file as a whole cannot be used: whatever a
    library says of it. The machine's own faults (disk, memory, the engine) are raised as they are;
    libraries raise an OSError of damaged contents too, but without the number of a system's error.
    """
    try:
        return _read(connection, landed, file, target, rejected, temporary, limits)
    except (FileProblem, MemoryError):
        raise
    except Exception as error:
        is_of_engine = isinstance(error, duckdb.Error) and not isinstance(error, FAULTS_OF_DATA)
        if is_of_engine or (isinstance(error, OSError) and error.errno is not None):
            raise
        # Only what kind of error: what a library says may quote the data.
        kind = type(error).__name__
        if isinstance(error, SystemError):  # a library failed without saying why
            said = f"cannot be read ({kind}, as where memory ends). Export it again."
            raise EngineLost(said) from error
        raise FileProblem(f"cannot be read ({kind}). Export it again.") from error


def _read(
    connection: duckdb.DuckDBPyConnection,
    landed: Path,
    file: SourceFile,
    target: Path,
    rejected: Path,
    temporary: Path,
    limits: Limits,
) -> Reading:
    form = format_of(landed, file)
    private = temporary / "landed"
    if form in ("csv", "jsonl"):
        copy = copy_text(landed, private, file.encoding, limits)
    else:
        copy = copy_bytes(landed, private, limits)
    if copy.is_empty:
        raise FileProblem("is empty: it has not even headings. Export it again.")
    footers = cut_footer(copy, file.footer) if form == "csv" and file.footer else 0
    file, rows, bound = _headed(copy, form, file, limits)
    try:
        _cast(connection, rows, bound, file, _doubtful(bound, file, form))
        if rows.seen_labels is not None:
            bound = bind(file, rows.seen_labels)
        _add_unreadable(connection, rows.unreadable)
        if rows.count < file.min_rows:
            raise FileProblem(
                f"has {rows.count} rows where at least {file.min_rows} are expected. Export it "
                f"again; if days without rows are normal, set min_rows: 0 where the file is "
                f"declared: in its adapter, or for native files in the contract."
            )
        good = _write(connection, "good", target)  # as inserted, which is by row number
        any_bad = connection.execute("select 1 from rejected limit 1").fetchone()
        ordered = "(select * from rejected order by row_number)"
        bad = _write(connection, ordered, rejected) if any_bad else 0
    finally:
        for table in ("good", "rejected", "in_doubt"):
            connection.execute(f"drop table if exists {table}")
        private.unlink(missing_ok=True)
    return Reading(rows.count, good, bad, footers, bound.unknown, bound.absent)


def _headed(
    copy: Copy, form: str, file: SourceFile, limits: Limits
) -> tuple[SourceFile, Rows, Bound]:
    """The file in the first form of its headings that fits. Raises what is wrong with the first."""
    problems = []
    for as_formed in file.in_each_form():
        try:
            rows = READERS[form](copy, as_formed, limits)
            bound = bind(as_formed, rows.labels, rows.headings)
            if rows.no_time_zone:
                raise rows.no_time_zone
        except FileProblem as problem:
            problems.append(problem)
        else:
            return as_formed, rows, bound
    raise problems[0]


def format_of(landed: Path, file: SourceFile) -> str:
    """The declared format, or for `auto` the one its name ends in."""
    if file.format != "auto":
        return file.format
    return landed.name.removesuffix(".gz").rsplit(".", 1)[-1]


def _doubtful(bound: Bound, file: SourceFile, form: str) -> list[int]:
    """Places of the columns whose numbers may be written in another country's marks. Only in CSV,
    which has no numbers of its own, and where no mark of thousands is declared."""
    if form != "csv" or file.thousands_mark:
        return []
    return [
        i
        for i, (column, position) in enumerate(bound.positions)
        if column.type in ("integer", "decimal") and position is not None and column.is_used
    ]


def _cast(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    bound: Bound,
    file: SourceFile,
    doubtful: list[int],
) -> None:
    types = ", ".join(f"{name(c.name)} {c.duckdb_type}" for c in file.columns)
    connection.execute(f"create temp table good (row_number bigint, {types})")
    connection.execute(f"create temp table rejected ({REJECTED})")
    connection.execute(f"create temp table in_doubt (place integer, {REJECTED})")
    select = _select(rows, bound, file, doubtful)
    settled: set[int] = set()
    names = ", ".join(name(c.name) for c in file.columns)
    for table in _tables(rows.batches):
        connection.register("incoming", table)
        connection.execute(f"create or replace temp table checked as {select}")
        connection.execute(
            f"insert into good select row_number, {names} from checked where _problem is null"
        )
        connection.execute(
            "insert into rejected select row_number, _problem.column_name, _problem.reason, _raw "
            "from checked where _problem is not null"
        )
        settled |= _note_doubts(connection, bound, doubtful)
    connection.unregister("incoming")
    connection.execute("drop table if exists checked")
    if doubtful:
        _refuse_doubts(connection, settled)


def _note_doubts(
    connection: duckdb.DuckDBPyConnection, bound: Bound, doubtful: list[int]
) -> set[int]:
    """Put aside the rows of a block whose numbers fit two readings. The columns one of whose cells
    leaves one reading: the column has one for all."""
    if not doubtful:
        return set()
    found = ", ".join(f"bool_or(not _d{i}), bool_or(_d{i})" for i in doubtful)
    row = connection.execute(f"select {found} from checked where _problem is null").fetchone()
    assert row is not None
    for i, any_in_doubt in zip(doubtful, row[1::2], strict=True):
        if any_in_doubt:
            connection.execute(
                f"insert into in_doubt select {i}, row_number, $label, $reason, _raw from checked "
                f"where _problem is null and _d{i}",
                {"label": bound.positions[i][0].label, "reason": TWO_READINGS},
            )
    # 12.000 settles nothing in a column of whole numbers: 12.5 would be refused.
    decimals = zip(doubtful, row[0::2], strict=True)
    return {i for i, one in decimals if one and bound.positions[i][0].type == "decimal"}


def _refuse_doubts(connection: duckdb.DuckDBPyConnection, settled: set[int]) -> None:
    for place in settled:
        connection.execute("delete from in_doubt where place = $place", {"place": place})
    connection.execute(
        "insert into rejected select * exclude (place) from in_doubt "
        "qualify row_number() over (partition by row_number order by place) = 1"
    )
    connection.execute("delete from good where row_number in (select row_number from in_doubt)")


def _tables(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if len(held) == BLOCKS_AT_ONCE:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _select(rows: Rows, bound: Bound, file: SourceFile, doubtful: list[int]) -> str:
    """Cells, then plain cells, then values, then the first reason why a row is refused."""
    # Our own names begin with an underscore, which no declared name does.
    cells, plains, values, problems = ["*"], ["*"], ["*"], []
    for i, (column, position) in enumerate(bound.positions):
        text, plain, typed = f"_t{i}", f"_p{i}", name(column.name)
        if position is None:
            values.append(f"cast(null as {column.duckdb_type}) as {typed}")
            continue
        cells.append(f"{cast.cell(f'_c{position}', file, column)} as {text}")
        plains.append(f"{text if column.type == 'text' else cast.plain(text)} as {plain}")
        values.append(f"{cast.value(plain, column, file, rows.time_zone)} as {typed}")
        if column.required:
            problems.append(_problem(f"{text} is null", column.label, "is missing"))
        if column.allowed:
            allowed = ", ".join(quote(value.lower()) for value in column.allowed)
            other = f"lower(trim({text}, {quote(cast.BLANKS)})) not in ({allowed})"
            said = f"is none of {', '.join(column.allowed)}"
            problems.append(_problem(other, column.label, said))
        if column.type != "text" and column.is_used:
            refused = f"{text} is not null and {typed} is null"
            problems.append(_problem(refused, column.label, cast.reason(column)))
    doubts = "".join(
        f", case when {name(bound.positions[i][0].name)} is not null "
        f"then {cast.is_in_doubt(f'_p{i}', file)} end as _d{i}"
        for i in doubtful
    )
    shown_if = " or ".join(["_problem is not null", *(f"_d{i}" for i in doubtful)])
    pairs = (f"{quote(label)}: _c{i}" for i, label in enumerate(_distinct(rows.labels)))
    shown = "{" + ", ".join(pairs) + "}"
    first = f"coalesce({', '.join(problems)})" if problems else _problem("false", "", "")
    names = ", ".join(name(c.name) for c in file.columns)
    return (
        f"with cells as (select {', '.join(cells)} from incoming), "
        f"plains as (select {', '.join(plains)} from cells), "
        f"typed as (select {', '.join(values)} from plains), "
        f"judged as (select *, {first} as _problem{doubts} from typed) "
        f"select row_number, {names}, _problem, "
        + "".join(f"_d{i}, " for i in doubtful)
        + f"case when {shown_if} then cast(to_json({shown}) as varchar) end as _raw "
        f"from judged"
    )


def _distinct(labels: Iterable[str]) -> list[str]:
    """Labels made different from each other, for the record of a refused row."""
    used: dict[str, str] = {}
    for i, label in enumerate(labels):
        fresh = label if label and label.lower() not in used else f"{label}#{i + 1}"
        used[fresh.lower()] = fresh
    return list(used.values())


def _problem(condition: str, label: str, reason: str) -> str:
    text = f"{{'column_name': {quote(label)}, 'reason': {quote(reason)}}}"
    return f"case when {condition} then {text} end"


def _add_unreadable(connection: duckdb.DuckDBPyConnection, unreadable: list[Unreadable]) -> None:
    if not unreadable:
        return
    table = pa.table(
        {
            "row_number": pa.array([u.row_number for u in unreadable], pa.int64()),
            "column_name": pa.nulls(len(unreadable), pa.string()),
            "reason": [u.reason for u in unreadable],
            "raw_line": [u.raw for u in unreadable],
        }
    )
    connection.register("incoming", table)
    connection.execute("insert into rejected select * from incoming")
    connection.unregister("incoming")


def _write(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Write a table and count what is in the file."""
    with whole(path) as temporary:
        file = quote(temporary)
        connection.execute(
            f"copy (select * from {table}) to {file} (format parquet, compression zstd)"
        )
        row = connection.execute(f"select count(*) from read_parquet({file})").fetchone()
    return int(row[0]) if row else 0
