"""Why a TLS connection did not come about, in our words: whatever library spoke, OpenSSL said it.

Each peer of a refused connection learns half: the one that refuses knows why, the other gets an alert.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import HandshakeError

_TRUST = "Name the authority that issued it in tls.ca_file, or issue one of yours: `penstock certs issue`."
_OURS = "Issue one by an authority that it trusts (`penstock certs issue`), or set tls.cert_file and tls.key_file."
_RENEW = "Renew it where it is served (`penstock certs renew`), and compare the clocks of both machines."
_NAMES = "Reach it by a name in its certificate, or issue one for this name: `penstock certs issue NAME --host HOST`."
_UPGRADE = "Turn TLS 1.3 on at the other end; older protocols are not spoken here."
_PLAIN = "Turn TLS on at the other end, or correct the address and its port."
_UNKNOWN_AUTHORITY = ("showed a certificate of an authority that is not trusted here", _TRUST)

_VERIFICATION = {
    2: _UNKNOWN_AUTHORITY,  # the numbers are X509_V_ERR_… of OpenSSL
    18: _UNKNOWN_AUTHORITY,
    19: _UNKNOWN_AUTHORITY,
    20: _UNKNOWN_AUTHORITY,
    21: _UNKNOWN_AUTHORITY,
    9: ("showed a certificate that is not valid yet", _RENEW),
    10: ("showed a certificate that has expired", _RENEW),
    62: ("showed a certificate that is for another host name", _NAMES),
    64: ("showed a certificate that is for another address", _NAMES),
}
_REASONS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": ("showed no certificate, and must", _OURS),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": ("wants a certificate of ours, and we showed none", _OURS),
    "TLSV1_ALERT_UNKNOWN_CA": ("does not trust the authority of our certificate", _OURS),
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": ("refuses our certificate", _OURS),  # Java's, where it knows no authority of it
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": ("refuses our certificate: it has expired", "Renew it: `penstock certs renew`."),
    "SSLV3_ALERT_BAD_CERTIFICATE": ("refuses our certificate: another host's, or not valid yet", _NAMES),
    "UNSUPPORTED_PROTOCOL": ("speaks no TLS 1.3", _UPGRADE),
    "TLSV1_ALERT_PROTOCOL_VERSION": ("speaks no protocol that we speak", _UPGRADE),
    "WRONG_VERSION_NUMBER": ("does not speak TLS", _PLAIN),
    "HTTP_REQUEST": ("speaks plain HTTP, not TLS", _PLAIN),
    "RECORD_LAYER_FAILURE": ("does not speak TLS", _PLAIN),
}
_MAX_DEPTH = 8


@contextmanager
def handshaking(peer: str) -> Iterator[None]:
    """Says in our words why no connection came about inside the block.

    Args:
        peer: Who is at the other end, as a person would say it.

    Raises:
        HandshakeError: In the place of OpenSSL's errors, and of a connection that was cut.
    """
    try:
        yield
    except (ssl.SSLError, ConnectionError, TimeoutError) as error:
        raise explained(error, peer) from error


def explained(error: BaseException, peer: str) -> HandshakeError:
    """The error of a refused connection, also where a library has wrapped it in one of its own."""
    found = tls_error_in(error)
    if isinstance(found, ssl.SSLCertVerificationError):
        told = _VERIFICATION.get(
            found.verify_code, (f"showed a certificate that is refused: {found.verify_message}", _TRUST)
        )
    elif found is not None and found.reason in _REASONS:
        told = _REASONS[found.reason]
    elif found is None and isinstance(error, TimeoutError):
        told = ("did not answer in time", "See whether it runs and can be reached.")
    elif found is None or isinstance(found, ssl.SSLEOFError):
        told = ("closed the connection before TLS was agreed on", _PLAIN)
    else:
        told = (f"and we did not agree on TLS: {found.reason or found}", _PLAIN)
    return HandshakeError(f"{peer} {told[0]}.", told[1])


def tls_error_in(error: BaseException) -> ssl.SSLError | None:
    """The error of OpenSSL in an error, its causes and its parts; None where there is none."""
    waiting: list[tuple[BaseException, int]] = [(error, 0)]
    while waiting:
        found, depth = waiting.pop()
        if isinstance(found, ssl.SSLError):
            return found
        if depth < _MAX_DEPTH:
            waiting += [(part, depth + 1) for part in _parts(found)]
    return None


def _parts(error: BaseException) -> Iterator[BaseException]:
    """What urllib, urllib3 and the Elasticsearch client keep the first error in."""
    kept = (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args)
    several = getattr(error, "errors", ())
    for part in (*kept, *(several if isinstance(several, tuple | list) else ())):
        if isinstance(part, BaseException):
            yield part
