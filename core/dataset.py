"""The plain description of a kind of record, derived from its Pandera model.

Preparation turns every model into a `Dataset`; storage, security, processing and visualization
derive mappings, masks, Spark types and labels from it and never see Pandera.
"""

from dataclasses import dataclass, field
from enum import StrEnum

BLOB_COLUMN = "_blob"
"""Hex SHA-256 of the blob that a record came from."""
ROW_COLUMN = "_row"
"""Position of the record in its blob, from 0, counting rejected records too."""
RESCUED_COLUMN = "_rescued"
"""JSON object of the incoming columns that the schema does not know, or null."""
FINGERPRINT_SUFFIX = "_hmac"
"""Beside a personal column in the lake: its keyed HMAC, for equality search."""
MASK_SUFFIX = "_masked"
"""Beside a personal column in the lake: what people may see of it."""


class ColumnType(StrEnum):
    """The types a column may have; every layer maps these and no others."""

    KEYWORD = "keyword"  # a string compared whole: codes, names, states
    TEXT = "text"  # prose, searched word by word
    INTEGER = "integer"  # signed 64 bits
    NUMBER = "number"  # IEEE double
    MONEY = "money"  # decimal(18, 4)
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"  # microseconds, UTC


class Role(StrEnum):
    """What a column tells of somebody's acts; sessions are made of them."""

    ACTOR = "actor"  # who acted
    PAGE = "page"  # what they looked at
    GOAL = "goal"  # that they did what was wanted: true, above zero, or filled in at all


class PersonalData(StrEnum):
    """Classes of personal data; each has its own mask."""

    PERSON_NAME = "person_name"
    SSN = "ssn"
    TAX_ID = "tax_id"
    MEMBER_ID = "member_id"
    ACCOUNT = "account"
    CARD = "card"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    RECORD = "record"  # a whole record that may hold any of them: sealed, shown as "sealed"
    FREE_TEXT = "free_text"  # prose: what looks like personal data in it is masked in place


_NAMING = frozenset(
    {
        PersonalData.PERSON_NAME,
        PersonalData.SSN,
        PersonalData.TAX_ID,
        PersonalData.MEMBER_ID,
        PersonalData.ACCOUNT,
        PersonalData.CARD,
        PersonalData.PHONE,
        PersonalData.EMAIL,
        PersonalData.ADDRESS,
    }
)
"""Personal data that stands for one person, household or firm."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset.

    Attributes:
        name: The column's name in the lake, in snake case.
        type: Its type.
        description: One sentence for people.
        unit: The unit of its values (UCUM or ISO 4217 code), or None.
        synonyms: Other headers that people use for it, in any spelling.
        checks: The rules its values satisfy, in words.
        personal: Its class of personal data, or None.
        required: Whether a record without a value is rejected.
        role: What it tells of somebody's acts, or None.
        names_a_party: Whether a value stands for one person, firm, thing or place, personal data or not: records
            that share it have to do with each other.
    """

    name: str
    type: ColumnType
    description: str = ""
    unit: str | None = None
    synonyms: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    personal: PersonalData | None = None
    required: bool = False
    role: Role | None = None
    names_a_party: bool = False

    @property
    def is_linking(self) -> bool:
        """Whether records that share a value of it have to do with each other: a person's or firm's name or number."""
        return self.names_a_party or self.personal in _NAMING

    @property
    def is_sealed(self) -> bool:
        """Whether the lake holds tokens in place of the values."""
        return self.personal is not None and self.personal is not PersonalData.FREE_TEXT


@dataclass(frozen=True, slots=True)
class Dataset:
    """A kind of record.

    Attributes:
        name: The dataset's name; also the name of its lake table.
        description: One sentence for people.
        columns: Its columns, in order.
        identity: The columns whose values identify a record; empty where a record is
            identified by its blob and its position in it.
        event_time: The column that says when the thing happened, or None.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()
    event_time: str | None = None
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def in_role(self, role: Role) -> tuple[Column, ...]:
        """The columns of that role, in their order: where one is empty the next stands in."""
        return tuple(column for column in self.columns if column.role is role)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: If the dataset has no such column.
        """
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name
