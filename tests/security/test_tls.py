"""The one builder of TLS: whose files, what is refused at once, and what a renewal changes."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from wire_kit import GREETING, authority_of, careless_client, careless_server, door, knock, made_home, tls_of

from core import settings
from core.errors import CertificateError, HandshakeError, SettingsError
from security import Tls, check_files, greet


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path / "home")


def files_of(home: Path, name: str = "penstock") -> settings.Tls:
    folder = home / "certs"
    return settings.Tls(str(folder / "ca.pem"), str(folder / f"{name}.pem"), str(folder / f"{name}.key"))


def test_every_context_speaks_tls_1_3_and_verifies(home: Path) -> None:
    client, server = tls_of(home).client_context(), tls_of(home).server_context()
    assert client.minimum_version == server.minimum_version == ssl.TLSVersion.TLSv1_3
    assert client.verify_mode == server.verify_mode == ssl.CERT_REQUIRED
    assert client.check_hostname is True
    assert tls_of(home).server_context(mutual=False).verify_mode == ssl.CERT_NONE, "browsers show no certificate"


def test_what_a_library_switches_off_stays_on(home: Path) -> None:
    client = tls_of(home).client_context()
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    with door(careless_server(home, name="elsewhere")) as opened, pytest.raises(HandshakeError, match="host name"):
        knock(opened, client)
    assert opened.heard == []


def test_the_settings_win_over_the_home_and_the_home_over_the_system(home: Path, tmp_path: Path) -> None:
    other = made_home(tmp_path / "other")
    assert Tls(files_of(other), home / "certs").files().cert_file == other / "certs" / "penstock.pem"
    assert tls_of(home).files().present() == tuple(
        home / "certs" / f"{n}" for n in ("ca.pem", "penstock.pem", "penstock.key")
    )
    assert tls_of(tmp_path / "empty").files().present() == ()
    assert len(tls_of(tmp_path / "empty").client_context().get_ca_certs()) == 0, "the front has none; it hands on"


def test_without_files_a_client_trusts_the_systems_authorities_and_no_private_one(home: Path, tmp_path: Path) -> None:
    with door(careless_server(home)) as opened, pytest.raises(HandshakeError, match="not trusted here"):
        knock(opened, tls_of(tmp_path / "empty").client_context())
    assert opened.heard == []


@pytest.mark.parametrize(("named", "missing"), [("cert_file", "key_file"), ("key_file", "cert_file")])
def test_half_a_pair_is_refused_by_name(tmp_path: Path, named: str, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"tls.{missing} is not"):
        Tls(settings.Tls(**{named: "x.pem"}), tmp_path)


def test_a_server_without_a_certificate_or_an_authority_says_how_to_make_one(home: Path, tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match="penstock certs init"):
        tls_of(tmp_path / "empty").server_context()
    own = settings.Tls(cert_file=files_of(home).cert_file, key_file=files_of(home).key_file)
    with pytest.raises(CertificateError, match="verify its clients"):
        Tls(own, tmp_path / "empty").server_context()
    assert Tls(own, tmp_path / "empty").server_context(mutual=False)


@pytest.mark.parametrize(
    ("name", "told"),
    [("expired", r"expired at \d{4}-\d\d-\d\d.*certs renew"), ("early", r"is not valid before .* clock")],
)
def test_a_certificate_outside_its_time_is_refused_at_once(home: Path, name: str, told: str) -> None:
    with pytest.raises(CertificateError, match=told):
        Tls(files_of(home, name), home / "certs").client_context()


def test_a_key_of_another_certificate_is_refused_at_once(home: Path) -> None:
    wrong = settings.Tls(files_of(home).ca_file, files_of(home).cert_file, files_of(home, "elsewhere").key_file)
    with pytest.raises(CertificateError, match="is not the key of the certificate"):
        Tls(wrong, home / "certs").server_context()


def test_a_key_that_others_can_read_is_refused_with_the_fix(home: Path) -> None:
    (home / "certs" / "penstock.key").chmod(0o644)
    with pytest.raises(CertificateError, match="chmod 600"):
        tls_of(home).client_context()


@pytest.mark.parametrize(
    ("file", "told"),
    [("penstock.pem", "no certificate"), ("penstock.key", "no private key"), ("ca.pem", "no certificate")],
)
def test_what_is_no_pem_is_refused_by_name(home: Path, file: str, told: str) -> None:
    (home / "certs" / file).write_text("nothing of the kind")
    with pytest.raises(CertificateError, match=rf"{file} has {told}"):
        tls_of(home).client_context()


def test_a_missing_file_is_named(home: Path) -> None:
    gone = settings.Tls(ca_file=str(home / "nowhere.pem"))
    with pytest.raises(CertificateError, match=r"nowhere\.pem cannot be read"):
        Tls(gone, home / "certs").client_context()


def test_a_certificate_for_another_host_is_refused_where_the_host_is_known(home: Path) -> None:
    files = tls_of(home).files("elsewhere")
    assert check_files(files, "elsewhere.example") is not None
    with pytest.raises(CertificateError, match=r"is for elsewhere\.example, not for dash\.example"):
        check_files(files, "dash.example")


def test_a_server_shows_a_renewed_certificate_without_a_restart(home: Path) -> None:
    context = tls_of(home).server_context()
    shown = []
    for _ in range(2):
        with door(context) as opened:
            shown.append(greet(tls_of(home).client_context(), "localhost", opened.port)[1].fingerprint)
        authority_of(home).renew(["penstock"])
    assert shown[0] != shown[1]


def test_a_client_shows_a_renewed_certificate_on_its_next_connection(home: Path) -> None:
    authority_of(home).issue("client", [], days=1)
    client = tls_of(home).client_context("client")
    for suffix in ("pem", "key"):  # it expires while the process runs
        (home / "certs" / f"expired.{suffix}").replace(home / "certs" / f"client.{suffix}")
    authority_of(home).renew(["client"])
    with door(tls_of(home).server_context()) as opened:
        assert knock(opened, client) == GREETING


def test_an_authority_that_is_replaced_is_no_longer_trusted(home: Path, tmp_path: Path) -> None:
    client = tls_of(home).client_context()
    other = made_home(tmp_path / "other")
    (other / "certs" / "ca.pem").replace(home / "certs" / "ca.pem")
    with door(careless_server(home)) as opened, pytest.raises(HandshakeError, match="not trusted here"):
        knock(opened, client)
    with door(careless_server(home, name="penstock")) as opened, pytest.raises(HandshakeError):
        knock(opened, client)


def test_between_the_two_writes_of_a_renewal_the_certificate_from_before_is_shown(home: Path) -> None:
    context = tls_of(home).server_context()
    old_key = (home / "certs" / "penstock.key").read_bytes()
    authority_of(home).renew(["penstock"])
    new_key = (home / "certs" / "penstock.key").read_bytes()
    (home / "certs" / "penstock.key").write_bytes(old_key)
    with pytest.warns(UserWarning, match="from before is still used"), door(context) as opened:
        assert knock(opened, careless_client(home, home, name="elsewhere")) == GREETING
    (home / "certs" / "penstock.key").write_bytes(new_key)
    with door(context) as opened:
        assert knock(opened, careless_client(home, home)) == GREETING


def test_a_pinned_server_must_show_that_very_certificate(home: Path) -> None:
    pinned = tls_of(home).pinned_context("elsewhere")
    with door(careless_server(home, name="elsewhere")) as opened:
        assert knock(opened, pinned, host="any.example") == GREETING
    with door(careless_server(home)) as opened, pytest.raises(HandshakeError, match="not trusted here"):
        knock(opened, pinned)


def test_greeting_a_server_that_wants_a_certificate_finds_out_that_ours_is_missing(home: Path, tmp_path: Path) -> None:
    stranger = Tls(settings.Tls(ca_file=files_of(home).ca_file), tmp_path / "empty")
    with door(tls_of(home).server_context()) as opened, pytest.raises(HandshakeError, match="we showed none"):
        greet(stranger.client_context(), "localhost", opened.port)
    with pytest.raises(HandshakeError, match="cannot be reached"):
        greet(stranger.client_context(), "localhost", opened.port)


def test_a_certificate_tells_when_to_renew_it(home: Path) -> None:
    certificate = authority_of(home).issued()["penstock"]
    assert certificate.state() == "valid"
    assert certificate.state(certificate.not_after - timedelta(days=19)) == "renew soon"
    assert certificate.state(certificate.not_after + timedelta(seconds=1)) == "expired"
    assert certificate.state(certificate.not_before - timedelta(seconds=1)) == "not yet valid"


@pytest.mark.parametrize(
    ("host", "is_covered"),
    [
        ("node.example", True),
        ("NODE.example.", True),
        ("a.n.example", True),
        ("a.b.n.example", False),
        ("n.example", False),
    ],
)
def test_a_star_stands_for_one_label(home: Path, host: str, is_covered: bool) -> None:
    assert authority_of(home).issue("node", ["node.example", "*.n.example"]).covers(host) is is_covered
