"""The local vault after `kill -9`: what was acknowledged is whole, and nothing else is left."""

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

from core.settings import Security
from security import EnvelopeCipher, KeyRing
from storage import FsspecVault

REPOSITORY = Path(__file__).resolve().parents[2]
WORK = """
import io, sys
from pathlib import Path
from core.settings import Security
from security.envelope_cipher import EnvelopeCipher
from security.key_ring import KeyRing
from storage import FsspecVault

home, turn = Path(sys.argv[1]), sys.argv[2]
vault = FsspecVault(str(home / "vault"), EnvelopeCipher(KeyRing.open(Security(), home)))
print("ready", flush=True)
number = 0
while True:
    with vault.together() as put:
        kept = [put(io.BytesIO(f"{turn}/{number + at}/".encode() * 20_000)) for at in range(3)]
    for blob in kept:
        print(blob.sha256, blob.size, flush=True)
    number += 3
"""


def test_no_kill_leaves_half_an_object(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - moments to kill at, not a secret
    told: set[str] = set()
    for turn in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, str(tmp_path), str(turn)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.15))
        process.kill()
        lines = process.communicate()[0].splitlines()
        told |= {line.split()[0] for line in lines if len(line.split()) == 2}
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(KeyRing.open(Security(), tmp_path)))
    kept = set(vault.blobs())
    assert told <= kept
    assert list((tmp_path / "vault" / "unfinished").iterdir()) == []
    for name in kept:
        assert hashlib.sha256(b"".join(vault.read(name))).hexdigest() == name
