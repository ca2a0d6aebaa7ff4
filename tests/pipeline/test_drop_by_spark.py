"""What Spark's workers prepare is in the books, the lake and the quarantine as if the workers here had done it."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from spark_cluster import Cluster

from core.settings import load_settings
from pipeline.sample_files import write_samples
from pipeline.system import open_system

FOR_MODELS = {".png", ".jpg", ".jpeg", ".tiff", ".wav", ".mp3", ".mp4", ".flac"}  # seconds each, and tested elsewhere
MANY = 10_000
OF_THE_MOMENT = {"blob": {"origin", "parent", "received_at"}}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Samples of several kinds, one twice, one in an archive, one broken."""
    made = tmp_path_factory.mktemp("in [é] 1%20")
    files = [path for path, _ in write_samples(tmp_path_factory.mktemp("samples"))]
    first = next(path for path in files if path.suffix == ".csv")
    for path in (first, *[path for path in files if path.suffix not in FOR_MODELS][::6]):
        shutil.copy(path, made)
    shutil.copy(first, made / "again.csv")
    (made / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of what was promised")
    with zipfile.ZipFile(made / "several.zip", "w") as archive:
        archive.writestr("inside.csv", first.read_bytes() + first.read_bytes().splitlines()[-1])
    return made


@pytest.fixture(scope="module")
def here(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("here") / "home"
    drop(home, folder)
    return home


def test_spark_on_this_machine_gives_equal_rows_and_books(here: Path, folder: Path, tmp_path: Path) -> None:
    answers = drop(tmp_path / "home", folder, "--engine", "spark")
    assert {each["outcome"] for each in answers} == {"stored", "duplicate", "quarantined"}
    assert_equal_homes(tmp_path / "home", here)
    assert "prepared on Spark" in penstock(tmp_path / "home", "trace", folder / "several.zip").stdout


def test_a_cluster_gives_equal_rows_and_books(
    here: Path, folder: Path, tmp_path: Path, spark_standalone: Cluster
) -> None:
    (tmp_path / "home").mkdir()
    cluster = {"spark_master": spark_standalone.master, "spark_properties": str(spark_standalone.properties)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in cluster.items()]
    (tmp_path / "home/penstock.toml").write_text("\n".join(["[processing]", *lines]))
    drop(tmp_path / "home", f"file://{folder}", "--engine", "spark")
    assert_equal_homes(tmp_path / "home", here)


def test_a_url_is_taken_in_by_the_workers_here_too(here: Path, folder: Path, tmp_path: Path) -> None:
    drop(tmp_path / "home", f"file://{folder}")
    assert_equal_homes(tmp_path / "home", here)


def test_a_url_where_nothing_is_is_told(tmp_path: Path) -> None:
    run = penstock(tmp_path / "home", "drop", f"file://{tmp_path}/nowhere")
    assert run.returncode == 1
    assert "There is no file at" in run.stderr


def drop(home: Path, *given: object) -> list[dict[str, Any]]:
    run = penstock(home, "drop", "--json", *given)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def penstock(home: Path, *given: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pipeline", "--home", str(home), *map(str, given)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def assert_equal_homes(one: Path, other: Path) -> None:
    mine, theirs = told(one), told(other)
    assert mine["books"] == theirs["books"]
    assert mine["fates"] == theirs["fates"]
    assert mine["rows"].keys() == theirs["rows"].keys()
    for name, rows in mine["rows"].items():
        assert_frame_equal(rows, theirs["rows"][name])


def told(home: Path) -> dict[str, Any]:
    """What the books and the lake of a home say, without what is of the moment, the path or the key."""
    system = open_system(load_settings(home, environ={}))
    try:
        books = {key: value for key, value in system.books().items() if key != "datasets"}
        assert system.ledger is not None
        arrivals = system.ledger.recent(MANY)
        fates = sorted((Path(each.path).name, each.state, each.dataset or "", each.reason or "") for each in arrivals)
        rows = {name: lake_rows(system.parts.lake, name) for name in system.parts.lake.names()}
    finally:
        system.close()
    return {"books": books, "fates": fates, "rows": rows}


def lake_rows(lake: Any, name: str) -> pl.DataFrame:
    rows = pl.DataFrame(lake.rows(name).read_all())
    sealed = {column.removesuffix("_hmac") for column in rows.columns if column.endswith("_hmac")}
    of_home = {f"{column}_hmac" for column in sealed} | sealed | OF_THE_MOMENT.get(name, set())
    return rows.drop(of_home, strict=False).sort("_blob", "_row")
