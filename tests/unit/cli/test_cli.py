"""A person's mistake is one sentence that says what to do, with the exit code that goes with it."""

from __future__ import annotations

import json
import subprocess
import sys
from ast import literal_eval
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest

from orchestration.cli import main
from orchestration.lib.base.locks import exclusive

ROOT = Path(__file__).resolve().parents[3]


class Said(NamedTuple):
    code: int
    out: str
    error: str


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CX_LANDING", "CX_ADAPTERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CX_ENV", "ci")
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def cxroi(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Said:
    """The command line in this process."""
    monkeypatch.setattr("sys.argv", ["cxroi", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return Said(int(ended.value.code or 0), said.out, said.err)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ("run", 3, "There is nothing in"),
        ("run --date yesterday", 2, "--date 'yesterday' is no day; say e.g. 2025-12-31"),
        ("run --date 2025-02-30", 2, "is no day"),
        ("run --accept volume", 2, 'takes "check=reason"'),
        ("run --accept finite=fine", 2, "'finite' cannot be accepted; only"),
        ("run --landing /no/where", 3, "There is nothing in /no/where"),
        ("check", 3, "There is nothing in"),
        ("replay", 3, "There is no landing folder"),
        ("replay --date tomorrow", 2, "is no day"),
        ("rollback", 2, "Nothing is published yet."),
        ("rollback nonsense", 2, "There is no version 'nonsense'"),
        ("plan Call", 3, "Nothing is published yet; run: cxroi run"),
        ("plan Call --start soon", 2, "--start 'soon' is no day; say e.g. 2025-12-31"),
        ("plan Call --treated-share 50", 2, "--treated-share 50 must lie between 0 and 1."),
        ("plan Call --months 0", 2, "--months 0 must be at least 1."),
        ("plan Call --cost -1", 2, "--cost -1 must not be negative."),
        ("plan Call --id a/b", 2, "'a/b' is no id"),
        ("export out", 3, "Nothing is published yet; run: cxroi run"),
        ("demo --customers 3", 2, "3 is not in the range"),
        ("nonsense", 2, "No such command"),
    ],
)
def test_a_mistake_is_one_sentence(
    home: Path,
    arguments: str,
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = cxroi(arguments.split(), capsys, monkeypatch)
    assert (said.code, sentence in said.error) == (code, True), said.error
    assert not home.exists() or not list(home.rglob("*.duckdb"))


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("CX_ENV", "", "CX_ENV is not set; set it to one of: local, ci, production."),
        ("CX_ENV", "prod", "CX_ENV is 'prod'"),
        ("CX_HOME", "{file}", "which is no folder"),
        ("CX_LANDING", "{file}", "which is no folder"),
        ("CX_HOME", "/proc/nowhere", "/proc"),  # where nobody may write
        (
            "CX_ADAPTERS",
            "{broken}",
            "cannot be read as YAML: while parsing a flow node did not find",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_too(
    home: Path,
    setting: str,
    value: str,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landed = tmp_path / "landed" / "native" / "2025-01-01" / "customers.csv"
    file, adapter = tmp_path / "file", tmp_path / "adapters" / "x" / "adapter.yml"
    for path, text in ((landed, "customer_id\n"), (file, ""), (adapter, "files: [")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("CX_LANDING", str(tmp_path / "landed"))
    monkeypatch.setenv(setting, value.format(file=file, broken=adapter.parents[1]))
    command = "replay" if value == "/proc/nowhere" else "run"
    said = cxroi([command], capsys, monkeypatch)
    assert (said.code, sentence in said.error) == (2, True), said.error


@pytest.mark.parametrize("day", ["2999-01-01", "2015-12-31"])
def test_a_day_that_cannot_be_run_is_said_before_anything_starts(
    home: Path, day: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named after a wrong year would be the newest day."""
    folder = home / "landing" / "native" / day
    folder.mkdir(parents=True)
    (folder / "customers.csv").write_text("customer_id\n", encoding="utf-8")
    said = cxroi(["run"], capsys, monkeypatch)
    assert said.code == 2
    assert f"{day} cannot be run, only 2016-01-01 (CX_FIRST_DATE) to" in said.error
    assert not (home / "runs").exists()


def test_a_demo_does_not_mix_with_extracts(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "landing" / "native").mkdir(parents=True)
    said = cxroi(["demo"], capsys, monkeypatch)
    assert (said.code, "already has files" in said.error) == (2, True)


def test_who_holds_the_lock_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with exclusive(home / "run.lock", "run 4711"):
        said = cxroi(["replay"], capsys, monkeypatch)
    assert said.code == 2
    assert "locked by run 4711 pid" in said.error


@pytest.mark.parametrize(
    ("arguments", "code", "key"),
    [
        ("status", 0, "versions"),
        ("doctor", 1, "findings"),
        ("adapters check orchestration/adapters", 2, "problems"),
        ("demo --customers 500 --months 12 --nights 0", 0, "rows"),
    ],
)
def test_a_machine_gets_one_document(
    home: Path,
    arguments: str,
    code: int,
    key: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[3])
    said = cxroi([*arguments.split(), "--json"], capsys, monkeypatch)
    assert said.code == code
    assert key in json.loads(said.out)


# What takes a noticeable part of a second to import.
HEAVY = ("dagster", "dbt", "duckdb", "great_expectations", "numpy", "openpyxl", "pandas", "pyarrow")


@pytest.mark.parametrize(
    ("argument", "says"),
    [("--help", "run the night"), ("--version", f"cxroi {version('cx-roi')}")],
)
def test_what_a_person_asks_first_is_answered_at_once(argument: str, says: str) -> None:
    """Counted in what is imported, not in seconds, which depend on the machine."""
    code = (
        "import sys, atexit; from orchestration.cli import main; sys.argv[0] = 'cxroi';"
        f"atexit.register(lambda: print([m for m in {HEAVY!r} if m in sys.modules])); main()"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, argument],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    assert says.lower() in said.lower()
    assert said.splitlines()[-1] == "[]"


def test_linear_algebra_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    code = (
        "import sys, atexit; from orchestration.cli import main; sys.argv[0] = 'cxroi'\n"
        "def pools():\n import numpy, threadpoolctl; print(threadpoolctl.threadpool_info())\n"
        "atexit.register(pools); main()"
    )
    command = [sys.executable, "-c", code, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    pools = literal_eval(said.splitlines()[-1])
    assert [pool["num_threads"] for pool in pools] == [1]


def test_the_shell_can_complete(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = cxroi(["--help"], capsys, monkeypatch)
    assert "--install-completion" in said.out
