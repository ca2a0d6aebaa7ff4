"""Models: what is there, what will be and what to do, learned from the lake with Spark."""

from processing.models.dataset_profile import profiles_of
from processing.models.model import Model, ModelKind, RowModel
from processing.models.scores import ScoreStore
from processing.models.store import BUNDLED_MODELS, ModelCard, ModelStore

__all__ = ["BUNDLED_MODELS", "Model", "ModelCard", "ModelKind", "ModelStore", "RowModel", "ScoreStore", "profiles_of"]
