"""What the pages show is published as they show it, and publishing is never in the way."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset
from core.errors import SettingsError, UsageError
from core.settings import Settings
from pipeline.commands import obey
from pipeline.news import News, Trouble
from pipeline.published_datasets import SYSTEM
from pipeline.published_rows import Source, frame_of, sources
from pipeline.published_views import published
from pipeline.publishing import ANEW_SECONDS, Look, Publishing
from pipeline.sample_files import write_samples
from pipeline.system import System, open_system
from pipeline.writer import Writer
from storage.memory_publisher import MemoryPublisher

THINGS = Dataset(
    "things", "Things.", (Column("name", ColumnType.KEYWORD), Column("size", ColumnType.INTEGER)), identity=("name",)
)


class Shelf:
    """A source whose rows a test changes."""

    def __init__(self, *, stay: bool = False, seconds: float = 0.0) -> None:
        self.rows: list[dict[str, object]] = []
        self.looked = 0
        self.source = Source(THINGS, lambda: repr(self.rows), self._frame, stay=stay, seconds=seconds)

    def _frame(self) -> pl.DataFrame:
        self.looked += 1
        return frame_of(THINGS, self.rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that took in the bundled samples."""
    folder = tmp_path_factory.mktemp("published")
    write_samples(folder / "samples")
    with Writer(Settings(home=folder / "home")) as writer:
        list(obey(writer, "drop", {"paths": [("samples", str(folder / "samples"))], "source": "test"}))
    return folder / "home"


@pytest.fixture
def system(home: Path) -> Iterator[System]:
    system = open_system(Settings(home=home))
    yield system
    system.close()


def look_once(system: System, publisher: MemoryPublisher) -> None:
    told: list[str] = []
    Look(sources(system, publisher), told.append).publish(publisher)
    assert told == []


def test_all_that_is_described_is_published_and_nothing_else(system: System) -> None:
    publisher = MemoryPublisher()
    look_once(system, publisher)
    assert set(publisher.names()) == {one.dataset.name for one in published(system)}


def test_identities_measures_and_times_are_columns_of_their_dataset(system: System) -> None:
    for one in published(system):
        names = {column.name for column in one.dataset.columns}
        declared = keys_of(system).get(one.dataset.name)
        assert one.dataset.identity == declared or (declared is None and one.dataset.identity), one.dataset.name
        assert {*one.dataset.identity, *one.measures} <= names, one.dataset.name
        assert one.dataset.event_time is None or one.dataset.event_time in names


def keys_of(system: System) -> dict[str, tuple[str, ...]]:
    """What tells the rows of each declared view apart: nothing where it has one row."""
    views = system.parts.views
    return {f"view-{name}": views.view(name).keys for name in views.names()}


def test_what_is_published_is_what_the_pages_say(system: System) -> None:
    publisher = MemoryPublisher()
    look_once(system, publisher)
    books = system.books()
    (published_books,) = publisher.rows("system-books")
    assert {name: published_books[name] for name in books if name != "datasets"} == {
        name: value for name, value in books.items() if name != "datasets"
    }
    assert sum(row["files"] for row in publisher.rows("system-outcomes")) == books["received"]
    assert {row["dataset"] for row in publisher.rows("system-dataset_books")} == set(books["datasets"])
    assert {row["entry"] for row in publisher.rows("system-quarantine")} == {e["id"] for e in system.quarantine()}
    assert sum(row["files"] for row in publisher.rows("system-minutes")) == books["received"]
    for view in system.view_list():
        assert len(publisher.rows(f"view-{view['view']}")) == view["rows"], view["view"]


def test_the_rows_of_a_view_keep_their_values(system: System) -> None:
    publisher = MemoryPublisher()
    look_once(system, publisher)
    kept = system.view_rows("billed_and_paid_by_payer").to_dicts()
    assert publisher.rows("view-billed_and_paid_by_payer") == kept
    assert len(kept) > 1


def test_a_row_that_left_leaves_what_is_published() -> None:
    publisher, shelf = MemoryPublisher(), Shelf()
    look = Look([shelf.source], print, effort=lambda: 0.0)
    shelf.rows = [{"name": "a", "size": 1}, {"name": None, "size": 2}]
    look.publish(publisher)
    shelf.rows = [{"name": None, "size": 3}]
    look.publish(publisher)
    assert publisher.rows("things") == [{"name": None, "size": 3}]


def test_what_stays_is_added_to() -> None:
    publisher, shelf = MemoryPublisher(), Shelf(stay=True)
    look = Look([shelf.source], print, effort=lambda: 0.0)
    for name in ("a", "b"):
        shelf.rows = [{"name": name, "size": 1}]
        look.publish(publisher)
    assert [row["name"] for row in publisher.rows("things")] == ["a", "b"]


def test_what_did_not_change_is_not_asked_for_again() -> None:
    publisher, shelf = MemoryPublisher(), Shelf()
    look = Look([shelf.source], print, effort=lambda: 0.0)
    for _ in range(3):
        look.publish(publisher)
    assert shelf.looked == 1


def test_what_somebody_took_away_comes_back() -> None:
    publisher, shelf, now = MemoryPublisher(), Shelf(), [0.0]
    look = Look([shelf.source], print, clock=lambda: now[0], effort=lambda: 0.0)
    shelf.rows = [{"name": "a", "size": 1}]
    look.publish(publisher)
    publisher.close()
    now[0] = ANEW_SECONDS - 1
    look.publish(publisher)
    assert publisher.rows("things") == []
    now[0] = ANEW_SECONDS
    look.publish(publisher)
    assert len(publisher.rows("things")) == 1


def test_a_history_is_written_at_its_pace_and_its_end_is_not_lost() -> None:
    publisher, shelf, now = MemoryPublisher(), Shelf(stay=True, seconds=30.0), [0.0]
    look = Look([shelf.source], print, clock=lambda: now[0], effort=lambda: 0.0)
    for second in range(31):
        now[0] = float(second)
        shelf.rows = [{"name": str(second), "size": 1}]
        look.publish(publisher)
    assert [row["name"] for row in publisher.rows("things")] == ["0", "30"]
    shelf.rows = [{"name": "last", "size": 1}]
    look.publish(publisher, is_last=True)
    assert publisher.rows("things")[-1]["name"] == "last"


class Dear(Shelf):
    """A source that takes a second of the processor."""

    def __init__(self, name: str, spent: list[float], seconds: float) -> None:
        super().__init__()
        self.source = replace(self.source, dataset=replace(THINGS, name=name), frame=lambda: self._dear(spent, seconds))

    def _dear(self, spent: list[float], seconds: float) -> pl.DataFrame:
        spent[0] += seconds
        return self._frame()


def test_what_is_dear_to_publish_is_published_less_often() -> None:
    publisher, spent, now = MemoryPublisher(), [0.0], [0.0]
    views = [Dear(f"view-{number}", spent, 1.0) for number in range(5)]
    books = Dear("books", spent, 0.01)
    look = Look([one.source for one in (*views, books)], print, clock=lambda: now[0], effort=lambda: spent[0])
    for second in range(1000):
        now[0] = second
        for shelf in (*views, books):
            shelf.rows = [{"name": "a", "size": second}]
        look.publish(publisher)
    assert 40 < spent[0] < 70  # a twentieth of a core, however many are dear
    assert books.looked > 900


def test_an_outage_is_told_once_and_made_good() -> None:
    publisher, shelf, now = MemoryPublisher(), Shelf(), [0.0]
    told: list[str] = []
    look = Look([shelf.source], told.append, clock=lambda: now[0], effort=lambda: 0.0)
    publisher.is_down = True
    shelf.rows = [{"name": "a", "size": 1}]
    for second in range(0, 30, 6):
        now[0] = second
        look.publish(publisher)
        assert look.is_out
    assert len(told) == 1
    publisher.is_down = False
    now[0] = 40
    look.publish(publisher)
    assert not look.is_out
    assert len(publisher.rows("things")) == 1


def test_what_is_wrong_with_one_source_keeps_no_other_waiting() -> None:
    publisher, shelf, tries, told = MemoryPublisher(), Shelf(), [0], []

    def broken() -> pl.DataFrame:
        tries[0] += 1
        raise UsageError("It does not fit.", "Mend it.")

    other = replace(THINGS, name="other")
    look = Look([Source(other, lambda: 1, broken), shelf.source], told.append, clock=lambda: 1.0, effort=lambda: 0.0)
    for size in range(3):
        shelf.rows = [{"name": "a", "size": size}]
        look.publish(publisher)
    assert publisher.rows("things") == [{"name": "a", "size": 2}]
    assert tries == [1]
    assert told == ["other could not be published, to be tried again: It does not fit. Mend it."]


def test_without_a_key_nothing_is_tried_source_by_source() -> None:
    class Keyless(MemoryPublisher):
        def replace(self, dataset: Dataset, frame: pl.DataFrame) -> int:
            raise SettingsError(f"There is no key for {dataset.name}.", f"{frame.height} rows wait.")

    first, second = Shelf(), Shelf()
    look = Look([first.source, second.source], print)
    look.publish(Keyless())
    assert look.is_out
    assert (first.looked, second.looked) == (1, 0)


def test_audit_entries_are_published_once_by_their_number(system: System) -> None:
    publisher = MemoryPublisher()
    system.parts.audit.record("test", "nothing", "first")
    look_once(system, publisher)
    before = len(publisher.rows("system-audit"))
    assert before == len(list(system.parts.audit.entries()))
    (audit,) = [source for source in sources(system, publisher) if source.dataset.name == "system-audit"]
    assert audit.frame().is_empty()
    system.parts.audit.record("test", "nothing", "second")
    assert audit.frame()["detail"].to_list() == ["second"]


def test_the_last_change_is_published_when_the_system_stops(home: Path) -> None:
    class Kept(MemoryPublisher):
        def close(self) -> None:
            """Keeps its rows."""

    news, publisher = News(), Kept()
    with news.listening() as heard:
        publishing = Publishing(Settings(home=home), publisher, news)
        publishing.start()
        publishing.stop()
        assert heard.empty()
    assert publisher.rows("system-books")[0]["received"] > 0


def test_an_outage_keeps_nobody_waiting(home: Path) -> None:
    news, publisher = News(), MemoryPublisher()
    publisher.is_down = True
    with news.listening() as heard:
        publishing = Publishing(Settings(home=home), publisher, news)
        publishing.start()
        started = time.monotonic()
        publishing.stop()
        assert time.monotonic() - started < 5
        assert isinstance(heard.get(timeout=1), Trouble)


def test_the_datasets_of_the_system_are_named_apart_from_the_lake(system: System) -> None:
    lake = {dataset.name for dataset in system.dataset_list()}
    names = [one.dataset.name for one in published(system)]
    assert len(names) == len(set(names))
    assert not lake & set(names)
    assert all("-" in name for name in names)
    assert {one.dataset.name for one in SYSTEM} <= set(names)
