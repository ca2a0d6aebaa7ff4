"""Files below a URL that fsspec knows: an object store, HDFS, a folder of this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from core.errors import StorageError
from ingestion.folder_walk import is_temporary


@dataclass(frozen=True, slots=True)
class UrlFile:
    """A file at a URL.

    Attributes:
        url: Where it is, for whoever opens it.
        size: How many bytes it has, as far as is known.
    """

    url: str
    size: int


def files_at(url: str) -> Iterator[UrlFile]:
    """The files at and below a URL, in order; links and names that say that a file is unfinished are left alone.

    Raises:
        StorageError: If it cannot be looked at, or nothing is there.
    """
    try:
        import fsspec

        files, root = fsspec.core.url_to_fs(url)
        found: dict[str, dict[str, Any]] = files.find(root, detail=True)
    except (OSError, ValueError, ImportError) as error:
        raise StorageError(f"What is at {url} cannot be listed: {error}", "Check it, and who may read it.") from error
    if not found:
        raise StorageError(f"There is no file at {url}.", "Check the URL.")
    for path in sorted(found):
        told = found[path]
        names = PurePosixPath(path).relative_to(root).parts
        if told["type"] == "file" and not told.get("islink") and not any(map(is_temporary, names)):
            yield UrlFile(files.unstrip_protocol(path), int(told["size"] or 0))


def opened_at(url: str) -> BinaryIO:
    """The bytes of a file at a URL.

    Raises:
        OSError: If it cannot be opened.
    """
    import fsspec

    return cast("BinaryIO", fsspec.open(url, "rb").open())
