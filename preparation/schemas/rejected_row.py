"""Records that their schema refused."""

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class RejectedRow(DatasetModel, is_sought=False):
    """A record that its schema refused, with the reason."""

    dataset: str = column(description="The dataset it was meant for.", required=True)
    reason: str = column(description="Which column, what was expected, what was found.", required=True, kind="text")
    layer: str = column(description="The layer that refused it.")
    record: str = column(
        description="The record as it came, as a JSON object.", kind="text", personal=PersonalData.RECORD
    )
