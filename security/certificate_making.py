"""What stands in the certificates that we make (RFC 5280)."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from core.errors import UsageError

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom a certificate is made, and for how long."""

    name: str
    hosts: tuple[x509.GeneralName, ...]
    not_before: datetime
    not_after: datetime


def host_names(hosts: Sequence[str]) -> tuple[x509.GeneralName, ...]:
    """Hosts as a certificate names them.

    Raises:
        UsageError: If one is neither an address nor a DNS name.
    """
    return tuple(_host_name(host.strip().lower()) for host in dict.fromkeys(hosts))


def made_authority(subject: Subject, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate that signs others, but no further authority."""
    name = _name(subject)
    return (
        _begun(name, name, key.public_key())
        .not_valid_before(subject.not_before)
        .not_valid_after(subject.not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, SHA256())
    )


def made_leaf(
    subject: Subject,
    key: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """A certificate for a server or a client; it does not outlive its authority."""
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        _begun(_name(subject), authority.subject, key)
        .not_valid_before(max(subject.not_before, authority.not_valid_before_utc))
        .not_valid_after(min(subject.not_after, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(_authority_of(authority), critical=False)
    )
    if subject.hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(subject.hosts), critical=False)
    return builder.sign(authority_key, SHA256())


def _name(subject: Subject) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject.name)])


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _authority_of(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError as error:
        raise UsageError(f"{host!r} is no host.", "Give DNS names and addresses.") from error
    if not _HOST.fullmatch(name):
        raise UsageError(f"{host!r} is no host.", "Give DNS names and addresses, without a scheme or a port.")
    return x509.DNSName(name)
