"""The inbox, the vault and the ledger together under `kill -9`: each file is taken in exactly once."""

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import Security
from ingestion import Ledger
from security import EnvelopeCipher, KeyRing
from storage import FsspecVault

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = 160
WORK = """
import sys, threading
from pathlib import Path
from core.settings import Ingestion, Security
from ingestion import Collected, FolderSource, Ledger, collect
from security.envelope_cipher import EnvelopeCipher
from security.key_ring import KeyRing
from storage import FsspecVault

home, after = Path(sys.argv[1]), sys.argv[2]
vault = FsspecVault(str(home / "vault"), EnvelopeCipher(KeyRing.open(Security(), home)))
ledger = Ledger(home / "ledger.db")
settings = Ingestion(after=after, rescan_seconds=0.2, settle_seconds=0.05)
source = FolderSource(home / "inbox", settings, known=ledger.known_files())
print("ready", flush=True)
for found in source.watch(threading.Event()):
    for candidate in found:
        collected = collect(candidate, vault.put)
        if isinstance(collected, Collected):
            ledger.receive([collected.received("inbox")])
            source.finish(collected.candidate)
        else:
            source.again(candidate, collected)
    ledger.forget_files(source.take_gone())
"""


@pytest.mark.parametrize("after", ["keep", "delete"])
def test_each_file_is_taken_in_exactly_once(tmp_path: Path, after: str) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    chance = random.Random(3)  # noqa: S311 - moments to kill at, not a secret
    contents = [f"file {number}\n" * 50 for number in range(FILES)]
    waiting = list(enumerate(contents))
    turns = 0
    while True:
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, str(tmp_path), after], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for number, content in waiting[:40]:
            (inbox / f"{number}.txt").write_text(content)
        del waiting[:40]
        turns += 1
        is_last = not waiting and turns > 4
        time.sleep(chance.uniform(0.02, 0.15))
        if is_last:
            _wait_for_all(tmp_path)
        process.kill()
        process.communicate()
        if is_last:
            break
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(KeyRing.open(Security(), tmp_path)))
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert ledger.books()["received"] == FILES
        assert ledger.books()["duplicate"] == 0
        assert ledger.blobs() == set(vault.blobs())
        assert ledger.blobs() == {hashlib.sha256(content.encode()).hexdigest() for content in contents}
        assert ledger.audit_books() == []


def _wait_for_all(home: Path) -> None:
    began = time.monotonic()
    with Ledger.open_reader(home / "ledger.db") as reader:
        while reader.books()["received"] < FILES and time.monotonic() - began < 20:
            time.sleep(0.05)
