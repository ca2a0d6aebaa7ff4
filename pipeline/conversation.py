"""How commands and pages talk to the running system: sealed lines over a local socket that only its owner can open.

One request a connection, ``{"command": …, "arguments": {…}}``; then any number of ``{"answer": {…}}`` and at last
``{"done": true}`` or ``{"error": {"kind", "reason", "fix"}}``. They travel in tokens of `security.MessageSealer`,
after a greeting that makes the connection one of its own; so neither end can be played by a process without the key
ring. A token holds as many lines as wait at that moment: one where answers are rare, hundreds where they are many (a
token a line made 10,000 answers take 0.40 s, 0.15 s unsealed).
"""

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from core import errors
from core.errors import BusyError, NotFoundError, PenstockError, RefusedError, TamperedError

if TYPE_CHECKING:
    from security import Conversation, MessageSealer

REQUEST_SECONDS = 60.0  # for who connects and says nothing
MAX_LINE_BYTES = 1 << 28
MAX_WAITING_LINES = 512
ENOUGH_BYTES = 1 << 16
REFUSED = b"refused\n"  # unsealed: to one who may have no key of ours, and without a word that could help

Handler = Callable[[str, Mapping[str, Any]], Iterator[Mapping[str, Any]]]


class Listener:
    """Answers requests until closed; each connection has a thread of its own.

    Args:
        path: Where the socket is made, mode 0600.
        handler: Gives the answers to a command and its arguments.
        sealer: Opens requests and seals answers.
        refuse: Told why a message was refused.
    """

    def __init__(
        self, path: Path, handler: Handler, sealer: "MessageSealer", refuse: Callable[[TamperedError], None]
    ) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        old_mask = os.umask(0o177)
        try:
            self._server = _Server(str(path), _Answering)
        finally:
            os.umask(old_mask)
        self._server.handler, self._server.sealer, self._server.refuse = handler, sealer, refuse
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


def ask(path: Path, sealer: "MessageSealer", command: str, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Asks the running system and gives its answers as they come.

    Raises:
        NotFoundError: If nobody listens.
        BusyError: If the system stopped before it was done.
        RefusedError: If the system does not take our messages.
        TamperedError: If what comes is not what the system said, in the order in which it said it.
        PenstockError: What the system raised, of the same type.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError as error:
            raise NotFoundError("No running system answers for this home.", "Start one with `penstock run`.") from error
        with connection.makefile("rb") as heard, connection.makefile("wb") as said:
            call = sealer.call()
            _send(said, call.hello)
            conversation = call.welcomed(_received(heard))
            _send(said, conversation.seal(_encoded({"command": command, "arguments": dict(arguments)})))
            yield from _answers(heard, conversation)


def _answers(heard: BinaryIO, conversation: "Conversation") -> Iterator[dict[str, Any]]:
    while True:
        for line in conversation.open(_received(heard)).split(b"\n"):
            message = json.loads(line)
            if "answer" in message:
                yield message["answer"]
            elif "error" in message:
                raise _raised(message["error"])
            else:
                return


def _received(heard: BinaryIO) -> bytes:
    """The next token that the system sends."""
    try:
        line = heard.readline(MAX_LINE_BYTES)
    except ConnectionError:
        line = b""
    if line == REFUSED:
        raise RefusedError(
            "The running system does not take our messages.",
            "Have it and the command use one key ring (security.key_file); its log says more.",
        )
    if not line.endswith(b"\n"):
        raise BusyError("The running system stopped before it was done.", "See its log, then give the command again.")
    return line[:-1]


def _raised(error: Mapping[str, str]) -> PenstockError:
    kind = getattr(errors, error["kind"], PenstockError)
    return kind(error["reason"], error["fix"])


def _encoded(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, default=str).encode()


def _send(said: BinaryIO, token: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # what the other end said before it left is still to be heard
        said.write(token + b"\n")
        said.flush()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    handler: Handler
    sealer: "MessageSealer"
    refuse: Callable[[TamperedError], None]


class _Answering(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
            try:
                self._converse()
            except TamperedError as error:
                self.server.refuse(error)
                self.wfile.write(REFUSED)

    def _converse(self) -> None:
        self.connection.settimeout(REQUEST_SECONDS)
        hello = self.rfile.readline(MAX_LINE_BYTES)
        if not hello:
            return  # a probe
        welcome, conversation = self.server.sealer.answer(hello.rstrip())
        self.wfile.write(welcome + b"\n")
        said = self.rfile.readline(MAX_LINE_BYTES)
        if not said:
            return  # it changed its mind
        request = json.loads(conversation.open(said.rstrip()))
        self.connection.settimeout(None)
        with _Outbox(lambda content: self.wfile.write(conversation.seal(content) + b"\n")) as outbox:
            for message in self._messages(request):
                outbox.put(_encoded(message))

    def _messages(self, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        try:
            for answer in self.server.handler(request["command"], request["arguments"]):
                yield {"answer": answer}
            yield {"done": True}
        except PenstockError as error:
            yield {"error": {"kind": type(error).__name__, "reason": error.reason, "fix": error.fix}}


class _Outbox:
    """Sends lines from a thread of its own, all those that wait at once; a context manager.

    Args:
        send: Sends some lines as one message.
    """

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send = send
        self._waiting: Queue[bytes | None] = Queue(MAX_WAITING_LINES)
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)

    def put(self, line: bytes) -> None:
        """Sends a line some time soon.

        Raises:
            OSError: If one before it could not be sent.
        """
        if self._failure:
            raise self._failure
        self._waiting.put(line)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while lines := self._taken():
            try:
                if not self._failure:
                    self._send(b"\n".join(lines))
            except OSError as error:
                self._failure = error  # what still comes is dropped, so that nobody waits for room

    def _taken(self) -> list[bytes]:
        """The next line, and those behind it; none at the end."""
        lines: list[bytes] = []
        size = 0
        line = self._waiting.get()
        while line is not None:
            lines.append(line)
            size += len(line)
            if self._waiting.empty() or size > ENOUGH_BYTES:
                break
            line = self._waiting.get()
        if line is None and lines:
            self._waiting.put(None)
        return lines
