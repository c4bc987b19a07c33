"""The two files that declare a planned experiment, in the shape of the contracts.

`programmes_<id>.csv` and `programme_enrolments_<id>.csv`, as the native adapter reads them. Here:
their text. Not here: who is in which arm (`assignment`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from orchestration.lib.base.files import write_text


class NotWritten(ValueError):
    """The files cannot be put there; the message says what to do."""


def write_extract(
    folder: Path,
    programme: dict[str, str],
    arms: Iterable[tuple[str, bool]],
    enrolled_at: datetime,
) -> list[Path]:
    """Write both files and return them. Raises NotWritten, before writing, if one is there."""
    programme_id = programme["programme_id"]
    moment = f"{enrolled_at:%Y-%m-%d %H:%M:%S}"
    enrolments = [
        {
            "enrolment_id": f"{programme_id}|{customer}",
            "programme_id": programme_id,
            "customer_id": customer,
            "arm": "treated" if is_treated else "control",
            "enrolled_at": moment,
            "assigned_by": "random draw",
            "updated_at": moment,
        }
        for customer, is_treated in sorted(arms)
    ]
    texts = {
        folder / f"programmes_{programme_id}.csv": _csv([programme | {"updated_at": moment}]),
        folder / f"programme_enrolments_{programme_id}.csv": _csv(enrolments),
    }
    for path in texts:
        if path.exists():
            raise NotWritten(
                f"{path} is there already. The same plan gives the same file; for another plan "
                f"give it another --id, or remove the file."
            )
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
