"""A publication is killed, or two come at once: analysts have a whole version, before and after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.lib.base.home import Home
from orchestration.lib.base.locks import Locked, exclusive
from orchestration.lib.publication.versions import all_versions, lock_of, rollback, verify
from orchestration.lib.run.status import status
from tests.unit.publication.versions import nights_exported, nights_in, publish_night

STEPS = [
    "checkpoint", "scan", "seal", "restricted", "sidecar", "rename", "exports", "flip",
    "flip exports", "prune", "done",
]  # fmt: skip


def _publish_and_die(home: Home, step: str) -> int:
    """Publish night 2 in a process that is killed before the step. The signal that ended it."""

    def die(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    if (child := os.fork()) == 0:
        try:
            publish_night(home, 2, on_step=die)
        finally:
            os._exit(1)  # never return into the test session
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_before_any_step_leaves_a_whole_version_and_the_next_night_recovers(
    step: str, home: Home
) -> None:
    publish_night(home, 1)
    assert _publish_and_die(home, step) == signal.SIGKILL

    flipped = STEPS.index(step) > STEPS.index("flip")
    assert nights_in(home.current) == ({2} if flipped else {1})
    assert nights_exported(home) <= {1, 2} and len(nights_exported(home)) == 1
    assert verify(home) == []

    publish_night(home, 3)
    assert nights_in(home.current) == {3} == nights_exported(home)
    assert status(home)["warnings"] == []
    names = {v.name for v in all_versions(home)}
    assert {p.stem for p in home.restricted.glob("2*.duckdb")} == names
    assert not list(home.root.rglob("*.next"))


def test_the_test_knows_every_step(home: Home) -> None:
    seen: list[str] = []
    publish_night(home, 1, on_step=seen.append)
    assert seen == STEPS


def test_two_publications_or_a_rollback_at_once_are_refused_by_name(home: Home) -> None:
    publish_night(home, 1)
    with exclusive(lock_of(home), "run other"):
        with pytest.raises(Locked, match=r"locked by run other pid \d+"):
            rollback(home)
        with pytest.raises(Locked):
            publish_night(home, 2)
    assert nights_in(home.current) == {1}


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from orchestration.lib.base.locks import exclusive\n"
        "with exclusive(Path(sys.argv[1]), 'run a'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert "run a" in path.read_text(encoding="utf-8")
    with exclusive(path, "run b"):
        assert "run b" in path.read_text(encoding="utf-8")
