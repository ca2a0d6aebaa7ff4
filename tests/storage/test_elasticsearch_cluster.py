"""The connection: patience with a busy server, a scripted one; keys and certificates, the real one."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from elasticsearch_indexes import ElasticsearchIndexes
from elasticsearch_server import Certificates, ElasticsearchServer, free_port
from storage_rows import CARE, care_rows, rows

from core.errors import HandshakeError, RefusedError, SettingsError, StorageError, UnavailableError
from core.ports import SearchRequest
from storage import ElasticsearchIndex
from storage.elasticsearch_bulk import BulkWriter
from storage.elasticsearch_cluster import ElasticsearchCluster
from storage.elasticsearch_rendering import Renderer

OK = (200, {"errors": False, "took": 1})


class Scripted:
    """A server over TLS that gives answers in turn, the last one for ever, and remembers what it was asked."""

    def __init__(self, certificates: Certificates, *answers: tuple[int, Any]) -> None:
        self.asked: list[tuple[str, bytes]] = []
        answers_left = list(answers)
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked.append((self.path, self.rfile.read(int(self.headers.get("content-length", 0)))))
                status, body = answers_left.pop(0) if len(answers_left) > 1 else answers_left[0]
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.cert, certificates.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        tls = ssl.create_default_context(cafile=certificates.ca)
        self.cluster = ElasticsearchCluster([f"https://localhost:{self.server.server_port}"], lambda: tls, lambda: "k")

    def close(self) -> None:
        self.cluster.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates.made_in(tmp_path / "certificates")


@pytest.fixture
def scripted(certificates: Certificates) -> Iterator[Any]:
    made: list[Scripted] = []

    def make(*answers: tuple[int, Any]) -> Scripted:
        made.append(Scripted(certificates, *answers))
        return made[-1]

    yield make
    for server in made:
        server.close()


def bulk(server: Scripted, count: int = 3) -> int:
    renderer = Renderer(CARE, 1)
    frame = rows(CARE, *({"visits": at} for at in range(count)))
    return BulkWriter(server.cluster, "care", renderer).write(renderer.chunks(iter([frame])))


def refused(*statuses: int) -> tuple[int, Any]:
    items = [
        {"index": {"status": status} if status == 201 else {"status": status, "error": {"reason": f"status {status}"}}}
        for status in statuses
    ]
    return 200, {"errors": True, "took": 1, "items": items}


def visits(body: bytes) -> list[int]:
    return [json.loads(line)["visits"] for line in body.splitlines()[1::2]]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(scripted: Any, status: int) -> None:
    server = scripted((status, {}), (status, {}), OK)
    assert bulk(server) == 3
    assert len(server.asked) == 3


def test_a_server_that_stays_busy_is_given_up_in_words_that_say_so(scripted: Any) -> None:
    server = scripted((429, {"error": {"reason": "queue is full"}}))
    with pytest.raises(UnavailableError, match="queue is full"):
        server.cluster.call("POST", "/care/_search", {}, tries=2)
    assert len(server.asked) == 2


def test_what_will_never_work_is_not_tried_again(scripted: Any) -> None:
    server = scripted((400, {"error": {"reason": "no such thing"}}))
    with pytest.raises(StorageError, match="no such thing"):
        server.cluster.call("POST", "/care/_search", {})
    assert len(server.asked) == 1


def test_only_the_documents_that_found_no_room_are_sent_again(scripted: Any) -> None:
    first = refused(201, 429, 201)
    server = scripted(first, first, OK)
    assert bulk(server) == 3
    assert [visits(body) for _, body in server.asked] == [[0, 1, 2], [0, 1, 2], [1]]


def test_a_document_that_a_newer_one_has_replaced_is_no_failure(scripted: Any) -> None:
    first = refused(409, 201, 201)
    server = scripted(first, first)
    assert bulk(server) == 3
    assert len(server.asked) == 2


def test_a_document_that_is_refused_in_every_form_is_named(scripted: Any) -> None:
    one = refused(400)
    server = scripted(one)
    with pytest.raises(StorageError, match=r"abab-0 of care: status 400"):
        bulk(server, 1)


@pytest.mark.parametrize(("status", "error"), [(403, RefusedError), (404, StorageError)])
def test_a_document_that_may_not_be_written_is_not_written_in_a_lesser_form(
    scripted: Any, status: int, error: type[Exception]
) -> None:
    server = scripted(refused(201, status, 201))
    with pytest.raises(error, match=f"status {status}"):
        bulk(server)
    assert [visits(body) for _, body in server.asked] == [[0, 1, 2], [0, 1, 2]]


def test_a_lesser_form_that_finds_no_room_is_sent_again_as_it_was(scripted: Any) -> None:
    server = scripted(refused(400), refused(400), refused(429), refused(429), OK)
    assert bulk(server, 1) == 1
    sent = [json.loads(body.splitlines()[1]) for _, body in server.asked]
    assert [document.get("_refusal") for document in sent] == [None, None, *["status 400"] * 3]


def test_a_request_that_is_too_large_is_halved(scripted: Any) -> None:
    server = scripted((413, {}), OK)
    assert bulk(server, 4) == 4
    assert [visits(body) for _, body in server.asked] == [[0, 1, 2, 3], [0, 1], [2, 3]]


def test_a_slow_server_holds_up_what_is_read(scripted: Any) -> None:
    """No more than a few requests are made ahead of the answers."""
    server = scripted(OK)
    renderer = Renderer(CARE, 1)
    made = []

    def chunks() -> Iterator[Any]:
        for at in range(40):
            made.append(at)
            assert len(made) - len(server.asked) <= 6
            yield renderer.chunk(next(renderer.chunks(iter([rows(CARE, {"visits": at})]))).rows)

    assert BulkWriter(server.cluster, "care", renderer).write(chunks()) == 40


def test_nothing_is_sent_in_the_clear() -> None:
    with pytest.raises(SettingsError, match="https"):
        ElasticsearchCluster(["http://localhost:9200"], ssl.create_default_context, lambda: "")


def test_a_server_of_another_authority_is_refused(scripted: Any) -> None:
    server = scripted(OK)
    port = server.server.server_port
    stranger = ElasticsearchCluster([f"https://localhost:{port}"], ssl.create_default_context, lambda: "k")
    with pytest.raises(HandshakeError, match="an authority that is not trusted here"):
        stranger.call("POST", "/")
    assert server.asked == []


def test_a_server_that_is_named_otherwise_is_refused(certificates: Certificates) -> None:
    server = Scripted(certificates, OK)
    tls = ssl.create_default_context(cafile=certificates.ca)
    other = ElasticsearchCluster([f"https://ip6-localhost:{server.server.server_port}"], lambda: tls, lambda: "k")
    with pytest.raises((HandshakeError, UnavailableError)):
        other.call("POST", "/", tries=1)
    assert server.asked == []
    server.close()


def test_no_authority_is_trusted_but_those_of_the_context(scripted: Any, certificates: Certificates) -> None:
    tls = ssl.create_default_context(cafile=certificates.ca)
    server = scripted(OK)
    cluster = ElasticsearchCluster([f"https://localhost:{server.server.server_port}"], lambda: tls, lambda: "k")
    cluster.call("POST", "/")
    assert len(tls.get_ca_certs()) == 1  # the client library adds a hundred of its own where it can


def test_a_server_that_is_away_is_said_to_be(certificates: Certificates) -> None:
    tls = ssl.create_default_context(cafile=certificates.ca)
    away = ElasticsearchCluster([f"https://localhost:{free_port()}"], lambda: tls, lambda: "k")
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="refused"):
        away.call("GET", "/", tries=2)
    assert time.monotonic() - started < 5


def test_a_key_that_was_rotated_is_taken_up(
    elasticsearch: ElasticsearchServer, elasticsearch_indexes: ElasticsearchIndexes
) -> None:
    settings = elasticsearch_indexes.settings()
    rights = {"indices": [{"names": [f"{settings.prefix}-*"], "privileges": ["all"]}]}
    keys = [elasticsearch.api_key("first", rights)]
    index = ElasticsearchIndex(settings, elasticsearch.tls, lambda: keys[-1], lambda: keys[-1])
    index.write(CARE, iter([care_rows()]), 0)
    keys.append(elasticsearch.api_key("second", rights))
    with elasticsearch.client() as client:
        client.security.invalidate_api_key(name="first")
    assert index.search(SearchRequest("horses")).total == 1
    index.write(CARE, iter([care_rows()]), 1)
    with elasticsearch.client() as client:
        client.security.invalidate_api_key(name="second")
    with pytest.raises(RefusedError, match="401"):
        index.count("care")
    index.close()
