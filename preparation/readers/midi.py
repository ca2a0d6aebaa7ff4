"""Standard MIDI files: notes for instruments, with the words that go with them (The MIDI Association, RP-001)."""

from collections.abc import Iterator
from itertools import pairwise

from preparation.encodings import decode
from preparation.extraction import Extraction, Source, unreadable
from preparation.readers.media_sound import MAX_TAG_CHARS

_META, _EXCLUSIVE = 0xFF, (0xF0, 0xF7)
_TEXTS = range(1, 8)  # text, copyright, name of a track or an instrument, lyric, marker, cue
_COPYRIGHT, _NAME, _TEMPO, _END = 2, 3, 0x51, 0x2F
_ONE_BYTE_LONG = (0xC0, 0xD0)
_DEFAULT_TEMPO = 500_000  # microseconds a quarter note, where none is told
_FRAMES_A_SECOND = 0x8000  # set where time is counted in frames of film
_MAX_EVENTS, _MAX_NUMBER_BYTES = 2_000_000, 4

Meta = tuple[int, int, bytes]
"""When in ticks, which kind, and what is told."""


def read(source: Source) -> Extraction:
    """How long a piece is, of how many tracks, and its words; what is cut off is read as far as it goes."""
    data = source.path.read_bytes()
    if len(data) < 14 or not data.startswith(b"MThd"):  # noqa: PLR2004 - the header chunk
        return unreadable("The MIDI file is cut off in its header.", "Ask the sender for it again.", kind="audio")
    division = int.from_bytes(data[12:14], "big")
    tracks = list(_tracks(data))
    told = [meta for track in tracks for meta in track]
    words = [(kind, decode(text).text.strip()) for _, kind, text in told if kind in _TEXTS]
    facts: dict[str, str | int | float | bool] = {"container": "midi", "tracks": len(tracks)}
    for fact, wanted in (("title", _NAME), ("copyright", _COPYRIGHT)):
        if found := next((text for kind, text in words if kind == wanted and text), ""):
            facts[fact] = found[:MAX_TAG_CHARS]
    if division and not division & _FRAMES_A_SECOND:
        facts["duration_seconds"] = round(_seconds(told, division), 3)
    count = int.from_bytes(data[10:12], "big")
    is_cut = len(tracks) < count or any(not track or track[-1][1] != _END for track in tracks)
    return Extraction(
        kind="audio",
        text="\n".join(dict.fromkeys(text for _, text in words if text))[: source.limits.max_text_chars],
        metadata=facts,
        note="It is cut off." if is_cut else None,
    )


def _tracks(data: bytes) -> Iterator[list[Meta]]:
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            yield _metas(data[at + 8 : end])
        at = end


def _metas(track: bytes) -> list[Meta]:
    """What a track tells beside its notes, its end among it; as far as it can be followed."""
    found: list[Meta] = []
    at = tick = status = 0
    try:
        for _ in range(_MAX_EVENTS):
            if at >= len(track):
                break
            delta, at = _number(track, at)
            tick += delta
            if track[at] & 0x80:
                status, at = track[at], at + 1
            if status == _META:
                kind = track[at]
                size, at = _number(track, at + 1)
                if at + size > len(track):
                    break
                found.append((tick, kind, track[at : at + size]))
                at += size
            elif status in _EXCLUSIVE:
                size, at = _number(track, at)
                at += size
            else:
                at += 1 if status & 0xF0 in _ONE_BYTE_LONG else 2
    except IndexError:
        return found
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends.

    Raises:
        IndexError: If it is longer than any is, or cut off.
    """
    value = 0
    for place in range(at, at + _MAX_NUMBER_BYTES):
        value = value << 7 | data[place] & 0x7F
        if not data[place] & 0x80:
            return value, place + 1
    raise IndexError


def _seconds(told: list[Meta], ticks_a_quarter: int) -> float:
    """The length, by the tempos on the way to the last event."""
    last = max((tick for tick, _, _ in told), default=0)
    changes = sorted((tick, int.from_bytes(text, "big")) for tick, kind, text in told if kind == _TEMPO)
    marks = [(0, _DEFAULT_TEMPO), *changes, (last, 0)]
    microseconds = sum(tempo * (end - start) for (start, tempo), (end, _) in pairwise(marks)) / ticks_a_quarter
    return microseconds / 1e6
