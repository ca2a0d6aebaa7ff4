"""Scenes of films."""

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class VideoScene(DatasetModel, is_sought=False):
    """A scene of a film: key frames in a row that look alike."""

    position: int = column(description="Its place among the scenes of the film, from 1.", ge=1)
    start_seconds: float = column(description="Where it starts.", unit="s", ge=0)
    end_seconds: float = column(description="Where it ends.", unit="s", ge=0)
    key_frames: int = column(description="How many key frames of it were looked at.", ge=1)
    phash: str = column(
        description="Perceptual hash of its middle key frame, 64 bits in hex: alike where pictures look alike.",
        str_matches=r"^[0-9a-f]{16}$",
    )
    text: str = column(description="The text that is shown.", kind="text", personal=PersonalData.FREE_TEXT)
