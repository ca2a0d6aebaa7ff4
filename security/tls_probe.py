"""Greets a server, to tell what it shows and whether it and we accept each other."""

import socket
import ssl
from contextlib import suppress

from cryptography import x509

from core.errors import HandshakeError
from core.handshake import handshaking
from security.certificates import Certificate, described

_ALERT_SECONDS = 0.5  # TLS 1.3 tells a client only after the handshake that its certificate was refused


def greet(context: ssl.SSLContext, host: str, port: int, seconds: float = 5.0) -> tuple[str, Certificate]:
    """Connects to a server and says nothing.

    Returns:
        The protocol that was agreed on, and the server's certificate.

    Raises:
        HandshakeError: If the server cannot be reached, or one of us does not accept the other.
    """
    peer = f"{host}:{port}"
    try:
        connection = socket.create_connection((host, port), seconds)
    except OSError as error:
        raise HandshakeError(f"{peer} cannot be reached: {error}.", "See whether it runs there.") from error
    with handshaking(peer), connection, context.wrap_socket(connection, server_hostname=host) as secured:
        secured.settimeout(_ALERT_SECONDS)
        with suppress(TimeoutError):  # it waits for us to speak: we are accepted
            secured.recv(1)
        shown = secured.getpeercert(binary_form=True)
        if shown is None:
            raise HandshakeError(f"{peer} showed no certificate.", "Turn TLS with a certificate on there.")
        return secured.version() or "", described(x509.load_der_x509_certificate(shown))
