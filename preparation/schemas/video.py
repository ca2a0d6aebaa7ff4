"""Moving pictures."""

from datetime import datetime

from preparation.model import DatasetModel, column


class Video(DatasetModel, is_sought=False):
    """A moving picture."""

    duration_seconds: float = column(description="Length.", unit="s", ge=0)
    width: int = column(description="Width.", unit="px", ge=0)
    height: int = column(description="Height.", unit="px", ge=0)
    fps: float = column(description="Pictures a second.", unit="Hz", ge=0)
    frames: int = column(description="Pictures.", ge=0)
    codec: str = column(description="Coding.")
    audio_codec: str = column(description="Coding of the sound.")
    bitrate: float = column(description="Bits a second.", unit="bit/s", ge=0)
    format: str = column(description="Container.")
    media_type: str = column(description="IANA media type, by content.")
    has_audio: bool = column(description="Whether it has sound.")
    title: str = column(description="Title in its tags.")
    recorded_at: datetime = column(description="When, as its tags say.", event_time=True)
