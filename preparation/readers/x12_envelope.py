"""Interchanges taken apart into transaction sets, with what is wrong with the envelopes around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from preparation.readers.x12_grammar import grammar_for
from preparation.readers.x12_segments import Interchange, Segment, X12Fault
from preparation.readers.x12_walk import faults_of

_ENVELOPE = ("ISA", "GS", "GE", "IEA", "TA1")
_HEALTH_SETS = ("270", "271", "276", "277", "278", "820", "834", "835", "837", "997", "999")
_HEALTH_ID_LIST = (
    "AAA AK1 AK2 AK3 AK4 AK5 AK9 AMT BGN BHT BPR CAS CL1 CLM CLP CN1 COB CR1 CR2 CR3 CR4 CR5 CR6 CR7 CR8 CRC CTP "
    "CTX CUR DMG DN1 DN2 DSB DTM DTP EB EC ENT EQ FRM HCP HCR HD HI HL HLH HSD ICM IDC IHC III IK3 IK4 IK5 IM INS "
    "IT1 K3 LE LIN LQ LS LUI LX MEA MIA MOA MSG N1 N2 N3 N4 N9 NM1 NTE NX1 OI PAT PER PLA PLB PRV PS1 PWK QTY RAS "
    "RDM REF RMR SAC SBR SE SLN ST STC SV1 SV2 SV3 SV4 SV5 SV6 SVC SVD TOO TRN TS2 TS3 UM VEH"
)
_HEALTH_IDS = frozenset(_HEALTH_ID_LIST.split())
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
        kind: ST01, as ``837``.
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
    found = Opened()
    group: Segment | None = None
    sets_in_group = groups = 0
    current: TransactionSet | None = None
    for segment in interchange.segments:
        if segment.id == "GS":
            group, sets_in_group, groups = segment, 0, groups + 1
        elif segment.id == "ST" or (current is None and segment.id not in _ENVELOPE):
            current = _begun(interchange, segment, group, found, current)
            sets_in_group += 1
        elif segment.id in ("GE", "IEA"):
            _unclosed(current, segment)
            current = None
            counted, of, opener = (
                (sets_in_group, 6, group) if segment.id == "GE" else (groups, 13, interchange.segments[0])
            )
            found.faults += _trailer(interchange, segment, counted, opener.get(of) if opener else "")
            group = None if segment.id == "GE" else group
        elif segment.id == "TA1":
            found.acknowledgements.append(segment)
        elif current is not None and segment.id != "ISA":
            current.segments.append(segment)
            current = None if segment.id == "SE" else current
    _unclosed(current, interchange.segments[-1])
    if interchange.segments[-1].id != "IEA":
        last = interchange.segments[-1]
        what = "the interchange ends here without its IEA; its end may be lost."
        found.faults.append(X12Fault(interchange.number, last.position, last.id, what, is_serious=False))
    for each in found.sets:
        _judge(each)
    return found


def _begun(
    interchange: Interchange, segment: Segment, group: Segment | None, found: Opened, before: TransactionSet | None
) -> TransactionSet:
    _unclosed(before, segment)
    functional, release = (group.get(1), group.get(8)) if group else ("", "")
    kind = segment.get(1) if segment.id == "ST" else ""
    begun = TransactionSet(
        interchange, kind, segment.get(3) if kind and segment.get(3) else release, functional, [segment]
    )
    if not kind:
        what = "it stands outside of any transaction set; expected ST."
        begun.faults.append(X12Fault(interchange.number, segment.position, segment.id, what))
    elif group is None:
        what = "the transaction set stands outside of any functional group; expected GS before it."
        begun.faults.append(X12Fault(interchange.number, segment.position, "ST", what))
    found.sets.append(begun)
    return begun


def _unclosed(current: TransactionSet | None, at: Segment) -> None:
    if current is not None and current.segments[-1].id != "SE" and current.kind:
        what = f"the transaction set that begins at segment {current.segments[0].position} has no SE before it."
        current.faults.append(X12Fault(current.interchange.number, at.position, at.id, what))


def _trailer(interchange: Interchange, segment: Segment, counted: int, control: str) -> Iterator[X12Fault]:
    """Counts and control numbers of GE and IEA; the sets inside are whole all the same, so these are remarks."""
    number, position = interchange.number, segment.position
    if segment.get(1) != str(counted) and not (segment.get(1).isdigit() and int(segment.get(1)) == counted):
        what = f"says {segment.get(1)!r}, but {counted} are there."
        yield X12Fault(number, position, segment.id, what, "01", is_serious=False)
    if segment.get(2).strip() != control.strip():
        what = f"control number {segment.get(2)!r} is not {control!r}, as at the opening."
        yield X12Fault(number, position, segment.id, what, "02", is_serious=False)


def _judge(each: TransactionSet) -> None:
    interchange = each.interchange
    positions = {segment.position for segment in each.segments}
    each.faults += [fault for fault in interchange.faults if fault.position in positions or fault.segment == "ISA"]
    grammar = grammar_for(each.functional, each.guide) if each.kind else None
    if grammar is not None:
        each.faults += faults_of(grammar, each.segments, interchange)
    elif each.kind in _HEALTH_SETS:
        each.faults += _lightly(each.segments, interchange.number)
    each.faults += _closing(each)
    each.faults += _hierarchy(each)
    each.faults.sort(key=lambda fault: (fault.position, fault.element))


def _closing(each: TransactionSet) -> Iterator[X12Fault]:
    """The SE. A wrong count is a remark: senders often count wrongly, and what is lost shows in the structure."""
    last, first = each.segments[-1], each.segments[0]
    if last.id != "SE":
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
