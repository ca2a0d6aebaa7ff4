"""Where models are kept: each version with its Spark pipeline and the card that says where it comes from."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from core.dataset import Dataset
from core.errors import EngineError, NotFoundError
from core.settings import Processing
from processing.models.bundled import bundled_models
from processing.models.model import Fitted, Model, RowModel
from processing.spark_engine import SparkEngine
from processing.spark_session import escaped_path

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame, SparkSession

T = TypeVar("T")


BUNDLED_MODELS = bundled_models(Processing())
DEFAULT_SEED = 7

_CARD_FILE = "card.json"
_PIPELINE_FOLDER = "pipeline"
_VERSIONS_KEPT = 3


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a trained model is and where it comes from.

    Attributes:
        model: Its name.
        kind: descriptive, predictive or decision.
        dataset: The dataset it learned from.
        version: Its own version, from 1.
        lake_version: The version of the dataset's table that it learned from.
        seed: The seed of every random choice.
        code_version: The version of Penstock.
        trained_at: When, UTC, ISO-8601.
        metrics: Its quality on rows it had not seen, and how many rows there were.
        plan: What it takes to score beside the pipeline.
    """

    model: str
    kind: str
    dataset: str
    version: int
    lake_version: int
    seed: int
    code_version: str
    trained_at: str
    metrics: Mapping[str, float | int]
    plan: Mapping[str, Any]


class ModelStore:
    """Trains, keeps and uses the models of a home. Cards are read without Spark.

    Args:
        folder: Where models are kept, a folder below it for each.
        engine: The Spark engine whose session they learn and score in.
        models: The models there are; default those that come with Penstock, at the default costs.
    """

    def __init__(self, folder: Path, engine: SparkEngine, models: tuple[Model, ...] = BUNDLED_MODELS) -> None:
        self.folder = folder
        self._engine = engine
        self._models = {model.name: model for model in models}
        self._loaded: dict[str, tuple[int, Fitted]] = {}

    @staticmethod
    def bundled(costs: Processing) -> tuple[Model, ...]:
        """The models that come with Penstock, deciding by those costs."""
        return bundled_models(costs)

    def names(self) -> tuple[str, ...]:
        """All models, trained or not, sorted."""
        return tuple(sorted(self._models))

    def model(self, name: str) -> Model:
        """The model of that name: its kind, dataset and description.

        Raises:
            NotFoundError: Naming the models there are.
        """
        try:
            return self._models[name]
        except KeyError:
            raise NotFoundError(f"There is no model {name}.", f"Models are {', '.join(self.names())}.") from None

    def card(self, name: str) -> ModelCard | None:
        """The card of the newest version, or None where it was never trained."""
        self.model(name)
        for number in reversed(self._versions(name)):
            try:
                return ModelCard(**json.loads((self._version_folder(name, number) / _CARD_FILE).read_text()))
            except (OSError, ValueError, TypeError):
                continue
        return None

    def train(
        self, name: str, dataset: Dataset, rows: pl.DataFrame, *, lake_version: int, seed: int = DEFAULT_SEED
    ) -> ModelCard:
        """Learns from rows as the lake keeps them, and keeps the result as a new version.

        Raises:
            NotFoundError: If there is no such model.
            EngineError: If the rows are too few, saying how many it takes and how many there are, or Spark fails.
        """
        model = self.model(name)
        fitted = self._run(name, lambda session: model.fit(session, dataset, rows, seed))
        number = max(self._versions(name), default=0) + 1
        card = ModelCard(
            model=name,
            kind=model.kind.value,
            dataset=dataset.name,
            version=number,
            lake_version=lake_version,
            seed=seed,
            code_version=_code_version(),
            trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
            metrics=fitted.metrics,
            plan=fitted.plan,
        )
        self._keep(card, fitted.pipeline)
        self._loaded[name] = (number, fitted)
        return card

    def score(self, name: str, dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
        """What the newest version says of each row, reasons included, in the model's own order.

        Raises:
            NotFoundError: If it was never trained.
            EngineError: If Spark fails.
        """
        model = self.model(name)
        return self._run(name, lambda session: model.score(session, dataset, rows, self._fitted(name)))

    def score_pieces(self, name: str, dataset: Dataset, pieces: "DataFrame", *, after: int) -> pl.DataFrame:
        """As `score`, of rows that a stream brings, by a model that scores each alone; see `RowModel.score_pieces`."""
        model = self.model(name)
        assert isinstance(model, RowModel)  # noqa: S101 - one of `row_models`
        fitted = self._fitted(name)
        return model.score_pieces(pieces, dataset, fitted, after=after)

    def row_models(self) -> tuple[str, ...]:
        """The models that score each row alone and were trained, sorted."""
        named = (name for name in self.names() if isinstance(self._models[name], RowModel))
        return tuple(name for name in named if self.version(name))

    def version(self, name: str) -> int:
        """The newest version of a model; 0 where it was never trained."""
        kept = (
            number
            for number in reversed(self._versions(name))
            if (self._version_folder(name, number) / _CARD_FILE).exists()
        )
        return next(kept, 0)

    def explain(self, name: str) -> pl.DataFrame:
        """What the newest version has learned, the weightiest first; raises as `score`."""
        model = self.model(name)
        return self._run(name, lambda _: model.explain(self._fitted(name)))

    def drift(self, name: str, dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
        """How far rows have moved from those that the newest version learned from, without Spark; see `Model.drift`."""
        card = self.card(name)
        if card is None:
            raise NotFoundError(f"The model {name} was never trained.", f"Run: penstock models {name} train")
        return self.model(name).drift(dataset, rows, Fitted(None, card.plan, card.metrics, ""))

    def _run(self, name: str, work: Callable[[Any], T]) -> T:
        if not self.model(name).needs_spark:
            return work(None)
        from pyspark.errors import PySparkException

        try:
            return self._engine.spark.run(work)
        except PySparkException as error:
            first = str(error).strip().splitlines()[0]
            raise EngineError(f"The model {name} failed on Spark: {first[:300]}", "See the log.") from error

    def _fitted(self, name: str) -> Fitted:
        card = self.card(name)
        if card is None:
            raise NotFoundError(f"The model {name} was never trained.", f"Run: penstock models {name} train")
        if not self.model(name).needs_spark:
            return Fitted(None, card.plan, card.metrics, "")
        loaded = self._loaded.get(name)
        if loaded is None or loaded[0] != card.version or not _is_alive(loaded[1], self._engine.spark.session()):
            from pyspark.ml import PipelineModel

            folder = self._version_folder(name, card.version) / _PIPELINE_FOLDER
            # A model that needs Spark to count, but keeps no more than its plan, has no pipeline.
            pipeline = PipelineModel.load(escaped_path(f"{folder.absolute()}")) if folder.is_dir() else None
            application = self._engine.spark.session().sparkContext.applicationId
            loaded = (card.version, Fitted(pipeline, card.plan, card.metrics, application))
            self._loaded[name] = loaded
        return loaded[1]

    def _keep(self, card: ModelCard, pipeline: "PipelineModel | None") -> None:
        folder = self._version_folder(card.model, card.version)
        folder.mkdir(parents=True, exist_ok=True)
        if pipeline is not None:
            pipeline.write().overwrite().save(f"{(folder / _PIPELINE_FOLDER).absolute()}")
        draft = folder / f"{_CARD_FILE}.draft"
        draft.write_text(json.dumps(asdict(card), indent=1, ensure_ascii=False))
        os.replace(draft, folder / _CARD_FILE)  # the version exists from here on
        for old in self._versions(card.model)[:-_VERSIONS_KEPT]:
            shutil.rmtree(self._version_folder(card.model, old), ignore_errors=True)

    def _versions(self, name: str) -> list[int]:
        folders = (self.folder / name).glob("[0-9]*")
        return sorted(int(folder.name) for folder in folders if folder.name.isdigit())

    def _version_folder(self, name: str, number: int) -> Path:
        return self.folder / name / f"{number}"


def _is_alive(fitted: Fitted, session: "SparkSession") -> bool:
    """Whether the pipeline lives in that session's JVM; one that was started anew does not know it."""
    return fitted.session_id == session.sparkContext.applicationId


def _code_version() -> str:
    try:
        return version("penstock")
    except PackageNotFoundError:
        return "unknown"
