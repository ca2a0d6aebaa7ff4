"""Processing: views as mergeable metrics, engines that compute them, and models."""

from processing.catalog import ViewCatalog, describe_view, user_views
from processing.conditions import Condition
from processing.engine import Engine, LakeTable
from processing.kafka_jars import connector_jars
from processing.kafka_layer import LiveLayer, ServedViews, Stretch
from processing.kafka_stream import EventBlock, KafkaStream, Known, Partition
from processing.local_engine import LocalEngine
from processing.metric import Metric
from processing.metrics import Count, Max, Mean, Min, Sum, Variance
from processing.metrics_of_pairs import Correlation, Covariance, First, Last
from processing.metrics_of_values import Distinct, Histogram, Quantiles, Top
from processing.models import BUNDLED_MODELS, Model, ModelCard, ModelKind, ModelStore, RowModel, ScoreStore, profiles_of
from processing.models.score_stream import ScoreStream
from processing.session_store import SessionStore
from processing.session_stream import SessionStream
from processing.session_views import SESSION, hourly_rows, hourly_view, list_name
from processing.sessions import SessionRule, has_sessions
from processing.spark_engine import SparkEngine
from processing.spark_files import answered_by_spark
from processing.view import WINDOW_COLUMN, Piece, Ratio, View
from processing.view_store import Compute, ViewStore, batch_by, lake_frames, lake_table
from processing.view_stream import Streamed, ViewStream, replayed_by
from processing.views import BUNDLED_VIEWS

__all__ = [
    "BUNDLED_MODELS",
    "BUNDLED_VIEWS",
    "SESSION",
    "WINDOW_COLUMN",
    "Compute",
    "Condition",
    "Correlation",
    "Count",
    "Covariance",
    "Distinct",
    "Engine",
    "EventBlock",
    "First",
    "Histogram",
    "KafkaStream",
    "Known",
    "LakeTable",
    "Last",
    "LiveLayer",
    "LocalEngine",
    "Max",
    "Mean",
    "Metric",
    "Min",
    "Model",
    "ModelCard",
    "ModelKind",
    "ModelStore",
    "Partition",
    "Piece",
    "Quantiles",
    "Ratio",
    "RowModel",
    "ScoreStore",
    "ScoreStream",
    "ServedViews",
    "SessionRule",
    "SessionStore",
    "SessionStream",
    "SparkEngine",
    "Streamed",
    "Stretch",
    "Sum",
    "Top",
    "Variance",
    "View",
    "ViewCatalog",
    "ViewStore",
    "ViewStream",
    "answered_by_spark",
    "batch_by",
    "connector_jars",
    "describe_view",
    "has_sessions",
    "hourly_rows",
    "hourly_view",
    "lake_frames",
    "lake_table",
    "list_name",
    "profiles_of",
    "replayed_by",
    "user_views",
]
