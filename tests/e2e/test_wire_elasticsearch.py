"""A real Elasticsearch with a certificate of our authority, which asks for one of ours: mutual TLS with Java."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext

import pytest
from elastic_transport import ConnectionError as NoConnectionError
from elastic_transport import TlsError
from elasticsearch import Elasticsearch
from elasticsearch_server import PASSWORD, USER, Certificates, ElasticsearchFactory, ElasticsearchServer
from wire_kit import authority_of, careless_client, made_home, tls_of

from core.errors import HandshakeError
from security import greet


@dataclass
class MutualServer(ElasticsearchServer):
    """A node that its own authority's clients alone may speak to."""

    trusted: SSLContext | None = None

    def tls(self) -> SSLContext:
        assert self.trusted
        return self.trusted


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = made_home(tmp_path_factory.mktemp("mutual"))
    authority_of(made).issue("node", ["localhost"])
    return made


@pytest.fixture(scope="module")
def server(home: Path, elasticsearch_nodes: ElasticsearchFactory) -> Iterator[MutualServer]:
    prepared = elasticsearch_nodes.node()
    folder = home / "certs"
    node = MutualServer(
        prepared.home,
        prepared.java,
        prepared.folder,
        Certificates(folder / "ca.pem", folder / "node.pem", folder / "node.key"),
        settings={"xpack.security.http.ssl.client_authentication": "required"},
        trusted=tls_of(home).client_context(),
    )
    node.start()
    yield node
    node.kill()


def health(server: MutualServer, context: SSLContext) -> str:
    with Elasticsearch(server.url, ssl_context=context, basic_auth=(USER, PASSWORD), max_retries=0) as client:
        return str(client.cluster.health()["status"])


def test_it_serves_a_client_of_ours_and_we_accept_it(server: MutualServer, home: Path) -> None:
    assert health(server, tls_of(home).client_context()) in {"green", "yellow"}
    protocol, shown = greet(tls_of(home).client_context(), "localhost", server.port)
    assert (protocol, shown.subject) == ("TLSv1.3", "node")


def test_it_refuses_a_client_without_a_certificate(server: MutualServer, home: Path) -> None:
    with pytest.raises((TlsError, NoConnectionError)):  # or a reset that overtook the alert
        health(server, careless_client(home))
    with pytest.raises(HandshakeError, match="wants a certificate of ours, and we showed none"):
        greet(careless_client(home), "localhost", server.port)


def test_it_refuses_a_client_of_another_authority(server: MutualServer, home: Path, tmp_path: Path) -> None:
    foreign = made_home(tmp_path / "foreign")
    with pytest.raises(HandshakeError, match="refuses our certificate"):
        greet(careless_client(home, foreign), "localhost", server.port)


def test_a_renewed_certificate_of_ours_is_taken_without_a_new_client(server: MutualServer, home: Path) -> None:
    context = tls_of(home).client_context()
    authority_of(home).renew(["penstock"])
    assert health(server, context) in {"green", "yellow"}
