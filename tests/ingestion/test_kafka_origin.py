"""Events of a topic are known by where they lie in it."""

import json

import pytest

from ingestion import KafkaOrigin

ORIGIN = KafkaOrigin("orders.v1", {0: (120, 340), 1: (118, 118), 12: (0, 7)})


@pytest.mark.parametrize("origin", [ORIGIN, KafkaOrigin("a-b_c", {3: (0, 1)}, is_late=True)])
def test_a_path_says_the_origin_that_made_it(origin: KafkaOrigin) -> None:
    assert KafkaOrigin.of(origin.path) == origin
    assert origin.path.startswith(KafkaOrigin.folder(origin.topic))


@pytest.mark.parametrize(
    "path", ["/data/inbox/0:1-2.ndjson", "kafka://orders/readme.ndjson", "kafka://orders/0:1-2.csv"]
)
def test_other_paths_say_no_origin(path: str) -> None:
    assert KafkaOrigin.of(path) is None


def test_the_same_events_at_other_offsets_are_another_blob_of_the_same_events() -> None:
    lines = [b"no json", b'{"a":1}', b'{"a":2}\n{"a":3}']
    here, there = (KafkaOrigin("orders", {0: span}).content(lines) for span in ((0, 4), (4, 8)))
    assert here != there
    for content in (here, there):
        first, *others = content.splitlines()
        records = [json.loads(line) for line in others]
        assert first == b"no json"
        assert "_kafka" in records[0]
        assert [record["a"] for record in records] == [1, 2, 3]
        assert [len(record) for record in records] == [2, 1, 1]


def test_events_of_which_none_is_an_object_stay_as_they_came() -> None:
    assert ORIGIN.content([b"[1]", b"{}"]) == b"[1]\n{}\n"
