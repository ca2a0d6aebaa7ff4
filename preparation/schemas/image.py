"""Pictures."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class Image(DatasetModel, is_sought=False):
    """A picture."""

    width: int = column(description="Width.", unit="px", ge=0)
    height: int = column(description="Height.", unit="px", ge=0)
    format: str = column(description="Format of the file.")
    media_type: str = column(description="IANA media type, by content.")
    mode: str = column(description="Kind of pixel.")
    frames: int = column(description="Pictures in the file.", ge=0)
    camera: str = column(description="Maker and model of the camera.")
    taken_at: datetime = column(description="When it was taken.", event_time=True)
    latitude: float = column(description="Where: latitude.", unit="deg", ge=-90, le=90)
    longitude: float = column(description="Where: longitude.", unit="deg", ge=-180, le=180)
    phash: str = column(description="Perceptual hash, 16 hex digits; few bits differ where pictures look alike.")
    barcode: str = column(description="What bar codes and QR codes in it say.", personal=PersonalData.FREE_TEXT)
    text: str = column(description="What is written in it.", kind="text", personal=PersonalData.FREE_TEXT)
