"""Moving pictures."""

from datetime import datetime

from core.dataset import PersonalData
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
    level_dbfs: float = column(description="Mean level of the mix of its channels, below full scale.", unit="dB", le=0)
    peak_dbfs: float = column(description="Highest level of the mix, below full scale.", unit="dB", le=0)
    silence_share: float = column(description="Share of its time that is below -50 dBFS.", ge=0, le=1)
    voice_seconds: float = column(description="How long a voice is heard.", unit="s", ge=0)
    language: str = column(description="ISO 639-1 code of what is said.")
    scenes: int = column(description="Scenes, as its key frames tell them.", ge=0)
    title: str = column(description="Title in its tags.")
    artist: str = column(description="Artist in its tags.")
    comment: str = column(description="Comment in its tags.", kind="text")
    description: str = column(description="Description in its tags.", kind="text")
    text: str = column(
        description="What is said; where nothing is, what is shown.", kind="text", personal=PersonalData.FREE_TEXT
    )
    recorded_at: datetime = column(description="When, as its tags say.", event_time=True)
