"""Fixtures shared by all tests: whole nights, run once per session through the command line."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
PUBLIC_DATA = Path(os.environ.get("TEST_DATA_FOLDER") or ROOT.parent / "shared" / "data")
ADAPTERS = ROOT / "tests" / "fixtures" / "adapters"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        skip = pytest.mark.skip(reason="takes minutes; run with --long")
        for item in items:
            if "long" in item.keywords:
                item.add_marker(skip)


@dataclass(frozen=True)
class Company:
    """A home folder and how to work in it."""

    home: Path
    environment: dict[str, str]

    def cxroi(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run the command line as a person would; `code` is the exit code that must come."""
        done = subprocess.run(
            [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "current.duckdb"

    def query(self, sql: str) -> list[tuple]:
        """Ask the published file, as an analyst would."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql: str) -> object:
        """The one value of a question."""
        [(value,)] = self.query(sql)
        return value


def company(home: Path, **settings: str) -> Company:
    """A company with a home of its own; only the settings given here apply."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CX_", "DAGSTER"))}
    clean.pop("PYTHONDONTWRITEBYTECODE", None)
    clean |= {"CX_HOME": str(home), "CX_ENV": "ci", "PYTHONPATH": str(ROOT), **settings}
    return Company(home, clean)


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Company]
) -> Company:
    """What `make` makes of a folder, made by the first process that needs it; the others wait."""
    root = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    with FileLock(root / f"{name}.lock"):
        made = root / f"{name}.made"
        if not made.exists():
            made.write_bytes(pickle.dumps(make(root / name)))
        return pickle.loads(made.read_bytes())


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company as `make run` makes it, published. Read it; do not change it."""

    def make(home: Path) -> Company:
        demo = company(home)
        demo.cxroi("demo")
        demo.cxroi("run")
        return demo

    return made_once(tmp_path_factory, "demo", make)


def public_data(name: str) -> Path:
    """A folder of public data, or a skip where it is absent."""
    folder = PUBLIC_DATA / name
    if not folder.is_dir():
        pytest.skip(f"the public data set {name} is not on this machine")
    return folder


def drop(company: Company, system: str, source: Path) -> None:
    """Put a tool's files into the landing folder."""
    target = company.home / "landing" / system
    target.mkdir(parents=True)
    for file in sorted(source.glob("*.csv")):
        shutil.copy(file, target / file.name)


SURVEY_HEADINGS = (
    "survey_id,name,survey_kind,survey_scope,scale_min,scale_max,is_higher_better,has_send_list\n"
)


def drop_surveys(company: Company, day: str, rows: str) -> None:
    """Declare the surveys of a company in the contract's own shape."""
    target = company.home / "landing" / "native" / day
    target.mkdir(parents=True)
    (target / "surveys.csv").write_text(SURVEY_HEADINGS + rows, encoding="utf-8")


@pytest.fixture(scope="session")
def olist(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A real marketplace, published as of the end of October 2018."""
    source = public_data("olist")

    def make(home: Path) -> Company:
        shop = company(
            home,
            CX_ADAPTERS=str(ADAPTERS),
            CX_CURRENCY="BRL",
            CX_TIME_ZONE="America/Sao_Paulo",
        )
        drop(shop, "olist", source)
        answers = "olist-review,Order review,csat,transactional,1,5,true,true\n"
        drop_surveys(shop, "2018-10-31", answers)
        shop.cxroi("run", "--date", "2018-10-31")
        return shop

    return made_once(tmp_path_factory, "olist", make)


@pytest.fixture(scope="session")
def ravenstack(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A synthetic software company with known totals, published as of the end of 2024."""
    source = public_data("ravenstack")

    def make(home: Path) -> Company:
        firm = company(home, CX_ADAPTERS=str(ADAPTERS))
        drop(firm, "ravenstack", source)
        answers = "ravenstack-csat,Ticket score,csat,transactional,1,5,true,false\n"
        drop_surveys(firm, "2024-12-31", answers)
        firm.cxroi("run", "--date", "2024-12-31")
        return firm

    return made_once(tmp_path_factory, "ravenstack", make)
