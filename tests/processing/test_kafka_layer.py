"""What is served of a view is the lake's view and the events above it, each once, at every moment."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from lake_kit import EVENT, VIEW, batch, expected
from polars.testing import assert_frame_equal

from core.errors import NotFoundError
from processing import Count, LiveLayer, ServedViews, View, ViewStore
from processing.kafka_layer import MERGED_AT
from storage import MemoryLake


class Books:
    """Which blobs the lake has since which version, and who reads meanwhile."""

    def __init__(self) -> None:
        self.version: dict[str, int] = {}

    def is_in_version(self, _: str, blob: str, version: int) -> bool:
        return self.version.get(blob, version + 1) <= version


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def lake() -> MemoryLake:
    made = MemoryLake()
    made.append(EVENT, batch(1), 1)
    return made


@pytest.fixture
def store(tmp_path: Path, lake: MemoryLake) -> ViewStore:
    made = ViewStore(tmp_path / "views")
    made.refresh(VIEW, EVENT, lake)
    return made


@pytest.fixture
def live(tmp_path: Path) -> LiveLayer:
    return LiveLayer(tmp_path / "live")


@pytest.fixture
def served(tmp_path: Path, store: ViewStore, books: Books) -> ServedViews:
    return ServedViews(store, tmp_path / "live", books.is_in_version)


def counted(live: LiveLayer, name: str, rows: pl.DataFrame) -> None:
    live.add(name, EVENT, [VIEW], rows)
    live.publish(EVENT.name)


def assert_served(served: ServedViews, *batches: int) -> None:
    assert_frame_equal(served.rows(VIEW, EVENT), expected(*batches), check_exact=True)


def test_events_are_served_at_once_and_once_on_their_way_into_the_lake(
    live: LiveLayer, served: ServedViews, store: ViewStore, books: Books, lake: MemoryLake
) -> None:
    assert_served(served, 1)
    counted(live, "a", batch(2, 30))
    counted(live, "a", batch(3, 7))
    counted(live, "b", batch(4))
    both = [batch(2, 30), batch(3, 7)]
    before = served.rows(VIEW, EVENT)
    live.seal("a", "blob of a")
    assert_frame_equal(served.rows(VIEW, EVENT), before, check_exact=True)
    books.version["blob of a"] = lake.append(EVENT, pl.concat(both), 2)
    assert_frame_equal(served.rows(VIEW, EVENT), before, check_exact=True)  # the view has not got there
    store.refresh(VIEW, EVENT, lake)
    assert_frame_equal(served.rows(VIEW, EVENT), before, check_exact=True)  # the layer still has them
    [a, b] = live.stretches()
    assert served.is_passed(a, [VIEW])
    assert not served.is_passed(b, [VIEW])
    live.drop(["a"])
    assert_frame_equal(served.rows(VIEW, EVENT), before, check_exact=True)


def test_a_stretch_of_many_micro_batches_is_served_whole_and_keeps_few_states(
    live: LiveLayer, served: ServedViews
) -> None:
    for number in range(2, 2 * MERGED_AT + 4):
        counted(live, "a", batch(number))
        assert_served(served, *range(1, number + 1))
        [stretch] = live.stretches()
        assert all(1 <= len(states) <= MERGED_AT for states in stretch.states.values())


def test_a_reader_whose_events_go_into_the_view_while_it_reads_counts_them_once(
    live: LiveLayer, store: ViewStore, lake: MemoryLake, tmp_path: Path
) -> None:
    counted(live, "a", batch(2))
    books = Books()

    class Moving(ViewStore):
        """The lake's view takes the events in, and the layer drops them, between two looks of a reader."""

        def state(self, *given: object) -> tuple[int, pl.DataFrame]:
            found = store.state(*given)  # type: ignore[arg-type]
            if "blob of a" not in books.version:
                live.seal("a", "blob of a")
                books.version["blob of a"] = lake.append(EVENT, batch(2), 2)
                store.refresh(VIEW, EVENT, lake)
                live.drop(["a"])
            return found

    reader = ServedViews(Moving(tmp_path / "views"), tmp_path / "live", books.is_in_version)
    assert_served(reader, 1, 2)


def test_a_record_that_comes_again_counts_once_where_its_dataset_declares_an_identity(
    live: LiveLayer, served: ServedViews, store: ViewStore, lake: MemoryLake
) -> None:
    known = replace(EVENT, name="known", identity=("kind",))
    view = View(name="known", dataset="known", metrics=(Count(name="events"),))
    rows = batch(2).with_columns(kind=pl.Series(["a", "b", "a", None, None] * 10))
    store.refresh(view, known, lake)
    for name in ("first", "first", "second"):
        live.add(name, known, [view], rows)
    live.publish("known")
    assert served.rows(view, known)["events"].to_list() == [2 + 3 * 20]
    live.drop(["first"])
    live.add("second", known, [view], rows.head(1))
    live.publish("known")
    assert served.rows(view, known)["events"].to_list() == [20 + 1]


def test_what_an_earlier_process_left_is_served_until_the_lake_has_it_but_for_what_comes_again(
    live: LiveLayer, served: ServedViews, tmp_path: Path
) -> None:
    for name, number in (("received", 2), ("not received", 3), ("open", 4)):
        counted(live, name, batch(number))
    live.seal("received", "blob in the ledger")
    live.seal("not received", "blob in the vault alone")
    assert_served(served, 1, 2, 3, 4)
    again = LiveLayer(tmp_path / "live")
    again.restore(lambda blob: blob == "blob in the ledger")
    assert [each.name for each in again.stretches()] == ["received"]
    assert_served(served, 1, 2)


def test_the_first_events_are_served_above_a_lake_that_has_none(live: LiveLayer, tmp_path: Path, books: Books) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path / "first")
    store.refresh(VIEW, EVENT, lake)
    reader = ServedViews(store, tmp_path / "live", books.is_in_version)
    counted(live, "a", batch(2))
    live.seal("a", "blob of a")
    assert_served(reader, 2)
    [stretch] = live.stretches()
    assert not reader.is_passed(stretch, [VIEW])
    books.version["blob of a"] = lake.append(EVENT, batch(2), 1)
    assert_served(reader, 2)
    store.refresh(VIEW, EVENT, lake)
    assert_served(reader, 2)
    assert reader.is_passed(stretch, [VIEW])


def test_a_view_that_was_never_computed_is_not_served_from_events_alone(
    live: LiveLayer, tmp_path: Path, books: Books
) -> None:
    counted(live, "a", batch(2))
    empty = ServedViews(ViewStore(tmp_path / "no views"), tmp_path / "live", books.is_in_version)
    with pytest.raises(NotFoundError):
        empty.rows(VIEW, EVENT)
