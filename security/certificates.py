"""Certificates in PEM files: read, described, and refused with a reason where they cannot be used."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from core.errors import CertificateError
from security.private_file import read_private

_RENEW = "Renew it: `penstock certs renew`, or ask whoever issued it."


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """The PEM files of one end of a wire.

    Attributes:
        ca_file: The authorities that are trusted; None stands for the system's.
        cert_file: Our certificate, then those between it and its authority; None where we show none.
        key_file: Its private key.
    """

    ca_file: Path | None
    cert_file: Path | None = None
    key_file: Path | None = None

    def present(self) -> tuple[Path, ...]:
        """Those that are named."""
        return tuple(file for file in (self.ca_file, self.cert_file, self.key_file) if file)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a person wants to know of a certificate; never its key."""

    subject: str
    issuer: str
    hosts: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str  # SHA-256, lower-case hex
    is_authority: bool

    def state(self, now: datetime | None = None) -> str:
        """``valid``, ``renew soon`` (less than a third of its time is left), ``expired`` or ``not yet valid``."""
        now = now or datetime.now(UTC)
        if now < self.not_before:
            return "not yet valid"
        if now > self.not_after:
            return "expired"
        return "renew soon" if self.not_after - now < (self.not_after - self.not_before) / 3 else "valid"

    def is_valid(self) -> bool:
        """Whether it may be used now."""
        return self.state() in {"valid", "renew soon"}

    def covers(self, host: str) -> bool:
        """Whether a peer that asks for `host` would take it; ``*.`` stands for one label."""
        wanted = host.lower().rstrip(".")
        _, _, parent = wanted.partition(".")
        return wanted in self.hosts or (bool(parent) and f"*.{parent}" in self.hosts)


def described(certificate: x509.Certificate) -> Certificate:
    """What a person wants to know of it."""
    return Certificate(
        subject=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer),
        hosts=_hosts(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        is_authority=_is_authority(certificate),
    )


def read_certificates(file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file, in its order, at least one.

    Raises:
        CertificateError: If it cannot be read, or has none.
    """
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise CertificateError(
            f"The certificate file {file} cannot be read: {error.strerror}.", "Check the [tls] settings and its owner."
        ) from error
    except ValueError as error:
        raise CertificateError(
            f"{file} has no certificate in PEM form.", "Convert it: openssl x509 -outform PEM."
        ) from error


def certificate_in(file: Path) -> Certificate:
    """What a person wants to know of the first certificate of a PEM file.

    Raises:
        CertificateError: If it cannot be read, or has none.
    """
    return described(read_certificates(file)[0])


def check_files(files: CertificateFiles, host: str = "") -> Certificate | None:
    """Whether the files can be used together, now; our certificate, if there is one.

    Args:
        files: What to check.
        host: The name under which peers reach us, where they do.

    Raises:
        CertificateError: If one cannot be read, is expired or not yet valid, if the key is another certificate's or can
            be read by others, or if the certificate is not for `host`.
    """
    if files.ca_file:
        read_certificates(files.ca_file)
    if files.cert_file is None or files.key_file is None:
        return None
    first = read_certificates(files.cert_file)[0]
    own = described(first)
    _refuse_outside_its_time(own, files.cert_file)
    if _key_of(files.key_file) != first.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise CertificateError(
            f"The key {files.key_file} is not the key of the certificate {files.cert_file}.",
            "Name the two that were made together: tls.cert_file and tls.key_file.",
        )
    if host and not own.covers(host):
        raise CertificateError(
            f"The certificate {files.cert_file} is for {', '.join(own.hosts) or 'no host'}, not for {host}.",
            f"Issue one for it: `penstock certs issue NAME --host {host}`.",
        )
    return own


def _refuse_outside_its_time(own: Certificate, file: Path) -> None:
    if own.state() == "expired":
        raise CertificateError(f"The certificate {file} expired at {own.not_after:%Y-%m-%d %H:%M} UTC.", _RENEW)
    if own.state() == "not yet valid":
        raise CertificateError(
            f"The certificate {file} is not valid before {own.not_before:%Y-%m-%d %H:%M} UTC.",
            "Check this machine's clock, or wait.",
        )


def _key_of(file: Path) -> bytes:
    """The public half of a private key."""
    try:
        content, open_mode = read_private(file)
    except OSError as error:
        raise CertificateError(f"The key file {file} cannot be read: {error.strerror}.", "Check its owner.") from error
    if open_mode:
        raise CertificateError(
            f"The key file {file} can be read by others (mode {open_mode}, not 0600).", f"Run: chmod 600 {file}"
        )
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(
            f"{file} has no private key in PEM form without a password.", "Convert it: openssl pkey -in FILE -out FILE."
        ) from error
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _hosts(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = names.get_values_for_type(x509.IPAddress)
    return (*(name.lower() for name in names.get_values_for_type(x509.DNSName)), *(str(each) for each in addresses))


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
