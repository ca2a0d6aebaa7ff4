"""Every error of the client becomes one of ours, and says whether to try again."""

import inspect
import pickle
import ssl

import elastic_transport
import elasticsearch
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig

from core.errors import HandshakeError, PenstockError, RefusedError, StorageError, UnavailableError
from storage.elasticsearch_errors import ERRORS, described, told, translated

THEIRS = sorted(
    {
        kind
        for module in (elastic_transport, elasticsearch, elasticsearch.exceptions)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, elastic_transport.TransportError | elastic_transport.ApiError)
    },
    key=lambda kind: kind.__name__,
)


def raised(kind: type[Exception], status: int = 400, body: object = None) -> Exception:
    if issubclass(kind, elastic_transport.TransportError):
        return kind("the wire is cut", errors=(OSError("errno 5"),))
    node = NodeConfig("https", "localhost", 9200)
    meta = ApiResponseMeta(status, "1.1", HttpHeaders({"authorization": "ApiKey secret"}), 0.1, node)
    return kind("some_exception", meta, body or {"error": {"reason": "because"}})


def test_the_table_covers_every_error_of_the_client() -> None:
    ours = [kind for kind in THEIRS if kind is not elastic_transport.ApiError]  # the client raises its own below it
    assert len(ours) >= 12
    assert [kind for kind in ours if kind not in [theirs for theirs, _, _ in ERRORS]] == []


@pytest.mark.parametrize("kind", [kind for kind in THEIRS if kind is not elastic_transport.ApiError])
def test_an_error_says_what_failed_why_and_what_to_do(kind: type[Exception]) -> None:
    with pytest.raises(PenstockError, match="Nothing was found") as caught, told("Nothing was found"):
        raise raised(kind)
    error = caught.value
    assert error.fix
    assert "secret" not in str(error)
    assert isinstance(error.__cause__, kind)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  # our own


@pytest.mark.parametrize(
    ("kind", "status", "ours"),
    [
        (elastic_transport.TlsError, 0, UnavailableError),
        (elastic_transport.ConnectionError, 0, UnavailableError),
        (elastic_transport.ConnectionTimeout, 0, UnavailableError),
        (elasticsearch.AuthenticationException, 401, RefusedError),
        (elasticsearch.AuthorizationException, 403, RefusedError),
        (elasticsearch.BadRequestError, 400, StorageError),
        (elasticsearch.ConflictError, 409, StorageError),
        (elasticsearch.ApiError, 413, StorageError),
        (elasticsearch.ApiError, 429, UnavailableError),
        (elasticsearch.ApiError, 503, UnavailableError),
    ],
)
def test_only_what_may_pass_is_tried_again(kind: type[Exception], status: int, ours: type[PenstockError]) -> None:
    error = translated("It failed", raised(kind, status))
    assert type(error) is ours
    assert error.is_retryable is (ours is UnavailableError)


def test_a_server_that_is_not_trusted_is_told_from_a_wire_that_was_cut() -> None:
    cut = elastic_transport.TlsError("EOF", errors=(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),))
    assert type(translated("It failed", cut)) is UnavailableError
    untrusted = ssl.SSLCertVerificationError("certificate verify failed")
    untrusted.verify_code, untrusted.verify_message = 20, "unable to get local issuer certificate"
    error = translated("It failed", elastic_transport.TlsError("refused", errors=(untrusted,)))
    assert type(error) is HandshakeError
    assert "authority that is not trusted" in error.reason
    assert "tls.ca_file" in error.fix


def test_a_reason_has_what_is_beneath_it_and_is_bounded() -> None:
    cause = {"reason": "failed to parse field [x]", "caused_by": {"reason": "too deep"}}
    assert described(cause) == "failed to parse field [x]: too deep"
    assert len(described({"reason": "x" * 10_000})) <= 400
