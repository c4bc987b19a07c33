"""From a landing file to a private copy: hashed, unpacked and, for text, in strict UTF-8.

Everything after this step reads the copy, whose name is ours and whose bytes cannot change.
Not here: what the text means.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from orchestration.lib.ingest.problems import LIMITS, FileProblem, Limits

CHUNK = 4 << 20
BOMS = (  # a byte order mark says more surely than any declaration what follows
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Copy:
    """The private copy of a landing file."""

    path: Path
    is_empty: bool
    odd_quotes: bool
    ends_with_newline: bool


def copy_text(source: Path, target: Path, encoding: str, limits: Limits = LIMITS) -> Copy:
    """Write the text of `source` to `target` as UTF-8 without a byte order mark.

    Raises FileProblem at the first byte that is not text in the encoding.
    """
    quotes, last, size = 0, b"", 0
    with source.open("rb") as raw, target.open("wb") as out:
        for text in _decoded(_unpacked(raw, source, limits), encoding):
            data = text.encode()
            position = data.find(b"\0")
            if position >= 0:
                raise FileProblem(
                    f"holds a NUL character {size + position:,} bytes into its text: it is damaged "
                    f"or not in {encoding}. Export it again, or declare its encoding."
                )
            out.write(data)
            quotes += data.count(b'"')
            last, size = data[-1:] or last, size + len(data)
    return Copy(target, size == 0, quotes % 2 == 1, last in (b"\n", b"\r"))


def copy_bytes(source: Path, target: Path, limits: Limits = LIMITS) -> Copy:
    """Copy a binary file, unpacking gzip."""
    size = 0
    with source.open("rb") as raw, target.open("wb") as out:
        for chunk in _unpacked(raw, source, limits):
            out.write(chunk)
            size += len(chunk)
    return Copy(target, size == 0, odd_quotes=False, ends_with_newline=True)


def cut_footer(copy: Copy, footer: str) -> int:
    """Remove the trailing lines that match `footer` from the copy; how many there were."""
    size = copy.path.stat().st_size
    with copy.path.open("r+b") as handle:
        start = max(0, size - (64 << 10))
        handle.seek(start)
        lines = handle.read().splitlines(keepends=True)
        count, end = 0, size
        while lines:
            line = lines[-1].decode(errors="replace").strip().strip('"')
            if line and not re.search(footer, line):
                break
            count += bool(line)
            end -= len(lines.pop())
        handle.truncate(end)
    return count


def _unpacked(raw: BinaryIO, source: Path, limits: Limits) -> Iterator[bytes]:
    packed_size = max(source.stat().st_size, 1)
    stream = gzip.GzipFile(fileobj=raw) if source.suffix == ".gz" else raw
    size = 0
    try:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limits.file_bytes:
                raise FileProblem(
                    f"is larger than {limits.file_bytes:,} bytes unpacked; split the export."
                )
            if size > max(limits.expansion_from_bytes, packed_size * limits.expansion):
                raise FileProblem(
                    f"unpacks to over {limits.expansion} times its size, as no honest export does; "
                    f"look at it before trusting it."
                )
            yield chunk
    except EOFError:
        raise FileProblem("is cut off: the gzip stream has no end. Transfer it again.") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileProblem(f"is no sound gzip file ({error}). Transfer it again.") from None


def _decoded(chunks: Iterator[bytes], encoding: str) -> Iterator[str]:
    first = next(chunks, b"")
    start = 0
    for mark, marked in BOMS:
        if first.startswith(mark):
            encoding, start = marked, len(mark)
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, chunk = start, first[start:]
    while True:
        pending = len(decoder.getstate()[0])
        following = next(chunks, None)
        try:
            yield decoder.decode(chunk, final=following is None)
        except UnicodeDecodeError as error:
            raise FileProblem(
                f"is not {encoding}: byte {offset - pending + error.start:,} cannot be decoded "
                f"({error.reason}). Export it as {encoding} or declare its encoding."
            ) from None
        if following is None:
            return
        offset += len(chunk)
        chunk = following
