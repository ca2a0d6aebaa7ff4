"""Bulk writes with few requests under way, each document's fate looked at, and none lost silently."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from core.errors import PenstockError, RefusedError, StorageError, UnavailableError
from storage.elasticsearch_cluster import WRITE_TRIES, ElasticsearchCluster
from storage.elasticsearch_errors import RETRYABLE_STATUSES, described
from storage.elasticsearch_rendering import Chunk, Form, Renderer
from storage.index_fields import ID_FIELD

THREADS = 2
MAX_WAITING = 4
"""Requests made and not yet answered, under way or waiting: what a slow server holds up is 4 MB each."""
_CONFLICT = 409
_FORBIDDEN = 403
_TOO_LARGE = 413
_UNFIT = frozenset({400, _TOO_LARGE})
"""A document that is refused for what is in it; with any other status another form would fare no better."""
_FIRST_PAUSE_SECONDS = 0.1
_DOCUMENT_TRIES = 4
_SHARD_SECONDS = 5
"""How long the server waits for a shard that is away; its own minute, times the tries, would be a long time to hang."""


@dataclass(frozen=True, slots=True)
class BulkWriter:
    """Writes rendered rows to one index.

    Attributes:
        cluster: In the role that may write.
        target: An alias, or an index.
        is_alias: Which of the two; a bulk request makes an index that it does not find, and no alias.
        renderer: Renders again what has to be written in a lesser form.
    """

    cluster: ElasticsearchCluster
    target: str
    renderer: Renderer
    is_alias: bool = False

    def write(self, chunks: Iterator[Chunk]) -> int:
        """Sends all of it by two threads, and is held up while `MAX_WAITING` requests wait.

        A document that the server refuses for what is in it is written without its objects and, where that is
        refused too, with its place alone; either says why in ``_refusal``.

        Returns:
            How many rows were written.

        Raises:
            UnavailableError: If the server was busy or away for too long. Some rows may be written; to write them
                again changes nothing.
            StorageError: If a document is refused in every form.
        """
        count = 0
        waiting: set[Future[None]] = set()
        with ThreadPoolExecutor(THREADS, thread_name_prefix="bulk") as pool:
            try:
                for chunk in chunks:
                    waiting.add(pool.submit(self._send, chunk))
                    count += chunk.rows.height
                    if len(waiting) >= MAX_WAITING:
                        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        for future in done:
                            future.result()
                for future in waiting:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return count

    def _send(self, chunk: Chunk) -> None:
        pause = _FIRST_PAUSE_SECONDS
        for number in range(_DOCUMENT_TRIES):
            refused = self._refused(chunk, is_suspect=bool(number))
            if not refused:
                return
            busy = [at for at, status, _ in refused if status in RETRYABLE_STATUSES]
            unfit = [(at, reason) for at, status, reason in refused if status in _UNFIT]
            if len(busy) + len(unfit) < len(refused):
                raise self._barred(next(each for each in refused if each[1] not in RETRYABLE_STATUSES | _UNFIT))
            if unfit:
                self._send_lesser(chunk, unfit)
            if not busy:
                return
            chunk = self.renderer.part(chunk, busy)
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # jitter
            pause *= 2
        raise UnavailableError(
            f"Elasticsearch has no room for {len(busy)} documents of {self.target} ({refused[0][2]}).",
            "Check that the cluster is up and healthy; what failed is tried again.",
        )

    def _barred(self, refused: tuple[int, int, str]) -> PenstockError:
        """The error for documents that are refused for where they should go, not for what is in them."""
        _, status, reason = refused
        if status == _FORBIDDEN:
            return RefusedError(
                f"Elasticsearch does not let {self.target} be written: {reason}.",
                "Run `penstock elastic setup`, or lift the block of the index.",
            )
        return StorageError(f"The search index {self.target} cannot be written: {reason}.", "Run reindex.")

    def _send_lesser(self, chunk: Chunk, unfit: Sequence[tuple[int, str]]) -> None:
        rows = chunk.rows[[at for at, _ in unfit]]
        reasons = [reason for _, reason in unfit]
        if chunk.form is Form.PLACE_ONLY:
            raise StorageError(
                f"Elasticsearch refuses the record {rows[ID_FIELD][0][:200]} of {self.target}: {reasons[0]}.",
                "Run reindex; if it persists, this is a fault of Penstock.",
            )
        self._send(self.renderer.chunk(rows, Form(chunk.form + 1), reasons))

    def _refused(self, chunk: Chunk, *, is_suspect: bool = False) -> list[tuple[int, int, str]]:
        """Place, status and reason of the documents of a request that were not written.

        The answer is asked for without the documents in it, a fifth quicker; where some failed, the request is
        repeated for the whole answer, which changes nothing for the others. One that is suspected to fail is asked
        for whole at once.
        """
        answer = self._bulk(chunk, "errors,items.*.status,items.*.error" if is_suspect else "errors")
        if answer is _TOO_MUCH:
            return self._refused_of_halves(chunk)
        if not answer["errors"]:
            return []
        if not is_suspect:
            return self._refused(chunk, is_suspect=True)
        results = (item["index"] for item in answer["items"])
        return [
            (at, result["status"], described(result["error"]))
            for at, result in enumerate(results)
            if "error" in result and result["status"] != _CONFLICT  # a newer one is there
        ]

    def _bulk(self, chunk: Chunk, wanted: str) -> Any:
        try:
            answer = self.cluster.call(
                "POST",
                f"/{self.target}/_bulk",
                chunk.lines,
                tries=WRITE_TRIES,
                filter_path=wanted,
                require_alias=self.is_alias,
                timeout=f"{_SHARD_SECONDS}s",
            )
        except StorageError as error:
            if getattr(error.__cause__, "status_code", None) == _TOO_LARGE:
                return _TOO_MUCH
            raise
        if answer is None:
            raise StorageError(f"The search index {self.target} is gone.", "Run reindex.")
        return answer

    def _refused_of_halves(self, chunk: Chunk) -> list[tuple[int, int, str]]:
        """Of a request that is too large for the server; a single document that is too large is refused."""
        height = chunk.rows.height
        if height == 1:
            return [(0, _TOO_LARGE, "the document is larger than the server takes in one request")]
        half = height // 2
        first, second = (self.renderer.part(chunk, range(*ends)) for ends in ((0, half), (half, height)))
        return self._refused(first) + [(at + half, status, why) for at, status, why in self._refused(second)]


_TOO_MUCH = object()
