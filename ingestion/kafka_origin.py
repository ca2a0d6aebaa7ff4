"""Where the events of a blob lie in a topic: its path, where reading goes on, and what tells it from all others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_SCHEME = "kafka://"
_LATE = ".late"
_ENDING = ".ndjson"
_PATH = re.compile(rf"{_SCHEME}(?P<topic>[\w.-]+)/(?P<ranges>[\d:,-]+?)(?P<late>\{_LATE})?\{_ENDING}")
_OBJECT = b'{"'
_MARK = "_kafka"


@dataclass(frozen=True, slots=True)
class KafkaOrigin:
    """Events of one topic that are kept together.

    Attributes:
        topic: The topic.
        ranges: Partition → the offset of its first event, and that after its last; equal where it has none of them.
            Every partition read so far is there, so that the newest origin says where each goes on.
        is_late: Whether these are the events that came too late.
    """

    topic: str
    ranges: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    is_late: bool = False

    @property
    def path(self) -> str:
        """As people are shown it: ``kafka://orders/0:120-340,1:118-335.ndjson``."""
        return f"{self.folder(self.topic)}{self._shown()}{_LATE if self.is_late else ''}{_ENDING}"

    @classmethod
    def of(cls, path: str) -> "KafkaOrigin | None":
        """The origin that a path says; None where it is no path of ours."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        ranges = {}
        for each in found["ranges"].split(","):
            partition, first, upto = map(int, re.split("[:-]", each))
            ranges[partition] = (first, upto)
        return cls(found["topic"], ranges, is_late=found["late"] is not None)

    @staticmethod
    def folder(topic: str) -> str:
        """What the paths of all events of a topic begin with."""
        return f"{_SCHEME}{topic}/"

    def content(self, lines: Iterable[bytes]) -> bytes:
        """The blob: an event a line. Its first object says where it comes from.

        Blobs are known by their bytes, and a topic may well bring the same events again; they are other events.
        """
        joined = b"\n".join(lines) + b"\n"
        at = 0 if joined.startswith(_OBJECT) else joined.find(b"\n" + _OBJECT) + 1
        if not joined.startswith(_OBJECT, at):
            return joined
        mark = f'{{"{_MARK}":"{self.topic} {self._shown()}",'.encode()
        return joined[:at] + mark + joined[at + 1 :]

    def _shown(self) -> str:
        return ",".join(f"{each}:{first}-{upto}" for each, (first, upto) in sorted(self.ranges.items()))
