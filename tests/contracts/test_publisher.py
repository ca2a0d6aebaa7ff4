"""One behaviour of every publisher: in memory, and on a real Elasticsearch with an API key that allows no more."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

import polars as pl
import pytest
from elasticsearch_server import ElasticsearchServer

from core.dataset import Column, ColumnType, Dataset
from core.errors import RefusedError, StorageError, UnavailableError
from core.frames import POLARS_TYPES
from core.ports import Publisher
from storage import elasticsearch_documents
from storage.elasticsearch_cluster import ElasticsearchCluster
from storage.elasticsearch_documents import ElasticsearchPublisher
from storage.elasticsearch_keys import privileges
from storage.memory_publisher import MemoryPublisher

KINDS = Dataset(
    "view-kinds",
    "One column of each type.",
    (
        Column("at", ColumnType.TIMESTAMP),
        Column("name", ColumnType.KEYWORD),
        Column("number", ColumnType.INTEGER),
        Column("share", ColumnType.NUMBER),
        Column("paid", ColumnType.MONEY),
        Column("is_so", ColumnType.BOOLEAN),
        Column("day", ColumnType.DATE),
        Column("text", ColumnType.TEXT),
    ),
    identity=("at", "name"),
    event_time="at",
)
NOON = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)
Row = dict[str, Any]


class Backend:
    """A publisher, and a look at what is published that does not ask it."""

    def __init__(self, make: Callable[[], Publisher], look: Callable[[str], list[Row]], prefix: str = "") -> None:
        self.prefix = prefix
        self.make = make
        self.look = look
        self.publisher = make()


def row(name: str | None, number: int = 1, **values: Any) -> Row:
    given = {"at": NOON, "name": name, "number": number, "share": 0.5, "paid": Decimal("12.3400"), "is_so": True}
    return {**given, "day": date(2024, 2, 29), "text": "some prose", **values}


def frame(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={c.name: POLARS_TYPES[c.type] for c in KINDS.columns})


@contextlib.contextmanager
def memory() -> Iterator[Backend]:
    shared = MemoryPublisher()
    yield Backend(lambda: shared, lambda name: [dict(each) for each in shared.rows(name)])


@contextlib.contextmanager
def elasticsearch_backend(server: ElasticsearchServer) -> Iterator[Backend]:
    prefix = f"publisher{token_hex(4)}"
    key = server.api_key(prefix, {"cluster": [], "indices": privileges(prefix)["publisher"]})
    client = server.client()

    def make() -> Publisher:
        return ElasticsearchPublisher(ElasticsearchCluster([server.url], server.tls, lambda: key), prefix, replicas=0)

    def look(name: str) -> list[Row]:
        hits = client.search(index=f"{prefix}-{name}", size=1000)["hits"]["hits"]
        return [_typed(hit["_source"]) for hit in hits]

    backend = Backend(make, look, prefix)
    yield backend
    backend.publisher.close()
    client.close()


def _typed(source: Row) -> Row:
    """A document's values as they were before they became JSON."""
    read: dict[str, Callable[[Any], Any]] = {"at": datetime.fromisoformat, "day": date.fromisoformat, "paid": Decimal}
    return {k: v if v is None else read.get(k, lambda same: same)(v) for k, v in source.items()}


@pytest.fixture(params=["memory", "elasticsearch"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "memory":
        with memory() as made:
            yield made
    else:
        with elasticsearch_backend(request.getfixturevalue("elasticsearch")) as made:
            yield made


def names(backend: Backend) -> list[str | None]:
    return sorted((each["name"] for each in backend.look(KINDS.name)), key=str)


def test_values_of_every_type_are_published_as_they_are(backend: Backend) -> None:
    full, empty = row("a"), {**dict.fromkeys(row("a")), "name": "b"}
    assert backend.publisher.replace(KINDS, frame(full, empty)) == 2
    assert sorted(backend.look(KINDS.name), key=lambda each: str(each["name"])) == [full, empty]


def test_replacing_takes_away_what_is_gone_and_leaves_alone_what_is_the_same(backend: Backend) -> None:
    backend.publisher.replace(KINDS, frame(row("same"), row("changed"), row("gone")))
    assert backend.publisher.replace(KINDS, frame(row("same"), row("changed", 2), row("new"))) == 3
    assert names(backend) == ["changed", "new", "same"]
    assert {each["number"] for each in backend.look(KINDS.name) if each["name"] == "changed"} == {2}
    assert backend.publisher.replace(KINDS, frame(row("same"), row("changed", 2), row("new"))) == 0


def test_replacing_by_nothing_leaves_nothing(backend: Backend) -> None:
    backend.publisher.replace(KINDS, frame(row("a")))
    backend.publisher.replace(KINDS, frame())
    assert names(backend) == []


def test_a_row_whose_identity_is_null_is_a_row_of_its_own(backend: Backend) -> None:
    backend.publisher.replace(KINDS, frame(row(None), row("null"), row("")))
    assert names(backend) == ["", None, "null"]
    backend.publisher.replace(KINDS, frame(row(None, 2)))
    assert [each["number"] for each in backend.look(KINDS.name)] == [2]


def test_an_identity_may_be_of_any_length_and_hold_any_sign(backend: Backend) -> None:
    odd = ["x" * 5000, 'a"b\\c\n', "é\u2028", "x" * 4999 + "y"]
    backend.publisher.replace(KINDS, frame(*(row(name) for name in odd)))
    assert names(backend) == sorted(odd)


def test_of_rows_with_one_identity_the_last_counts(backend: Backend) -> None:
    backend.publisher.replace(KINDS, frame(row("a", 1), row("a", 2)))
    assert [each["number"] for each in backend.look(KINDS.name)] == [2]


def test_what_is_put_stays_and_is_put_once(backend: Backend) -> None:
    backend.publisher.put(KINDS, frame(row("a"), row("b")))
    backend.publisher.put(KINDS, frame(row("b", 2), row("c")))
    assert names(backend) == ["a", "b", "c"]
    assert {each["name"]: each["number"] for each in backend.look(KINDS.name)}["b"] == 2


def test_the_greatest_of_what_was_put_is_known(backend: Backend) -> None:
    assert backend.publisher.greatest(KINDS, "number") is None
    backend.publisher.put(KINDS, frame(row("a", 7), row("b", 9), row("c", 8)))
    assert backend.publisher.greatest(KINDS, "number") == 9
    greatest = backend.publisher.greatest(KINDS, "at")
    assert isinstance(greatest, datetime)
    assert abs((greatest - NOON).total_seconds()) < 0.001


def test_a_number_that_is_none_is_published_as_null(backend: Backend) -> None:
    backend.publisher.replace(KINDS, frame(row("a", share=float("nan")), row("b", share=float("inf"))))
    assert names(backend) == ["a", "b"]


def test_another_publisher_goes_on_where_one_stopped(backend: Backend) -> None:
    backend.publisher.replace(KINDS, frame(row("a"), row("b")))
    backend.publisher = backend.make()
    backend.publisher.replace(KINDS, frame(row("b", 2), row("c")))
    assert names(backend) == ["b", "c"]


def test_more_rows_than_one_request_holds_are_all_published(backend: Backend) -> None:
    many = (
        frame(row("x"))
        .select(pl.exclude("name"))
        .join(pl.DataFrame({"name": [f"n{i}" for i in range(12_001)]}), how="cross")
    )
    many = many.select(column.name for column in KINDS.columns)
    assert backend.publisher.replace(KINDS, many) == 12_001
    backend.publisher = backend.make()
    backend.publisher.replace(KINDS, many.head(10))
    assert len(names(backend)) == 10


@pytest.fixture
def real(elasticsearch: ElasticsearchServer) -> Iterator[Backend]:
    with elasticsearch_backend(elasticsearch) as made:
        yield made


def test_after_a_clean_stop_nothing_is_sent_that_is_there(real: Backend) -> None:
    real.publisher.replace(KINDS, frame(row("a"), row("b")))
    real.publisher.close()
    real.publisher = real.make()
    assert real.publisher.replace(KINDS, frame(row("a"), row("b"))) == 0
    assert real.publisher.replace(KINDS, frame(row("a"))) == 1


def test_after_a_crash_all_is_sent_once_more(real: Backend) -> None:
    real.publisher.replace(KINDS, frame(row("a"), row("b")))
    real.publisher.close()
    real.publisher = real.make()
    real.publisher.replace(KINDS, frame(row("a", 2), row("b")))
    real.publisher = real.make()  # nobody closed the one before
    assert real.publisher.replace(KINDS, frame(row("a"), row("b"))) == 2
    assert [each["number"] for each in real.look(KINDS.name)] == [1, 1]


def test_an_index_that_was_deleted_is_made_and_filled_anew(real: Backend, elasticsearch: ElasticsearchServer) -> None:
    real.publisher.replace(KINDS, frame(row("a"), row("b")))
    with elasticsearch.client() as client:
        (index,) = client.indices.get_alias(name=f"{real.prefix}-{KINDS.name}")
        client.indices.delete(index=index)
    with pytest.raises(UnavailableError, match="gone"):
        real.publisher.replace(KINDS, frame(row("b", 2)))
    real.publisher.replace(KINDS, frame(row("b", 2)))
    assert names(real) == ["b"]


def test_an_index_that_is_gone_is_missed_though_no_row_changed(
    real: Backend, elasticsearch: ElasticsearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.publisher.replace(KINDS, frame(row("a")))
    with elasticsearch.client() as client:
        (index,) = client.indices.get_alias(name=f"{real.prefix}-{KINDS.name}")
        client.indices.delete(index=index)
    monkeypatch.setattr(elasticsearch_documents, "TRUST_SECONDS", 0.0)
    assert real.publisher.replace(KINDS, frame(row("a"))) == 1
    assert names(real) == ["a"]


def test_a_dataset_that_changes_its_columns_is_published_anew(real: Backend) -> None:
    real.publisher.replace(KINDS, frame(row("a"), row("b")))
    wider = Dataset(KINDS.name, "Wider.", (*KINDS.columns, Column("more", ColumnType.INTEGER)), KINDS.identity, "at")
    real.publisher = real.make()
    real.publisher.replace(wider, frame(row("a")).with_columns(more=pl.lit(3, pl.Int64)))
    assert [each["more"] for each in real.look(KINDS.name)] == [3]


def test_what_stays_outlives_a_change_of_columns(real: Backend) -> None:
    real.publisher.put(KINDS, frame(row("a", 5)))
    wider = Dataset(KINDS.name, "Wider.", (*KINDS.columns, Column("more", ColumnType.INTEGER)), KINDS.identity, "at")
    real.publisher = real.make()
    assert real.publisher.greatest(wider, "number") == 5
    real.publisher.put(wider, frame(row("b", 6)).with_columns(more=pl.lit(3, pl.Int64)))
    assert names(real) == ["a", "b"]


def test_a_publisher_reaches_no_other_index(real: Backend) -> None:
    lake = Dataset("medical_bill", "The lake's own.", KINDS.columns, KINDS.identity)
    with pytest.raises(RefusedError):
        real.publisher.replace(lake, frame(row("a")))


def test_a_server_that_is_away_is_told_as_such() -> None:
    nobody = ElasticsearchCluster(["https://localhost:1"], ssl.create_default_context, lambda: "a")
    with pytest.raises(StorageError) as caught:
        ElasticsearchPublisher(nobody, "x").replace(KINDS, frame(row("a")))
    assert caught.value.is_retryable
