"""The dashboard over TLS: 1.3 only, by a certificate of the home, renewed as it runs; never in the clear to others."""

import socket
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from wire_kit import authority_of

from core.errors import CertificateError, SettingsError
from core.settings import Settings, Tls, Visualization
from pipeline.bootstrap import Parts
from pipeline.certificates import check, init, renew
from pipeline.serving import keep_certificates, serving_of
from visualization import launch


@dataclass
class Served:
    """A dashboard that runs."""

    settings: Settings
    address: str

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def browser(self, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        """What a browser does that trusts the home's authority."""
        context = ssl.create_default_context(cafile=self.settings.home / "certs" / "ca.pem")
        context.maximum_version = newest
        return context


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = Settings(home=tmp_path_factory.mktemp("secured"), visualization=Visualization(port=0))
    list(init(settings, []))
    dashboard = launch(settings)
    yield Served(settings, dashboard.address)
    dashboard.stop()


def test_a_browser_that_trusts_the_authority_is_served(served: Served) -> None:
    assert served.address.startswith("https://127.0.0.1:")
    with urllib.request.urlopen(served.address, timeout=5, context=served.browser()) as answer:  # noqa: S310 our own
        assert b"Streamlit" in answer.read()


def test_a_browser_that_does_not_trust_the_authority_refuses_it(served: Served) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        speak(served, ssl.create_default_context())


def test_tls_1_2_is_refused(served: Served) -> None:
    with pytest.raises(ssl.SSLError, match=r"PROTOCOL_VERSION|EOF"):
        speak(served, served.browser(ssl.TLSVersion.TLSv1_2))


def test_what_is_said_in_the_clear_gets_no_answer(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            heard = connection.recv(100)
        except ConnectionResetError:
            heard = b""
    assert b"HTTP" not in heard


def test_a_renewed_certificate_is_shown_without_a_restart(served: Served) -> None:
    address = f"localhost:{served.port}"
    before = next(iter(check(served.settings, address)))
    [renewed] = renew(served.settings, ["dashboard"], everything=False, authority=False)
    after = next(iter(check(served.settings, address)))
    assert before["fingerprint"] != after["fingerprint"] == renewed["fingerprint"]
    assert after["protocol"] == "TLSv1.3"


def test_other_machines_are_not_served_in_the_clear(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, visualization=Visualization(host="0.0.0.0", port=0))  # noqa: S104
    with pytest.raises(SettingsError, match="certs init --host"):
        launch(settings)


def test_for_other_machines_a_running_system_makes_the_certificates_itself(tmp_path: Path) -> None:
    parts = Parts(Settings(home=tmp_path, visualization=Visualization(host="0.0.0.0")))  # noqa: S104
    keep_certificates(parts)
    assert socket.gethostname().lower() in parts.authority.issued()["dashboard"].hosts
    fingerprint = parts.authority.authority().fingerprint
    keep_certificates(parts)
    assert parts.authority.authority().fingerprint == fingerprint, "there is one authority"


def test_a_running_system_renews_certificates_before_they_expire(tmp_path: Path) -> None:
    authority_of(tmp_path, at=timedelta(days=-50)).init("authority")
    old = authority_of(tmp_path, at=timedelta(days=-50)).issue("dashboard", ["localhost"], days=60)
    parts = Parts(Settings(home=tmp_path))
    keep_certificates(parts)
    assert parts.authority.issued()["dashboard"].not_after > old.not_after


def test_for_this_machine_alone_no_certificate_is_made(tmp_path: Path) -> None:
    parts = Parts(Settings(home=tmp_path))
    keep_certificates(parts)
    assert not parts.authority.exists()
    assert serving_of(parts.settings, "127.0.0.1").scheme == "http"


def test_a_browser_is_sent_to_a_host_that_the_certificate_is_for(tmp_path: Path) -> None:
    parts = Parts(Settings(home=tmp_path / "authority"))
    list(init(parts.settings, []))
    parts.authority.issue("own", ["dash.example.org"])
    folder = parts.home.certificates
    files = Tls(cert_file=str(folder / "own.pem"), key_file=str(folder / "own.key"))
    settings = Settings(home=tmp_path / "home", tls=files, visualization=Visualization(host="0.0.0.0"))  # noqa: S104
    assert serving_of(settings, "127.0.0.1").host == "dash.example.org"


def test_a_certificate_that_cannot_be_used_keeps_it_from_starting(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, visualization=Visualization(port=0))
    list(init(settings, []))
    (tmp_path / "certs" / "penstock.key").replace(tmp_path / "certs" / "dashboard.key")
    with pytest.raises(CertificateError, match="is not the key of the certificate"):
        launch(settings)


def speak(served: Served, context: ssl.SSLContext) -> None:
    with (
        socket.create_connection(("127.0.0.1", served.port), 5) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secured,
    ):
        secured.recv(1)
