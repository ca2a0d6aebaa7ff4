"""How commands and pages talk to the running system: JSON lines over a local socket that only its owner can open.

One request a connection, ``{"command": …, "arguments": {…}}``; then any number of ``{"answer": {…}}`` and at last
``{"done": true}`` or ``{"error": {"kind", "reason", "fix"}}``.
"""

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import errors
from core.errors import BusyError, NotFoundError, PenstockError

Handler = Callable[[str, Mapping[str, Any]], Iterator[Mapping[str, Any]]]


class Listener:
    """Answers requests until closed; each connection has a thread of its own."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        old_mask = os.umask(0o177)
        try:
            self._server = _Server(str(path), _Conversation)
        finally:
            os.umask(old_mask)
        self._server.handler = handler
        self._thread = threading.Thread(target=self._server.serve_forever, name="listener", daemon=True)

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stops answering and removes the socket."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


def is_answering(path: Path) -> bool:
    """Whether somebody listens at `path`."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return True
    return False


def ask(path: Path, command: str, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Asks the running system and gives its answers as they come.

    Raises:
        NotFoundError: If nobody listens.
        BusyError: If the system stopped before it was done.
        PenstockError: What the system raised, of the same type.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError as error:
            raise NotFoundError("No running system answers for this home.", "Start one with `penstock run`.") from error
        with connection.makefile("rwb") as stream:
            stream.write(_line({"command": command, "arguments": dict(arguments)}))
            stream.flush()
            yield from _answers(stream)


def _answers(stream: Any) -> Iterator[dict[str, Any]]:
    for line in stream:
        message = json.loads(line)
        if "answer" in message:
            yield message["answer"]
        elif "error" in message:
            raise _raised(message["error"])
        else:
            return
    raise BusyError("The running system stopped before it was done.", "See its log, then give the command again.")


def _raised(error: Mapping[str, str]) -> PenstockError:
    kind = getattr(errors, error["kind"], PenstockError)
    return kind(error["reason"], error["fix"])


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, default=str).encode() + b"\n"


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    handler: Handler


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        line = self.rfile.readline()
        if not line:
            return  # a probe
        with suppress(BrokenPipeError, ConnectionResetError):
            self._answer(json.loads(line))

    def _answer(self, request: Mapping[str, Any]) -> None:
        try:
            for answer in self.server.handler(request["command"], request["arguments"]):
                self._send({"answer": answer})
            self._send({"done": True})
        except PenstockError as error:
            self._send({"error": {"kind": type(error).__name__, "reason": error.reason, "fix": error.fix}})

    def _send(self, message: Mapping[str, Any]) -> None:
        self.wfile.write(_line(message))
        self.wfile.flush()
