"""The import of saved objects as Kibana answers it, over TLS on loopback: so much of one as an installation meets."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import trustme

API_KEY = "a2V5OmZvci10ZXN0cw=="
USERNAME, PASSWORD = "elastic", "of-the-tests-alone"
IMPORT = "/api/saved_objects/_import"
Json = dict[str, Any]


@dataclass
class Requested:
    """What one request was."""

    path: str
    headers: Message
    query: dict[str, list[str]]


@dataclass
class KibanaServer:
    """A Kibana that keeps what is imported.

    Attributes:
        objects: By space, type and id.
        scripted: Answers to give before it does its work: status, body, headers.
        supported: The types that it knows.
        requests: What was asked, in order.
    """

    authority: trustme.CA
    objects: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    scripted: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    supported: set[str] = field(default_factory=lambda: {"index-pattern", "lens", "search", "dashboard"})
    requests: list[Requested] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://localhost:{self.port}"

    def imported(self, space: str, lines: list[Json], *, overwrite: bool) -> Json:
        """What Kibana does with the lines of a file: all that resolve are created, or none if one does not."""
        errors = [error for line in lines for error in self._errors(space, line, lines, overwrite=overwrite)]
        if errors:
            good = len(lines) - len({(error["type"], error["id"]) for error in errors})
            return {"success": False, "successCount": good, "errors": errors}
        for line in lines:
            self.objects[space, line["type"], line["id"]] = line
        done = [{"type": line["type"], "id": line["id"]} for line in lines]
        return {"success": True, "successCount": len(lines), "successResults": done}

    def _errors(self, space: str, line: Json, lines: list[Json], *, overwrite: bool) -> Iterator[Json]:
        named = {"type": line["type"], "id": line["id"], "meta": {"title": line["attributes"].get("title")}}
        there = {(other["type"], other["id"]) for other in lines} | {key[1:] for key in self.objects if key[0] == space}
        missing = [to for to in line["references"] if (to["type"], to["id"]) not in there]
        if line["type"] not in self.supported:
            yield {**named, "error": {"type": "unsupported_type"}}
        if missing:
            yield {**named, "error": {"type": "missing_references", "references": missing}}
        if not overwrite and (space, line["type"], line["id"]) in self.objects:
            yield {**named, "error": {"type": "conflict"}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kibana = cast("_Server", self.server).kibana
        parsed = urlsplit(self.path)
        kibana.requests.append(Requested(parsed.path, self.headers, parse_qs(parsed.query)))
        if kibana.scripted:
            status, text, headers = kibana.scripted.pop(0)
            return self._send(status, text, headers)
        return self._send(*self._answer(kibana, body))

    def _answer(self, kibana: KibanaServer, body: bytes) -> tuple[int, str]:
        asked = kibana.requests[-1]
        before, found, after = asked.path.partition(IMPORT)
        if not self._may():
            return _error(401, "Unauthorized", "[security_exception]: unable to authenticate")
        if not self.headers.get("kbn-xsrf"):
            return _error(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        if not found or after:
            return _error(404, "Not Found", "Not Found")
        file = self._file(body)
        if not (file.get_filename() or "").endswith(".ndjson"):
            return _error(400, "Bad Request", "Invalid file extension")
        lines = [json.loads(line) for line in cast("bytes", file.get_payload(decode=True)).splitlines()]
        space = before.removeprefix("/s/") if before else ""
        overwrite = asked.query.get("overwrite") == ["true"]
        return 200, json.dumps(kibana.imported(space, lines, overwrite=overwrite))

    def _may(self) -> bool:
        basic = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        return self.headers.get("Authorization") in {f"ApiKey {API_KEY}", f"Basic {basic}"}

    def _file(self, body: bytes) -> Message:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        (part,) = cast("list[Message]", message_from_bytes(head + body).get_payload())
        assert part.get_param("name", header="content-disposition") == "file"
        return part

    def _send(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        encoded = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(encoded)), "kbn-name": "test", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, kibana: KibanaServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kibana = kibana

    def handle_error(self, *_: Any) -> None:
        """A client that goes away in the handshake is what a test wants."""


@contextmanager
def kibana_server() -> Iterator[KibanaServer]:
    """A Kibana that runs as long as the context."""
    kibana = KibanaServer(trustme.CA())
    server = _Server(kibana)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    kibana.authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    kibana.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kibana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _error(status: int, error: str, message: str) -> tuple[int, str]:
    return status, json.dumps({"statusCode": status, "error": error, "message": message})
