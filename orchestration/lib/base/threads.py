"""Work in threads: imports while the process waits, and many small statements at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import duckdb

Item = TypeVar("Item")
Result = TypeVar("Result")
AT_ONCE = 2


def import_meanwhile(*imports: Callable[[], object]) -> None:
    """Import libraries that take seconds in a thread of its own, one after the other.

    Should one fail, who needs it imports it again and says so.
    """

    def load() -> None:
        for each in imports:
            with suppress(Exception):
                each()

    threading.Thread(target=load, name="imports", daemon=True).start()


def each_at_once(
    connection: duckdb.DuckDBPyConnection,
    work: Callable[[duckdb.DuckDBPyConnection, Item], Result],
    items: Iterable[Item],
) -> list[Result]:
    """`work` of each item, two at a time, each with a connection of its own; in their order.

    For many small statements: of a large one the engine uses every core by itself. Settings of the
    connection that are not global are not those of the others. The first error is raised, when
    what was begun has ended.
    """

    def run(item: Item) -> Result:
        with connection.cursor() as own:
            return work(own, item)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, items))
