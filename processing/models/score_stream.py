"""New rows scored by a streaming query on Spark, with the pipelines that were trained and saved.

How far each model's scores have come is known by the scores themselves; Spark's checkpoint is thrown away, as that of
the views.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from processing.models.scores import ScoreStore
from processing.models.store import ModelStore
from processing.running_query import RunningQuery, briefly
from processing.view_stream import stream_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from processing.lake_source import OpenLake
    from processing.spark_session import SparkHandle

_TRIGGER = "500 milliseconds"


class ScoreStream(RunningQuery):
    """The query that keeps the scores of all trained models that score rows alone as far as the lake.

    Args:
        spark: Whose session the query runs in.
        open_lake: Opens the lake in Spark's workers.
        models: The models.
        scores: Keeps what they say.
        folder: For the checkpoint.
    """

    def __init__(
        self, spark: "SparkHandle", open_lake: "OpenLake", models: ModelStore, scores: ScoreStore, *, folder: Path
    ) -> None:
        super().__init__(spark, folder, "The stream of the scores")
        self._open_lake = open_lake
        self._models = models
        self._scores = scores
        self._standing: dict[str, int] = {}
        self._trained: dict[str, int] = {}
        self._is_outdated = False

    def ready(self) -> dict[str, int]:
        """The models that can go on, and the lake version that each has come to: they were trained and applied."""
        standing = {name: self._scores.version(name) for name in self._models.row_models()}
        return {name: version for name, version in standing.items() if version is not None}

    def start(self, dataset_of: Callable[[str], Dataset]) -> None:
        """Starts the query for the models that are ready, at least one.

        Raises:
            EngineError: If Spark does not start.
        """
        self._standing, self._is_outdated = self.ready(), False
        self._trained = self._versions()
        datasets = {name: dataset_of(self._models.model(name).dataset) for name in self._standing}
        since: dict[str, int] = {}
        for name, version in self._standing.items():
            since[datasets[name].name] = min(version, since.get(datasets[name].name, version))

        def take(rows: "DataFrame", _: int) -> None:
            self._take(rows, datasets)

        def writer_of(session: "SparkSession") -> Any:
            return stream_of(session, self._open_lake, since).foreachBatch(briefly(take))

        self.launch(writer_of, _TRIGGER)

    def wait(self, seconds: int) -> bool:
        """Waits so long, or until the query ends; whether it has ended, or must: other models are there now.

        Raises:
            EngineError: If it ended by an error.
        """
        return super().wait(seconds) or self._is_outdated or self._versions() != self._trained

    def _take(self, rows: "DataFrame", datasets: dict[str, Dataset]) -> None:
        pieces = rows.persist()
        try:
            ends = {row["dataset"]: row["version"] for row in pieces.where("rows IS NULL").collect()}
            for name, dataset in datasets.items():
                if self._standing[name] < ends.get(dataset.name, -1):
                    self._score(name, dataset, pieces, ends[dataset.name])
        finally:
            pieces.unpersist()

    def _score(self, name: str, dataset: Dataset, pieces: "DataFrame", upto: int) -> None:
        after = self._scores.version(name)
        if after is None or after < self._standing[name]:
            self._is_outdated = True  # all rows were scored anew meanwhile, by another version or up to an older one
            return
        if after < upto:
            scored = self._models.score_pieces(name, dataset, pieces, after=after)
            self._is_outdated |= not self._scores.append(name, scored, after=after, upto=upto)
        self._standing[name] = upto

    def _versions(self) -> dict[str, int]:
        return {name: self._models.version(name) for name in self.ready()}
