"""Interchanges taken apart into transaction sets, with what is wrong with the envelopes around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from preparation.readers.x12_grammar import grammar_for
from preparation.readers.x12_segments import Interchange, Segment, X12Fault
from preparation.readers.x12_walk import faults_of

_HEALTH_SETS = ("270", "271", "276", "277", "278", "820", "834", "835", "837", "997", "999")
_HEALTH_ID_LIST = (
    "AAA AK1 AK2 AK3 AK4 AK5 AK9 AMT BGN BHT BPR CAS CL1 CLM CLP CN1 COB CR1 CR2 CR3 CR4 CR5 CR6 CR7 CR8 CRC CTP "
    "CTX CUR DMG DN1 DN2 DSB DTM DTP EB EC ENT EQ FRM HCP HCR HD HI HL HLH HSD ICM IDC IHC III IK3 IK4 IK5 IM INS "
    "IT1 K3 LE LIN LQ LS LUI LX MEA MIA MOA MSG N1 N2 N3 N4 N9 NM1 NTE NX1 OI PAT PER PLA PLB PRV PS1 PWK QTY RAS "
    "RDM REF RMR SAC SBR SE SLN ST STC SV1 SV2 SV3 SV4 SV5 SV6 SVC SVD TOO TRN TS2 TS3 UM VEH"
)
_HEALTH_IDS = frozenset(_HEALTH_ID_LIST.split())
_KIND_OF_GROUP = {"HC": "837", "HP": "835", "HN": "277", "BE": "834", "HS": "270", "HB": "271", "FA": "999"}
_NEEDED = {
    "CLM": (1, 2),
    "CLP": (1, 2, 3, 4),
    "HL": (1, 3),
    "NM1": (1, 2),
    "DTP": (1, 2, 3),
    "TRN": (1, 2),
    "BHT": (1, 2),
}


@dataclass(slots=True)
class TransactionSet:
    """From an ST to its SE.

    Attributes:
        kind: ST01, as ``837``; what the group is for where the ST is missing.
        guide: The implementation guide: ST03, or GS08 where that is missing.
        functional: GS01.
        segments: All of them, ST and SE included.
        faults: What is wrong inside it, in order.
    """

    interchange: Interchange
    kind: str
    guide: str
    functional: str
    segments: list[Segment] = field(default_factory=list)
    faults: list[X12Fault] = field(default_factory=list)


@dataclass(slots=True)
class Opened:
    """An interchange opened: its sets, what is wrong around them, and its TA1 acknowledgements."""

    sets: list[TransactionSet] = field(default_factory=list)
    faults: list[X12Fault] = field(default_factory=list)
    acknowledgements: list[Segment] = field(default_factory=list)


def opened(interchange: Interchange) -> Opened:
    """Takes an interchange apart and checks each set against its grammar."""
    opening = _Opening(interchange)
    for segment in interchange.segments:
        opening.take(segment)
    opening.end()
    for each in opening.found.sets:
        _judge(each)
    return opening.found


class _Opening:
    """Goes through the segments of an interchange and keeps what is open: group and transaction set."""

    def __init__(self, interchange: Interchange) -> None:
        self.interchange = interchange
        self.found = Opened()
        self.group: Segment | None = None
        self.current: TransactionSet | None = None
        self.groups = self.sets = 0
        self.is_over = False

    def take(self, segment: Segment) -> None:
        """Puts one segment where it belongs."""
        match segment.id:
            case "ISA":
                return
            case "GS":
                self._close_group(segment)
                self.group, self.sets, self.groups = segment, 0, self.groups + 1
            case "GE":
                self._close_set(segment)
                if self.group is None:
                    self._remark(segment, "it closes no functional group; expected GS before it.")
                else:
                    self._trailer(segment, self.sets, self.group.get(6))
                self.group = None
            case "IEA":
                self._close_group(segment)
                self._trailer(segment, self.groups, self.interchange.segments[0].get(13))
                self.is_over = True
            case "TA1":
                self.found.acknowledgements.append(segment)
            case _:
                self._content(segment)

    def end(self) -> None:
        """Closes what is still open."""
        last = self.interchange.segments[-1]
        self._close_set(last)
        if not self.is_over:
            self._remark(last, "the interchange ends here without its IEA; its end may be lost.")

    def _content(self, segment: Segment) -> None:
        if segment.id == "ST" or self.current is None:
            self._close_set(segment)
            self.current = self._begun(segment)
            self.sets += 1
        else:
            self.current.segments.append(segment)
        if segment.id == "SE":
            self.current = None

    def _begun(self, segment: Segment) -> TransactionSet:
        functional, release = (self.group.get(1), self.group.get(8)) if self.group else ("", "")
        kind, guide = (segment.get(1), segment.get(3)) if segment.id == "ST" else ("", "")
        begun = TransactionSet(
            self.interchange, kind or _KIND_OF_GROUP.get(functional, ""), guide or release, functional, [segment]
        )
        if self.is_over:
            self._blame(begun, segment, "it comes after the IEA; expected the ISA of another interchange.")
        elif segment.id != "ST":
            self._blame(begun, segment, "it stands outside of any transaction set; expected ST.")
        elif self.group is None:
            self._blame(begun, segment, "the transaction set is in no functional group; expected GS before it.")
        self.found.sets.append(begun)
        return begun

    def _close_set(self, at: Segment) -> None:
        if self.current is not None and self.current.segments[0].id == "ST" and self.current.segments[-1].id != "SE":
            what = (
                f"the transaction set that begins at segment {self.current.segments[0].position} has no SE before it."
            )
            self._blame(self.current, at, what)
        self.current = None

    def _close_group(self, at: Segment) -> None:
        self._close_set(at)
        if self.group is not None:
            self._remark(at, f"the functional group that begins at segment {self.group.position} has no GE before it.")
        self.group = None

    def _trailer(self, segment: Segment, counted: int, control: str) -> None:
        """Counts and control numbers of GE and IEA; the sets inside are whole all the same, so these are remarks."""
        told = segment.get(1)
        if not told.isdigit() or int(told) != counted:
            self._remark(segment, f"says {told!r}, but {counted} are there.", "01")
        if segment.get(2).strip() != control.strip():
            self._remark(segment, f"control number {segment.get(2)!r} is not {control!r}, as at the opening.", "02")

    def _blame(self, each: TransactionSet, segment: Segment, what: str) -> None:
        each.faults.append(X12Fault(self.interchange.number, segment.position, segment.id, what))

    def _remark(self, segment: Segment, what: str, element: str = "") -> None:
        fault = X12Fault(self.interchange.number, segment.position, segment.id, what, element, is_serious=False)
        self.found.faults.append(fault)


def _judge(each: TransactionSet) -> None:
    interchange = each.interchange
    positions = {segment.position for segment in each.segments}
    each.faults += [fault for fault in interchange.faults if fault.position in positions or fault.segment == "ISA"]
    has_header = each.segments[0].id == "ST"
    grammar = grammar_for(each.functional, each.guide) if has_header else None
    if grammar is not None:
        each.faults += faults_of(grammar, each.segments, interchange)
    elif has_header and each.kind in _HEALTH_SETS:
        each.faults += _lightly(each.segments, interchange.number)
    each.faults += _closing(each)
    each.faults += _hierarchy(each)
    each.faults.sort(key=lambda fault: (fault.position, fault.element))


def _closing(each: TransactionSet) -> Iterator[X12Fault]:
    """The SE. A wrong count is a remark: senders often count wrongly, and what is lost shows in the structure."""
    last, first = each.segments[-1], each.segments[0]
    if last.id != "SE" or first.id != "ST":
        return
    number, actual = each.interchange.number, len(each.segments)
    told = int(last.get(1)) if last.get(1).isdigit() else None
    if told != actual:
        what = f"says {last.get(1)!r} segments, but {actual} are there."
        yield X12Fault(number, last.position, "SE", what, "01", is_serious=False)
    if last.get(2).strip() != first.get(2).strip():
        what = f"control number {last.get(2)!r} is not {first.get(2)!r}, as in ST at segment {first.position}."
        yield X12Fault(number, last.position, "SE", what, "02")


def _lightly(segments: Sequence[Segment], number: int) -> Iterator[X12Fault]:
    """For guides without a grammar: known segment identifiers, and the elements no reader can do without."""
    for segment in segments:
        if segment.id not in _HEALTH_IDS:
            what = "the segment identifier is not known in health care transaction sets."
            yield X12Fault(number, segment.position, segment.id, what)
        for index in _NEEDED.get(segment.id, ()):
            if not segment.get(index):
                yield X12Fault(number, segment.position, segment.id, "it is missing; it is required.", f"{index:02d}")


def _hierarchy(each: TransactionSet) -> Iterator[X12Fault]:
    """HL numbers that repeat or parents that are not there: remarks, the levels still tell what belongs to what."""
    known: set[str] = set()
    for segment in each.segments:
        if segment.id != "HL":
            continue
        number, parent = segment.get(1), segment.get(2)
        if number in known:
            what = f"the hierarchical number {number!r} is used before."
            yield X12Fault(each.interchange.number, segment.position, "HL", what, "01", is_serious=False)
        if parent and parent not in known:
            what = f"there is no parent {parent!r} before it."
            yield X12Fault(each.interchange.number, segment.position, "HL", what, "02", is_serious=False)
        known.add(number)
