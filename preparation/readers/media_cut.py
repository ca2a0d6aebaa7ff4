"""Whether a recording ends before it should, by what its container says of its own size."""

import struct
from pathlib import Path

_BOX_HEAD = 8
_LONG_HEAD = 16
_MAX_BOXES = 1_000
_RIFF_UNKNOWN = (0, 0xFFFFFFFF)  # written by recorders that never came back to fill it in


def cut_off(path: Path, size: int) -> str:
    """How a file is cut off, or "" where it is whole or its container does not say.

    Args:
        path: An ISO file (MP4, MOV, M4A) or a RIFF file (WAV, AVI).
        size: Its bytes.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and len(head) == len(b"RIFFsizeWAVE"):
            told = struct.unpack("<I", head[4:8])[0]
            return _missing("it", told + _BOX_HEAD, size) if told not in _RIFF_UNKNOWN else ""
        return _cut_box(path, size) if head[4:8] == b"ftyp" else ""


def _cut_box(path: Path, size: int) -> str:
    at = 0
    names: list[bytes] = []
    with path.open("rb") as file:
        while at + _BOX_HEAD <= size and len(names) < _MAX_BOXES:
            file.seek(at)
            length, name = struct.unpack(">I4s", file.read(_BOX_HEAD))
            if length == 1 and at + _LONG_HEAD <= size:
                length = struct.unpack(">Q", file.read(8))[0]
            names.append(name)
            if length == 0:  # to the end
                break
            if length < _BOX_HEAD or not name.isalnum():
                return ""  # damaged rather than cut off
            if at + length > size:
                return _missing(f"its part {name.decode('latin-1')!r}", length, size - at)
            at += length
    return "its index (moov) is not there" if b"moov" not in names and b"moof" not in names else ""


def _missing(what: str, wanted: int, found: int) -> str:
    return f"{what} should have {wanted:,} bytes, of which {found:,} are there" if found < wanted else ""
