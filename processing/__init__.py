"""Processing: views as mergeable metrics, engines that compute them, and models."""

from processing.catalog import ViewCatalog, describe_view, user_views
from processing.conditions import Condition
from processing.engine import Engine, LakeTable
from processing.local_engine import LocalEngine
from processing.metrics import Count, Distinct, Max, Mean, Metric, Min, Quantiles, Sum, Variance
from processing.models import BUNDLED_MODELS, Model, ModelCard, ModelKind, ModelStore
from processing.spark_engine import SparkEngine
from processing.view import WINDOW_COLUMN, Piece, Ratio, View
from processing.view_store import ViewStore, lake_frames, lake_table
from processing.views import BUNDLED_VIEWS

__all__ = [
    "BUNDLED_MODELS",
    "BUNDLED_VIEWS",
    "WINDOW_COLUMN",
    "Condition",
    "Count",
    "Distinct",
    "Engine",
    "LakeTable",
    "LocalEngine",
    "Max",
    "Mean",
    "Metric",
    "Min",
    "Model",
    "ModelCard",
    "ModelKind",
    "ModelStore",
    "Piece",
    "Quantiles",
    "Ratio",
    "SparkEngine",
    "Sum",
    "Variance",
    "View",
    "ViewCatalog",
    "ViewStore",
    "describe_view",
    "lake_frames",
    "lake_table",
    "user_views",
]
