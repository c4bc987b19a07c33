"""The wheel by itself: installed where there is no checkout, it makes the demo and publishes it.

Given: a wheel built from the files git knows, in an environment that has the dependencies of this
one and nothing of this checkout. What must come out: the commands a newcomer gives, with exit code
0, and everything they write below the folder they were given in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT


def done(command: list[str | Path], **options: object) -> str:
    """What a command printed; the test ends here if it failed."""
    ran = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, **options
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: building leaves folders behind."""
    source = tmp_path_factory.mktemp("source")
    for name in done(["git", "-C", str(ROOT), "ls-files", "-z"]).split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    made = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made)]
    done([sys.executable, "-m", "pip", *build, str(source)])
    [found] = made.glob("*.whl")
    return found


def test_a_wheel_makes_and_publishes_the_demo(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    # A path file in a path file's folder is not read: the dependencies, not this checkout.
    site = Path(
        done([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    )
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    done([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel])

    folder = tmp_path / "company"
    folder.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CX_", "DAGSTER", "PYTHON"))}
    options = {"cwd": folder, "env": {**kept, "CX_ENV": "local"}}
    command = environment / "bin" / "cxroi"
    assert done([command, "--version"], **options).strip().endswith("0.1.0")
    where = done([python, "-c", "import orchestration; print(orchestration.__file__)"], **options)
    assert Path(where.strip()).is_relative_to(site)
    done([command, "demo", "--customers", "500", "--months", "12"], **options)
    done([command, "run"], **options)
    assert [path.name for path in folder.iterdir()] == ["var"]
    with duckdb.connect(folder / "var/warehouse/current.duckdb", read_only=True) as published:
        [(customers,)] = published.execute("select count(*) from cx.v_customers").fetchall()
    assert customers == 500
