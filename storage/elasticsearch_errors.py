"""What the Elasticsearch client raises → our errors: one table, and whether trying again may help."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import elastic_transport as transport
import elasticsearch as client

from core.errors import HandshakeError, PenstockError, RefusedError, StorageError, UnavailableError
from core.handshake import explained, tls_error_in

MAX_REASON_CHARS = 400
RETRYABLE_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Too busy, out of room, or not up: answers that may be other ones a moment later."""

_SETUP = "Run `penstock elastic setup`, or set elasticsearch.prefix to what the key is for."
_WAIT = "Check that the cluster is up and healthy; what failed is tried again."
# The first class that fits counts, so the narrower come first.
ERRORS: tuple[tuple[type[Exception], type[PenstockError], str], ...] = (
    (transport.TlsError, UnavailableError, _WAIT),  # cut in the middle; one that is refused is told by itself
    (transport.ConnectionTimeout, UnavailableError, _WAIT),
    (transport.ConnectionError, UnavailableError, "Check elasticsearch.urls, and that the cluster is up."),
    (transport.SniffingError, UnavailableError, _WAIT),
    (transport.SerializationError, StorageError, "Check that elasticsearch.urls names an Elasticsearch."),
    (transport.TransportError, UnavailableError, _WAIT),
    (client.AuthenticationException, RefusedError, f"{_SETUP} A cluster that has just started knows no key yet."),
    (client.AuthorizationException, RefusedError, _SETUP),
    (client.UnsupportedProductError, StorageError, "Check that elasticsearch.urls names an Elasticsearch 9."),
    (client.NotFoundError, StorageError, "Run reindex."),
    (client.ConflictError, StorageError, "Let one system at a time write these indexes."),
    (client.BadRequestError, StorageError, "Run reindex; if it persists, this is a fault of Penstock."),
    (client.ApiError, StorageError, "Look into the log of the cluster."),
)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turns an error of the client into ours; `what` says which thing failed.

    Raises:
        UnavailableError: If trying again may help.
        RefusedError: If the API key is unknown, or not for this.
        HandshakeError: If the server is not one that we trust.
        StorageError: Of everything else.
    """
    try:
        yield
    except (transport.TransportError, client.ApiError) as error:
        raise translated(what, error) from error


def translated(what: str, error: Exception) -> PenstockError:
    """The error of ours for one of the client's."""
    if isinstance(error, transport.TlsError) and not isinstance(tls_error_in(error), ssl.SSLEOFError | None):
        refused = explained(error, "it")
        return HandshakeError(f"{what}: {refused.reason}", refused.fix)
    ours, fix = next((ours, fix) for theirs, ours, fix in ERRORS if isinstance(error, theirs))
    if isinstance(error, client.ApiError) and error.status_code in RETRYABLE_STATUSES:
        ours, fix = UnavailableError, _WAIT
    return ours(f"{what}: {reason_of(error)}.", fix)


def reason_of(error: Exception) -> str:
    """What the server or the connection said, in short; never a header, so never a key."""
    if isinstance(error, client.ApiError):
        cause = error.body.get("error") if isinstance(error.body, dict) else None
        return f"{error.status_code} {described(cause) if cause else error.message}"[:MAX_REASON_CHARS]
    # the text of these is "TLS error" or "Connection error"; what happened is in their arguments
    return str(error.args[0] if error.args else error)[:MAX_REASON_CHARS].rstrip(".;")


def described(cause: Any) -> str:
    """The reason in an ``error`` object of Elasticsearch, with that beneath it."""
    if not isinstance(cause, dict):
        return str(cause)[:MAX_REASON_CHARS]
    parts = [str(cause.get("reason") or cause.get("type") or "no reason given")]
    below = cause.get("caused_by") or next(iter(cause.get("root_cause") or []), None)
    if isinstance(below, dict) and below.get("reason") and str(below["reason"]) not in parts[0]:
        parts.append(str(below["reason"]))
    return ": ".join(parts)[:MAX_REASON_CHARS].rstrip(".;")
