"""What was read on forms, value by value, with its place on the page."""

from decimal import Decimal

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class FormField(DatasetModel, is_sought=False):
    """One value filled in on a form: which, what, and where on the page it stands."""

    form: str = column(description="The form: W-2, CMS-1500, ACORD 25 …")
    field: str = column(description="The field: number of its box or line, and a short label.", required=True)
    label: str = column(description="What is printed beside it.", kind="text")
    kind: str = column(description="What it holds: money, date, name, ssn, checkbox …")
    value: str = column(
        description="The value, where its kind tells of no person.", kind="text", personal=PersonalData.FREE_TEXT
    )
    personal_value: str = column(
        description="The value, where it may tell who someone is.", kind="text", personal=PersonalData.RECORD
    )
    amount: Decimal = column(description="The value as an amount, where it is one.")
    page: int = column(description="The page, from 1.", ge=1)
    left: float = column(description="Left edge of its place, as a share of the page's width.")
    top: float = column(description="Upper edge, as a share of the page's height.")
    right: float = column(description="Right edge, as a share of the page's width.")
    bottom: float = column(description="Lower edge, as a share of the page's height.")
    confidence: float = column(description="That it was read right, 0 to 1; 1 from a text layer.", ge=0, le=1)
