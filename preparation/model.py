"""`DatasetModel` and `column`: what a person writes to teach Penstock a kind of record.

    class ParcelScan(DatasetModel):
        '''Every time a parcel passed a scanner.'''

        parcel_id: str = column(description="The parcel.", synonyms=("tracking number",), identity=True)
        scanned_at: datetime = column(description="When.", event_time=True)
        weight: float = column(description="Weight at the belt.", unit="kg", ge=0, le=70)

Annotations are plain Python types; the class turns them into the exact Polars types of `core.frames` and is
then an ordinary Pandera model.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, ClassVar, Union, get_args, get_origin

import pandera.polars as pa

from core.dataset import Column, ColumnType, Dataset, PersonalData, Role
from core.errors import SettingsError
from core.frames import POLARS_TYPES

_TYPES: dict[type, ColumnType] = {
    str: ColumnType.KEYWORD,
    int: ColumnType.INTEGER,
    float: ColumnType.NUMBER,
    Decimal: ColumnType.MONEY,
    bool: ColumnType.BOOLEAN,
    date: ColumnType.DATE,
    datetime: ColumnType.TIMESTAMP,
}
_KEY = "penstock"


@dataclass(frozen=True, slots=True)
class _Traits:
    description: str = ""
    unit: str | None = None
    synonyms: tuple[str, ...] = ()
    personal: PersonalData | None = None
    event_time: bool = False
    identity: bool = False
    kind: ColumnType | None = None
    required: bool = False
    telling: float = 1.0
    role: Role | None = None
    falls_back_on: tuple[str, ...] = ()
    names_a_party: bool = False


@dataclass(frozen=True, slots=True)
class Recognition:
    """How tables of a dataset are told from others, beyond the names of its columns.

    Attributes:
        needs: Groups of columns; a table without a column of each group is not of this dataset.
        words: Words in headers that speak for the dataset even where no column takes them.
        is_sought: Whether tables are matched to the dataset at all.
        telling: By column, how much more (above 1) or less it says than other columns.
        falls_back_on: By column, the columns that give a missing value of it, the most telling first.
    """

    needs: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    is_sought: bool
    telling: dict[str, float]
    falls_back_on: dict[str, tuple[str, ...]]


def column(  # noqa: PLR0913 - a declaration reads best flat
    *,
    description: str = "",
    unit: str | None = None,
    synonyms: str | Sequence[str] = (),
    personal: PersonalData | None = None,
    event_time: bool = False,
    identity: bool = False,
    kind: ColumnType | str | None = None,
    required: bool = False,
    telling: float = 1.0,
    falls_back_on: str | Sequence[str] = (),
    role: Role | str | None = None,
    names_a_party: bool = False,
    **checks: Any,
) -> Any:
    """Declares one column.

    Args:
        description: One sentence for people.
        unit: Unit of its values; incoming values in a related unit are converted.
        synonyms: Other headers that people use for it, in any spelling: a sequence, or one string with commas.
        personal: Its class of personal data.
        event_time: Whether it says when the thing happened.
        identity: Whether it is part of what identifies a record.
        kind: ``"text"`` for prose; otherwise the annotation decides.
        required: Whether a record without a value is rejected.
        telling: How much more (above 1) or less a header that means this column says about what a table is.
        falls_back_on: Columns of the model whose value it takes in a record that has none of its own, in order;
            how an event time is filled from whatever date a table has. A date becomes midnight UTC.
        names_a_party: Whether a value stands for one person, firm, thing or place, so that records which share it have
            to do with each other. Names and numbers that are personal data do so unsaid.
        role: ``"actor"``, ``"page"`` or ``"goal"``: who acted, on what, and whether that was what was wanted. A
            dataset with an actor and an event time has sessions; of several columns the first that is filled counts.
        checks: Pandera's checks: ``ge``, ``le``, ``gt``, ``lt``, ``in_range``, ``isin``, ``str_matches`` …
    """
    traits = _Traits(
        description,
        unit,
        _listed(synonyms),
        personal,
        event_time,
        identity,
        ColumnType(kind) if kind else None,
        required,
        telling,
        Role(role) if role else None,
        _listed(falls_back_on),
        names_a_party,
    )
    return pa.Field(nullable=not required, description=description or None, metadata={_KEY: traits}, **checks)


class DatasetModel(pa.DataFrameModel):
    """Base of every model of a dataset; the docstring is the dataset's description.

    ``class Config: name = "parcel_scan"`` names the dataset; without it, the class name in snake case does.
    Class arguments ``needs``, ``words`` and ``is_sought`` are those of `Recognition`; few models need them.
    """

    _column_types: ClassVar[dict[str, ColumnType]] = {}
    _recognition: ClassVar[tuple[tuple[tuple[str, ...], ...], tuple[str, ...], bool]] = ((), (), True)

    def __init_subclass__(
        cls,
        *,
        needs: Sequence[str | Sequence[str]] = (),
        words: str | Sequence[str] = (),
        is_sought: bool = True,
        **kwargs: Any,
    ) -> None:
        own = {name: hint for name, hint in inspect.get_annotations(cls, eval_str=True).items() if name[0] != "_"}
        types = {name: _column_type(cls.__name__, name, hint) for name, hint in own.items()}
        for name in own.keys() - cls.__dict__.keys():
            field = column()
            field.__set_name__(cls, name)
            setattr(cls, name, field)
        types = {name: _traits(cls.__dict__[name]).kind or kind for name, kind in types.items()}
        cls._column_types = cls._column_types | types
        cls._recognition = (tuple(_listed(group) for group in needs), _listed(words), is_sought)
        cls.__annotations__ = {name: POLARS_TYPES[kind] for name, kind in types.items()}
        config = cls.__dict__.get("Config")
        given = config.__dict__.get("name") if config else None
        cls.Config = type("Config", (config or pa.DataFrameModel.Config,), {"name": given or _snake_case(cls.__name__)})
        super().__init_subclass__(**kwargs)  # type: ignore[no-untyped-call]


def as_dataset(model: type[DatasetModel]) -> Dataset:
    """The plain description of a model."""
    schema = model.to_schema()
    columns = [
        _as_column(name, model._column_types[name], field.metadata[_KEY], field.checks, is_unique=field.unique)
        for name, field in schema.columns.items()
    ]
    traits = {name: field.metadata[_KEY] for name, field in schema.columns.items()}
    event_time = next((name for name, each in traits.items() if each.event_time), None)
    return Dataset(
        name=schema.name,
        description=" ".join((inspect.getdoc(model) or "").split()),
        columns=tuple(columns),
        identity=tuple(name for name, each in traits.items() if each.identity),
        event_time=event_time,
    )


def recognition_of(model: type[DatasetModel]) -> Recognition:
    """How tables of a model are told from others."""
    needs, words, is_sought = model._recognition
    traits = {name: field.metadata[_KEY] for name, field in model.to_schema().columns.items()}
    telling = {name: each.telling for name, each in traits.items()}
    fallbacks = {name: each.falls_back_on for name, each in traits.items() if each.falls_back_on}
    return Recognition(needs, words, is_sought, telling, fallbacks)


def _as_column(name: str, kind: ColumnType, traits: _Traits, checks: list[Any], *, is_unique: bool) -> Column:
    words = tuple(_in_words(check) for check in checks) + (("unique within a file",) if is_unique else ())
    return Column(
        name=name,
        type=kind,
        description=_described(traits),
        unit=traits.unit,
        synonyms=traits.synonyms,
        checks=words,
        personal=traits.personal,
        required=traits.required,
        role=traits.role,
        names_a_party=traits.names_a_party,
    )


def _described(traits: _Traits) -> str:
    if not traits.falls_back_on:
        return traits.description
    return f"{traits.description} Where that is not told: {', else '.join(traits.falls_back_on)}.".strip()


_CHECK_WORDS = {
    "greater_than": "more than {min_value}",
    "greater_than_or_equal_to": "at least {min_value}",
    "less_than": "less than {max_value}",
    "less_than_or_equal_to": "at most {max_value}",
    "in_range": "from {min_value} to {max_value}",
    "equal_to": "equal to {value}",
    "not_equal_to": "not {value}",
    "str_matches": "of the form {pattern}",
    "str_contains": "containing {pattern}",
    "str_startswith": "starting with {string}",
    "str_endswith": "ending with {string}",
    "str_length": "of {min_value} to {max_value} characters",
}


def _in_words(check: Any) -> str:
    facts = dict(check.statistics or {})
    if check.name in ("isin", "notin"):
        values = facts.get("allowed_values", facts.get("forbidden_values", ()))
        listed = ", ".join(sorted(str(value) for value in values or ()))
        return f"one of {listed}" if check.name == "isin" else f"none of {listed}"
    template = _CHECK_WORDS.get(check.name)
    return template.format_map(facts) if template else str(check.error or check.name)


def _traits(field: Any) -> _Traits:
    metadata = getattr(field, "metadata", None) or {}
    if _KEY not in metadata:
        field.metadata = metadata | {_KEY: _Traits(required=not field.nullable)}
    found: _Traits = field.metadata[_KEY]
    return found


def _column_type(model: str, name: str, hint: Any) -> ColumnType:
    if get_origin(hint) in (Union, UnionType):
        hint = next((each for each in get_args(hint) if each is not type(None)), hint)
    if hint not in _TYPES:
        shown = getattr(hint, "__name__", str(hint))
        raise SettingsError(
            f"Column {name} of {model} is annotated {shown}, which is no type of a column.",
            "Annotate it str, int, float, Decimal, bool, date or datetime.",
        )
    return _TYPES[hint]


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    parts = names.split(",") if isinstance(names, str) else names
    return tuple(part.strip() for part in parts if part.strip())


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
