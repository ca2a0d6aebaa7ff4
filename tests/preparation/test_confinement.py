"""What a worker that was taken over could do: a reader tries it, and tells what the system refused."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.settings import Preparation
from preparation import Pool

READER = """
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import tomllib

from preparation import readers
from preparation.extraction import Extraction


def open_many():
    opened = []
    try:
        for _ in range(5000):
            opened.append(os.dup(0))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def attempts(paths):
    return {
        "internet": lambda: socket.socket(socket.AF_INET),
        "local socket": lambda: socket.socket(socket.AF_UNIX),
        "program": lambda: subprocess.run([sys.executable, "-c", ""]),
        "process": os.fork,
        "signal": lambda: os.kill(os.getppid(), 0),
        "environment": lambda: open(f"/proc/{os.getppid()}/environ").close(),
        "read": lambda: open(paths["read"]).close(),
        "write": lambda: open(paths["write"], "w").close(),
        "rename": lambda: os.rename(paths["read"], paths["read"] + ".away"),
        "own code": lambda: open(readers.__file__).close(),
        "thread": lambda: threading.Thread(target=time.sleep, args=(0,)).start(),
        "own signal": lambda: os.kill(os.getpid(), 0),
        "nothing": lambda: open(os.devnull, "w").close(),
        "many files": open_many,
        "large file": lambda: os.posix_fallocate(os.memfd_create("large"), 0, 600 * 2**20),
    }


def read(source):
    facts = {}
    for name, attempt in attempts(tomllib.loads(source.path.read_text(encoding="utf-8"))["paths"]).items():
        try:
            attempt()
            facts[name] = True
        except OSError:
            facts[name] = False
    return Extraction(kind="document", text="tried", metadata=facts)


if multiprocessing.current_process().name == "penstock-worker":
    readers.READERS["application/toml"] = f"{__name__}:read"
"""
ALLOWED = {"own code", "thread", "own signal", "nothing"}

Opened = Callable[..., Pool]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    pools: list[Pool] = []
    (tmp_path / "home" / "schemas").mkdir(parents=True)
    (tmp_path / "home" / "schemas" / "trying.py").write_text(READER, encoding="utf-8")

    def open_pool(**changes: tuple[str, ...]) -> Pool:
        settings = Preparation(workers=1, memory_bytes=512 * 2**20, **changes)  # type: ignore[arg-type]
        pools.append(Pool(settings, tmp_path / "home" / "schemas"))
        return pools[-1]

    yield open_pool
    for pool in pools:
        pool.close()


def tried(pool: Pool, read: Path, write: Path) -> dict[str, bool]:
    """What a worker could do of all that its reader tries."""
    read.write_text("secret", encoding="utf-8")
    content = f'[paths]\nread = "{read}"\nwrite = "{write}"\n'.encode()
    prepared = pool.prepare([content], name="x.toml", sha256=hashlib.sha256(content).hexdigest())
    assert prepared.fault is None
    return {name: bool(could) for name, could in prepared.metadata.items()}


def test_a_worker_reaches_nothing_but_its_blob(opened: Opened, tmp_path: Path) -> None:
    could = tried(opened(), tmp_path / "home" / "keys.json", tmp_path / "home" / "schemas" / "made.py")
    assert {name for name, was_able in could.items() if was_able} == ALLOWED
    assert (tmp_path / "home" / "keys.json").exists()


def test_folders_that_the_settings_name_can_be_read_and_written(opened: Opened, tmp_path: Path) -> None:
    library, cache = tmp_path / "library", tmp_path / "cache"
    for folder in (library, cache):
        folder.mkdir()
    pool = opened(readable=(str(library),), writable=(str(cache),))
    could = tried(pool, library / "words.txt", cache / "made")
    assert {name for name, was_able in could.items() if was_able} == ALLOWED | {"read", "write"}


def test_a_worker_is_not_given_the_keys_of_the_environment(tmp_path: Path) -> None:
    """In a process of its own: the server that workers are forked from starts once, with what is set by then."""
    program = f"""
import os
from pathlib import Path
from core.settings import Preparation
from preparation import Pool

if __name__ == "__main__":
    pool = Pool(Preparation(workers=1), Path({str(tmp_path / "home" / "schemas")!r}))
    prepared = pool.prepare([b"[paths]\\nread = ''\\nwrite = ''\\n"], name="x.toml", sha256="0" * 64)
    print(prepared.text, os.environ["PENSTOCK_SECURITY_KEYS"])
    pool.close()
"""
    told = READER.replace('"tried"', 'str(dict(os.environ)) + open("/proc/self/environ").read()')
    (tmp_path / "home" / "schemas").mkdir(parents=True)
    (tmp_path / "home" / "schemas" / "telling.py").write_text(told, encoding="utf-8")
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    variables = {"PENSTOCK_SECURITY_KEYS": "the-key", "PENSTOCK_HOME": "the-home", "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, str(tmp_path / "program.py")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | variables).stdout
    assert shown.count("the-home") == 2
    assert shown.count("the-key") == 1
    assert shown.endswith("the-key\n")
