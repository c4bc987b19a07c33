"""DuckDB for SQLAlchemy with results that outlive their connection.

Great Expectations closes the connection before it reads the result; DuckDB's cursor is gone by
then. Here every result is fetched as soon as the statement ran. Not here: anything about checks.
Imported only by SQLAlchemy, under the name `duckdb+buffered`.
"""

from __future__ import annotations

from duckdb_sqlalchemy import Dialect, DuckDBExecutionContext
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy


class BufferedContext(DuckDBExecutionContext):
    """Fetches the whole result right after execution."""

    def post_exec(self) -> None:
        """Keep the rows, so that closing the connection loses nothing."""
        super().post_exec()  # type: ignore[no-untyped-call]
        if self.cursor is not None and self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=self.cursor.fetchall()
            )


class BufferedDialect(Dialect):
    """The DuckDB dialect with buffered results."""

    execution_ctx_cls = BufferedContext
    supports_statement_cache = True
