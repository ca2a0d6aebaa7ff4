"""How far each follower of the lake has come, and who waits for it."""

import threading
from collections.abc import Mapping


class Marks:
    """The newest lake version that each follower has reached, a dataset.

    Args:
        followers: Their names: a version is visible when all have reached it.
    """

    def __init__(self, followers: tuple[str, ...]) -> None:
        self._reached: dict[str, dict[str, int]] = {name: {} for name in followers}
        self._changed = threading.Condition()
        self._closed = False

    def reach(self, follower: str, dataset: str, version: int) -> None:
        """A follower has come to a version."""
        with self._changed:
            self._reached[follower][dataset] = version
            self._changed.notify_all()

    def wait(self, versions: Mapping[str, int]) -> None:
        """Blocks until every follower has reached those versions, or all is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._is_visible(versions))

    def close(self) -> None:
        """Lets everyone go who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _is_visible(self, versions: Mapping[str, int]) -> bool:
        return all(
            reached.get(dataset, -1) >= version
            for reached in self._reached.values()
            for dataset, version in versions.items()
        )
