"""Bytes to text: which encoding, and what had to be replaced."""

import codecs
import re
from dataclasses import dataclass

from preparation.charsets import charset_of, plausibility, wide_charset_of
from preparation.ebcdic import code_page, is_ebcdic, is_page
from preparation.ebcdic import decoded as decoded_page

REPLACEMENT = "\ufffd"
_SAMPLE_BYTES = 65_536

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: the UTF-16 mark is its first half
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]+)""", re.I
)
_UTF7_RUN = re.compile(rb"\+[A-Za-z0-9/]{3,}(?![A-Za-z0-9/+=])")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_UNDEFINED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROLS = bytes([*range(9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_FEW_CONTROLS, _MANY_CONTROLS = 0.01, 0.03
_ESCAPES = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"))
_HZ = re.compile(rb"~\{(?:[!-w][!-~]){2,}~\}")
_LIKELY_UTF7 = 0.4
_MANY_NULS = 0.3
_FEW_NULS = 0.05
_TRUSTED_UTF8 = 2  # valid sequences for each invalid byte


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and where it came from.

    Attributes:
        text: The text, without its byte-order mark.
        encoding: The Python codec that read it.
        note: What was replaced or guessed, or None.
    """

    text: str
    encoding: str
    note: str | None = None


def decode(data: bytes, *, partial: bool = False) -> Decoded:
    """The text in `data`; never raises.

    Args:
        data: Bytes of a text.
        partial: Whether `data` is only the start of it, so that a character may be cut at its end.
    """
    encoding = encoding_of(data)
    text = _decoded(data, encoding, partial=partial)
    replaced = text.count(REPLACEMENT) - data.count(b"\xef\xbf\xbd") if encoding.startswith("utf") else 0
    note = f"{replaced} byte sequences are not {encoding} and were replaced." if replaced > 0 else None
    return Decoded(text.removeprefix("\ufeff"), encoding, note)


def encoding_of(data: bytes) -> str:
    """The codec that reads `data` best; ``utf-8`` where it is all ASCII."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    wide = _wide(data[:_SAMPLE_BYTES]) or _unmarked_utf16(data)
    if wide:
        return wide
    if data.isascii():
        return _escaped(data[:_SAMPLE_BYTES])
    if _is_utf8(data):
        return "utf-8"
    sample = data[:_SAMPLE_BYTES]
    if not _HIGH_RUN.search(sample):  # the first strange byte lies further in
        first = _HIGH_RUN.search(data)
        sample = data[first.start() :][:_SAMPLE_BYTES] if first else sample
    named = _declared(data) or _mostly_utf8(sample)
    return named or (code_page(sample) if is_ebcdic(sample) else _code_page(sample))


def _decoded(data: bytes, encoding: str, *, partial: bool) -> str:
    if is_page(encoding):
        return decoded_page(data, encoding)
    try:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        return decoder.decode(data, final=not partial)
    except (UnicodeError, ValueError):  # utf-7 and some multi-byte codecs raise even so
        return data.decode("latin-1")


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, by where the NULs of its ASCII characters stand."""
    if len(data) < 4 or b"\0" not in data:  # noqa: PLR2004 - one UTF-32 character
        return None
    quarter = len(data) // 4
    nuls = [data[place::4].count(0) / max(quarter, 1) for place in range(4)]
    if len(data) % 4 == 0 and nuls[0] < _FEW_NULS and nuls[3] == 1 and nuls[2] > 1 - _MANY_NULS:
        return "utf-32-le"
    if len(data) % 4 == 0 and nuls[3] < _FEW_NULS and nuls[0] == 1 and nuls[1] > 1 - _MANY_NULS:
        return "utf-32-be"
    even, odd = (nuls[0] + nuls[2]) / 2, (nuls[1] + nuls[3]) / 2
    if odd > _MANY_NULS and even < _FEW_NULS:
        return "utf-16-le"
    if even > _MANY_NULS and odd < _FEW_NULS:
        return "utf-16-be"
    return None


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 of another script than ours has hardly a NUL, but controls, which no other text has."""
    sample = data[:_SAMPLE_BYTES]
    return wide_charset_of(data) if _controls_in(sample) > _FEW_CONTROLS * len(sample) else None


def _controls_in(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _CONTROLS))


def _escaped(data: bytes) -> str:
    """ASCII bytes that stand for something else: ISO-2022-JP by its escapes, UTF-7 by its shifts."""
    for escape, name in _ESCAPES:
        if escape in data:
            return name
    if data.startswith((b"+/v8", b"+/v9", b"+/v+", b"+/v/")):
        return "utf-7"
    if _HZ.search(data):
        return "hz"
    if len(_UTF7_RUN.findall(data)) > 1:
        try:
            text = codecs.getincrementaldecoder("utf-7")().decode(data)
        except (UnicodeError, ValueError):
            return "utf-8"
        if plausibility(text) > _LIKELY_UTF7:
            return "utf-7"
    return "utf-8"


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(data)
    except UnicodeDecodeError:
        return False
    cut = len(decoder.getstate()[0])  # a last accented letter looks like a character that was cut off
    return not cut or not data[: len(data) - cut].isascii()


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:2048])
    if not found:
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii")).name
        data.decode("cp1252" if name == "iso8859-1" else name)
    except (LookupError, UnicodeError, ValueError):
        return None
    return "cp1252" if name == "iso8859-1" else name


def _mostly_utf8(sample: bytes) -> str | None:
    valid = _MULTIBYTE.findall(sample)
    high = sum(len(run) for run in _HIGH_RUN.findall(sample))
    invalid = high - sum(map(len, valid))
    return "utf-8" if len(valid) >= _TRUSTED_UTF8 * max(invalid, 1) else None


def _code_page(sample: bytes) -> str:
    if _controls_in(sample) > _MANY_CONTROLS * len(sample):  # no text; to try all encodings on it would take 30 ms
        return "latin-1"
    return charset_of(sample) or ("latin-1" if _UNDEFINED_IN_CP1252.search(sample) else "cp1252")
