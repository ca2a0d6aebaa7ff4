"""The API keys of the components, each with only what it needs, and the role of people who look at the indexes."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import SettingsError
from core.settings import Elasticsearch as Settings
from storage.elasticsearch_cluster import WRITE_TRIES, ElasticsearchCluster

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_READ = ["read", "view_index_metadata"]
_WRITE = ["read", "write", "manage"]
_PUBLISHED = ("view-*", "model-*", "system-*")
_OWNER = "penstock"


@dataclass(frozen=True, slots=True)
class Made:
    """A new API key.

    Attributes:
        component: Whose it is.
        name: What the cluster calls it.
        id: The cluster's identity of it, no secret.
        key: The key itself, encoded; a secret.
        privileges: What it may do, in words.
        replaced: How many older keys of the component there are.
    """

    component: str
    name: str
    id: str
    key: str
    privileges: str
    replaced: int

    def __repr__(self) -> str:
        return f"Made({self.component}, {self.id})"


def privileges(prefix: str) -> dict[str, list[dict[str, Any]]]:
    """Component → what its key may do to which indexes; no component has a privilege on the cluster itself.

    Raises:
        SettingsError: If `prefix` cannot begin the name of an index.
    """
    if not _PREFIX.fullmatch(prefix):
        raise SettingsError(f"elasticsearch.prefix is {prefix[:80]!r}.", "Use lower-case letters, digits, _ and -.")
    # a regular expression of Lucene: the datasets' own indexes, and none that others publish under the prefix
    datasets = [f"/{prefix}-[a-z0-9_]+(-[0-9]+)?/", f"{prefix}-index-state"]
    return {
        "indexer": [{"names": datasets, "privileges": _WRITE}],
        "searcher": [{"names": [f"{prefix}-*"], "privileges": _READ}],
        "publisher": [{"names": [f"{prefix}-{pattern}" for pattern in _PUBLISHED], "privileges": _WRITE}],
    }


class ElasticsearchKeys:
    """Makes and invalidates keys, as somebody who may; used by the set-up alone, and never at run time.

    Args:
        settings: The nodes and the prefix.
        tls: Verifies the nodes.
        user: Who may, with the password.
        password: Not kept beyond the connection.

    Raises:
        SettingsError: If the prefix cannot begin the name of an index, or a URL is not ``https://``.
    """

    def __init__(self, settings: Settings, tls: ssl.SSLContext, user: str, password: str) -> None:
        self._prefix = settings.prefix
        self._privileges = privileges(settings.prefix)
        self._cluster = ElasticsearchCluster(
            settings.urls, lambda: tls, lambda: password, settings.timeout_seconds, user=user
        )

    def renew(self, keep: Callable[[str, str], None]) -> Iterator[Made]:
        """Makes a new key for each component, hands it to `keep` and invalidates those it replaces, in this order.

        So one that is interrupted leaves a key too many, never one too few; the next run removes it.

        Args:
            keep: Given the component and its new key.
        """
        for component, indexes in self._privileges.items():
            yield self._renewed(component, indexes, keep)

    def make_role(self) -> str:
        """A role that reads every index of ours, for people who look at them in Kibana; its name."""
        name = f"{self._prefix}-reader"
        role = {"cluster": [], "indices": self._privileges["searcher"]}
        self._cluster.call("PUT", f"/_security/role/{name}", role, tries=WRITE_TRIES)
        return name

    def close(self) -> None:
        """Ends the connection."""
        self._cluster.close()

    def _renewed(self, component: str, indexes: Sequence[Mapping[str, Any]], keep: Callable[[str, str], None]) -> Made:
        name = f"{self._prefix}-{component}"
        old = self._valid(name)
        asked = {
            "name": name,
            "role_descriptors": {name: {"cluster": [], "indices": [dict(each) for each in indexes]}},
            "metadata": {_OWNER: {"component": component}},
        }
        made = self._cluster.call("POST", "/_security/api_key", asked, tries=WRITE_TRIES, refresh="true")
        keep(component, made["encoded"])
        if old:
            self._cluster.call("DELETE", "/_security/api_key", {"ids": old}, tries=WRITE_TRIES)
        return Made(component, name, made["id"], made["encoded"], _in_words(indexes), len(old))

    def _valid(self, name: str) -> list[str]:
        # a cluster that has just made its first key takes a moment until it can list them
        found = self._cluster.call("GET", "/_security/api_key", tries=WRITE_TRIES, name=name, active_only="true")
        return [key["id"] for key in found["api_keys"] if _OWNER in (key.get("metadata") or {})]


def _in_words(indexes: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{', '.join(each['privileges'])} on {', '.join(each['names'])}" for each in indexes)
