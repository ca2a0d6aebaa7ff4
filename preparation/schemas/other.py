"""Records that fit no dataset."""

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class Other(
    DatasetModel,
    is_sought=False,
):
    """A record that fits no dataset, kept whole under its own names."""

    record: str = column(
        description="The record as a JSON object.", kind="text", required=True, personal=PersonalData.FREE_TEXT
    )
    text: str = column(description="Its values as text, for search.", kind="text", personal=PersonalData.FREE_TEXT)
