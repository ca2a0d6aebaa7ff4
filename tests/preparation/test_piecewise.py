"""A table read in pieces gives what it gives as a whole, or is not read in pieces."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from core.prepared import Prepared, Table
from preparation import Catalog
from preparation.extraction import Limits, Source
from preparation.interpreting import Interpreter
from preparation.media_types import CSV
from preparation.piecewise import Streamed, streamed
from preparation.preparing import prepare
from preparation.row_files import RowFiles, rows_in

SHA = "ab" * 32
PIECE = 2_000
HEADER = "sensor_id,timestamp,temperature,humidity,place of work"


def line(at: int, **changed: str) -> str:
    values = {
        "sensor": f"s-{at % 7}",
        "time": f"2026-05-01 00:{at // 60 % 60:02d}:{at % 60:02d}",
        "temperature": f"{20 + at % 9}.5",
        "humidity": str(at % 100),
        "place": f"hall {at % 3}",
    }
    return ",".join((values | changed).values())


def lines(count: int = 300, **odd: Callable[[int], str]) -> list[str]:
    """A table whose cells of some columns are made by functions of the row."""
    return [HEADER, *(line(at, **{name: make(at) for name, make in odd.items()}) for at in range(count))]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return Catalog(tmp_path_factory.mktemp("schemas"))


class Both:
    """One text read both ways."""

    def __init__(self, file: Path, catalog: Catalog, declared: str | None) -> None:
        size = file.stat().st_size
        self.whole: Prepared = prepare(file, name="x", sha256=SHA, size=size, catalog=catalog, declared=declared)
        source = Source(file, "x", CSV, size, Limits())
        self.files = RowFiles()
        interpreter = Interpreter(catalog, SHA, Limits())
        self.streamed: Streamed | None = streamed(source, interpreter, self.files, declared, piece_bytes=PIECE)

    def pieces(self) -> int:
        """Asserts that both gave the same; the number of pieces."""
        assert self.streamed is not None
        (expected,) = self.whole.tables
        table: Table = self.streamed.table
        descriptors = self.files.take()
        assert_frame_equal(rows_in(descriptors, table.frame), expected.frame)
        assert (table.dataset, table.rejected_rows, table.rejections) == (
            expected.dataset,
            expected.rejected_rows,
            expected.rejections,
        )
        assert self.streamed.plan.classification.dataset == self.whole.classification.dataset
        assert self.streamed.extraction.metadata == self.whole.metadata
        return len(descriptors)


@pytest.fixture
def read(tmp_path: Path, catalog: Catalog) -> Callable[..., Both]:
    def read_both(text: str | list[str], declared: str | None = None) -> Both:
        file = tmp_path / "table"
        joined = text if isinstance(text, str) else "\n".join(text) + "\n"
        file.write_bytes(joined.encode())
        return Both(file, catalog, declared)

    return read_both


Read = Callable[..., Both]


def test_a_clean_table_gives_the_same_in_many_pieces(read: Read) -> None:
    assert read(lines()).pieces() > 5


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(lines()),  # no line end after the last
        "\n".join(lines()) + "\n\n\n",
        "\r\n".join(lines()) + "\r\n",
        "\ufeff" + "\n".join(lines()) + "\n",
        "\n".join(f'"{cell}"' for cell in ["x"]) + "\n" + "\n".join(lines()) + "\n",
    ],
    ids=["no last line end", "blank lines at the end", "carriage returns", "byte order mark", "preamble"],
)
def test_how_lines_end_changes_nothing(read: Read, text: str) -> None:
    assert read(text).pieces() > 5


def test_refused_rows_are_refused_with_their_positions_and_reasons(read: Read) -> None:
    both = read(lines(humidity=lambda at: "170" if at % 50 == 49 else "50"))
    assert both.pieces() > 5
    assert [each.row for each in both.whole.tables[0].rejections] == [49, 99, 149, 199, 249, 299]


def test_words_for_nothing_are_nothing_in_any_piece(read: Read) -> None:
    assert read(lines(temperature=lambda at: "N/A" if at == 280 else "20.5")).pieces() > 5


def test_a_column_that_is_filled_in_one_piece_only_keeps_its_values(read: Read) -> None:
    both = read(lines(humidity=lambda at: "12.5" if at == 290 else ""))
    assert both.pieces() > 5
    assert both.whole.tables[0].frame["humidity"].drop_nulls().to_list() == [12.5]


def test_what_no_schema_knows_is_kept_whole_in_pieces_too(read: Read) -> None:
    table = ["alpha,beta,gamma", *(f"v{at},w{at % 5},{'x' * (at % 11)}" for at in range(900))]
    both = read(table)
    assert both.whole.classification.dataset == "other"
    assert both.pieces() > 2


def test_a_declared_dataset_is_kept_in_pieces(read: Read) -> None:
    both = read(lines(), declared="sensor_reading")
    assert both.pieces() > 5
    assert both.streamed is not None
    assert both.streamed.plan.classification.confidence == 1.0


@pytest.mark.parametrize(
    "odd",
    [
        {"temperature": lambda at: "1.234,5" if at == 299 else "1.234"},
        {"temperature": lambda at: "$20" if at == 299 else "20"},
        {"temperature": lambda at: "warm" if at == 299 else "20"},
        {"time": lambda at: f"{1 + at % 12:02d}/{1 + at // 12:02d}/2026 00:00:00"},
        {"time": lambda at: "13/01/2026 00:00:00" if at == 299 else "2026-01-13 00:00:00"},
        {"time": lambda at: str(1_700_000_000_000 if at > 290 else 1_700_000_000)},
        {"place": lambda at: '"two\nlines"' if at == 299 else "hall"},
        {"humidity": lambda at: "-5" if at > 200 else "50"},
    ],
    ids=[
        "comma or point",
        "a currency",
        "a word among numbers",
        "day or month",
        "another order of dates at the end",
        "another unit of time at the end",
        "a line end in a value",
        "a column that fails most of its checks at the end",
    ],
)
def test_where_rows_far_apart_decide_the_table_is_read_whole(read: Read, odd: dict[str, Callable[[int], str]]) -> None:
    both = read(lines(**odd))
    assert both.streamed is None
    assert both.files.take() == []


def test_a_blank_line_in_the_middle_is_left_to_the_careful_reader(read: Read) -> None:
    table = lines()
    assert read([*table[:200], "", *table[200:]]).streamed is None


def test_a_small_table_is_read_whole(read: Read) -> None:
    assert read(lines(20)).streamed is None


def test_rows_set_aside_come_back_in_their_schema() -> None:
    files = RowFiles()
    empty = pl.DataFrame(schema={"a": pl.Int64, "b": pl.String, "c": pl.Float64})
    files.add(pl.DataFrame({"a": [1, 2], "b": [None, None], "c": [None, None]}, schema=empty.schema))
    files.add(pl.DataFrame({"a": [3], "b": ["x"], "c": [None]}, schema=empty.schema))
    assert rows_in(files.take(), empty).rows() == [(1, None, None), (2, None, None), (3, "x", None)]
    assert_frame_equal(rows_in([], empty), empty)
