"""The catalog of a running system: a model file that the user adds or changes counts from the next file on."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import PenstockError
from pipeline.news import News, Trouble
from preparation import Catalog

Signature = tuple[tuple[str, int, int], ...]


class LiveCatalog:
    """Gives the newest catalog that loads.

    Args:
        catalog: The catalog at the start.
        folder: The user's models.
        news: Is told of a file that does not load; the last good catalog serves on.
        changed: Is called when there is a new one: workers must take it up.
    """

    def __init__(self, catalog: Catalog, folder: Path, news: News, changed: Callable[[], None]) -> None:
        self._catalog = catalog
        self._folder = folder
        self._news = news
        self._changed = changed
        self._signature = self._look()
        self._lock = threading.Lock()

    def __call__(self) -> Catalog:
        """The catalog as the folder is now."""
        with self._lock:
            signature = self._look()
            if signature != self._signature:
                self._signature = signature
                self._reload()
            return self._catalog

    def _reload(self) -> None:
        try:
            self._catalog = Catalog(self._folder)
        except PenstockError as error:
            self._news.tell(Trouble(str(error)))
        else:
            self._changed()

    def _look(self) -> Signature:
        with suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            found = [entry for entry in entries if entry.name.endswith((".py", ".toml"))]
            return tuple(sorted((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in found))
        return ()
