"""Apache Tika's own server, warm and on loopback: the extractor that most peers stand on."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from samples import NotHereError

sys.path.append(str(Path(__file__).resolve().parents[1]))  # first: a folder of tests is named as the layer it tests
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from elasticsearch_distribution import MissingPartError, download
from elasticsearch_server import free_port

VERSION = "3.3.2"
HEAP = "2g"
CLIENTS = 2
_ARTIFACT = ("org.apache.tika", "tika-server-standard", VERSION, "jar")
_START_SECONDS = 90.0
_ANSWER_SECONDS = 120.0
_UNDERSTOOD = (200, 204, 422)
"""With text, without any, or refused because the file is locked or damaged."""


class TikaServer:
    """A running server; `texts` asks it with two connections at a time."""

    def __init__(self, port: int) -> None:
        self._port = port

    def texts(self, files: Sequence[bytes]) -> list[str]:
        """The text of each file, in order."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            shares = [list(range(client, len(files), CLIENTS)) for client in range(CLIENTS)]
            answers = clients.map(lambda share: self._asked([files[index] for index in share]), shares)
            found = dict(
                zip((index for share in shares for index in share), (t for a in answers for t in a), strict=True)
            )
        return [found[index] for index in range(len(files))]

    def _asked(self, files: Sequence[bytes]) -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_SECONDS)
        try:
            return [self._text(connection, content) for content in files]
        finally:
            connection.close()

    def _text(self, connection: http.client.HTTPConnection, content: bytes) -> str:
        connection.request("PUT", "/tika", content, {"Accept": "text/plain", "X-Tika-OCRskipOcr": "true"})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status not in _UNDERSTOOD:
            message = f"Tika answered {answer.status}: {text[:200]}"
            raise RuntimeError(message)
        return text if answer.status == 200 else ""


@contextlib.contextmanager
def tika_server(folder: Path) -> Iterator[TikaServer]:
    """The server, started anew and ended afterwards with the process that it forks.

    Raises:
        NotHereError: If it or a Java to run it cannot be had.
    """
    java = shutil.which("java")
    if not java:
        message = "no Java to run Apache Tika on (on Debian: apt install openjdk-17-jre-headless)"
        raise NotHereError(message)
    try:
        jar = download(_ARTIFACT)
    except MissingPartError as error:
        raise NotHereError(str(error)) from error
    port = free_port()
    command = [java, f"-Xmx{HEAP}", "-jar", str(jar), "-h", "127.0.0.1", "-p", str(port)]
    with (folder / "tika.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        _await_answer(process, port)
        yield TikaServer(port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its own group, the forked child with it
        process.wait()


def _says_its_version(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/version")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _await_answer(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _says_its_version(port):  # it listens before it knows its own paths
            return
        time.sleep(0.2)
    message = "Tika did not start: see tika.log"
    raise RuntimeError(message)
