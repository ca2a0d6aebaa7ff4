"""Contexts that hand every connection to a context made of the files as they are now."""

import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from socket import AF_UNIX, socket
from threading import Lock
from typing import Any, Self

from core.errors import CertificateError, HandshakeError
from core.hosts import is_loopback

Stamp = tuple[tuple[int, int, int], ...]


class RenewedContext(ssl.SSLContext):
    """A context in front of another one, which is built anew when a file changes.

    So a renewed certificate, or another authority, counts from the next connection on; those that are open go on. What
    a library sets on this object (some switch verification off and on again) does not reach the context that acts.
    While the files do not fit each other, as between the two writes of a renewal, the one from before is used.

    Args:
        protocol: ``ssl.PROTOCOL_TLS_CLIENT`` or ``ssl.PROTOCOL_TLS_SERVER``.
        files: What is watched.
        build: Makes the context that acts.

    Raises:
        CertificateError: If the files cannot be used.
    """

    def __new__(cls, protocol: int, *_: object) -> Self:
        return super().__new__(cls, protocol)

    def __init__(self, _: int, files: tuple[Path, ...], build: Callable[[], ssl.SSLContext]) -> None:
        self._files = files
        self._build = build
        self._lock = Lock()
        self._stamp = self._stamped()
        self._inner = build()
        self.minimum_version = self._inner.minimum_version
        self.check_hostname = self._inner.check_hostname
        self.verify_mode = self._inner.verify_mode

    def wrap_socket(self, sock: socket, *given: Any, **named: Any) -> ssl.SSLSocket:
        """A TLS connection over a socket, by the files as they are now."""
        return self._current().wrap_socket(sock, *given, **named)

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:
        """A TLS connection over buffers, by the files as they are now."""
        return self._current().wrap_bio(*given, **named)

    def _current(self) -> ssl.SSLContext:
        with self._lock:
            stamp = self._stamped()
            if stamp != self._stamp:
                try:
                    self._inner, self._stamp = self._build(), stamp
                except CertificateError as error:
                    warnings.warn(f"The certificate from before is still used. {error}", stacklevel=3)
            return self._inner

    def _stamped(self) -> Stamp:
        """What tells a file from the one that is put in its place; a missing one is told by `build`."""
        found = [file.stat() for file in self._files if file.exists()]
        return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in found)


class UnverifiedLoopbackContext(ssl.SSLContext):
    """Verifies nobody, and therefore reaches nobody but this machine. For development."""

    def __new__(cls) -> Self:
        context = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def wrap_socket(self, sock: socket, *given: Any, **named: Any) -> ssl.SSLSocket:
        """As `ssl.SSLContext`, to loopback.

        Raises:
            HandshakeError: If the peer is elsewhere, whatever name it was asked for by.
        """
        if sock.family != AF_UNIX:
            _refuse_beyond_loopback(str(sock.getpeername()[0]))
        return super().wrap_socket(sock, *given, **named)

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:
        """As `ssl.SSLContext`, to loopback; by the name alone, for there is no socket to ask.

        Raises:
            HandshakeError: If the name is not this machine's.
        """
        _refuse_beyond_loopback(str(named.get("server_hostname") or "an unnamed host"))
        return super().wrap_bio(*given, **named)


def _refuse_beyond_loopback(host: str) -> None:
    if not is_loopback(host):
        raise HandshakeError(
            f"tls.insecure_development reaches servers on this machine only, and {host} is not on it.",
            "Unset tls.insecure_development, and name the server's authority in tls.ca_file.",
        )
