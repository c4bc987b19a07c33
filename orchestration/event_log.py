"""Where Dagster keeps its events: one file, opened once a process, one transaction an event.

Dagster opens and closes the file, and sets up SQLAlchemy, three times for every event, and looks
each time whether the tables are there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from dagster import DagsterEventType, EventLogEntry
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen

PLANNED = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value


class EventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's one-file event log with a connection that stays open. Named in dagster.yaml.

    That a check is planned is not kept: of a run that failed Dagster would show each check it did
    not come to as failed, hundreds for one. A check is shown as it was last evaluated.
    """

    def store_event(self, event: EventLogEntry) -> None:
        """Write an event and what follows from it, all or nothing."""
        if event.dagster_event and event.dagster_event.event_type_value == PLANNED:
            return
        with self._connect() as connection:
            token = self._writing.set(connection)
            try:
                super().store_event(event)
            finally:
                self._writing.reset(token)

    def has_table(self, table_name: str) -> bool:
        """Whether the file has the table; asked of the file until it has."""
        if table_name not in self._known:
            if not super().has_table(table_name):
                return False
            self._known.add(table_name)
        return True

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._known:
            if not super()._has_asset_key_col_on_connection(conn, column_name):
                return False
            self._known.add(column_name)
        return True

    @cached_property
    def _known(self) -> set[str]:
        """Tables and columns that were found; none is ever taken away."""
        return set()

    @cached_property
    def _writing(self) -> ContextVar[Connection | None]:
        """The connection of the event this thread is writing."""
        return ContextVar("writing", default=None)

    @cached_property
    def _engine(self) -> Engine:
        timeout = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        engine = create_engine(self._conn_string, connect_args=timeout)
        listen(engine, "connect", _wait_for_no_disk)
        return engine

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        if open_one := self._writing.get():
            yield open_one
            return
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        self._engine.dispose()


def _wait_for_no_disk(connection: sqlite3.Connection, _: object) -> None:
    """A power cut may cost the last events of a history, which is no evidence; it stays whole."""
    connection.execute("pragma synchronous = normal")
