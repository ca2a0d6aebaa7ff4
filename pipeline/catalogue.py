"""The rows that the pipeline itself writes: one a blob in the catalogue, one a rejected record."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN, ROW_COLUMN, Dataset
from core.frames import prepared_schema
from core.prepared import Prepared
from ingestion import Arrival


def blob_rows(group: Iterable[tuple[Arrival, Prepared]], dataset: Dataset) -> pl.DataFrame:
    """The catalogue's rows, one a blob, in one frame: making a frame for each took a third of their commit."""
    rows = [_blob_values(arrival, prepared) for arrival, prepared in group]
    schema = prepared_schema(dataset)
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


def _blob_values(arrival: Arrival, prepared: Prepared) -> dict[str, Any]:
    return {
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


def rejected_rows(group: Iterable[tuple[Arrival, Prepared]], dataset: Dataset) -> pl.DataFrame:
    """The refused records of some blobs, as rows of their own table."""
    rows = [values for arrival, prepared in group for values in _rejected_values(arrival, prepared)]
    schema = prepared_schema(dataset)
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


def _rejected_values(arrival: Arrival, prepared: Prepared) -> Iterator[dict[str, Any]]:
    refused = ((table.dataset, rejection) for table in prepared.tables for rejection in table.rejections)
    for number, (name, rejection) in enumerate(refused):
        yield {
            BLOB_COLUMN: arrival.blob,
            ROW_COLUMN: number,
            "dataset": name,
            "layer": "preparation",
            "position": rejection.row,
            "reason": rejection.reason,
            "record": rejection.record,
        }
