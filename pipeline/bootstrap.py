"""Builds the parts of a system out of its settings; nothing else picks a backend.

Each part is made when it is first asked for, so that a command pays only for what it uses.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFoundError, SettingsError
from core.settings import Settings
from pipeline.home import Home
from pipeline.priorities import NICENESS

if TYPE_CHECKING:
    from core.ports import AuditTrail, Cipher, ColumnGuard, Index, Lake, Publisher, Vault
    from pipeline.served import StoredBlobs
    from pipeline.session_views import SessionViews
    from preparation import Catalog, Limits, Pool
    from processing import (
        Compute,
        LiveLayer,
        LocalEngine,
        ModelStore,
        ScoreStore,
        ScoreStream,
        ServedViews,
        SessionStore,
        SessionStream,
        SparkEngine,
        ViewCatalog,
        ViewStore,
        ViewStream,
    )
    from security import CertificateAuthority, KeyRing, MessageSealer, SecretStore, Tls
    from storage import DuckdbSql


class Parts:
    """The parts of one system, each made once.

    Args:
        settings: What to build.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = Home(settings.home)

    @cached_property
    def catalog(self) -> "Catalog":
        """The datasets: bundled, and the user's own."""
        from preparation import Catalog

        return Catalog(self.home.schemas)

    @cached_property
    def keyring(self) -> "KeyRing":
        """The master keys; made on first use."""
        from security import KeyRing

        return KeyRing.open(self.settings.security, self.home.root)

    @cached_property
    def cipher(self) -> "Cipher":
        """Seals blobs."""
        from security import EnvelopeCipher

        return EnvelopeCipher(self.keyring)

    @cached_property
    def guard(self) -> "ColumnGuard":
        """Protects columns of personal data."""
        from security import FernetColumnGuard

        return FernetColumnGuard(self.keyring, self.settings.security)

    @cached_property
    def audit(self) -> "AuditTrail":
        """Who did what to originals and keys."""
        from security import ChainedAuditTrail

        return ChainedAuditTrail(self.home.root / "audit.jsonl", self.keyring)

    @cached_property
    def secrets(self) -> "SecretStore":
        """Secrets of other systems, sealed."""
        from security import SecretStore

        return SecretStore(self.home.secrets, self.keyring, self.audit)

    @cached_property
    def sealer(self) -> "MessageSealer":
        """Seals what processes say to each other."""
        from security import MessageSealer

        return MessageSealer(self.keyring)

    @cached_property
    def tls(self) -> "Tls":
        """Contexts and files of every wire."""
        from security import Tls

        return Tls(self.settings.tls, self.home.certificates)

    @cached_property
    def authority(self) -> "CertificateAuthority":
        """Issues certificates to our own clients and servers."""
        from security import CertificateAuthority

        return CertificateAuthority(self.home.certificates, self.keyring, self.audit)

    @cached_property
    def vault(self) -> "Vault":
        """Original bytes, sealed."""
        from storage import FsspecVault

        return FsspecVault(self.settings.storage.vault_url or str(self.home.vault), self.cipher)

    @cached_property
    def lake(self) -> "Lake":
        """Accepted rows."""
        return self.open_lake()

    @property
    def open_lake(self) -> "Callable[[], Lake]":
        """Opens the lake anew; travels to Spark's workers."""
        from storage import DeltaLake

        return partial(DeltaLake, self.settings.storage.lake_url or str(self.home.lake))

    @cached_property
    def index(self) -> "Index":
        """Records for search."""
        return _INDEXES[self.settings.storage.index](self)

    def api_key(self, component: str) -> str:
        """The Elasticsearch API key of a component, as `penstock elastic setup` left it.

        Raises:
            SettingsError: If there is none.
        """
        try:
            return self.secrets.get(f"elasticsearch/{component}")
        except NotFoundError as error:
            raise SettingsError(
                f"The home {self.home.root} has no Elasticsearch API key of the {component}.",
                "Run `penstock elastic setup`.",
            ) from error

    @cached_property
    def publisher(self) -> "Publisher | None":
        """Where what pages show is published for others; None where the index is embedded and nobody else looks."""
        return _publisher(self) if self.settings.storage.index == "elasticsearch" else None

    @cached_property
    def sql(self) -> "DuckdbSql":
        """SQL over the lake."""
        from storage import DuckdbSql

        return DuckdbSql(self.lake)

    @cached_property
    def views(self) -> "ViewCatalog":
        """The views declared: bundled, and the user's own."""
        from processing import ViewCatalog

        return ViewCatalog.of_home(self.home.own_views)

    @cached_property
    def view_store(self) -> "ViewStore":
        """What the views have counted so far."""
        from processing import ViewStore

        return ViewStore(self.home.view_states)

    @cached_property
    def live_layer(self) -> "LiveLayer":
        """Events that the views count before the lake has them; for their one writer."""
        from processing import LiveLayer

        return LiveLayer(self.home.live_states)

    @cached_property
    def served_views(self) -> "ServedViews":
        """What people read of views: what the lake's have counted, and the events above."""
        from processing import ServedViews

        return ServedViews(self.view_store, self.home.live_states, self.stored_blobs.is_in_version)

    @cached_property
    def stored_blobs(self) -> "StoredBlobs":
        """Which blobs have come into the lake."""
        from pipeline.served import StoredBlobs

        return StoredBlobs(self.home.ledger, lambda: self.lake)

    def view_stream(self) -> "ViewStream":
        """A streaming query on Spark that keeps the views as far as the lake; not started yet."""
        from processing import ViewStream

        return ViewStream(self.spark.spark, self.open_lake, self.view_store, self.home.scratch / "checkpoints")

    @cached_property
    def session_store(self) -> "SessionStore":
        """The sessions of datasets that say who acted."""
        from processing import SessionRule, SessionStore

        processing = self.settings.processing
        rule = SessionRule(processing.session_gap_seconds, processing.session_lateness_seconds)
        return SessionStore(self.home.sessions, rule)

    @cached_property
    def session_views(self) -> "SessionViews":
        """What is asked of sessions as if they were views."""
        from pipeline.session_views import SessionViews

        return SessionViews(self.catalog, self.session_store)

    def session_stream(self, dataset: str) -> "SessionStream":
        """A stateful query on Spark that keeps the sessions of a dataset as far as the lake; not started yet."""
        from processing import SessionStream

        folder = self.home.scratch / "session-checkpoints" / dataset
        return SessionStream(self.spark.spark, self.open_lake, self.session_store, folder)

    def replay_on_spark(self) -> "Compute":
        """Computes a view by a streaming query of its own that goes through all versions of the lake."""
        from processing import replayed_by

        return replayed_by(self.spark.spark, self.open_lake, self.home.scratch / "replay")

    @cached_property
    def model_store(self) -> "ModelStore":
        """Trained models and their results."""
        from processing import ModelStore, profiles_of

        profiles = profiles_of(dataset.name for dataset in self.catalog.datasets())
        models = (*ModelStore.bundled(self.settings.processing), *profiles)
        return ModelStore(self.home.models, self.spark, models)

    @cached_property
    def scores(self) -> "ScoreStore":
        """What models have said of rows, one by one."""
        from processing import ScoreStore

        return ScoreStore(self.home.models, self.model_store.version)

    def score_stream(self) -> "ScoreStream":
        """A streaming query on Spark that has trained models score new rows; not started yet."""
        from processing import ScoreStream

        folder = self.home.scratch / "score-checkpoints"
        return ScoreStream(self.spark.spark, self.open_lake, self.model_store, self.scores, folder=folder)

    @cached_property
    def local(self) -> "LocalEngine":
        """The engine of this process."""
        from processing import LocalEngine

        return LocalEngine()

    @cached_property
    def spark(self) -> "SparkEngine":
        """The Spark engine; its session starts at its first question."""
        from processing import SparkEngine, connector_jars

        processing, kafka = self.settings.processing, self.settings.kafka
        folder = Path(kafka.jars).expanduser() if kafka.jars else self.home.jars
        jars = partial(connector_jars, folder) if kafka.servers else tuple
        properties = Path(processing.spark_properties).expanduser() if processing.spark_properties else None
        return SparkEngine(self.home.scratch, processing.spark_master, processing.spark_memory, jars, properties)

    @cached_property
    def pool(self) -> "Pool":
        """The workers that open files."""
        from preparation import Pool

        niceness = NICENESS if self.settings.kafka.servers else 0
        return Pool(self.settings.preparation, self.home.schemas, self.limits(), niceness=niceness)

    def adopt(self, settings: Settings) -> None:
        """Lets the limits, extras and models of preparation be those of newly read settings, from the next file on."""
        self.settings = replace(self.settings, ingestion=settings.ingestion, preparation=settings.preparation)
        self.pool.adopt(self.settings.preparation, self.limits())

    def limits(self) -> "Limits":
        """What one blob may yield."""
        from preparation import Limits

        ingestion = self.settings.ingestion
        return Limits(max_children=ingestion.max_archive_members, max_child_bytes=ingestion.max_archive_bytes)

    def close(self) -> None:
        """Lets go of whatever was made."""
        for name in ("pool", "index", "spark", "stored_blobs"):
            if name in self.__dict__:
                self.__dict__[name].close()


def _tantivy(parts: Parts) -> "Index":
    from storage import TantivyIndex

    return TantivyIndex(parts.home.index, parts.catalog.datasets)


def _elasticsearch(parts: Parts) -> "Index":
    from storage import ElasticsearchIndex

    return ElasticsearchIndex(
        parts.settings.elasticsearch,
        parts.tls.client_context,
        partial(parts.api_key, "searcher"),
        partial(parts.api_key, "indexer"),
        datasets=parts.catalog.datasets,
    )


def _publisher(parts: Parts) -> "Publisher":
    from storage import ElasticsearchPublisher

    return ElasticsearchPublisher.of(
        parts.settings.elasticsearch, parts.tls.client_context, partial(parts.api_key, "publisher")
    )


_INDEXES = {"tantivy": _tantivy, "elasticsearch": _elasticsearch}
