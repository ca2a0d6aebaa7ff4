"""Files that want to break it: each ends as stored, or in quarantine with a reason and a fix, and the run goes on."""

import os
import re
import socket
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hostile_archives
import hostile_media
import hostile_texts
import psutil
import pytest

from core.settings import Preparation, Settings
from pipeline.commands import obey
from pipeline.sample_files import write_samples
from pipeline.system import open_system
from pipeline.writer import Writer

GIB = 2**30
SECRET = "xylophone-of-the-treasury"
READING = b"timestamp,sensor_id,temperature\n2026-05-01T00:00:00Z,%b,20.5\n"
TECHNICAL = re.compile(r"Traceback|0x[0-9a-f]{6}|\bNone\b|\\x[0-9a-f]{2}|Error:|\(\)|site-packages|\.\.$|: *\.")

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Case:
    """What happened to a folder of hostile files."""

    home: Path
    folder: Path
    answers: dict[str, dict[str, Any]]
    fixes: dict[str, str]
    books: dict[str, Any]
    checks: list[dict[str, Any]]
    afterwards: list[dict[str, Any]]

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self.answers[name]


def settings(home: Path, **changes: Any) -> Settings:
    values = {"workers": 2, "timeout_seconds": 60.0, "memory_bytes": 2 * GIB} | changes
    return Settings(home=home, preparation=Preparation(**values))


def dropped(writer: Writer, *paths: Path) -> list[dict[str, Any]]:
    return list(obey(writer, "drop", {"paths": [(str(path), str(path)) for path in paths], "source": "test"}))


def regular_files(folder: Path) -> set[str]:
    """The files below a folder, as paths are shown."""
    found = [os.path.join(top, name) for top, _, names in os.walk(folder) for name in names]
    plain = [path for path in found if stat.S_ISREG(os.lstat(path).st_mode)]
    relative = [os.path.relpath(path, folder) for path in plain]
    return {path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for path in relative}


def write_all(folder: Path, bundle: Path, secret: Path) -> None:
    write_samples(bundle)
    groups = {
        "archives": hostile_archives.archives(),
        "texts": hostile_texts.texts(secret),
        "damaged": hostile_media.damaged(bundle),
        "documents": hostile_media.documents(bundle),
        "names": strange_names(),
    }
    for group, files in groups.items():
        for name, content in files:
            path = os.fsencode(folder / group) + b"/" + (name if isinstance(name, bytes) else name.encode())
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
    write_no_files(folder / "names", secret)


def strange_names() -> Iterator[tuple[bytes, bytes]]:
    names = [
        b"new\nline\r\ttab.csv",
        b"bytes-\xff\xfe.csv",
        b"l" * 251 + b".csv",
        b" blanks before and after .csv ",
        "\u202egpj.exe\u0007 \U0001f600.csv".encode(),
        b"-rf --json",
        b"'\"$(rm -rf x)`;|&<>.csv",
        b"[red]markup[bold].csv",
        b"..csv",
        b"%s%n{0}.csv",
        b"deep/" * 15 + b"far.csv",
        b"a!/b!/c!/d!/e!/f!/no_archive.csv",
    ]
    for number, name in enumerate(names):
        yield name, READING % b"name%d" % number


def write_no_files(folder: Path, secret: Path) -> None:
    """What lies in a folder and is no file, or leads out of it."""
    os.mkfifo(folder / "pipe.csv")
    (folder / "out.csv").symlink_to(secret)
    (folder / "nowhere.csv").symlink_to(folder / "nothing")
    (folder / "loop").symlink_to(folder)
    (folder / "outside").symlink_to(secret.parent)
    with socket.socket(socket.AF_UNIX) as end:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket is at most 107 bytes
        try:
            end.bind("socket.csv")
        finally:
            os.chdir(here)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp("hostile")
    home, folder, vault = root / "home", root / "files", root / "secrets"
    vault.mkdir()
    secret = vault / "secret.txt"
    secret.write_text(SECRET)
    write_all(folder, root / "bundle", secret)
    with Writer(settings(home)) as writer:
        answers = dropped(writer, folder)
        good = root / "good.csv"
        good.write_bytes(READING % b"afterwards")
        afterwards = dropped(writer, good)
    system = open_system(settings(home))
    try:
        found = {str(answer["path"]).removeprefix(f"{folder}/"): answer for answer in answers}
        assert len(found) == len(answers)
        fixes = {entry["path"].removeprefix(f"{folder}/"): entry["fix"] for entry in system.quarantine()}
        return Case(home, folder, found, fixes, system.books(), list(system.verify()), afterwards)
    finally:
        system.close()


def test_every_file_has_one_outcome_and_what_is_no_file_has_none(case: Case) -> None:
    files = regular_files(case.folder)
    assert files <= case.answers.keys()
    members = case.answers.keys() - files
    assert all(path.startswith(("archives/", "damaged/")) and "!/" in path for path in members)
    assert {answer["outcome"] for answer in case.answers.values()} == {"stored", "duplicate", "quarantined"}


def test_afterwards_the_books_balance_and_all_that_was_promised_holds(case: Case) -> None:
    assert case.books["balanced"]
    assert case.books["in_flight"] == 0
    assert case.books["received"] == len(case.answers) + 1
    assert [check for check in case.checks if not check["ok"]] == []
    assert [(answer["outcome"], answer["rows"]) for answer in case.afterwards] == [("stored", 1)]


def test_every_quarantined_file_has_a_reason_and_a_fix_in_plain_words(case: Case) -> None:
    refused = {path: answer["reason"] for path, answer in case.answers.items() if answer["outcome"] == "quarantined"}
    assert refused.keys() == case.fixes.keys()
    for path, reason in refused.items():
        for words in (reason, case.fixes[path]):
            assert words, path
            assert not TECHNICAL.search(words), (path, words)
            assert len(words) < 500, (path, words)


STORED = {
    "archives/leading_out.zip": ("other", "leads out of its folder.*it is a link"),
    "archives/leading_out.tar": ("other", "leads out of its folder.*it is a link.*it is a device"),
    "archives/leading_out.zip!/good-in-zip.csv": ("sensor_reading", ""),
    "archives/leading_out.tar!/good-in-tar.csv": ("sensor_reading", ""),
    "texts/line.txt": ("document", "Only the first 5000000 of 314572800 characters are kept"),
    "texts/nul.csv": ("sensor_reading", "NUL characters were left out"),
    "texts/invalid_utf8.csv": ("sensor_reading", ""),
    "texts/ragged.csv": ("sensor_reading", "short records were filled up"),
    "texts/columns10000.csv": ("other", ""),
    "texts/rows1000000.csv": ("other", ""),
    "texts/quote.csv": ("other", "quotes that are never closed"),
    "texts/huge_number.json": ("other", ""),
    "damaged/mislabelled.mp4": ("sensor_reading", ""),
    "damaged/mislabelled.parquet": ("document", ""),
    "damaged/mislabelled.zip": ("image", ""),
    "damaged/mislabelled.png": ("video", ""),
    "names/new\nline\r\ttab.csv": ("sensor_reading", ""),
    "names/bytes-\\xff\\xfe.csv": ("sensor_reading", ""),
    "names/-rf --json": ("sensor_reading", ""),
}
QUARANTINED = {
    "archives/ratio.zip": "unpacks to more than 200 times its size",
    "archives/zeros.gz": "unpacks to more than 200 times its size",
    "archives/overlapping.zip": "more than|[Oo]verlap",
    "archives/many.zip": "more than 10000 members",
    "archives/locked.zip": "password",
    "archives/nest.gz!/nest!/content!/content!/content!/content": "5 archives deep; 4 are opened",
    "texts/laughs.xml": "entity",
    "texts/external.xml": "external entity",
    "texts/deep.json": "nested too deeply",
    "texts/deep_objects.json": "nested too deeply",
    "texts/deep_open.json": "nested too deeply",
    "texts/deep.eml": "nested too deeply",
    "texts/columns50000.csv": "columns; at most 20000",
    "texts/line.csv": "columns; at most 20000",
    "damaged/cut.pdf": "PDF is damaged",
    "damaged/cut.docx": "cut off",
    "damaged/cut.zip": "cut off",
    "damaged/cut.png": "truncated",
    "damaged/cut.mp4": "cut off",
    "damaged/cut.parquet": "cannot be read",
    "documents/locked.pdf": "password",
    "documents/locked.docx": "password",
    "documents/locked.xlsx": "password",
    "documents/far_cell.xlsx": "1048576 rows and 16384 columns",
    "documents/bomb.png": "pixels",
    "documents/bomb.parquet": "memory",
}


@pytest.mark.parametrize("name", STORED)
def test_what_can_be_saved_is_stored_and_says_what_is_missing(case: Case, name: str) -> None:
    dataset, note = STORED[name]
    answer = case[name]
    assert (answer["outcome"], answer["dataset"]) == ("stored", dataset)
    assert re.search(note, answer["reason"] or "", re.S)


@pytest.mark.parametrize("name", QUARANTINED)
def test_what_cannot_be_read_is_quarantined_for_its_own_reason(case: Case, name: str) -> None:
    assert case[name]["outcome"] == "quarantined"
    assert re.search(QUARANTINED[name], case[name]["reason"])


def test_a_folder_whose_name_ends_like_an_archives_is_a_folder(case: Case) -> None:
    assert case["names/a!/b!/c!/d!/e!/f!/no_archive.csv"]["outcome"] == "stored"


@pytest.mark.parametrize("name", ["texts/ragged.csv", "texts/rows1000000.csv", "texts/columns10000.csv"])
def test_no_record_of_a_strange_table_is_lost(case: Case, name: str) -> None:
    lines = (case.folder / name).read_bytes().count(b"\n") - 1
    assert case[name]["rows"] + case[name]["rejected_rows"] == lines


def test_no_file_outside_what_was_dropped_is_ever_read(case: Case) -> None:
    system = open_system(settings(case.home))
    try:
        for name in system.parts.lake.names():
            for batch in system.parts.lake.rows(name):
                for column in batch.columns:
                    assert SECRET not in str(column.to_pylist() if batch.num_rows < 100_000 else ""), name
        assert all("evil" not in answer["path"] for answer in case.answers.values())
    finally:
        system.close()


def test_a_file_that_hangs_and_one_that_swells_are_stopped_and_the_next_is_stored(tmp_path: Path) -> None:
    """With tight limits: a long table takes longer than two seconds, a columnar bomb more than 600 MB."""
    slow, large, good = tmp_path / "slow.json", tmp_path / "large.parquet", tmp_path / "good.csv"
    slow.write_bytes(
        b"[" + b",".join(b'{"a%d": {"b": [1, 2, {"c": %d}]}}' % (n % 900, n) for n in range(400_000)) + b"]"
    )
    large.write_bytes(hostile_media.parquet_bomb(50_000_000))
    good.write_bytes(READING % b"good")
    home = tmp_path / "home"
    others = {child.pid for child in psutil.Process().children(recursive=True)}
    with Writer(settings(home, timeout_seconds=2.0, memory_bytes=600 * 2**20)) as writer:
        started = time.monotonic()
        answers = {Path(each["path"]).name: each for each in dropped(writer, slow, large, good)}
        assert time.monotonic() - started < 30
        children = {child.pid for child in psutil.Process().children(recursive=True)} - others
    assert answers["slow.json"]["outcome"] == "quarantined"
    assert re.search("2 seconds|600 MiB", answers["slow.json"]["reason"])
    assert answers["large.parquet"]["outcome"] == "quarantined"
    assert re.search("600 MiB", answers["large.parquet"]["reason"])
    assert answers["good.csv"]["outcome"] == "stored"
    left = [child for child in psutil.Process().children(recursive=True) if child.pid in children]
    servers = re.compile("forkserver|resource_tracker")  # of multiprocessing: they end with this process
    assert [line for child in left if not servers.search(line := " ".join(child.cmdline()))] == []
