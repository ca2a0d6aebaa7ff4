"""Compressed RTF of Outlook messages, by MS-OXRTFCP."""

import struct

_PRELOAD = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_HEADER_BYTES = 16
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
MAX_RTF_BYTES = 64 * 1024 * 1024


def decompressed(data: bytes) -> bytes:
    """The RTF inside; as much of it as is there where the stream is cut short."""
    if len(data) < _HEADER_BYTES:
        return b""
    raw_size = struct.unpack_from("<I", data, 4)[0]
    if data[8:12] == _PLAIN:
        return data[_HEADER_BYTES : _HEADER_BYTES + raw_size]
    if data[8:12] != _COMPRESSED:
        return b""
    return _unpacked(data, min(raw_size, MAX_RTF_BYTES))


def _unpacked(data: bytes, raw_size: int) -> bytes:
    window = bytearray(_PRELOAD.ljust(_WINDOW, b"\x00"))
    write, at = len(_PRELOAD), _HEADER_BYTES
    out = bytearray()

    def put(byte: int) -> None:
        nonlocal write
        out.append(byte)
        window[write] = byte
        write = (write + 1) % _WINDOW

    while at < len(data) and len(out) < raw_size:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                if at >= len(data):
                    return bytes(out)
                put(data[at])
                at += 1
                continue
            if at + 1 >= len(data):
                return bytes(out)
            reference, at = data[at] << 8 | data[at + 1], at + 2
            start, length = reference >> 4, (reference & 0xF) + 2
            if start == write:
                return bytes(out)
            for step in range(length):
                put(window[(start + step) % _WINDOW])
    return bytes(out[:raw_size])
