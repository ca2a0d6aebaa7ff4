"""The rows that the pipeline itself writes: one a blob in the catalogue, one a rejected record."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN, ROW_COLUMN, Dataset
from core.frames import prepared_schema
from core.prepared import Prepared
from ingestion import Arrival


def blob_row(arrival: Arrival, prepared: Prepared, dataset: Dataset) -> pl.DataFrame:
    """The catalogue's row of one blob."""
    values: dict[str, Any] = {
        BLOB_COLUMN: arrival.blob,
        ROW_COLUMN: 0,
        RESCUED_COLUMN: None,
        "sha256": arrival.blob,
        "name": PurePosixPath(arrival.path).name,
        "origin": arrival.path,
        "source": arrival.source,
        "received_at": datetime.fromisoformat(arrival.received_at),
        "media_type": prepared.media_type,
        "dataset": prepared.classification.dataset,
        "confidence": prepared.classification.confidence,
        "why": prepared.classification.why,
        "bytes": arrival.bytes,
        "language": prepared.language,
        "pages": prepared.pages,
        "rows": sum(table.frame.height for table in prepared.tables),
        "rejected_rows": sum(table.rejected_rows for table in prepared.tables),
        "parent": str(arrival.parent) if arrival.parent else None,
    }
    schema = prepared_schema(dataset)
    return pl.DataFrame({name: [values.get(name)] for name in schema}, schema=schema)


def rejected_rows(arrival: Arrival, prepared: Prepared, dataset: Dataset) -> pl.DataFrame:
    """The refused records of one blob, as rows of their own table."""
    refused = [(table.dataset, rejection) for table in prepared.tables for rejection in table.rejections]
    columns: dict[str, list[Any]] = {
        BLOB_COLUMN: [arrival.blob] * len(refused),
        ROW_COLUMN: list(range(len(refused))),
        "dataset": [name for name, _ in refused],
        "layer": ["preparation"] * len(refused),
        "position": [rejection.row for _, rejection in refused],
        "reason": [rejection.reason for _, rejection in refused],
        "record": [rejection.record for _, rejection in refused],
    }
    schema = prepared_schema(dataset)
    empty = [None] * len(refused)
    return pl.DataFrame({name: columns.get(name, empty) for name in schema}, schema=schema)
