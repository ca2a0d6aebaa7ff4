"""Recordings of sound."""

from datetime import datetime

from core.dataset import PersonalData
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
    level_dbfs: float = column(description="Mean level of the mix of its channels, below full scale.", unit="dB", le=0)
    peak_dbfs: float = column(description="Highest level of the mix, below full scale.", unit="dB", le=0)
    silence_share: float = column(description="Share of its time that is below -50 dBFS.", ge=0, le=1)
    voice_seconds: float = column(description="How long a voice is heard.", unit="s", ge=0)
    language: str = column(description="ISO 639-1 code of what is said.")
    title: str = column(description="Title in its tags.")
    artist: str = column(description="Artist in its tags.")
    album: str = column(description="Album in its tags.")
    genre: str = column(description="Genre in its tags.")
    comment: str = column(description="Comment in its tags.", kind="text")
    description: str = column(description="Description in its tags.", kind="text")
    text: str = column(description="What is said.", kind="text", personal=PersonalData.FREE_TEXT)
    recorded_at: datetime = column(description="When, as its tags say.", event_time=True)
