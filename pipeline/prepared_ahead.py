"""What Spark has prepared before its arrival is claimed: the preparer takes it instead of opening the blob again."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from core.prepared import Prepared
from core.settings import Preparation
from ingestion import Arrival, opened_at
from preparation import Limits, Pool, packed

MOST_BYTES = 256 * 1024 * 1024
"""A file that is larger is left to the ordinary workers, which read it from the vault."""
_WAIT_SECONDS = 1.0

Key = tuple[str, str]
"""The SHA-256 of a blob, and the name that it arrived under."""


def key_of(arrival: Arrival) -> Key:
    """Under which what was prepared of an arrival is kept."""
    return arrival.blob, PurePosixPath(arrival.path).name


class PreparedAhead:
    """Prepared blobs by key, in memory: what comes out of a blob is as secret as the blob."""

    def __init__(self) -> None:
        self._kept: dict[Key, Prepared] = {}
        self._changed = threading.Condition()

    def put(self, key: Key, prepared: Prepared) -> None:
        """Keeps one until it is taken."""
        with self._changed:
            self._kept[key] = prepared

    def take(self, key: Key) -> Prepared | None:
        """Gives one up; None where it is not there."""
        with self._changed:
            self._changed.notify_all()
            return self._kept.pop(key, None)

    def await_empty(self) -> None:
        """Waits until all are taken, so that those of a whole folder never lie here together."""
        with self._changed:
            while self._kept:
                self._changed.wait()

    def close(self) -> None:
        """Gives all up: the system stops, and who takes up the arrivals next opens them anew."""
        with self._changed:
            self._kept.clear()
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class PrepareFiles:
    """What a task of Spark does: opens files by URL and prepares them as the ordinary workers do, under their limits.

    It travels to Spark's workers and needs no key: the rows go back to the writer, which alone seals and commits.

    Attributes:
        settings: The limits of one file.
        limits: What one file may yield.
        schemas: The user's own models and corrections: the files of that folder, by name.
    """

    settings: Preparation
    limits: Limits
    schemas: Mapping[str, bytes] = field(repr=False)

    def __call__(self, urls: Iterator[str]) -> Iterator[tuple[str, bytes]]:
        with TemporaryDirectory(prefix="penstock-schemas-") as folder:
            schemas = Path(folder, "schemas")
            schemas.mkdir()
            for name, content in self.schemas.items():
                (schemas / name).write_bytes(content)
            pool = Pool(self.settings, schemas, self.limits)
            try:
                for url in urls:
                    yield url, self._answer(pool, url)
            finally:
                pool.close()

    def _answer(self, pool: Pool, url: str) -> bytes:
        """The digest of a file, then what came out of it; nothing where it cannot be read here."""
        try:
            with opened_at(url) as file:
                content = file.read()
        except OSError:
            return b""  # whoever keeps the books reads it too, and says what is wrong
        digest = sha256(content)
        prepared = pool.prepare([content], name=url.rpartition("/")[2], sha256=digest.hexdigest())
        return digest.digest() + packed((prepared, []))
