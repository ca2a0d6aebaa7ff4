"""Collection: files become arrivals in the ledger once the vault has their bytes."""

from ingestion.collector import Candidate, Collected, Refusal, candidate_at, collect, refusal_of
from ingestion.folder_source import FolderSource
from ingestion.kafka_origin import KafkaOrigin
from ingestion.ledger import Ledger
from ingestion.ledger_reader import LedgerReader
from ingestion.records import (
    Arrival,
    ArrivalState,
    FileStamp,
    OpenBatch,
    QuarantineEntry,
    Received,
    Result,
    Step,
    shown,
    utc_now,
)
from ingestion.url_folder import UrlFile, files_at, opened_at

__all__ = [
    "Arrival",
    "ArrivalState",
    "Candidate",
    "Collected",
    "FileStamp",
    "FolderSource",
    "KafkaOrigin",
    "Ledger",
    "LedgerReader",
    "OpenBatch",
    "QuarantineEntry",
    "Received",
    "Refusal",
    "Result",
    "Step",
    "UrlFile",
    "candidate_at",
    "collect",
    "files_at",
    "opened_at",
    "refusal_of",
    "shown",
    "utc_now",
]
