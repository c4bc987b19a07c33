"""Where everything of a run lives on disk: the home folder and the paths inside it.

Here: paths only. Not here: reading or writing what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The home folder (setting CX_HOME). Nothing is written anywhere else."""

    root: Path

    @property
    def lake(self) -> Path:
        """Immutable typed Parquet, its ledger and the quarantine. Restricted: personal data."""
        return self.root / "lake"

    @property
    def build(self) -> Path:
        """What a run builds; emptied before each. Restricted: personal data."""
        return self.root / "warehouse" / "build"

    @property
    def lake_database(self) -> Path:
        """Views over the lake files that a run may see, and the run's parameters."""
        return self.build / "lake.duckdb"

    @property
    def work(self) -> Path:
        """Staging and intermediate tables of the run."""
        return self.build / "work.duckdb"

    @property
    def candidate(self) -> Path:
        """The marts of the run, before they have passed."""
        return self.build / "candidate.duckdb"

    @property
    def restricted_candidate(self) -> Path:
        """Names, e-mails and unscrubbed comments of the run, before it has passed."""
        return self.build / "restricted.duckdb"

    @property
    def versions(self) -> Path:
        """Published warehouse files, one per run that passed, read-only."""
        return self.root / "warehouse" / "versions"

    @property
    def current(self) -> Path:
        """Symlink to the version analysts read."""
        return self.root / "warehouse" / "current.duckdb"

    @property
    def restricted(self) -> Path:
        """Files with personal data, one per published version, mode 0600."""
        return self.root / "warehouse" / "restricted"

    @property
    def reports(self) -> Path:
        """HTML pages of the last run."""
        return self.root / "reports"

    @property
    def exports(self) -> Path:
        """One Parquet file per published table."""
        return self.root / "exports"

    @property
    def runs(self) -> Path:
        """One folder of evidence per run."""
        return self.root / "runs"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: run history of the UI."""
        return self.root / "dagster"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled project and manifest."""
        return self.root / "dbt" / "target"

    @property
    def temporary(self) -> Path:
        """Decoded and half-written files; emptied before each run."""
        return self.root / "tmp"
