"""Values found by the labels of a known form."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from preparation.forms.definitions import FieldDefinition, FormDefinition, TableDefinition
from preparation.forms.found import FoundField, found_field
from preparation.forms.labels import Match
from preparation.forms.regions import Lines, Surroundings
from preparation.forms.spans import Sheet, Span
from preparation.forms.values import Kind, Value, find_value

_LOOSE = frozenset((Kind.TEXT, Kind.LINES, Kind.NAME, Kind.ADDRESS, Kind.PARTY, Kind.CODE))
_NO_VOTE = _LOOSE | {Kind.YEAR, Kind.DATE, Kind.CHECKBOX}  # years and dates stand beside their words on any form
_MAX_NAME_LINES = 2


def labelled_fields(
    sheet: Sheet, form: FormDefinition, matches: Sequence[Match], around: Surroundings
) -> list[FoundField]:
    """The values of a form's fields and lines; their words are claimed."""
    reader = _Reader(sheet, matches, around)
    found: list[FoundField] = []
    plain = [each for each in form.fields if each.labels]
    for field in sorted(plain, key=lambda each: each.kind in _LOOSE):
        found += reader.field(field)
    for table in form.tables:  # last: a row of values has no end of its own
        found += reader.table(table)
    return found


class _Reader:
    def __init__(self, sheet: Sheet, matches: Sequence[Match], around: Surroundings) -> None:
        self._sheet = sheet
        self._matches = matches
        self._around = around
        self._votes = {"beside": 0, "below": 0}

    def field(self, field: FieldDefinition) -> Iterator[FoundField]:
        """Its values: one, or as many as its label stands on the page with different ones."""
        seen: set[str] = set()
        for match in self._matches:
            if match.owner != field.name:
                continue
            value = self._value(field.kind, match)
            if value is None:
                continue
            self._around.claim(value.spans)
            if value.text in seen:
                continue
            seen.add(value.text)
            suffix = f"_{len(seen)}" if len(seen) > 1 else ""
            yield from self._fields(field, field.name + suffix, match, value)

    def table(self, table: TableDefinition) -> Iterator[FoundField]:
        """The lines under (or over) the labels of a table's columns."""
        columns = {
            each.name: (each, match)
            for each in table.columns
            for match in self._matches
            if match.owner == f"{table.name}|{each.name}"
        }
        if not columns:
            return
        lines = {name: self._column(match) for name, (_, match) in columns.items()}
        rows = []
        is_beside = not self._is_boxed and all(len(found) <= 1 for found in lines.values())
        for row in _by_index(lines) if is_beside else _rows(lines):
            read = {name: find_value(columns[name][0].kind, [spans]) for name, spans in row.items()}
            found = [(name, value) for name, value in read.items() if value]
            if found and set(table.needs) <= {name for name, _ in found}:
                rows.append(found)
        fullest = max(map(len, rows), default=0)
        kept = [row for row in rows if 2 * len(row) >= fullest][: table.rows]
        for number, values in enumerate(kept, 1):
            for name, value in values:
                field, match = columns[name]
                self._around.claim(value.spans)
                yield from (
                    replace(each, is_line=True)
                    for each in self._fields(field, f"{table.name}{number}_{name}", match, value)
                )

    def _column(self, match: Match) -> Lines:
        around = self._around
        if self._is_boxed:
            return around.below(match) or around.deep_below(match) or around.above(match)
        return around.beside(match) or around.deep_below(match)

    def _value(self, kind: Kind, match: Match) -> Value | None:
        for place, look in self._places(kind):
            value = find_value(kind, look(match))
            if value:
                if kind not in _NO_VOTE and place in self._votes:
                    self._votes[place] += 1
                return value
        return None

    def _places(self, kind: Kind) -> list[tuple[str, Callable[[Match], Lines]]]:
        """Where to look, in order; where words of any kind will do, as most values of a sure kind stand."""
        around = self._around
        beside, below, above = ("beside", around.beside), ("below", around.below), ("above", around.above)
        if kind not in _LOOSE:
            return [beside, below, above]
        return [below, beside] if self._is_boxed else [beside, below]

    @property
    def _is_boxed(self) -> bool:
        """Whether values stand under their labels, as those of a sure kind on this page do."""
        return self._votes["below"] >= self._votes["beside"]

    def _fields(self, field: FieldDefinition, name: str, match: Match, value: Value) -> Iterator[FoundField]:
        label = match.span.text
        if field.kind is not Kind.PARTY:
            yield found_field(
                self._sheet, value.spans, name=name, label=label, text=value.text, kind=field.kind, column=field.column
            )
            return
        for part, (text, spans, kind, column) in party(value, field).items():
            yield found_field(
                self._sheet, spans, name=f"{name}_{part}", label=label, text=text, kind=kind, column=column
            )


def party(value: Value, field: FieldDefinition) -> dict[str, tuple[str, Sequence[Span], Kind, str]]:
    """The name and the address of who is named in one box."""
    lines = _lines_of_value(value)
    names = [line for line in lines[:_MAX_NAME_LINES] if not _is_address(line)] or lines[:1]
    names = names[:1] if len(lines) <= _MAX_NAME_LINES + 1 else names
    rest = lines[len(names) :]
    parts: dict[str, tuple[str, Sequence[Span], Kind, str]] = {
        "name": (_text(names), [span for line in names for span in line], Kind.NAME, field.column)
    }
    if rest:
        parts["address"] = (_text(rest), [span for line in rest for span in line], Kind.ADDRESS, field.address_column)
    return parts


def _lines_of_value(value: Value) -> Lines:
    lines: Lines = []
    for span in value.spans:
        if lines and lines[-1][-1].is_beside(span):
            lines[-1].append(span)
        else:
            lines.append([span])
    return lines


def _is_address(line: Sequence[Span]) -> bool:
    first = line[0].text
    return first[:1].isdigit() or first.casefold().rstrip(".") in ("po", "p.o", "box", "suite", "apt")


def _text(lines: Lines) -> str:
    return ", ".join(" ".join(span.text for span in line).strip(" ,") for line in lines)


def _by_index(lines: dict[str, Lines]) -> list[dict[str, list[Span]]]:
    """The first values of all columns, the second, and so on."""
    depth = max(map(len, lines.values()), default=0)
    return [{name: found[index] for name, found in lines.items() if index < len(found)} for index in range(depth)]


def _rows(lines: dict[str, Lines]) -> list[dict[str, list[Span]]]:
    """The lines of all columns side by side, from the top."""
    rows: list[tuple[Span, dict[str, list[Span]]]] = []
    for name, found in lines.items():
        for line in found:
            row = next((cells for head, cells in rows if head.is_beside(line[0]) and name not in cells), None)
            if row is None:
                rows.append((line[0], {name: line}))
            else:
                row[name] = line
    return [cells for _, cells in sorted(rows, key=lambda pair: pair[0].top)]
