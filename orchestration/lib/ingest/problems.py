"""What can be wrong with a landing file, and the limits that keep a bad one from hurting."""

from __future__ import annotations

from dataclasses import dataclass


class FileProblem(Exception):
    """The file as a whole cannot be used. The message is a sentence a person can act on."""


class EngineLost(FileProblem):
    """Reading the file left its reader in a state that nobody may go on with."""


@dataclass(frozen=True)
class Limits:
    """Bounds on a landing file; each far above what an export of the known tools holds."""

    file_bytes: int = 8 << 30
    # Text rarely packs better than 30 to 1; a 582 KB bomb of 8M equal rows packs 140 to 1.
    expansion: int = 100
    expansion_from_bytes: int = 32 << 20
    # A Parquet file of 20 KB can hold a billion equal rows; ten million rows of an export are not
    # smaller than ten megabytes.
    rows: int = 10_000_000
    record_bytes: int = 4 << 20
    columns: int = 2000
    unreadable_rows: int = 20_000
    # Of the process that reads the file. Five million rows take 5 seconds and 1 GB.
    memory_bytes: int = 6 << 30
    seconds: float = 1800


LIMITS = Limits()


@dataclass(frozen=True)
class Unreadable:
    """A row that could not be split into cells."""

    row_number: int
    raw: str
    reason: str
