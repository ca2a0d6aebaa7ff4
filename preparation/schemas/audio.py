"""Recordings of sound."""

from datetime import datetime

from preparation.model import DatasetModel, column


class Audio(DatasetModel, is_sought=False):
    """A recording of sound."""

    duration_seconds: float = column(description="Length.", unit="s", ge=0)
    codec: str = column(description="Coding.")
    format: str = column(description="Container.")
    media_type: str = column(description="IANA media type, by content.")
    sample_rate: int = column(description="Samples a second.", unit="Hz", ge=0)
    channels: int = column(description="Channels.", ge=0)
    bitrate: float = column(description="Bits a second.", unit="bit/s", ge=0)
    title: str = column(description="Title in its tags.")
    artist: str = column(description="Artist in its tags.")
    album: str = column(description="Album in its tags.")
    recorded_at: datetime = column(description="When, as its tags say.", event_time=True)
