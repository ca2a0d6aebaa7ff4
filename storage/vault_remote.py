"""A vault behind an fsspec URL: an object store, HDFS, or memory."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

import fsspec

from core.blob import Blob
from core.ports import Cipher
from storage.vault import VaultPlace, is_sha256, missing

_UNFINISHED = "unfinished"
_SPOOL_BYTES = 16 << 20
_WHOLE_ON_CLOSE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss"})
_LEFTOVER_AFTER = timedelta(days=1)


class RemotePlace(VaultPlace):
    """Objects at ``ab/cd/<sha256>`` below a URL.

    The name is known only when all is read, so the sealed bytes (never the plain ones) wait in memory, beyond 16 MiB in
    a temporary file. An object store shows an object only when it is whole; elsewhere it is written under an
    unfinished name and moved, and unfinished names older than a day are removed on opening.

    Args:
        url: Any URL that an installed fsspec driver knows.
    """

    def __init__(self, url: str) -> None:
        self._files: Any
        self._files, root = fsspec.core.url_to_fs(url)
        self._root = root.rstrip("/")
        protocols = self._files.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        self._is_whole_on_close = bool(names & _WHOLE_ON_CLOSE)
        self._remove_leftovers()

    def put(self, source: BinaryIO, cipher: Cipher) -> Blob:
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
            sealed = cast("BinaryIO", spool)
            blob = cipher.seal(source, sealed)
            size = sealed.tell()
            path = self._path(blob.sha256)
            if not (self._files.exists(path) and self._files.size(path) == size):
                sealed.seek(0)
                self._write(sealed, path)
        return blob

    def has(self, sha256: str) -> bool:
        return bool(self._files.exists(self._path(sha256)))

    def names(self) -> Iterator[str]:
        return (path.rpartition("/")[2] for path in self._objects())

    def size_on_disk(self) -> int:
        return sum(int(details["size"]) for details in self._objects().values())

    def opened(self, sha256: str) -> AbstractContextManager[BinaryIO]:
        try:
            return cast("AbstractContextManager[BinaryIO]", self._files.open(self._path(sha256), "rb"))
        except FileNotFoundError:
            raise missing(sha256) from None

    def rewrap(self, sha256: str, cipher: Cipher) -> bool:
        """Object stores cannot write in place: the object is copied under its new header, then replaced whole."""
        with self.opened(sha256) as old, tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
            header = cipher.rewrap(old)
            if header is None:
                return False
            spool.write(header)
            old.seek(len(header))
            shutil.copyfileobj(old, spool)
            spool.seek(0)
            self._write(cast("BinaryIO", spool), self._path(sha256))
        return True

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _objects(self) -> dict[str, dict[str, Any]]:
        if not self._files.exists(self._root):
            return {}
        self._files.invalidate_cache()
        found = self._files.find(self._root, detail=True)
        return {path: details for path, details in found.items() if is_sha256(path.rpartition("/")[2])}

    def _write(self, content: BinaryIO, path: str) -> None:
        folder = path.rpartition("/")[0]
        self._files.makedirs(folder, exist_ok=True)
        if self._is_whole_on_close:
            self._copy(content, path)
            return
        fresh = f"{self._root}/{_UNFINISHED}/{secrets.token_hex(8)}"
        self._files.makedirs(f"{self._root}/{_UNFINISHED}", exist_ok=True)
        self._copy(content, fresh)
        self._files.mv(fresh, path)

    def _copy(self, content: BinaryIO, path: str) -> None:
        with self._files.open(path, "wb") as file:
            shutil.copyfileobj(content, file)

    def _remove_leftovers(self) -> None:
        folder = f"{self._root}/{_UNFINISHED}"
        if not self._files.exists(folder):
            return
        for path in self._files.find(folder):
            if datetime.now(UTC) - self._files.modified(path) > _LEFTOVER_AFTER:
                self._files.rm_file(path)
