"""X12 bytes into interchanges and segments, with any delimiters and any line ends between segments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ISA_ELEMENTS = 16
_ISA_LENGTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_BLANKS = " \t\r\n\x00\x1a"  # not str.isspace: the separators U+001C to U+001F count as blank there
_START = re.compile(r"ISA(?=[^A-Za-z0-9 \t\r\n])")
_LEGACY = "00402"  # from this version on ISA11 is the repetition separator
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class X12Fault:
    """What is wrong at one place of an interchange.

    Attributes:
        interchange: Counted from 1.
        position: The segment's number in its interchange; the ISA is 1.
        segment: The segment's identifier.
        what: What was expected and what was found.
        element: ``05`` or, of a composite, ``05-2``; "" where the whole segment is meant.
        is_serious: Whether the record or set that holds it is refused.
    """

    interchange: int
    position: int
    segment: str
    what: str
    element: str = ""
    is_serious: bool = True

    def __str__(self) -> str:
        where = f"{self.segment} at segment {self.position}"
        if self.interchange > 1:
            where += f" of interchange {self.interchange}"
        return f"{where}, element {self.element}: {self.what}" if self.element else f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its number in its interchange and its elements, the identifier first."""

    position: int
    elements: list[str]

    @property
    def id(self) -> str:
        """The segment's identifier."""
        return self.elements[0]

    def get(self, number: int) -> str:
        """The element of that number, or "" where it is left out."""
        return self.elements[number] if number < len(self.elements) else ""


@dataclass(slots=True)
class Interchange:
    """From an ISA to its IEA.

    Attributes:
        number: Counted from 1 in the blob.
        component: What separates the parts of a composite.
        repetition: What separates repeats, or "" in the old versions.
        segments: All of them, ISA and IEA included.
        faults: What is wrong with the ISA or the segments as such.
    """

    number: int
    component: str = ":"
    repetition: str = ""
    segments: list[Segment] = field(default_factory=list)
    faults: list[X12Fault] = field(default_factory=list)


def before_first(text: str) -> str:
    """What stands before the first ISA; all of it where there is none."""
    start = next(_starts(text), len(text))
    return text[:start].strip(_BLANKS + "\ufeff")


def interchanges(text: str) -> Iterator[Interchange]:
    """The interchanges of a text; none where there is no ISA."""
    starts = list(_starts(text))
    for number, start in enumerate(starts, 1):
        end = starts[number] if number < len(starts) else len(text)
        yield _interchange(text[start:end], number)


def _starts(text: str) -> Iterator[int]:
    """Where an ISA stands at the start of a segment, not inside an element."""
    terminator = ""
    for match in _START.finditer(text):
        before = text[max(0, match.start() - 200) : match.start()].rstrip(_BLANKS)
        if terminator and before and not before.endswith(terminator) and terminator not in "\r\n":
            continue
        if not terminator and match.start() and text[match.start() - 1].isalnum():
            continue
        terminator = _delimiters(text[match.start() : match.start() + 400])[2]
        yield match.start()


def _delimiters(head: str) -> tuple[list[str], str, str]:
    """The elements of the ISA, the component separator and the segment terminator.

    Taken by counting separators, so that an ISA whose elements have wrong lengths is still understood.
    """
    separator = head[3]
    parts = head.split(separator, _ISA_ELEMENTS)
    last = parts[_ISA_ELEMENTS] if len(parts) > _ISA_ELEMENTS else ""
    if len(last) < 2:  # noqa: PLR2004 - the component separator and the terminator
        return parts, ":", "~"
    component = last[0]
    terminator = "\n" if last[1] == "\r" and last[2:3] == "\n" else last[1]
    return [*parts[:_ISA_ELEMENTS], component], component, terminator


def _interchange(text: str, number: int) -> Interchange:
    header, component, terminator = _delimiters(text[:400])
    separator = text[3]
    found = Interchange(number, component)
    version, repetition = (header[12], header[11]) if len(header) > _ISA_ELEMENTS else ("", "")
    if version >= _LEGACY and len(repetition) == 1 and not repetition.isalnum():
        found.repetition = repetition
    position = 0
    for piece in text.split(terminator):
        stripped = piece.strip(_BLANKS)
        if not stripped:
            continue
        position += 1
        segment = Segment(position, stripped.split(separator) if position > 1 else header)
        found.segments.append(segment)
        if not _SEGMENT_ID.fullmatch(segment.id):
            what = f"{segment.id[:20]!r} is no segment identifier; expected two or three capitals or digits."
            found.faults.append(X12Fault(number, position, segment.id[:10], what))
    found.faults += _header_faults(header, number)
    return found


def _header_faults(header: list[str], number: int) -> list[X12Fault]:
    if len(header) <= _ISA_ELEMENTS:
        what = f"{len(header) - 1} elements; expected {_ISA_ELEMENTS}."
        return [X12Fault(number, 1, "ISA", what)]
    faults = []
    for index, length in enumerate(_ISA_LENGTHS, 1):
        if len(header[index]) != length:
            what = f"{len(header[index])} characters; expected exactly {length}."
            faults.append(X12Fault(number, 1, "ISA", what, f"{index:02d}"))
    return faults
