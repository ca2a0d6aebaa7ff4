"""Followers take a stream of versions in few rounds, and leave nothing behind that gathered meanwhile."""

import threading
import time
from pathlib import Path

import pytest

from core.dataset import Dataset
from core.settings import Settings, Storage
from pipeline.bootstrap import Parts
from pipeline.following import Follower
from pipeline.marks import Marks
from pipeline.news import News
from preparation import Catalog

ROUND_SECONDS = 0.2


class Slow(Follower):
    """Takes a while for a version, and keeps which it saw."""

    name = "slow"

    def __init__(self, folder: Path, *, in_flight: int = 1) -> None:
        parts = Parts(Settings(home=folder, storage=Storage(lake_url=str(folder / "lake"))))
        catalog = Catalog()
        super().__init__(parts, lambda: catalog, Marks(("slow",)), News(), unfinished=lambda: in_flight)
        self.seen: list[int] = []
        self.began = threading.Event()

    def _open(self, parts: Parts) -> None:
        """Keeps nothing."""

    def catch_up(self, dataset: Dataset, version: int) -> None:  # noqa: ARG002  # there is one
        self.began.set()
        time.sleep(ROUND_SECONDS)
        self.seen.append(version)


@pytest.fixture
def follower(tmp_path: Path) -> Slow:
    made = Slow(tmp_path)
    made.start()
    return made


def test_versions_that_come_while_it_works_are_one_round(follower: Slow) -> None:
    for version in range(20):
        follower.follow({"document": version})
        time.sleep(ROUND_SECONDS / 10)
    time.sleep(4 * ROUND_SECONDS)
    follower.stop()
    assert follower.seen[-1] == 19
    assert len(follower.seen) < 6


def test_what_gathered_while_it_rested_is_followed_when_it_stops(follower: Slow) -> None:
    follower.follow({"document": 1})
    follower.began.wait()
    time.sleep(1.5 * ROUND_SECONDS)  # it has done the first, and rests
    follower.follow({"document": 2})
    follower.stop()
    assert follower.seen == [1, 2]


def test_a_rest_ends_soon_where_nothing_is_in_flight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.following.LOOK_SECONDS", 0.01)
    follower = Slow(tmp_path, in_flight=0)
    follower.start()
    follower.follow({"document": 1})
    follower.began.wait()
    time.sleep(1.5 * ROUND_SECONDS)  # less than the round and a rest as long
    assert not follower.seen[1:]
    follower.began.clear()
    follower.follow({"document": 2})
    assert follower.began.wait(ROUND_SECONDS / 4)
    follower.stop()
    assert follower.seen == [1, 2]
