"""Where Dagster keeps its events: one file, opened once a process.

Dagster opens and closes the file, and sets up SQLAlchemy, for every event. A night writes some
thousand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen


class EventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's one-file event log with a connection that stays open. Named in dagster.yaml."""

    @cached_property
    def _engine(self) -> Engine:
        timeout = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        engine = create_engine(self._conn_string, connect_args=timeout)
        listen(engine, "connect", _wait_for_no_disk)
        return engine

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        self._engine.dispose()


def _wait_for_no_disk(connection: sqlite3.Connection, _: object) -> None:
    """A power cut may cost the last events of a history, which is no evidence; it stays whole."""
    connection.execute("pragma synchronous = normal")
