"""Ingestion dies in the middle, or the machine fails it: the same command finishes the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.ingest import files, worker
from orchestration.lib.ingest.lake_snapshot import NotIngested
from tests.unit.lab import Lab, tree

HEAD = "customer_id,customer_kind,name\n"


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it and tidy up."""


@pytest.mark.parametrize("moment", range(8))
def test_after_a_crash_at_any_write_the_same_command_converges(
    lab: Lab, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files, one with a row in quarantine: eight writes, a crash before each of them lands."""
    whole = Lab(lab.root / "whole")
    for one in (lab, whole):
        one.drop("native/2024-03-01/customers.csv", HEAD + "c1,person,a\nc2,robot,b\n")
        one.drop(
            "native/2024-03-01/programmes.csv",
            "programme_id,name,start_date,assignment\np,P,2024-01-01,rule\nq,Q,x,rule\n",
        )
    whole.run()
    writes = 0
    sync = files.sync_file

    def die(path: Path) -> None:
        nonlocal writes
        writes += 1
        if writes == moment + 1:
            raise Killed
        sync(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "sync_file", die)
        with pytest.raises(Killed):
            lab.run()
    leftovers = list(lab.lake.rglob("*.tmp"))
    assert len(leftovers) == 1
    assert {r["status"] for r in _ledger_or_nothing(lab)} <= {"loaded"}
    lab.run()
    left = {p for p in tree(lab.lake) if not p.endswith(".tmp")}
    assert left == tree(whole.lake).keys()
    assert lab.rows("customers") == whole.rows("customers")
    assert lab.rows("programmes") == whole.rows("programmes")
    assert len(lab.quarantine()) == 2


def _ledger_or_nothing(lab: Lab) -> list[dict[str, object]]:
    try:
        return lab.ledger()
    except NotIngested:
        return []


def test_a_full_disk_stops_the_run_and_is_nobodys_quarantine(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine's trouble must not be recorded as a fault of the file."""
    lab.drop("native/2024-03-01/customers.csv", HEAD + "c1,person,a\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "read_source", full)
        with pytest.raises(OSError, match="No space left"):
            lab.run()
    assert lab.ledger() == []
    assert list((lab.root / "tmp").iterdir()) == []
    lab.run()
    assert len(lab.rows("customers")) == 1
