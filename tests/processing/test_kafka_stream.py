"""What Spark's workers make of events arrives as it was."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from core.events import ReadEvents
from processing import EventBlock, Known
from processing.kafka_stream import _block, _mapped

LATE = 1_000


def read(lines: Sequence[bytes], dataset: str | None, late_before: int | None) -> ReadEvents:
    """Events that are numbers; those below the moment are late, those that are none are refused."""
    numbers = [(at, int(line)) for at, line in enumerate(lines) if line.strip().isdigit()]
    late = tuple(at for at, number in numbers if late_before is not None and number < late_before)
    kept = [number for at, number in numbers if at not in late]
    frame = pl.DataFrame(
        {"number": kept, "nothing": [None] * len(kept)}, schema={"number": pl.Int64, "nothing": pl.String}
    )
    latest = max((number for _, number in numbers), default=None)
    return ReadEvents(dataset or "guessed", frame, late, len(lines) - len(numbers), latest)


def mapped(known: Known, *events: tuple[str, int, int, bytes | None]) -> list[EventBlock]:
    rows = [dict(zip(("topic", "partition", "offset", "value"), event, strict=True)) for event in events]
    schema = pa.schema(
        [("topic", pa.string()), ("partition", pa.int32()), ("offset", pa.int64()), ("value", pa.binary())]
    )
    made = _mapped(iter([pa.RecordBatch.from_pylist(rows, schema=schema)]), read, known)
    return [_block(row) for batch in made for row in batch.to_pylist()]


def test_events_of_a_partition_are_a_block_with_their_offsets_and_lines() -> None:
    first, second = mapped(
        Known({"a": "numbers"}),
        *(("a", 0, 5, b"7"), ("b", 1, 2, b"x\r\ny"), ("a", 0, 6, b"8\n"), ("a", 0, 9, None), ("b", 1, 3, b"3")),
    )
    assert (first.partition, first.first, first.upto, first.events) == (("a", 0), 5, 10, 2)
    assert (first.dataset, first.frame["number"].to_list(), first.lines) == ("numbers", [7, 8], b"7\n8 ")
    assert first.frame.columns == ["number"]
    assert (second.partition, second.dataset, second.rejected) == (("b", 1), "guessed", 1)
    assert second.lines == b"x  y\n3"


def test_late_events_of_one_partition_are_apart_and_those_of_another_are_not_late() -> None:
    events = [
        ("a", partition, at, str(number).encode()) for partition in (0, 1) for at, number in enumerate((999, 1001))
    ]
    one, other = mapped(Known({}, {("a", 0): LATE}), *events)
    assert (one.lines, one.late_lines, one.late, one.frame["number"].to_list()) == (b"1001", b"999", 1, [1001])
    assert (other.lines, other.late_lines, other.late, other.latest) == (b"999\n1001", b"", 0, 1001)


def test_a_block_of_which_nothing_can_be_read_keeps_its_lines() -> None:
    [block] = mapped(Known(), ("a", 0, 0, b"x"), ("a", 0, 1, None))
    assert (block.lines, block.frame.height, block.rejected, block.latest, block.upto) == (b"x", 0, 1, None, 2)
