"""Topics of Kafka as a streaming query of Spark: its workers read the events, this process counts and keeps them.

Where reading goes on is said by whoever starts the query, who knows what is kept already: Spark's checkpoint, which
could be of another opinion after a crash between the two, is thrown away.
"""

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import polars as pl

from core.errors import EngineError, PenstockError
from core.events import EventReader
from processing.running_query import RunningQuery, briefly
from processing.spark_session import SparkHandle

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

MAX_EVENTS_AT_ONCE = 50_000  # in one micro-batch: after an outage it goes in steps
_ADMIN_SECONDS = 10
_EARLIEST = -2
_LOGS_ASIDE = {  # of a checkpoint that is thrown away nobody need wait for: 25 ms of each micro-batch's 180
    "asyncProgressTrackingEnabled": "true",
    "asyncProgressTrackingCheckpointIntervalMs": "60000",
    "_asyncProgressTrackingOverrideSinkSupportCheck": "true",  # else it is refused to all sinks but Spark's own
}
_COLUMNS = ("topic", "partition", "offset", "value")
_SCHEMA = (
    "topic string, partition int, first bigint, upto bigint, dataset string, rows binary, lines binary, "
    "events bigint, late bigint, rejected bigint, latest bigint"
)

Partition = tuple[str, int]
"""A topic, and the number of one of its partitions."""


@dataclass(frozen=True, slots=True)
class EventBlock:
    """Events of one partition that follow on each other.

    Attributes:
        partition: Which.
        first: The offset of the first.
        upto: The offset after the last.
        dataset: The dataset of their rows.
        frame: The rows of those that came in time, without the columns in which none has a value.
        lines: Those as they came, one a line.
        late_lines: Those that came too late, likewise.
        events: How many there are, late ones too.
        late: How many came too late.
        rejected: How many rows their dataset refused.
        latest: The latest time at which one of them happened, in microseconds since 1970, or None.
    """

    partition: Partition
    first: int
    upto: int
    dataset: str
    frame: pl.DataFrame
    lines: bytes
    late_lines: bytes
    events: int
    late: int
    rejected: int
    latest: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What Spark's workers have to know to read events.

    Attributes:
        datasets: Topic → the dataset of its events; one that is not there is recognised.
        late_before: Partition → the moment, in microseconds since 1970, before which an event is late now.
    """

    datasets: Mapping[str, str] = field(default_factory=dict)
    late_before: Mapping[Partition, int] = field(default_factory=dict)


class EventSink(Protocol):
    """Takes events, and says how they are read."""

    def known(self) -> Known:
        """How the next ones are read."""

    def take(self, blocks: Sequence[EventBlock]) -> None:
        """Takes the events of one micro-batch."""


class KafkaStream(RunningQuery):
    """One streaming query over some topics.

    Args:
        spark: Whose session the query runs in; it has the jars of `connector_jars`.
        connection: How brokers are reached, in the words of Kafka's own clients.
        reader: Makes rows of events, in Spark's workers.
        folder: For the checkpoint.
        skip_lost: Whether to go on where a topic has dropped events before they were read.
    """

    def __init__(
        self,
        spark: SparkHandle,
        connection: Mapping[str, str],
        reader: EventReader,
        folder: Path,
        *,
        skip_lost: bool = False,
    ) -> None:
        super().__init__(spark, folder, "The stream of events")
        self._connection = dict(connection)
        self._reader = reader
        self._skip_lost = skip_lost
        self._taker = ThreadPoolExecutor(1, thread_name_prefix="events")
        self._taking: Future[None] | None = None

    def start(self, topics: Sequence[str], after: Mapping[Partition, int], sink: EventSink) -> None:
        """Starts the query.

        Args:
            topics: What is read.
            after: The offset at which each partition goes on; one that is not there is read from its start.
            sink: Takes the events.

        Raises:
            EngineError: If a broker does not answer, a topic is not there, or Spark does not start.
        """

        def writer_of(session: "SparkSession") -> Any:
            starts = {topic: _starts(topic, count, after) for topic, count in self._partitions(session, topics).items()}
            options = {f"kafka.{key}": value for key, value in self._connection.items()}
            options |= {"subscribe": ",".join(topics), "startingOffsets": json.dumps(starts)}
            options |= {"maxOffsetsPerTrigger": str(MAX_EVENTS_AT_ONCE), "failOnDataLoss": str(not self._skip_lost)}
            events = session.readStream.format("kafka").options(**options).load().select(*_COLUMNS)
            writer = events.writeStream.queryName(f"events_{uuid4().hex}").options(**_LOGS_ASIDE)
            return writer.foreachBatch(briefly(take))

        def take(rows: "DataFrame", _: int) -> None:
            blocks = blocks_of(rows, self._reader, sink.known())
            self._check_taken()
            self._taking = self._taker.submit(sink.take, blocks)  # the next are read meanwhile

        self.launch(writer_of)

    def wait(self, seconds: int) -> bool:
        """As `RunningQuery.wait`; what went wrong with the events themselves is raised too."""
        if self._taking and self._taking.done():
            self._check_taken()
        return super().wait(seconds)

    def progress(self) -> Mapping[str, Any]:
        """As `RunningQuery.progress`, and how many events wait in the topics."""
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]

        try:
            last = self._query.lastProgress if self._query else None
            return {**super().progress(), "lag": sum(map(_lag, last["sources"]))} if last else {}
        except (Py4JError, OSError):  # its JVM is gone; `wait` will tell
            return {}

    def stop(self) -> None:
        """As `RunningQuery.stop`; events that were read are taken first."""
        super().stop()
        self._taker.shutdown()

    def _check_taken(self) -> None:
        """Waits until the last events were taken; raises what went wrong with them."""
        taking, self._taking = self._taking, None
        try:
            if taking:
                taking.result()
        except PenstockError:
            raise
        except Exception as error:  # a view is a person's: anything can go wrong in it
            reason = f"Events could not be counted: {type(error).__name__}: {error}"[:300]
            raise EngineError(reason, "Mend the view that is named; they are read again.") from error

    def _partitions(self, session: "SparkSession", topics: Sequence[str]) -> dict[str, int]:
        """How many partitions each topic has, as the brokers say."""
        from py4j.protocol import Py4JJavaError

        jvm: Any = session._jvm
        properties = jvm.java.util.Properties()
        for key, value in self._connection.items():
            properties.setProperty(key, value)
        admin = jvm.org.apache.kafka.clients.admin.AdminClient.create(properties)
        try:
            names = jvm.java.util.ArrayList()
            for topic in topics:
                names.add(topic)
            seconds = jvm.java.util.concurrent.TimeUnit.SECONDS
            found = admin.describeTopics(names).allTopicNames().get(_ADMIN_SECONDS, seconds)
            return {topic: found.get(topic).partitions().size() for topic in topics}
        except Py4JJavaError as error:
            told = str(error.java_exception).splitlines()[0][:300]
            raise EngineError(
                f"The topics {', '.join(topics)} cannot be read at {self._connection['bootstrap.servers']}: {told}",
                "Check kafka.servers, kafka.topics and the files of [tls]; it is tried again.",
            ) from error
        finally:
            admin.close()


def blocks_of(rows: "DataFrame", reader: EventReader, known: Known) -> list[EventBlock]:
    """The events of a micro-batch, read by Spark's workers."""

    def mapped(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return _mapped(batches, reader, known)

    return [_block(row.asDict()) for row in rows.mapInArrow(mapped, _SCHEMA).collect()]


def _mapped(batches: "Iterator[pa.RecordBatch]", reader: EventReader, known: Known) -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa

    for batch in batches:
        rows = pl.DataFrame(pa.Table.from_batches([batch]))
        for (topic, number), events in rows.group_by("topic", "partition", maintain_order=True):
            made = _read((str(topic), int(str(number))), events, reader, known)
            yield pa.RecordBatch.from_pydict({name: [value] for name, value in made.items()}, schema=_arrow_schema())
            _spare_what_is_loaded()


@lru_cache(maxsize=1)
def _spare_what_is_loaded() -> None:
    """Once in a worker: Spark has it look for garbage after each task, 90 ms among all that reading events loads."""
    gc.collect()
    gc.freeze()


def _read(partition: Partition, events: pl.DataFrame, reader: EventReader, known: Known) -> dict[str, Any]:
    # A line break can be no part of a value in JSON, so a space says the same. A null is a mark to Kafka, no event.
    lines = [bytes(value).replace(b"\n", b" ").replace(b"\r", b" ") for value in events["value"] if value is not None]
    read = reader(lines, known.datasets.get(partition[0]), known.late_before.get(partition))
    late = set(read.late)
    in_time = [line for at, line in enumerate(lines) if at not in late] if late else lines
    return {
        "topic": partition[0],
        "partition": partition[1],
        "first": events["offset"].min(),
        "upto": int(str(events["offset"].max())) + 1,
        "dataset": read.dataset,
        "rows": _small(_filled(read.frame)),
        "lines": _small(
            pl.DataFrame({"in time": [b"\n".join(in_time)], "late": [b"\n".join(lines[at] for at in late)]})
        ),
        "events": len(lines),
        "late": len(late),
        "rejected": read.rejected,
        "latest": read.latest,
    }


def _block(row: dict[str, Any]) -> EventBlock:
    from processing.lake_source import unpacked

    partition = (row.pop("topic"), row.pop("partition"))
    frame, lines = (unpacked(bytes(row.pop(name))) for name in ("rows", "lines"))
    in_time, late = lines.row(0)
    return EventBlock(partition=partition, frame=frame, lines=in_time, late_lines=late, **row)


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    """Without columns in which there is nothing: of a wide dataset most, 8 bytes a row each."""
    return frame.select(each for each in frame if each.null_count() < frame.height)


def _small(frame: pl.DataFrame) -> bytes:
    """A frame as an Arrow stream, compressed: a task's result of more than a MiB takes a long way to the driver."""
    buffer = BytesIO()
    frame.write_ipc_stream(buffer, compression="lz4")
    return buffer.getvalue()


def _arrow_schema() -> "pa.Schema":
    import pyarrow as pa

    types = {"string": pa.string(), "int": pa.int32(), "bigint": pa.int64(), "binary": pa.binary()}
    return pa.schema([(name, types[kind]) for name, kind in (each.split() for each in _SCHEMA.split(", "))])


def _starts(topic: str, partitions: int, after: Mapping[Partition, int]) -> dict[str, int]:
    return {str(number): after.get((topic, number), _EARLIEST) for number in range(partitions)}


def _lag(source: Mapping[str, Any]) -> int:
    """How many events the brokers had beyond what was read."""
    ends, latest = _offsets(source["endOffset"]), _offsets(source["latestOffset"])
    return sum(max(0, newest - ends.get(partition, newest)) for partition, newest in latest.items())


def _offsets(told: Any) -> dict[Partition, int]:
    found = json.loads(told) if isinstance(told, str) else told or {}
    return {(topic, int(number)): offset for topic, each in found.items() for number, offset in each.items()}
