"""What a worker process may not do, whatever a parser is made to try: what the system allows of it is put in place.

Memory, the size and number of files by resource limits; sockets, programs and processes by a filter of system calls;
files by Landlock: a worker reads what programs are made of, and its one blob, which is in memory. The number of
processes is no resource limit here: Linux counts those of the whole user, and not at all for root. Run as a program,
it confines itself and says which of these hold.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from preparation.landlock import open_only
from preparation.row_files import memory_file
from preparation.seccomp import refuse_calls

MAX_OPEN_FILES = 4096
_PR_SET_PDEATHSIG = 1
_OF_PROGRAMS = (
    *("/usr", "/lib", "/lib64", "/bin", "/nix/store", "/sys/devices", "/sys/fs/cgroup"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/version", "/proc/sys"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
    *(
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/etc/localtime",
        "/etc/timezone",
        "/etc/locale.alias",
    ),
    *("/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/nsswitch.conf", "/etc/passwd", "/etc/fonts"),
    *("/etc/mime.types", "/etc/magic", "/etc/alternatives"),
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds inside a worker process.

    Attributes:
        memory_bytes: What one file may add to what is resident; the size of a file in memory, too.
        address_bytes: What one file may add to the address space.
        home: The folder that holds all state; nothing in it is read but what `readable` names.
        niceness: How much it steps back for others.
        readable: What it reads besides what programs are made of.
        writable: Folders in which it may change files.
    """

    memory_bytes: int
    address_bytes: int
    home: str
    niceness: int = 0
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


def confine(confinement: Confinement) -> None:
    """Confines this process; before it starts a thread, for some of it binds only those that come after."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # dies with its parent
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, confinement.memory_bytes)
    readable = (*_OF_PROGRAMS, _itself(), *_of_python(Path(confinement.home)), *confinement.readable)
    tempfile.TemporaryFile = _in_memory  # type: ignore[assignment]  # py3langid unpacks its model into one
    open_only(readable, confinement.writable)
    refuse_calls()


def _in_memory(mode: str = "w+b", buffering: int = -1, encoding: str | None = None, **_: object) -> IO[Any]:
    """A temporary file without a name, as `tempfile.TemporaryFile` gives; on no disk, so it needs no sealing either."""
    return open(memory_file("temporary"), mode, buffering, encoding)


def step_back(confinement: Confinement) -> None:
    """Once it is ready for files: takes no more address space than it may, and lets others go first."""
    os.nice(confinement.niceness)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + confinement.address_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


def _itself() -> str:
    """This process in /proc, where others show their environment. It is kept open: a rule dies with its folder."""
    os.open("/proc/self", os.O_PATH)
    return f"/proc/{os.getpid()}"


def _of_python(home: Path) -> Iterator[str]:
    """Where Python, its packages and our own are."""
    own = Path(__file__).resolve().parent.parent
    working = Path.cwd()
    paths = [Path(each) for each in (sys.prefix, sys.base_prefix, *filter(None, sys.path))]
    for path in {each.resolve() for each in paths} - {working} | {own}:
        yield from _without(home, path)


def _without(home: Path, path: Path) -> Iterator[str]:
    """A path, or where the home lies in it (as it does beside a checkout), all in it but the home."""
    if path == home:
        return
    if path not in home.parents:
        yield str(path)
        return
    for entry in path.iterdir():
        yield from _without(home, entry)


def holds() -> dict[str, bool]:
    """Tries what this process should not be able to do: what is refused, by name."""
    attempts = {"network": _open_socket, "programs": _run, "writing": _write, "reading of other files": _read}
    return {name: _is_refused(attempt) for name, attempt in attempts.items()}


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _open_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _run() -> None:
    subprocess.run([sys.executable, "-c", ""], check=False)


def _write() -> None:
    tempfile.mkstemp()


def _read() -> None:
    Path("/etc/hosts").read_bytes()


if __name__ == "__main__":
    confine(Confinement(2**30, 2**30, home=tempfile.gettempdir()))
    sys.stdout.write(json.dumps(holds()))
