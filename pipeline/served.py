"""What a version of the lake has, as its own log and the ledger say: no third record that could be of another mind."""

from collections.abc import Callable
from pathlib import Path

from core.errors import NotFoundError
from core.ports import Lake
from ingestion import ArrivalState, Ledger, LedgerReader


class StoredBlobs:
    """Tells which blobs have come into the lake.

    Args:
        ledger: Where the ledger is; it need not be there yet.
        lake: Opens the lake.
    """

    def __init__(self, ledger: Path, lake: Callable[[], Lake]) -> None:
        self._path = ledger
        self._lake = lake
        self._ledger: LedgerReader | None = None

    def is_in_version(self, dataset: str, blob: str, version: int) -> bool:
        """Whether the rows of a blob that are of a dataset are in a version of its table, or never will be in any.

        The ledger names a blob's batch before its rows go to the lake, and the table's log says which batches a version
        has: asked after the version was read, the answer is never too early and never too late.
        """
        try:
            self._ledger = self._ledger or Ledger.open_reader(self._path)
        except NotFoundError:
            return False
        arrival = next(iter(self._ledger.find(blob)), None)
        if arrival is None:
            return False
        if arrival.state is ArrivalState.BATCHED and arrival.batch is not None:
            return self._lake().last_batch(dataset, version) >= arrival.batch
        if arrival.state is ArrivalState.STORED and arrival.batch is not None:
            return self._ledger.versions(arrival.batch).get(dataset, -1) <= version
        return arrival.is_finished

    def close(self) -> None:
        """Lets go of the ledger."""
        if self._ledger:
            self._ledger.close()
