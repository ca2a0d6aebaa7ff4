"""The one builder of TLS: every client and server of ours takes its context, or its files, from here."""

import ssl
import warnings
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from core.errors import CertificateError, SettingsError
from core.settings import Tls as TlsSettings
from security.certificates import CertificateFiles, check_files, read_certificates
from security.tls_context import RenewedContext, UnverifiedLoopbackContext

OWN = "penstock"  # the certificate that we show where no other is named
CA_FILE = "ca.pem"


class Tls:
    """Contexts of TLS 1.3 that verify the other end. Files that are renewed count from the next connection on.

    Args:
        settings: Whose files come first.
        folder: HOME/certs, where ``NAME.pem`` and ``NAME.key`` are looked for otherwise.

    Raises:
        SettingsError: If a certificate is named without its key, or the other way round.
    """

    def __init__(self, settings: TlsSettings, folder: Path) -> None:
        if bool(settings.cert_file) != bool(settings.key_file):
            named, missing = ("cert_file", "key_file") if settings.cert_file else ("key_file", "cert_file")
            raise SettingsError(f"tls.{named} is set, but tls.{missing} is not.", "Name both, or neither.")
        self._settings = settings
        self._folder = folder

    def client_context(self, name: str = OWN) -> ssl.SSLContext:
        """For connections that we open: the server and its host name are verified; we show our certificate, if any.

        Raises:
            CertificateError: If a file cannot be used.
        """
        if self._settings.insecure_development:
            warnings.warn("tls.insecure_development is on: NO SERVER IS VERIFIED.", stacklevel=2)
            return UnverifiedLoopbackContext()
        files = self.files(name)
        return RenewedContext(ssl.PROTOCOL_TLS_CLIENT, files.present(), partial(_client, files))

    def server_context(self, name: str = OWN, *, mutual: bool = True) -> ssl.SSLContext:
        """For connections that we accept.

        Args:
            name: Whose certificate is shown.
            mutual: Whether the client must show a certificate of our authority. False is for browsers.

        Raises:
            CertificateError: If there is no certificate, no authority to verify clients by, or a file cannot be used.
        """
        files = self.files(name)
        if files.cert_file is None:
            raise CertificateError(
                f"There is no certificate to serve {name} with.",
                "Make one (`penstock certs init`), or set tls.cert_file.",
            )
        if mutual and files.ca_file is None:
            raise CertificateError(
                f"{name} must verify its clients, and no authority of theirs is named.",
                "Make one: `penstock certs init`, or set tls.ca_file.",
            )
        return RenewedContext(ssl.PROTOCOL_TLS_SERVER, files.present(), partial(_server, files, mutual=mutual))

    def pinned_context(self, name: str) -> ssl.SSLContext:
        """For looking after a server of ours: it must show exactly our certificate, at whatever address it listens.

        Raises:
            CertificateError: If there is none, or it cannot be read.
        """
        files = self.files(name)
        if files.cert_file is None:
            raise CertificateError(f"There is no certificate {name}.", "Make one: `penstock certs init`.")
        return RenewedContext(ssl.PROTOCOL_TLS_CLIENT, (files.cert_file,), partial(_pinned, files.cert_file))

    def files(self, name: str = OWN) -> CertificateFiles:
        """The files of one end, for libraries that take no context: as set, else those of HOME/certs that exist."""
        set_ca, set_cert, set_key = (
            Path(each).expanduser() if each else None
            for each in (self._settings.ca_file, self._settings.cert_file, self._settings.key_file)
        )
        ca, cert, key = self._folder / CA_FILE, self._folder / f"{name}.pem", self._folder / f"{name}.key"
        authorities = set_ca or (ca if ca.exists() else None)
        if set_cert or not cert.exists():
            return CertificateFiles(authorities, set_cert, set_key)
        return CertificateFiles(authorities, cert, key)


def _client(files: CertificateFiles) -> ssl.SSLContext:
    return _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), files)


def _server(files: CertificateFiles, *, mutual: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_NONE
    return _loaded(context, files)


def _pinned(cert_file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the certificate itself is compared
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=read_certificates(cert_file)[0].public_bytes(Encoding.DER))
    return context


def _loaded(context: ssl.SSLContext, files: CertificateFiles) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    check_files(files)
    if files.ca_file:
        context.load_verify_locations(files.ca_file)
    else:
        context.load_default_certs()
    if files.cert_file:
        context.load_cert_chain(files.cert_file, files.key_file)
    return context
