"""What is said in recordings and films."""

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class SpeechSegment(DatasetModel, is_sought=False):
    """A sentence that is said in a recording or film, with its place in time."""

    position: int = column(description="Its place among the sentences of the recording, from 1.", ge=1)
    start_seconds: float = column(description="Where it starts.", unit="s", ge=0)
    end_seconds: float = column(description="Where it ends.", unit="s", ge=0)
    text: str = column(description="What is said.", kind="text", required=True, personal=PersonalData.FREE_TEXT)
    confidence: float = column(description="How sure the speech model is of it.", ge=0, le=1)
    language: str = column(description="ISO 639-1 code.")
