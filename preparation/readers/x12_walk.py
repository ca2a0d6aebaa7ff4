"""Follows the segments of one transaction set through its grammar and names what is out of place.

Serious is what leaves in doubt who is billed or paid how much for what. A supplementary segment (a further date,
reference or note) that the guide does not foresee, or that lacks in an optional loop, is remarked only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from preparation.readers.x12_elements import check
from preparation.readers.x12_grammar import Grammar, LoopNode, SegmentNode
from preparation.readers.x12_segments import Interchange, Segment, X12Fault

MAX_FAULTS_PER_SET = 500
_SUPPLEMENTARY = frozenset({"DTP", "DTM", "REF", "AMT", "NTE", "QTY", "PWK", "K3", "CRC", "MEA"})
Node = SegmentNode | LoopNode


@dataclass(slots=True)
class _Frame:
    """An open loop: the segment that opened it, how often each child was seen, and the place of the last."""

    loop: LoopNode
    place: tuple[int, ...]
    opener: Segment | None = None
    seen: Counter[int] = field(default_factory=Counter)


def faults_of(grammar: Grammar, segments: Sequence[Segment], interchange: Interchange) -> list[X12Fault]:
    """What is wrong with a transaction set, from its ST to its SE, in order; at most `MAX_FAULTS_PER_SET`."""
    walk = _Walk(grammar, interchange)
    for segment in segments:
        walk.take(segment)
        if len(walk.faults) >= MAX_FAULTS_PER_SET:
            break
    return walk.faults


class _Walk:
    def __init__(self, grammar: Grammar, interchange: Interchange) -> None:
        self.grammar = grammar
        self.interchange = interchange
        self.faults: list[X12Fault] = []
        self.stack = [_Frame(grammar.root, ())]
        self.is_lost = False

    def take(self, segment: Segment) -> None:
        """Places one segment, or says why it has no place."""
        found = self._find(segment)
        if found is None:
            self._misplaced(segment)
        else:
            self._enter(*found, segment)
            self.is_lost = False
        if self.stack[0].opener is None:
            self.stack[0].opener = segment

    def _find(self, segment: Segment, *, loosely: bool = False) -> tuple[int, Node] | None:
        """The innermost open loop that may go on with the segment, and as which child of it."""
        for depth in range(len(self.stack) - 1, -1, -1):
            frame = self.stack[depth]
            fitting = [
                child
                for child in frame.loop.by_id.get(segment.id, ())
                if child.place >= frame.place
                and (frame.opener is None or child is not frame.loop.children[0])  # its like opens another loop
                and (loosely or self._matches(child, segment))
            ]
            if fitting:
                unspent = (child for child in fitting if frame.seen[id(child)] < child.most)
                return depth, next(unspent, fitting[-1])
        return None

    def _matches(self, child: Node, segment: Segment) -> bool:
        opener = child if isinstance(child, SegmentNode) else child.opener
        return opener.matches(segment.elements, self.interchange.component)

    def _enter(self, depth: int, child: Node, segment: Segment) -> None:
        while len(self.stack) - 1 > depth:
            self._leave(self.stack.pop(), None)
        frame = self.stack[-1]
        self._leave(frame, child.place)
        frame.place = child.place
        frame.seen[id(child)] += 1
        if frame.seen[id(child)] == child.most + 1:
            kind = "segment" if isinstance(child, SegmentNode) else "loop"
            self._fault(segment, f"the {kind} {child.id} ({child.name}) occurs more than {child.most} times.")
        if isinstance(child, LoopNode):
            opener = child.opener
            self.stack.append(_Frame(child, opener.place, segment, Counter({id(opener): 1})))
            self._check(opener, segment)
        else:
            self._check(child, segment)

    def _leave(self, frame: _Frame, until: tuple[int, ...] | None) -> None:
        """Names the required children before `until` (all, where it is None) that have not come."""
        for child in frame.loop.children:
            if until is not None and child.place >= until:
                break
            if child.is_required and not frame.seen[id(child)]:
                frame.seen[id(child)] += 1  # named once
                opener = child if isinstance(child, SegmentNode) else child.opener
                kind = "segment" if isinstance(child, SegmentNode) else f"loop {child.id}, opened by"
                what = f"the required {kind} {opener.id} ({child.name}) is missing in the loop {frame.loop.id}."
                is_serious = frame.loop.is_required or child.id not in _SUPPLEMENTARY
                self._fault(frame.opener, what, is_serious=is_serious)

    def _check(self, node: SegmentNode, segment: Segment) -> None:
        delimiters = self.interchange.component, self.interchange.repetition
        for element, what, is_serious in check(node, segment.elements, *delimiters):
            self._fault(segment, what, element, is_serious=is_serious)

    def _misplaced(self, segment: Segment) -> None:
        if segment.id not in self.grammar.ids:
            self._fault(segment, "the segment identifier is not known in this transaction set.")
            return
        if found := self._find(segment, loosely=True):
            self._wrong_code(found, segment)
            return
        if self._came_before(segment):
            self._fault(segment, "it is out of order: it belongs before the segments that precede it.")
            return
        if found := self._headless(segment):
            depth, loop = found
            self._fault(segment, f"{loop.opener.id} must open the loop {loop.id} ({loop.name}) before it.")
            self._enter_headless(depth, loop, segment)
            return
        if not self.is_lost:
            self._fault(segment, "it is not expected here.", is_serious=segment.id not in _SUPPLEMENTARY)
        self.is_lost = True

    def _wrong_code(self, found: tuple[int, Node], segment: Segment) -> None:
        """A known segment under an unknown code; taken for the required loop that is due, if one is."""
        depth, _child = found
        frame = self.stack[depth]
        due = [child for child in frame.loop.by_id[segment.id] if child.place >= frame.place]
        codes = sorted({code for child in due for code in self._codes(child)})
        first = due[0] if isinstance(due[0], SegmentNode) else due[0].opener
        index = first.key[0] if first.key else 1
        if self._came_before(segment):
            self._fault(segment, "it is out of order: it belongs before the segments that precede it.")
            return
        if not self.is_lost:
            listed = ", ".join(codes[:12]) + (", …" if len(codes) > 12 else "")  # noqa: PLR2004
            what = f"{segment.get(index)[:30]!r} is not expected here; expected {listed}."
            self._fault(segment, what, f"{index:02d}", is_serious=segment.id not in _SUPPLEMENTARY)
        required = next((child for child in due if child.is_required and not frame.seen[id(child)]), None)
        if required is None:
            self.is_lost = True
            return
        while len(self.stack) - 1 > depth:
            self._leave(self.stack.pop(), None)
        frame.place = required.place
        frame.seen[id(required)] += 1
        if isinstance(required, LoopNode):
            opener = required.opener
            self.stack.append(_Frame(required, opener.place, segment, Counter({id(opener): 1})))

    @staticmethod
    def _codes(child: Node) -> frozenset[str]:
        key = (child if isinstance(child, SegmentNode) else child.opener).key
        return key[2] if key else frozenset()

    def _headless(self, segment: Segment) -> tuple[int, LoopNode] | None:
        for depth in range(len(self.stack) - 1, -1, -1):
            frame = self.stack[depth]
            for child in frame.loop.children:
                if isinstance(child, LoopNode) and child.place >= frame.place and child.opener.id != segment.id:
                    inner = child.by_id.get(segment.id, ())
                    if any(isinstance(node, SegmentNode) and self._matches(node, segment) for node in inner):
                        return (depth, child) if self._opens_nothing_else(segment, child) else None
        return None

    def _opens_nothing_else(self, segment: Segment, loop: LoopNode) -> bool:
        """Whether only that loop holds the segment: an N3 could stand in any loop of names, an SV1 in one only."""
        frame = self.stack[-1]
        homes = {child.id for child in _loops(frame.loop) if segment.id in child.by_id}
        return homes <= {loop.id}

    def _enter_headless(self, depth: int, loop: LoopNode, segment: Segment) -> None:
        while len(self.stack) - 1 > depth:
            self._leave(self.stack.pop(), None)
        frame = self.stack[-1]
        self._leave(frame, loop.place)
        frame.place = loop.place
        frame.seen[id(loop)] += 1
        self.stack.append(_Frame(loop, loop.opener.place, segment, Counter({id(loop.opener): 1})))
        if found := self._find(segment):
            self._enter(*found, segment)

    def _came_before(self, segment: Segment) -> bool:
        return any(
            child.place < frame.place and self._matches(child, segment)
            for frame in self.stack
            for child in frame.loop.by_id.get(segment.id, ())
            if isinstance(child, SegmentNode)
        )

    def _fault(self, segment: Segment | None, what: str, element: str = "", *, is_serious: bool = True) -> None:
        position, name = (segment.position, segment.id) if segment else (1, "ST")
        self.faults.append(X12Fault(self.interchange.number, position, name, what, element, is_serious))


def _loops(root: LoopNode) -> list[LoopNode]:
    return [child for child in root.children if isinstance(child, LoopNode)]
