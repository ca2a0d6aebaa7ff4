"""`penstock certs`, as a person gives it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from wire_kit import careless_server, door, made_home, tls_of

from core.errors import CertificateError, HandshakeError, NotFoundError, UsageError
from core.settings import Settings, Tls
from pipeline.bootstrap import Parts
from pipeline.certificates import check
from pipeline.cli import app
from pipeline.commands import ask_writer


def certs(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """The lines of a command's JSON."""
    done = CliRunner().invoke(app, ["--home", str(home), "certs", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_init_makes_an_authority_and_what_our_own_ends_need(tmp_path: Path) -> None:
    made = certs(tmp_path, "init", "--host", "box.example")
    assert [line["name"] for line in made] == ["ca", "penstock", "dashboard"]
    assert {"localhost", "127.0.0.1", "::1", "box.example"} <= set(made[2]["hosts"])
    assert all(Path(line["file"]).is_file() and Path(line["key_file"]).is_file() for line in made)
    tls = Parts(Settings(home=tmp_path)).tls
    with door(tls.server_context()) as opened:
        [answer] = check(Settings(home=tmp_path), f"localhost:{opened.port}")
    assert (answer["protocol"], answer["subject"]) == ("TLSv1.3", "penstock")


def test_issue_show_and_renew_go_by_name(tmp_path: Path) -> None:
    certs(tmp_path, "init")
    [issued] = certs(tmp_path, "issue", "elasticsearch", "--host", "localhost", "--host", "10.0.0.7", "--days", "30")
    assert issued["hosts"] == ["localhost", "10.0.0.7"]
    shown = {line["name"]: line for line in certs(tmp_path)}
    assert list(shown) == ["ca", "dashboard", "elasticsearch", "penstock"]
    assert shown["elasticsearch"] == issued
    assert certs(tmp_path, "renew") == []
    [renewed] = certs(tmp_path, "renew", "elasticsearch")
    assert renewed["fingerprint"] != issued["fingerprint"]
    assert len(certs(tmp_path, "renew", "--all")) == 3
    [authority] = certs(tmp_path, "renew", "--authority")
    assert authority["name"] == "ca"
    assert authority["fingerprint"] != shown["ca"]["fingerprint"]


def test_no_key_is_ever_printed(tmp_path: Path) -> None:
    printed = json.dumps([certs(tmp_path, "init"), certs(tmp_path, "show"), certs(tmp_path, "check")])
    printed += CliRunner().invoke(app, ["--home", str(tmp_path), "certs"]).output
    for file in (tmp_path / "certs").glob("*.key"):
        assert not any(line in printed for line in file.read_text().splitlines() if line)


def test_check_says_what_is_wrong_with_ones_own_files(tmp_path: Path) -> None:
    theirs = made_home(tmp_path / "theirs") / "certs"

    def checked(certificate: str, key: str) -> list[dict[str, Any]]:
        own = Tls(str(theirs / "ca.pem"), str(theirs / f"{certificate}.pem"), str(theirs / f"{key}.key"))
        return list(check(Settings(home=tmp_path / "home", tls=own), None))

    assert checked("penstock", "penstock")[0]["state"] == "valid"
    for certificate, key, told in (
        ("expired", "expired", "expired at"),
        ("early", "early", "not valid before"),
        ("penstock", "elsewhere", "is not the key"),
    ):
        with pytest.raises(CertificateError, match=told):
            checked(certificate, key)


def test_show_has_ones_own_certificate_even_where_it_has_expired(tmp_path: Path) -> None:
    theirs = made_home(tmp_path / "theirs") / "certs"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "penstock.toml").write_text(
        f'[tls]\nca_file = "{theirs}/ca.pem"\ncert_file = "{theirs}/expired.pem"\nkey_file = "{theirs}/expired.key"\n'
    )
    [shown] = certs(tmp_path / "home", "show")
    assert (shown["name"], shown["state"]) == ("tls.cert_file", "expired")


def test_check_of_a_server_says_why_it_is_not_accepted(tmp_path: Path) -> None:
    home = made_home(tmp_path)
    with door(careless_server(home, name="expired")) as opened, pytest.raises(HandshakeError, match="has expired"):
        list(check(Settings(home=home), f"https://localhost:{opened.port}/"))
    with door(tls_of(home).server_context()) as opened:
        assert next(iter(check(Settings(home=home), f"127.0.0.1:{opened.port}")))["state"] == "valid"


@pytest.mark.parametrize("address", ["", "host:", "host:port", ":443"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        list(check(Settings(home=tmp_path), address))


def test_nothing_is_issued_before_there_is_an_authority(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="penstock certs init"):
        certs(tmp_path, "issue", "node")
    assert certs(tmp_path) == []


def test_rotating_the_keys_takes_secrets_and_the_authority_along(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    certs(tmp_path, "init")
    Parts(settings).secrets.put("elasticsearch", "an API key")
    before = (tmp_path / "secrets.json").read_text(), (tmp_path / "certs" / "ca.key").read_bytes()
    [newest, *_] = list(ask_writer(settings, "rotate_keys", {}))
    parts = Parts(settings)
    assert parts.keyring.primary == newest["key"]
    assert parts.keyring.decrypt((tmp_path / "certs" / "ca.key").read_bytes(), newest["key"])
    assert parts.secrets.get("elasticsearch") == "an API key"
    assert before[0] != (tmp_path / "secrets.json").read_text()
    assert before[1] != (tmp_path / "certs" / "ca.key").read_bytes()
