"""The catalogue: one row for every stored blob."""

from datetime import datetime

from preparation.model import DatasetModel, column


class Blob(DatasetModel, is_sought=False):
    """One stored file, member of an archive or attachment, and what became of it."""

    sha256: str = column(
        description="Hex SHA-256 of the bytes.", identity=True, required=True, str_matches=r"^[0-9a-f]{64}$"
    )
    name: str = column(description="The name it arrived under.")
    origin: str = column(description="The path or address it came from, as given.")
    source: str = column(description="The source that brought it.")
    received_at: datetime = column(description="When it arrived.", event_time=True)
    media_type: str = column(description="IANA media type, by content.")
    dataset: str = column(description="The dataset it belongs to.")
    confidence: float = column(description="How sure that is.", ge=0, le=1)
    why: str = column(description="The reasons, in words.", kind="text")
    bytes: int = column(description="Size.", unit="By", ge=0)
    language: str = column(description="ISO 639-1 code.")
    pages: int = column(description="Pages, sheets or slides.", ge=0)
    rows: int = column(description="Records accepted out of it.", ge=0)
    rejected_rows: int = column(description="Records refused.", ge=0)
    parent: str = column(description="Number of the arrival it was found in.")
