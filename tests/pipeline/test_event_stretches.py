"""Events become blobs a stretch at a time: each once, whatever is killed when; late ones wait where a person looks."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from core.blob import Blob
from core.errors import StorageError
from core.settings import Kafka, Settings
from ingestion import Ledger
from pipeline.bootstrap import Parts
from pipeline.event_stretches import EventStretches
from preparation import JsonEvents
from processing import EventBlock

TOPIC = "halls"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = Parts(Settings(tmp_path / "home", kafka=Kafka(("localhost:9092",), watermark_seconds=60, store_seconds=0)))
    made.home.prepare()
    yield made
    made.close()


@pytest.fixture
def ledger(parts: Parts) -> Iterator[Ledger]:
    with Ledger(parts.home.ledger) as made:
        yield made


def started(parts: Parts, ledger: Ledger, dataset: str | None = "sensor_reading") -> EventStretches:
    """As after a start: it knows what the ledger knows."""
    parts.live_layer.restore(lambda blob: bool(ledger.find(blob)))
    return EventStretches(parts, ledger, lambda: parts.catalog, parts.live_layer, {TOPIC: dataset})


def block(stretches: EventStretches, parts: Parts, partition: int, first: int, minutes: range) -> EventBlock:
    """An event a minute."""
    known = stretches.known()
    where = (TOPIC, partition)
    lines = [
        json.dumps({"sensor_id": f"s{partition}", "timestamp": f"2026-05-01T10:{m:02d}:00Z", "value": m}).encode()
        for m in minutes
    ]
    read = JsonEvents(parts.home.schemas)(lines, known.datasets.get(TOPIC), known.late_before.get(where))
    late = [lines[at] for at in read.late]
    return EventBlock(
        partition=where,
        first=first,
        upto=first + len(lines),
        dataset=read.dataset,
        frame=read.frame,
        lines=b"\n".join(line for line in lines if line not in late),
        late_lines=b"\n".join(late),
        events=len(lines),
        late=len(late),
        rejected=read.rejected,
        latest=read.latest,
    )


def values(parts: Parts, blob: str) -> list[int]:
    return [json.loads(line)["value"] for line in b"".join(parts.vault.read(blob)).splitlines()]


def test_a_stretch_is_one_arrival_of_all_partitions_and_reading_goes_on_after_it(parts: Parts, ledger: Ledger) -> None:
    stretches = started(parts, ledger)
    stretches.take([block(stretches, parts, 0, 0, range(3)), block(stretches, parts, 1, 7, range(2))])
    assert stretches.store() == 1
    stretches.take([block(stretches, parts, 0, 3, range(3, 5))])
    assert stretches.store() == 1
    newest, first = ledger.recent()
    assert first.path == "kafka://halls/0:0-3,1:7-9.ndjson"
    assert newest.path == "kafka://halls/0:3-5,1:9-9.ndjson"
    assert (newest.source, newest.declared) == ("kafka", "sensor_reading")
    assert values(parts, newest.blob) == [3, 4]
    assert started(parts, ledger).positions() == {(TOPIC, 0): 5, (TOPIC, 1): 9}


def test_equal_events_at_other_offsets_are_other_events(parts: Parts, ledger: Ledger) -> None:
    stretches = started(parts, ledger)
    for first in (0, 2):
        stretches.take([block(stretches, parts, 0, first, range(2))])
        stretches.store()
    assert [arrival.state.value for arrival in ledger.recent()] == ["received", "received"]


def test_what_was_taken_before_is_left_out(parts: Parts, ledger: Ledger) -> None:
    stretches = started(parts, ledger)
    same = block(stretches, parts, 0, 0, range(4))
    stretches.take([same])
    stretches.take([same])
    stretches.store()
    stretches.take([same])
    assert stretches.store() == 0
    [arrival] = ledger.recent()
    assert values(parts, arrival.blob) == [0, 1, 2, 3]
    assert stretches.tally.events == 4


def test_events_that_come_too_late_are_quarantined_with_a_reason_and_out_of_order_ones_are_not(
    parts: Parts, ledger: Ledger
) -> None:
    stretches = started(parts, ledger)
    stretches.take([block(stretches, parts, 0, 0, range(30, 32))])
    stretches.take([block(stretches, parts, 0, 2, range(29, 32)), block(stretches, parts, 1, 0, range(2))])
    stretches.store()
    [in_time] = [arrival for arrival in ledger.recent() if arrival.state.value == "received"]
    assert sorted(values(parts, in_time.blob)) == [0, 1, 30, 30, 31, 31]  # each partition has a watermark of its own
    [entry] = ledger.quarantine()
    assert values(parts, entry.blob) == [29]
    assert entry.reason.startswith("1 events came too late: they happened more than 60 s before")
    assert entry.id in entry.fix
    assert stretches.tally.late == 1
    assert ledger.replay(entry.id).declared == "sensor_reading"
    assert started(parts, ledger).positions() == {(TOPIC, 0): 5, (TOPIC, 1): 2}


def test_one_wrong_clock_makes_no_other_event_late(parts: Parts, ledger: Ledger) -> None:
    stretches = started(parts, ledger)
    year_2099 = 4_070_908_800_000_000
    stretches.take([replace(block(stretches, parts, 0, 0, range(1)), latest=year_2099)])
    assert stretches.known().late_before[(TOPIC, 0)] < year_2099 - 60_000_000


def test_a_crash_between_vault_and_ledger_reads_the_events_again_and_serves_them_once(
    parts: Parts, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stretches = started(parts, ledger)
    stretches.take([block(stretches, parts, 0, 0, range(4))])

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "receive", crash)
        with pytest.raises(KeyboardInterrupt):
            stretches.store()
    assert [each.blob is None for each in parts.live_layer.stretches()] == [False]
    del parts.__dict__["live_layer"]  # the process is gone, its files are not
    again = started(parts, ledger)
    assert parts.live_layer.stretches() == []
    assert again.positions() == {}
    again.take([block(again, parts, 0, 0, range(4))])
    again.store()
    [arrival] = ledger.recent()
    assert arrival.state.value == "received"
    [stretch] = parts.live_layer.stretches()
    assert stretch.blob == arrival.blob


def test_a_vault_that_takes_nothing_keeps_the_events_for_later_in_their_order(
    parts: Parts, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stretches = started(parts, ledger)
    put = parts.vault.put

    def full(_: BytesIO) -> Blob:
        raise StorageError("The disk is full.", "Make room.")

    monkeypatch.setattr(parts.vault, "put", full)
    for first in (0, 2):
        stretches.take([block(stretches, parts, 0, first, range(first, first + 2))])
        with pytest.raises(StorageError):
            stretches.store()
    assert ledger.recent() == []
    monkeypatch.setattr(parts.vault, "put", put)
    assert stretches.store() == 2
    assert [values(parts, arrival.blob) for arrival in reversed(ledger.recent())] == [[0, 1], [2, 3]]


def test_a_topic_without_a_dataset_has_that_of_its_first_events_also_after_a_restart(
    parts: Parts, ledger: Ledger
) -> None:
    stretches = started(parts, ledger, None)
    stretches.take([block(stretches, parts, 0, 0, range(20))])
    stretches.store()
    assert ledger.recent()[0].declared == "sensor_reading"
    assert started(parts, ledger, None).known().datasets == {TOPIC: "sensor_reading"}
