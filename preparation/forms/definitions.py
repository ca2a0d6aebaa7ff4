"""What a form is, as its data file says it: its marks, its fields with their labels and places, its sums."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from preparation.forms.marks import Mark
from preparation.forms.values import Kind
from preparation.forms.wordings import Label, Wordings, label
from preparation.layout import Box

_BUNDLED = Path(__file__).parent / "files"


@dataclass(frozen=True)
class FieldDefinition:
    """One field of a form.

    Attributes:
        name: The value's name: the number of the box or line, and a short label in snake case.
        kind: What it holds.
        labels: The wordings printed beside, above or below it.
        column: The column of the dataset that takes it, or "".
        address_column: Of a party, the column that takes the address.
        box: Where it stands, where the layout is fixed: left, top, right and bottom as shares of the page.
        choices: Of checkboxes of which one is marked: what each says → where it is.
    """

    name: str
    kind: Kind = Kind.TEXT
    labels: tuple[str, ...] = ()
    column: str = ""
    address_column: str = ""
    box: Box | None = None
    choices: Mapping[str, Box] | None = None


@dataclass(frozen=True)
class TableDefinition:
    """Fields that repeat line by line under their labels.

    Attributes:
        name: Of one line; a value is named ``<name><line>_<column>``.
        columns: The fields of one line.
        rows: At most so many lines.
        pitch: How far apart the lines are, as a share of the page, where the layout is fixed; the boxes of the
            columns are then those of the first line.
        needs: Columns without which a line is none.
    """

    name: str
    columns: tuple[FieldDefinition, ...]
    rows: int = 40
    pitch: float = 0.0
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class SumDefinition:
    """Amounts that must add up.

    Attributes:
        total: The field that is the total.
        parts: Fields that add up to it; ``line*_charges`` names those of all lines of a table, ``-name`` is
            subtracted.
    """

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FormDefinition:
    """A form, as its data file describes it.

    Attributes:
        name: What people call it: ``W-2``.
        dataset: Where it belongs.
        title: What is printed on it.
        marks: How it is told from other forms.
        fields: Its fields.
        tables: Its lines.
        sums: What must add up.
        printed: Other words printed on it, which are no values.
        anchors: Printed words → where they begin, as shares of the page, where the layout is fixed.
        by_label: A regular expression over what is printed beside a value → the column that takes it, of values
            that no field names, as on the numbered lines of a return.
    """

    name: str
    dataset: str
    title: str = ""
    marks: tuple[Mark, ...] = ()
    fields: tuple[FieldDefinition, ...] = ()
    tables: tuple[TableDefinition, ...] = ()
    sums: tuple[SumDefinition, ...] = ()
    printed: tuple[str, ...] = ()
    anchors: Mapping[str, tuple[float, float]] | None = None
    by_label: tuple[tuple[re.Pattern[str], str], ...] = ()

    def over(self, general: "FormDefinition | None") -> "FormDefinition":
        """This form, with the columns that forms of its dataset have in common, and their fields if it has none.

        A form that says its fields gets no others: “Hospital” is a label on some bills, and a word of a name on others.
        """
        if general is None:
            return self
        columns = self.by_label + general.by_label
        if self.fields:
            return replace(self, by_label=columns)
        return replace(
            self,
            fields=general.fields,
            tables=self.tables or general.tables,
            printed=self.printed + general.printed,
            by_label=columns,
        )

    @cached_property
    def wordings(self) -> Wordings:
        """Every wording that is printed on it."""
        columns = [(f"{table.name}|{each.name}", each) for table in self.tables for each in table.columns]
        owned = [(each.name, each) for each in self.fields] + columns
        found = [label(owner, wording) for owner, each in owned for wording in each.labels]
        return Wordings([*found, *(label("", wording) for wording in self.printed), *self._anchor_labels])

    @property
    def columns(self) -> frozenset[str]:
        """The columns of its dataset that it fills."""
        given = (*self.fields, *(each for table in self.tables for each in table.columns))
        named = {name for each in given for name in (each.column, each.address_column) if name}
        return frozenset(named | {column for _, column in self.by_label})

    @cached_property
    def anchor_wordings(self) -> Wordings:
        """The printed words by which a page is laid over the fixed layout."""
        return Wordings(self._anchor_labels)

    @property
    def _anchor_labels(self) -> list[Label]:
        return [label(f"@{wording}", wording) for wording in self.anchors or {}]


@dataclass(frozen=True, eq=False)
class FormBook:
    """All forms known.

    Attributes:
        forms: The forms.
        marks: What speaks for a dataset whichever form it is.
        general: By dataset, what its forms have in common: what a form is read by that nobody described.
    """

    forms: tuple[FormDefinition, ...]
    marks: tuple[Mark, ...]
    general: Mapping[str, FormDefinition]

    @cached_property
    def all_marks(self) -> tuple[Mark, ...]:
        """The general marks, and those of the forms."""
        return self.marks + tuple(mark for form in self.forms for mark in form.marks)


def load_forms(user_folder: Path | None = None) -> FormBook:
    """The bundled forms and those in the user's folder; a form there replaces a bundled one of its name.

    Raises:
        SettingsError: If a file there is no form; it names the file and what is wrong.
    """
    bundled = _bundled()
    if user_folder is None or not user_folder.is_dir():
        return bundled
    files = sorted(file for file in user_folder.glob("*.toml") if not file.name.startswith((".", "_")))
    own = [form.over(bundled.general.get(form.dataset)) for file in files for form in _forms(file)]
    if not own:
        return bundled
    names = {form.name for form in own}
    return replace(bundled, forms=(*own, *(form for form in bundled.forms if form.name not in names)))


@lru_cache(maxsize=1)
def _bundled() -> FormBook:
    general = {form.dataset: form for file in sorted(_BUNDLED.glob("_*.toml")) for form in _forms(file)}
    files = sorted(file for file in _BUNDLED.glob("*.toml") if not file.name.startswith("_"))
    forms = [form.over(general.get(form.dataset)) for file in files for form in _forms(file)]
    return FormBook(tuple(forms), tuple(mark for form in general.values() for mark in form.marks), general)


def _forms(file: Path) -> list[FormDefinition]:
    """The form of a file, or the several forms that it lists."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
        return [_form({**given, **each}) for each in given.pop("forms", ({},))]
    except KeyError as error:
        reason = f"it lacks {error}"
    except (OSError, ValueError, TypeError, re.error) as error:
        reason = str(error)
    raise SettingsError(
        f"The form file {file} cannot be used: {reason}.", "Mend it, or move it out of the folder; see docs/forms.md."
    )


def _form(given: dict[str, Any]) -> FormDefinition:
    marks = tuple(Mark(str(pattern), float(weight), str(given["dataset"])) for weight, pattern in given.pop("marks"))
    for mark in marks:
        mark.compiled  # noqa: B018 - a pattern that is none is refused now, not at the first file
    parts: dict[str, Any] = {
        "marks": marks,
        "fields": tuple(_field(each) for each in given.pop("fields", ())),
        "tables": tuple(_table(each) for each in given.pop("tables", ())),
        "sums": tuple(SumDefinition(str(each["total"]), _texts(each["parts"])) for each in given.pop("sums", ())),
        "printed": _texts(given.pop("printed", ())),
        "anchors": {str(text): (float(x), float(y)) for text, (x, y) in given.pop("anchors", {}).items()} or None,
        "by_label": tuple((re.compile(each, re.I), str(column)) for each, column in given.pop("by_label", {}).items()),
    }
    _refuse_unknown(FormDefinition, given)
    return FormDefinition(**given, **parts)


def _field(given: dict[str, Any]) -> FieldDefinition:
    _refuse_unknown(FieldDefinition, given)
    return FieldDefinition(
        name=str(given["name"]),
        kind=Kind(given.get("kind", "text")),
        labels=_texts(given.get("labels", ())),
        column=str(given.get("column", "")),
        address_column=str(given.get("address_column", "")),
        box=Box(*given["box"]) if "box" in given else None,
        choices={str(says): Box(*box) for says, box in given["choices"].items()} if "choices" in given else None,
    )


def _table(given: dict[str, Any]) -> TableDefinition:
    _refuse_unknown(TableDefinition, given)
    return TableDefinition(
        name=str(given["name"]),
        columns=tuple(_field(each) for each in given["columns"]),
        rows=int(given.get("rows", 40)),
        pitch=float(given.get("pitch", 0.0)),
        needs=_texts(given.get("needs", ())),
    )


def _texts(given: str | Iterable[Any]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(str(each) for each in given)


def _refuse_unknown(kind: type, given: Mapping[str, Any]) -> None:
    known = {each.name for each in fields(kind)}
    if unknown := given.keys() - known:
        raise ValueError(f"{sorted(unknown)[0]} is no key; keys are {', '.join(sorted(known))}")
