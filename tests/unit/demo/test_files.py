"""The demo's files: reproducible, streamed, and exactly as dirty as the truth says."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from orchestration.demo import company, write_demo

END = date(2025, 12, 31)
NIGHTS = 3


def demo(folder: Path, customers: int = 500, seed: int = 3, nights: int = NIGHTS) -> Any:
    return write_demo(folder / "landing", folder / "truth", customers, 12, seed, nights, END)


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(path: Path) -> list[dict[str, Any]]:
    """Rows of an export; a survey export has three rows of headings."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return rows[2:] if path.parent.parent.name == "qualtrics" else rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo(folder)
    return folder


@pytest.fixture(scope="module")
def truth(made: Path) -> dict[str, Any]:
    return json.loads((made / "truth" / "truth.json").read_text(encoding="utf-8"))


def every(folder: Path, name: str) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.glob(f"landing/*/*/{name}")) for row in read(path)]


def test_same_seed_same_bytes_other_seed_other_bytes(made: Path, tmp_path: Path) -> None:
    demo(tmp_path / "again")
    assert fingerprints(tmp_path / "again") == fingerprints(made)
    demo(tmp_path / "other", seed=4)
    assert fingerprints(tmp_path / "other") != fingerprints(made)


def test_nights_cut_the_same_world_into_more_or_fewer_drops(made: Path, tmp_path: Path) -> None:
    """One whole drop at the end holds the keys that the drops of several nights hold together."""
    demo(tmp_path, nights=0)
    for name, key in (("transactions.csv", "transaction_id"), ("ticket_events.jsonl", "event_id")):
        once, cut = (
            {row[key] for row in every(folder, name) if not row[key].startswith(("99", "T99"))}
            for folder in (tmp_path, made)
        )
        assert once == cut, name


def test_chunks_are_appended_and_do_not_depend_on_those_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why it matters: a million customers are written with the memory of five thousand."""
    monkeypatch.setattr(company, "CHUNK", 250)
    done: list[tuple[int, int]] = []
    write_demo(tmp_path / "l", tmp_path / "t", 500, 12, 3, 1, END, lambda *step: done.append(step))
    demo(tmp_path / "half", customers=250, nights=1)
    assert done == [(250, 500), (500, 500)]
    for part in ("hubspot-crm-exports-contacts.csv", "interactions.csv", "ticket_events.jsonl"):
        both = next(iter(sorted((tmp_path / "l").glob(f"*/*/{part}")))).read_bytes()
        one = next(iter(sorted((tmp_path / "half" / "landing").glob(f"*/*/{part}")))).read_bytes()
        assert both.startswith(one), part
        assert len(both) > 1.5 * len(one), part


def test_truth_counts_the_rows_of_every_file(made: Path, truth: dict[str, Any]) -> None:
    counted = truth["counts"]["files"]
    landing = made / "landing"
    files = {p.relative_to(landing).as_posix() for p in landing.rglob("*") if p.is_file()}
    assert files == set(counted)
    for name, count in counted.items():
        assert len(read(landing / name)) == count["rows"], name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("transactions.csv", "transaction_id"),
        ("contracts.csv", "contract_id"),
        ("interactions.csv", "interaction_id"),
        ("tickets.csv", "Id"),
        ("ticket_events.jsonl", "event_id"),
        ("hubspot-crm-exports-contacts.csv", "Record ID"),
        ("relationship-nps.csv", "ResponseId"),
    ],
)
def test_duplicates_in_a_file_are_exact_and_counted(
    made: Path, truth: dict[str, Any], name: str, key: str
) -> None:
    for path in made.glob(f"landing/*/*/{name}"):
        rows = read(path)
        distinct = {json.dumps(row, sort_keys=True) for row in rows}
        counted = truth["counts"]["files"][path.relative_to(made / "landing").as_posix()]
        assert len(rows) - len(distinct) == counted.get("exact_duplicates", 0), path
        assert len({row[key] for row in rows}) == len(distinct), "a key has two versions in a file"


@pytest.mark.parametrize(
    ("name", "is_bad", "kind"),
    [
        ("transactions.csv", lambda r: r["amount"] == "12,5o", "bad_rows"),
        ("contracts.csv", lambda r: r["start_date"] == "soon", "bad_rows"),
        ("interactions.csv", lambda r: r["channel"] == "", "bad_rows"),
        ("tickets.csv", lambda r: r["Created at"] == "2025-13-45 10:00:00", "bad_rows"),
        ("ticket_events.jsonl", lambda r: r["created_at"] == "yesterday", "bad_rows"),
        ("ticket-ces.csv", lambda r: r["Q1"] == "seven", "bad_rows"),
        ("ticket-ces.csv", lambda r: r["Q1"] == "99", "out_of_scale_rows"),
        ("ticket-ces.csv", lambda r: r["Status"] == "Survey Preview", "preview_rows"),
    ],
)
def test_rows_that_do_not_belong_are_counted(
    made: Path, truth: dict[str, Any], name: str, is_bad: Any, kind: str
) -> None:
    for path in made.glob(f"landing/*/*/{name}"):
        counted = truth["counts"]["files"][path.relative_to(made / "landing").as_posix()]
        also = sum(r.get("occurred_at", "").startswith("2025-02-30") for r in read(path))
        assert sum(map(is_bad, read(path))) + also == counted.get(kind, 0), path


def test_nights_bring_only_news_late_rows_corrections_and_repeats(
    made: Path, truth: dict[str, Any]
) -> None:
    drops = sorted(made.glob("landing/native/*/transactions.csv"))
    assert [path.parent.name for path in drops] == [f"2025-12-{d}" for d in (28, 29, 30, 31)]
    seen: Counter[str] = Counter(row["transaction_id"] for row in read(drops[0]))
    for path in drops[1:]:
        counted = truth["counts"]["files"][path.relative_to(made / "landing").as_posix()]
        ids = [row["transaction_id"] for row in read(path)]
        known = sum(i in seen for i in ids)
        assert known == counted.get("repeated_rows", 0) + counted.get("changed_rows", 0)
        assert len(ids) < 200
        seen.update(ids)
    assert truth["counts"]["late_transactions"] > 0
    assert truth["counts"]["corrected_transactions"] > 0


def test_a_file_comes_again_unchanged(made: Path, truth: dict[str, Any]) -> None:
    first, last = sorted(made.glob("landing/native/*/surveys.csv"))
    assert first.read_bytes() == last.read_bytes()
    assert truth["counts"]["files"]["native/2025-12-31/surveys.csv"]["identical_files"] == 1


def test_unknown_requesters_and_second_records_are_counted(
    made: Path, truth: dict[str, Any]
) -> None:
    contacts = every(made, "hubspot-crm-exports-contacts.csv")
    emails = {row["Email"].strip().lower() for row in contacts}
    tickets = {
        row["Id"]: row for row in every(made, "tickets.csv") if row["Created at"] < "2025-13"
    }
    domains = {
        row["Website URL"].removeprefix("https://www.")
        for row in every(made, "hubspot-crm-exports-companies.csv")
    }
    strange = [
        row for row in tickets.values() if row["Requester email"].strip().lower() not in emails
    ]
    by_domain = [row for row in strange if row["Requester domain"] in domains]
    assert len(by_domain) == truth["counts"]["tickets_known_by_domain"] > 0
    assert len(strange) - len(by_domain) == truth["counts"]["orphan_tickets"] > 0
    assert len(tickets) == truth["counts"]["tickets"]
    good = {row["Record ID"] for row in contacts if not row["Record ID"].startswith("99")}
    assert len(good) - len(emails) == truth["counts"]["duplicate_contacts"] > 0
    assert any(
        email.isupper() for email in (row["Requester email"].strip() for row in tickets.values())
    )


def test_money_comments_and_subjects_are_as_mixed_as_real_ones(made: Path) -> None:
    assert {row["currency"] for row in every(made, "transactions.csv")} == {
        "USD",
        "EUR",
        "JPY",
        "BRL",
    }
    answers = every(made, "relationship-nps.csv") + every(made, "ticket-ces.csv")
    words = [row["Q2"] for row in answers if row["Q2"]]
    languages = {row["UserLanguage"] for row in answers if row["Q2"]}
    assert languages == {"EN", "JA", "PT", "AR", "ZH"}
    assert any("\n" in text and '"' in text for text in words), "several lines, quoted"
    assert any("@" in text and "+1 202 555" in text for text in words), "personal data"
    assert any(text.startswith(("=", "+", "-", "@")) for text in words), "formula-like"


def test_truth_lies_beside_the_landing_folder_and_nobody_reads_it(made: Path) -> None:
    assert sorted(p.name for p in (made / "truth").iterdir()) == ["customers.parquet", "truth.json"]
    secrets = ('satisfaction"', "leave_probability", "expected_lifetime")
    for path in made.glob("landing/*/*/*"):
        head = path.read_text(encoding="utf-8")[:2000]
        assert not any(word in head for word in secrets), path
    root = Path(__file__).parents[3]
    code = [*root.glob("orchestration/lib/**/*.py"), *root.glob("orchestration/defs/**/*.py")]
    code += [*root.glob("dbt_project/models/**/*.sql"), *root.glob("expectations/**/*.py")]
    assert not [p for p in code if "truth.json" in p.read_text(encoding="utf-8")]
    customers = pq.read_table(made / "truth" / "customers.parquet")
    assert customers.num_rows == 500
