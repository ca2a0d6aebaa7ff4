"""A connection to an Elasticsearch cluster: verified TLS, an API key that may be rotated, patience while it is busy."""

import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import elastic_transport as transport
from elasticsearch import ApiError, AuthenticationException, Elasticsearch, NotFoundError

from core.errors import SettingsError
from storage.elasticsearch_errors import translated

READ_TRIES = 3
WRITE_TRIES = 6
"""Six tries are some five seconds; whoever follows the lake comes back after that, for as long as it takes."""
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_CONNECTIONS = 8

Body = Mapping[str, Any] | Sequence[Mapping[str, Any]] | bytes


class ElasticsearchCluster:
    """Speaks to a cluster in one role. Connects when it is first asked; safe to use from several threads.

    Args:
        urls: The nodes, ``https://`` all of them.
        tls: Gives the context that verifies them.
        api_key: Gives the role's API key, encoded. Asked again where the cluster does not know the one in use,
            so that a rotated key is taken up.
        timeout_seconds: How long one request may take.
        user: For the set-up alone: then `api_key` gives the password of this user.

    Raises:
        SettingsError: If a URL is none, or would send everything in the clear.
    """

    def __init__(
        self,
        urls: Sequence[str],
        tls: Callable[[], ssl.SSLContext],
        api_key: Callable[[], str],
        timeout_seconds: float = 60.0,
        *,
        user: str = "",
    ) -> None:
        for url in urls:
            if not url.startswith("https://"):
                raise SettingsError(f"elasticsearch.urls has {url[:200]!r}.", "Give https:// URLs only.")
        self._urls = [_with_port(url) for url in urls]
        self._tls = tls
        self._api_key = api_key
        self._timeout = timeout_seconds
        self._user = user
        self._lock = threading.Lock()
        self._client: Elasticsearch | None = None
        self._key = ""

    def call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        tries: int = READ_TRIES,
        **params: Any,
    ) -> Any:
        """One request, tried again with growing pauses while the server is busy or away.

        Args:
            method: GET, POST, PUT or DELETE.
            path: With a leading slash.
            body: JSON; bytes and sequences are lines of it.
            tries: How often, at most.
            params: Of the query.

        Returns:
            What the server answered, or None where the thing named is not there.

        Raises:
            UnavailableError: If it was busy or away at every try.
            StorageError: If it will not do this, whenever it is asked.
            RefusedError: If the API key is unknown, or not for this.
            HandshakeError: If the server is not one that we trust.
        """
        what = f"Elasticsearch at {self._urls[0]} could not do {method} {path}"
        pause = _FIRST_PAUSE_SECONDS
        last = time.monotonic() + self._timeout  # one that hangs is not asked six times
        for left in range(tries - 1, -1, -1):
            try:
                return self._ask(method, path, body, params)
            except NotFoundError:
                return None
            except (transport.TransportError, ApiError) as error:
                ours = translated(what, error)
                if not ours.is_retryable or not left or time.monotonic() > last:
                    raise ours from error
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # jitter: two that failed together part
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        raise AssertionError

    def close(self) -> None:
        """Ends the connections; the next call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _ask(self, method: str, path: str, body: Body | None, params: Mapping[str, Any]) -> Any:
        client, key = self._connected()
        try:
            return _perform(client, method, path, body, params)
        except AuthenticationException:
            if self._api_key() == key:
                raise
        if self._key == key:  # else another thread has taken the new one up meanwhile
            self.close()
        return _perform(self._connected()[0], method, path, body, params)

    def _connected(self) -> tuple[Elasticsearch, str]:
        with self._lock:
            if self._client is None:
                self._key = self._api_key()
                shown = {"basic_auth": (self._user, self._key)} if self._user else {"api_key": self._key}
                self._client = _client(self._urls, self._tls(), self._timeout, shown)
            return self._client, self._key


def _client(urls: Sequence[str], tls: ssl.SSLContext, timeout: float, shown: Mapping[str, Any]) -> Elasticsearch:
    """A client of the official library that retries nothing by itself: how and how long is decided above it."""
    # it would print a warning at every failure, which is told once it is final
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    try:
        return Elasticsearch(
            list(urls),
            ssl_context=tls,
            node_class=_Node,
            connections_per_node=_CONNECTIONS,
            request_timeout=timeout,
            max_retries=0,
            retry_on_timeout=False,
            **shown,
        )
    except ValueError as error:
        raise SettingsError(f"elasticsearch.urls is unusable: {error}.", "Write it as https://host:9200.") from error


class _Node(transport.Urllib3HttpNode):
    """A node that trusts the authorities of its context alone: the library would add all those of certifi to it."""

    def __init__(self, config: transport.NodeConfig) -> None:
        super().__init__(config)
        self.pool.ca_certs = None  # type: ignore[attr-defined]  # the plain HTTP pool that it may be has none


_JSON = {"Accept": "application/json"}
_LINES = {"Accept": "application/json", "Content-Type": "application/x-ndjson"}
_DOCUMENT = {"Accept": "application/json", "Content-Type": "application/json"}


def _perform(client: Elasticsearch, method: str, path: str, body: Body | None, params: Mapping[str, Any]) -> Any:
    headers = _JSON if body is None else _DOCUMENT if isinstance(body, Mapping) else _LINES
    return client.perform_request(method, path, params=params or None, headers=headers, body=body).body


def _with_port(url: str) -> str:
    """The client wants a port in every URL."""
    host = url.removeprefix("https://").rstrip("/")
    return url.rstrip("/") if ":" in host.rpartition("]")[2] else f"https://{host}:443"
