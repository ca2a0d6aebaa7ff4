"""The API keys of the set-up: each refused beyond its part, replaced by the next set-up."""

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch_server import PASSWORD, USER, ElasticsearchServer
from storage_rows import CARE, care_rows

from core.errors import RefusedError, SettingsError
from core.settings import Elasticsearch
from storage import ElasticsearchIndex, ElasticsearchKeys
from storage.elasticsearch_cluster import ElasticsearchCluster
from storage.elasticsearch_keys import privileges

PREFIX = "keyed"


@pytest.fixture(scope="module")
def settings(elasticsearch: ElasticsearchServer) -> Elasticsearch:
    return Elasticsearch(urls=(elasticsearch.url,), prefix=PREFIX, replicas=0)


@pytest.fixture(scope="module")
def keys(elasticsearch: ElasticsearchServer, settings: Elasticsearch) -> Iterator[dict[str, str]]:
    made: dict[str, str] = {}
    maker = ElasticsearchKeys(settings, elasticsearch.tls(), USER, PASSWORD)
    list(maker.renew(made.__setitem__))
    index = ElasticsearchIndex(settings, elasticsearch.tls, lambda: made["searcher"], lambda: made["indexer"])
    index.write(CARE, iter([care_rows()]), 0)
    with elasticsearch.client() as client:
        for other in (f"{PREFIX}-view-daily", f"{PREFIX}-system-books", "other-care", f"{PREFIX}x-care"):
            client.index(index=other, id="1", document={"a": 1}, refresh=True)
    yield made
    index.drop("care")
    index.close()
    maker.close()


@pytest.fixture
def asked(elasticsearch: ElasticsearchServer, keys: dict[str, str]) -> Iterator[Any]:
    opened: list[ElasticsearchCluster] = []

    def ask(component: str, method: str, path: str, body: Any = None) -> Any:
        opened.append(ElasticsearchCluster([elasticsearch.url], elasticsearch.tls, lambda: keys[component]))
        return opened[-1].call(method, path, body, tries=1)

    yield ask
    for cluster in opened:
        cluster.close()


ALLOWED = [
    ("searcher", "POST", f"/{PREFIX}-care/_search"),
    ("searcher", "GET", f"/{PREFIX}-view-daily/_count"),
    ("indexer", "POST", f"/{PREFIX}-care/_refresh"),
    ("publisher", "POST", f"/{PREFIX}-view-daily/_refresh"),
]
REFUSED = [
    ("searcher", "PUT", f"/{PREFIX}-care/_doc/1"),
    ("searcher", "DELETE", f"/{PREFIX}-care-000001"),
    ("searcher", "PUT", f"/{PREFIX}-new"),
    ("searcher", "POST", f"/{PREFIX}-care/_refresh"),
    ("searcher", "GET", "/other-care/_count"),
    ("searcher", "GET", f"/{PREFIX}x-care/_count"),
    ("indexer", "GET", "/other-care/_count"),
    ("indexer", "PUT", "/other-new"),
    ("indexer", "PUT", f"/{PREFIX}-view-daily/_doc/1"),
    ("indexer", "GET", f"/{PREFIX}-system-books/_count"),
    ("indexer", "PUT", f"/{PREFIX}x-care/_doc/1"),
    ("publisher", "PUT", f"/{PREFIX}-care/_doc/1"),
    ("publisher", "GET", f"/{PREFIX}-care/_count"),
    ("publisher", "PUT", f"/{PREFIX}-index-state/_doc/1"),
]
OF_THE_CLUSTER = [
    ("GET", "/_security/user"),
    ("POST", "/_security/api_key"),
    ("PUT", "/_cluster/settings"),
    ("GET", "/_cluster/health"),
    ("GET", "/_snapshot"),
    ("PUT", "/_security/role/mine"),
]


@pytest.mark.parametrize(("component", "method", "path"), ALLOWED)
def test_a_key_does_its_part(asked: Any, component: str, method: str, path: str) -> None:
    assert asked(component, method, path, {} if path.endswith("_search") else None)


@pytest.mark.parametrize(("component", "method", "path"), REFUSED)
def test_a_key_is_refused_beyond_its_part(asked: Any, component: str, method: str, path: str) -> None:
    with pytest.raises(RefusedError, match=r"403.*unauthorized"):
        asked(component, method, path, {"a": 1} if "_doc" in path else None)


@pytest.mark.parametrize("component", ["indexer", "searcher", "publisher"])
@pytest.mark.parametrize(("method", "path"), OF_THE_CLUSTER)
def test_no_key_has_any_right_on_the_cluster(asked: Any, component: str, method: str, path: str) -> None:
    bodies = {"PUT": {"persistent": {"cluster.max_shards_per_node": 9}}, "POST": {"name": "mine"}, "GET": None}
    body = {"cluster": ["all"]} if "role" in path else bodies[method]
    with pytest.raises(RefusedError, match="403"):
        asked(component, method, path, body)


def test_a_second_set_up_replaces_the_keys(elasticsearch: ElasticsearchServer) -> None:
    settings = Elasticsearch(urls=(elasticsearch.url,), prefix="rotated", replicas=0)
    maker = ElasticsearchKeys(settings, elasticsearch.tls(), USER, PASSWORD)
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    assert [made.replaced for made in maker.renew(first.__setitem__)] == [0, 0, 0]
    assert [made.replaced for made in maker.renew(second.__setitem__)] == [1, 1, 1]
    assert maker.make_role() == "rotated-reader"
    maker.close()
    for key, is_known in ((first["searcher"], False), (second["searcher"], True)):
        cluster = ElasticsearchCluster([elasticsearch.url], elasticsearch.tls, lambda key=key: key)
        if is_known:
            assert cluster.call("GET", "/rotated-*", tries=1) == {}
        else:
            with pytest.raises(RefusedError, match="401"):
                cluster.call("GET", "/rotated-*", tries=1)
        cluster.close()


def test_a_key_is_not_in_what_is_printed_of_it(elasticsearch: ElasticsearchServer, settings: Elasticsearch) -> None:
    maker = ElasticsearchKeys(settings, elasticsearch.tls(), USER, "no-such-password")
    with pytest.raises(RefusedError, match="401") as caught:
        list(maker.renew(lambda component, key: None))  # noqa: ARG005
    maker.close()
    assert "no-such-password" not in str(caught.value)
    assert "no-such-password" not in repr(Elasticsearch(password="no-such-password"))


def test_a_prefix_that_would_reach_other_indexes_is_refused() -> None:
    for prefix in ("", "*", "a*", "A", "a/b", "-a", "a.b"):
        with pytest.raises(SettingsError, match="prefix"):
            privileges(prefix)
