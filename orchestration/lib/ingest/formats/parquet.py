"""Parquet: typed columns, turned into text so that they pass the same checks as any other file."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.lib.adapters.model import SourceFile
from orchestration.lib.ingest.decode import Copy
from orchestration.lib.ingest.formats.rows import BATCH_ROWS, Rows, batch, first_line, json_text
from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits


def read_parquet(copy: Copy, file: SourceFile, limits: Limits = LIMITS) -> Rows:
    """Typed columns turned into text, so that they pass the same checks as any other file."""
    try:
        handle = pq.ParquetFile(copy.path)
    except (pa.ArrowException, OSError) as error:
        raise FileProblem(f"is no sound Parquet file ({first_line(error)}).") from None
    labels = handle.schema_arrow.names
    if len(labels) > limits.columns:
        raise FileProblem(f"has {len(labels):,} columns; {limits.columns:,} are allowed.")
    count = handle.metadata.num_rows
    if count > max(limits.rows, copy.path.stat().st_size):
        raise FileProblem(f"holds {count:,} rows, more than one a byte, as no honest export does.")
    places = {label: i for i, label in enumerate(labels)}
    wanted = {places[label] for c in file.columns for label in c.labels if label in places}

    def batches() -> Iterator[pa.RecordBatch]:
        read = 0
        try:
            for block in handle.iter_batches(BATCH_ROWS):
                block.validate(full=True)  # a damaged page may give offsets that lead anywhere
                cells = [
                    _as_text(block.column(i)) if i in wanted else pa.nulls(len(block), pa.string())
                    for i in range(len(labels))
                ]
                yield batch(range(read + 1, read + 1 + len(block)), cells)
                read += len(block)
        except (pa.ArrowException, OSError) as error:
            raise FileProblem(f"is damaged after row {read:,} ({first_line(error)}).") from None
        finally:
            handle.close()

    return Rows(labels, batches(), count=count)


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type):
        return pa.array([json_text(v) for v in column.to_pylist()], pa.string())
    return pc.cast(column, pa.string())
