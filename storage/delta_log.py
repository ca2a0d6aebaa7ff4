"""What single versions of a Delta table appended, read from its transaction log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow.fs as pa_fs

from core.errors import StorageError, VersionGoneError

APPLICATION = "penstock"
"""The application id of the transactions that hold batch numbers."""


@dataclass(frozen=True, slots=True)
class DeltaLog:
    """The log of one table.

    Attributes:
        name: The table, for messages.
        files: A filesystem whose root is the table.
    """

    name: str
    files: pa_fs.FileSystem

    def appended(self, version: int) -> tuple[str, ...]:
        """Paths, relative to the table, of the files whose rows `version` appended; none for a compaction.

        Raises:
            VersionGoneError: If the log no longer has that version, or it took rows away: what it added are then
                files written anew, whose rows are mostly old ones.
        """
        actions = [action for action in self._actions(version) if _changes_data(action)]
        if any("remove" in action for action in actions):
            raise gone(self.name, version)
        return tuple(unquote(action["add"]["path"]) for action in actions)

    def holding(self, batch: int, newest: int) -> int:
        """The version that committed `batch`, looking back from `newest`; `newest` where the log is gone."""
        found = newest
        try:
            for version in range(newest, -1, -1):
                committed = self._batch(version)
                if committed is None:
                    continue
                if committed < batch:
                    break
                found = version
                if committed == batch:
                    break
        except VersionGoneError:
            pass
        return found

    def _batch(self, version: int) -> int | None:
        for action in self._actions(version):
            if action.get("txn", {}).get("appId") == APPLICATION:
                return int(action["txn"]["version"])
        return None

    def _actions(self, version: int) -> Iterator[dict[str, Any]]:
        try:
            with self.files.open_input_stream(f"_delta_log/{version:020}.json") as stream:
                lines = stream.read().splitlines()
        except FileNotFoundError as error:
            raise gone(self.name, version) from error
        except OSError as error:
            raise StorageError(
                f"The log of lake table {self.name} cannot be read at version {version}: {error}.",
                "Check that the lake's store is reachable.",
            ) from error
        return (json.loads(line) for line in lines if line.strip())


def _changes_data(action: dict[str, Any]) -> bool:
    """Whether an action adds or removes a file for the sake of its rows; a compaction says that it does not."""
    file = action.get("add") or action.get("remove")
    return file is not None and bool(file.get("dataChange", True))


def gone(name: str, version: int) -> VersionGoneError:
    """The error for a version of table `name` that can no longer be told apart."""
    return VersionGoneError(
        f"Version {version} of lake table {name} can no longer be read by itself.", "Rebuild from the whole table."
    )
