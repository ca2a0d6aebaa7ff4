"""The private authority: what it makes can be verified, is private, short-lived and renewed."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store
from wire_kit import authority_of

from core.errors import CertificateError, NotFoundError, TamperedError, UsageError
from core.settings import Security
from security import CertificateAuthority, ChainedAuditTrail, KeyRing


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    made = authority_of(tmp_path)
    made.init("authority of a test")
    return made


def on_disk(home: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((home / "certs" / f"{name}.pem").read_bytes())


def test_what_it_issues_is_verified_by_a_strict_verifier(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.issue("node", ["node.example.org", "*.nodes.example.org", "10.0.0.7", "::1"])
    store = Store([on_disk(tmp_path, "ca")])
    leaf = on_disk(tmp_path, "node")
    for host in ("node.example.org", "seven.nodes.example.org"):
        PolicyBuilder().store(store).build_server_verifier(x509.DNSName(host)).verify(leaf, [])
    client = PolicyBuilder().store(store).build_client_verifier().verify(leaf, [])
    assert client.subjects


def test_the_authority_signs_leaves_only_and_says_so(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.issue("node", ["localhost"])
    ca, leaf = on_disk(tmp_path, "ca"), on_disk(tmp_path, "node")
    bounds = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (bounds.critical, bounds.value.ca, bounds.value.path_length) == (True, True, 0)
    usage = ca.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert (
        leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        == ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )


def test_keys_are_private_and_the_authoritys_is_sealed(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.issue("node", ["localhost"])
    folder = tmp_path / "certs"
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in folder.glob("*.key")} == {
        "ca.key": "0o600",
        "node.key": "0o600",
    }
    assert load_pem_private_key((folder / "node.key").read_bytes(), None)
    assert b"PRIVATE" not in (folder / "ca.key").read_bytes()
    opened = KeyRing.open(Security(), tmp_path).decrypt((folder / "ca.key").read_bytes())
    assert load_pem_private_key(opened, None).public_key() == on_disk(tmp_path, "ca").public_key()  # type: ignore[comparison-overlap]  # kinds of keys


def test_no_two_certificates_have_a_number_or_a_key_in_common(authority: CertificateAuthority, tmp_path: Path) -> None:
    found = []
    for _ in range(3):
        authority.issue("node", ["localhost"])
        found.append(on_disk(tmp_path, "node"))
    assert len({each.serial_number for each in found}) == 3
    assert len({each.fingerprint(each.signature_hash_algorithm) for each in found}) == 3  # type: ignore[arg-type]  # EC always has one


def test_a_second_authority_is_not_made_over_the_first(authority: CertificateAuthority) -> None:
    with pytest.raises(UsageError, match="already"):
        authority.init("another")


def test_renewing_takes_those_that_are_due_and_keeps_their_hosts(tmp_path: Path) -> None:
    authority_of(tmp_path, at=timedelta(days=-50)).init("authority")
    authority_of(tmp_path, at=timedelta(days=-50)).issue("old", ["old.example", "127.0.0.1"], days=60)
    authority_of(tmp_path).issue("new", ["new.example"], days=60)
    before = authority_of(tmp_path).issued()
    assert (before["old"].state(), before["new"].state()) == ("renew soon", "valid")
    renewed = authority_of(tmp_path).renew()
    assert list(renewed) == ["old"]
    assert renewed["old"].hosts == ("old.example", "127.0.0.1")
    assert renewed["old"].state() == "valid"
    assert renewed["old"].not_after - renewed["old"].not_before == timedelta(days=60)
    assert authority_of(tmp_path).issued()["old"] == renewed["old"]
    assert list(authority_of(tmp_path).renew(everything=True)) == ["new", "old"]
    with pytest.raises(NotFoundError, match="There are: new, old"):
        authority_of(tmp_path).renew(["nobody"])


def test_a_certificate_of_another_issuer_is_shown_but_not_renewed(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    authority_of(tmp_path / "other").init("a company")
    authority_of(tmp_path / "other").issue("site", ["site.example"])
    for suffix in ("pem", "key"):
        (tmp_path / "other" / "certs" / f"site.{suffix}").rename(tmp_path / "certs" / f"site.{suffix}")
    assert list(authority.issued()) == ["site"]
    assert authority.renew(everything=True) == {}


def test_a_certificate_does_not_outlive_its_authority(tmp_path: Path) -> None:
    authority_of(tmp_path, at=timedelta(days=-99)).init("authority", days=100)
    issued = authority_of(tmp_path).issue("node", ["localhost"], days=60)
    assert issued.not_after == authority_of(tmp_path).authority().not_after


def test_an_authority_that_has_expired_issues_nothing_until_it_is_renewed(tmp_path: Path) -> None:
    authority_of(tmp_path, at=timedelta(days=-200)).init("authority", days=100)
    authority_of(tmp_path, at=timedelta(days=-200)).issue("node", ["localhost"])
    with pytest.raises(CertificateError, match="certs renew --authority"):
        authority_of(tmp_path).issue("node", ["localhost"])
    key = on_disk(tmp_path, "ca").public_key()
    assert authority_of(tmp_path).renew_authority().state() == "valid"
    assert on_disk(tmp_path, "ca").public_key() == key, "what it issued before stays good"
    assert authority_of(tmp_path).issue("node", ["localhost"]).state() == "valid"


@pytest.mark.parametrize("name", ["", "ca", "../x", "Upper", "a b", "x" * 65])
def test_a_name_that_could_mislead_is_refused(authority: CertificateAuthority, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a certificate"):
        authority.issue(name, ["localhost"])


@pytest.mark.parametrize("host", ["", "http://x", "x:443", "a b", "-x.example", "x..y", "*"])
def test_what_is_no_host_is_refused(authority: CertificateAuthority, host: str) -> None:
    with pytest.raises(UsageError, match="no host"):
        authority.issue("node", [host])


def test_a_host_name_in_another_script_is_written_as_dns_has_it(authority: CertificateAuthority) -> None:
    assert authority.issue("node", ["Bücher.example"]).hosts == ("xn--bcher-kva.example",)


def test_rotation_puts_the_authoritys_key_under_the_new_key(authority: CertificateAuthority, tmp_path: Path) -> None:
    ring = KeyRing.open(Security(), tmp_path)
    old = ring.primary
    ring.rotate()
    assert authority.reseal() is True
    fresh = authority_of(tmp_path)
    sealed = (tmp_path / "certs" / "ca.key").read_bytes()
    assert KeyRing.open(Security(), tmp_path).decrypt(sealed, ring.primary)
    with pytest.raises(TamperedError):
        KeyRing.open(Security(), tmp_path).decrypt(sealed, old)
    assert fresh.issue("node", ["localhost"]).state() == "valid"
    assert authority_of(tmp_path / "none").reseal() is False


def test_without_its_key_ring_the_authority_is_of_no_use(authority: CertificateAuthority, tmp_path: Path) -> None:
    thief = tmp_path / "thief"
    thief.mkdir()
    (tmp_path / "certs").rename(thief / "stolen")
    ring = KeyRing.open(Security(), thief)
    stolen = CertificateAuthority(thief / "stolen", ring, ChainedAuditTrail(thief / "audit.jsonl", ring))
    with pytest.raises(TamperedError):
        stolen.issue("node", ["localhost"])
    assert authority.exists() is False


def test_every_key_that_is_made_is_in_the_audit_trail_and_no_key_is(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    authority.issue("node", ["node.example"])
    authority.renew(["node"])
    authority.renew_authority()
    trail = ChainedAuditTrail(tmp_path / "audit.jsonl", KeyRing.open(Security(), tmp_path))
    assert [(each["action"], each["subject"]) for each in trail.entries()] == [
        ("make authority", "ca"),
        ("issue certificate", "node"),
        ("renew certificate", "node"),
        ("renew authority", "ca"),
    ]
    last_issued = list(trail.entries())[2]
    assert "node.example" in last_issued["detail"]
    assert authority.issued()["node"].fingerprint in last_issued["detail"]
    assert "PRIVATE" not in (tmp_path / "audit.jsonl").read_text()


def test_asked_without_an_authority_it_says_how_to_make_one(tmp_path: Path) -> None:
    for attempt in (lambda: authority_of(tmp_path).issue("node", []), lambda: authority_of(tmp_path).renew()):
        with pytest.raises(NotFoundError, match="penstock certs init"):
            attempt()


def test_a_key_that_is_lost_is_told_from_one_that_cannot_be_opened(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    os.remove(tmp_path / "certs" / "ca.key")
    with pytest.raises(CertificateError, match="cannot be read"):
        authority.issue("node", ["localhost"])


def test_the_lifetime_starts_a_little_before_now_for_peers_whose_clock_is_behind(
    authority: CertificateAuthority,
) -> None:
    issued = authority.issue("node", ["localhost"], days=1)
    assert timedelta(minutes=4) < datetime.now(UTC) - issued.not_before < timedelta(minutes=6)
