"""A small private authority: makes the certificates of our own clients and servers, and renews them.

    HOME/certs/ca.pem      its certificate; what clients trust
    HOME/certs/ca.key      its key, sealed under the key ring: no use without the ring
    HOME/certs/NAME.pem    a certificate that it issued
    HOME/certs/NAME.key    its key, mode 0600, in PEM: the libraries that serve with it take nothing else

Keys are EC P-256: browsers take no Ed25519. There is no revocation: certificates live for weeks, and a new one
takes effect without a restart.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from core.errors import CertificateError, NotFoundError, TamperedError, UsageError
from core.ports import AuditTrail
from security.certificate_making import Subject, host_names, made_authority, made_leaf
from security.certificates import Certificate, certificate_in, described, read_certificates
from security.key_ring import KeyRing
from security.private_file import PUBLIC, locked, replace_file

CA = "ca"
CLOCK_SKEW = timedelta(minutes=5)  # a peer's clock may be behind ours
AUTHORITY_DAYS = 5 * 365
LEAF_DAYS = 60
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class CertificateAuthority:
    """Makes, issues and renews. Several processes may use it at once.

    Args:
        folder: HOME/certs.
        ring: Seals the authority's own key.
        audit: Told of every key that is made.
        now: The time; for tests.
    """

    def __init__(
        self,
        folder: Path,
        ring: KeyRing,
        audit: AuditTrail,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._now = now
        self._folder = folder
        self._ring = ring
        self._audit = audit

    def exists(self) -> bool:
        """Whether `init` was done."""
        return self._file(CA).exists()

    def init(self, organisation: str, days: int = AUTHORITY_DAYS) -> Certificate:
        """Makes the authority.

        Raises:
            UsageError: If there is one already.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._writing():
            if self.exists():
                raise UsageError(f"There is an authority in {self._folder} already.", "Use it: `penstock certs issue`.")
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = made_authority(self._subject(organisation, (), timedelta(days=days)), key)
            replace_file(self._key_file(CA), self._ring.encrypt(_pem(key)))
            self._put_certificate(CA, certificate)
        return self._told("make authority", CA, certificate)

    def issue(self, name: str, hosts: Sequence[str], days: int = LEAF_DAYS) -> Certificate:
        """Makes a key and a certificate for it, for servers and clients alike, in the place of the one of that name.

        Args:
            name: The file's name, and the common name.
            hosts: DNS names and addresses under which it is reached; a client needs none.
            days: How long it is valid, at most as long as the authority.

        Raises:
            NotFoundError: If there is no authority.
            UsageError: If the name or a host is none.
        """
        if not _NAME.fullmatch(name) or name == CA:
            raise UsageError(f"{name!r} is no name for a certificate.", "Use lower-case letters, digits, _ and -.")
        subject = self._subject(name, hosts, timedelta(days=days))
        with self._writing():
            return self._issued("issue certificate", subject)

    def renew(self, names: Sequence[str] = (), *, everything: bool = False) -> dict[str, Certificate]:
        """Makes new keys and certificates for the same names and hosts, of the same length.

        Args:
            names: Which; default those of which less than a third of their time is left, or all.
            everything: All of them.

        Returns:
            What was renewed, by name.

        Raises:
            NotFoundError: If one has no certificate of ours, or there is no authority.
        """
        issuer = self.authority().subject
        known = {name: each for name, each in self.issued().items() if each.issuer == issuer}
        for name in names:
            if name not in known:
                raise NotFoundError(
                    f"The authority issued no certificate {name!r}.", f"There are: {', '.join(known) or 'none'}."
                )
        due = names or [
            name for name, each in known.items() if everything or each.state(self._now()) in {"renew soon", "expired"}
        ]
        renewed = {}
        with self._writing():
            for name in due:
                old = known[name]
                subject = self._subject(name, old.hosts, old.not_after - old.not_before)
                renewed[name] = self._issued("renew certificate", subject)
        return renewed

    def renew_authority(self) -> Certificate:
        """Signs the authority's certificate again, with the same key: what it issued stays good.

        Raises:
            NotFoundError: If there is no authority.
        """
        with self._writing():
            old = self.authority()
            fresh = made_authority(self._subject(old.subject, (), old.not_after - old.not_before), self._own_key())
            self._put_certificate(CA, fresh)
        return self._told("renew authority", CA, fresh)

    def authority(self) -> Certificate:
        """The authority's own certificate.

        Raises:
            NotFoundError: If there is none.
        """
        if not self.exists():
            raise NotFoundError(f"There is no authority in {self._folder}.", "Make one: `penstock certs init`.")
        return certificate_in(self._file(CA))

    def issued(self) -> dict[str, Certificate]:
        """The certificates beside the authority's, by name; one that was put there by hand too."""
        files = sorted(self._folder.glob("*.pem")) if self._folder.is_dir() else []
        return {file.stem: certificate_in(file) for file in files if file.stem != CA}

    def reseal(self) -> bool:
        """Puts the authority's key under the newest key of the ring; whether there is one."""
        if not self.exists():
            return False
        self._ring.refresh()
        with self._writing():
            replace_file(self._key_file(CA), self._ring.encrypt(self._unsealed_key()))
        return True

    def _subject(self, name: str, hosts: Sequence[str], lifetime: timedelta) -> Subject:
        start = self._now() - CLOCK_SKEW
        return Subject(name, host_names(hosts), start, start + lifetime)

    def _issued(self, action: str, subject: Subject) -> Certificate:
        authority = self._valid_authority()
        authority_key = self._own_key()
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = made_leaf(subject, key.public_key(), authority, authority_key)
        replace_file(self._key_file(subject.name), _pem(key))
        self._put_certificate(subject.name, certificate)
        return self._told(action, subject.name, certificate)

    def _valid_authority(self) -> x509.Certificate:
        own = self.authority()
        if own.state(self._now()) == "expired":
            raise CertificateError(
                f"The authority's own certificate expired at {own.not_after:%Y-%m-%d %H:%M} UTC.",
                "Renew it: `penstock certs renew --authority`, and have it trusted again.",
            )
        return read_certificates(self._file(CA))[0]

    def _own_key(self) -> ec.EllipticCurvePrivateKey:
        key = load_pem_private_key(self._unsealed_key(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TamperedError(f"{self._key_file(CA)} is not the key that we made.", "Restore it from a backup.")
        return key

    def _unsealed_key(self) -> bytes:
        file = self._key_file(CA)
        try:
            return self._ring.decrypt(file.read_bytes())
        except OSError as error:
            raise CertificateError(
                f"The authority's key {file} cannot be read: {error.strerror}.", "Restore it from a backup."
            ) from error

    def _told(self, action: str, name: str, certificate: x509.Certificate) -> Certificate:
        told = described(certificate)
        detail = f"{', '.join(told.hosts) or 'no host'}; until {told.not_after:%Y-%m-%d}; SHA-256 {told.fingerprint}"
        self._audit.record(action, name, detail)
        return told

    def _put_certificate(self, name: str, certificate: x509.Certificate) -> None:
        replace_file(self._file(name), certificate.public_bytes(Encoding.PEM), PUBLIC)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.pem"

    def _key_file(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._folder.is_dir():
            self.authority()
        with locked(self._folder):
            yield


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
