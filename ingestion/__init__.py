"""Collection: files become arrivals in the ledger once the vault has their bytes."""

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

__all__ = [
    "Arrival",
    "ArrivalState",
    "FileStamp",
    "Ledger",
    "LedgerReader",
    "OpenBatch",
    "QuarantineEntry",
    "Received",
    "Result",
    "Step",
    "shown",
    "utc_now",
]
