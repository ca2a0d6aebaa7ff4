"""Events of a real broker are in the views, each once, whatever dies: workers, the JVM, the broker, all of it."""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from engine_kit import shared_spark
from kafka_server import KafkaServer
from polars.testing import assert_frame_equal
from running import running
from spark_kills import kill_jvm, kill_workers

from core.settings import Preparation, Processing, Settings, environment_of
from pipeline import System
from pipeline.writer import Writer
from processing import lake_table

WAIT_SECONDS = 90.0
HOUR_SECONDS = 3600


def readings(first: int, count: int, seed: int = 0) -> list[bytes]:
    """Readings of an hour, out of order, every tenth sent twice, some that no dataset takes."""
    dice = random.Random(first + seed)  # noqa: S311 - made-up events
    made = []
    for number in range(first, first + count):
        second = dice.randrange(HOUR_SECONDS)
        at = f"2026-05-01T10:{second // 60:02d}:{second % 60:02d}Z"
        event = {"sensor_id": f"hall-{number % 9}", "timestamp": at, "temperature": number / 7, "number": number}
        made += [json.dumps(event).encode()] * (2 if number % 10 == 0 else 1)
    return [*made, b"no json", b"[1]"]


def accepted(events: Sequence[bytes]) -> int:
    return sum(b"timestamp" in event for event in events)


def settings_of(home: Path, kafka: KafkaServer, topic: str, **others: float) -> Settings:
    return Settings(
        home,
        preparation=Preparation(workers=1),
        processing=Processing(train=False),
        tls=kafka.tls(),
        kafka=kafka.settings(f"{topic}=sensor_reading", **{"store_seconds": 1.0} | others),
    )


def count(system: System) -> int:
    rows = system.view_rows("sensor_readings_by_minute")
    return int(rows["readings"].sum() or 0)


def await_that(what: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    assert what()


def served_and_from_zero(system: System) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The views as people read them, and as one pass over the lake gives them."""
    parts = system.parts
    for view in parts.views.of_dataset("sensor_reading"):
        table = lake_table(parts.lake, system.dataset(view.dataset))
        yield system.view_rows(view.name), parts.local.rows(view, table)


def assert_each_counts_once(system: System, events: Sequence[bytes]) -> None:
    """When the events are there, and again when they are in the lake: no more, no fewer, and equal from zero."""
    await_that(lambda: count(system) >= accepted(events))
    assert count(system) == accepted(events)
    await_that(lambda: system.books()["in_flight"] == 0 and lake_rows(system) == accepted(events))
    for served, from_zero in served_and_from_zero(system):
        assert_frame_equal(served, from_zero, check_exact=True)
    books = system.books()
    assert books["balanced"]
    assert books["rejected_rows"] == len(events) - accepted(events)


def lake_rows(system: System) -> int:
    return int(system.parts.lake.rows("sensor_reading").read_all().num_rows)


@pytest.fixture(scope="module")
def topic(kafka: KafkaServer) -> str:
    return kafka.make_topic("halls")


@pytest.fixture(scope="module")
def writer(kafka: KafkaServer, topic: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    shared_spark().close()  # a process has one session, and that one has no jars of Kafka
    with Writer(settings_of(tmp_path_factory.mktemp("events") / "home", kafka, topic)) as made:
        made.follow_events()
        yield made


@pytest.fixture(scope="module")
def system(writer: Writer) -> Iterator[System]:
    opened = System(writer.parts.settings)
    yield opened
    opened.close()


def test_events_count_once_after_kills_of_python_workers_and_the_jvm_and_with_the_broker_away(
    kafka: KafkaServer, topic: str, writer: Writer, system: System
) -> None:
    events = readings(0, 400)
    kafka.send(topic, events)
    assert_each_counts_once(system, events)
    assert writer.events is not None
    told = writer.events.progress()
    assert (told["events"], told["late"], told["rejected"], told["lag"]) == (len(events), 0, 2, 0)

    for first, kill in ((1000, kill_workers), (10_000, kill_jvm)):
        more = readings(first, 3000)
        kafka.send(topic, more[:1500])
        kill()
        kafka.send(topic, more[1500:])
        events += more
        assert_each_counts_once(system, events)

    kafka.stop()
    assert count(system) == accepted(events)
    kafka.start()
    again = readings(5000, 200)
    kafka.send(topic, again)
    assert_each_counts_once(system, events + again)


@pytest.mark.soak  # two more starts of Spark, half a minute
def test_events_count_once_when_the_whole_system_is_killed_in_their_midst(kafka: KafkaServer, tmp_path: Path) -> None:
    topic = kafka.make_topic("killed")
    settings = settings_of(tmp_path / "home", kafka, topic, store_seconds=0.5)
    system = System(settings)
    events = readings(0, 3000)
    with running(settings.home, environment_of(settings)) as process:
        kafka.send(topic, events[:2000])
        await_that(lambda: system.books()["received"] > 0)
        process.kill()
    kafka.send(topic, events[2000:])
    with running(settings.home, environment_of(settings)):
        assert_each_counts_once(system, events)
    system.close()


def test_late_events_wait_in_the_quarantine_and_count_when_they_are_replayed(
    kafka: KafkaServer, writer: Writer, tmp_path: Path
) -> None:
    topic = kafka.make_topic("late", partitions=1)
    settings = replace(settings_of(tmp_path / "home", kafka, topic, watermark_seconds=600), home=tmp_path / "home")
    assert writer.events is not None
    events = [
        json.dumps({"sensor_id": "a", "timestamp": f"2026-05-01T10:{minute:02d}:00Z", "temperature": minute}).encode()
        for minute in (30, 25, 31)
    ]
    late = [event.replace(b":31:", b":20:") for event in events[2:]]
    with Writer(settings) as second:
        second.parts.__dict__["spark"] = writer.parts.spark  # one session serves both
        second.follow_events()
        system = System(settings)
        kafka.send(topic, events, partitions=1)
        await_that(lambda: count(system) == 3)
        kafka.send(topic, [*late, *events[:1]], partitions=1)
        await_that(lambda: count(system) == 4)
        await_that(lambda: len(system.quarantine()) == 1)
        [entry] = system.quarantine()
        assert entry["reason"].startswith("1 events came too late")
        second.ledger.replay(entry["id"])
        second.wake_preparer(1)
        await_that(lambda: count(system) == 5)
        assert system.quarantine() == []
        system.close()
        del second.parts.__dict__["spark"]
