"""The encodings of mainframes: whether bytes are in one, and in which of its code pages.

All pages agree on letters, digits and blanks; they differ in brackets, in a few signs and in the letters of nations.
"""

import re

_LETTERS = bytes([*range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA)])
_CAPITALS = bytes([*range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA)])
_DIGITS = bytes(range(0xF0, 0xFA))
_MARKS = bytes.fromhex("40 4B 6B 60 61 7A 7D 7F 4D 5D 50 6D 15 25 0D")
_COMMON = _LETTERS + _CAPITALS + _DIGITS + _MARKS
_PLAIN = _LETTERS + _CAPITALS + _DIGITS + bytes.fromhex("40 4B 6B 60 61")
_PLAIN_RUN = re.compile(b"[" + re.escape(_PLAIN) + b"]{4,}")
_WORD = re.compile(b"[" + re.escape(_CAPITALS) + b"]{3,}|[" + re.escape(_LETTERS) + b"]{4,}")
_ASCII_TEXT = re.compile(rb"[A-Za-z]{2,}[ \t\r\n]")
_LAYOUT = bytes.fromhex("05 0C 0D 15 25")
_FIRST_CHARACTER = 0x40
_MIN_SHARE = 0.8
_MIN_LETTERS = 0.05
_MIN_BYTES = 32
_MIN_RECORD_SHARE = 0.5
_MIN_WORDS = 4
_MANY_WORDS_A_KILOBYTE = 5

_INSIDE = re.compile(r"(?<=[A-Za-z])[^\W\d_A-Za-z](?=[A-Za-z])")
_BROKEN = re.compile(r"(?<=[a-z])[^\w\s.,;:'()/&+*=<>\"-](?=[a-z])")
_PAIRS = (re.compile(r"\[[^\[\]\n]{0,200}\]"), re.compile(r"\{[^{}\n]{0,200}\}"))
_HALVES = re.compile(r"[\[\]{}]")
_ODD = re.compile("[\x80-\x84\x86-\x9f\u00ac\u00a8\u00dd\u00fd\u00a6\u00b8\u00af\ufffd]")

PAGES = ("cp037", "cp1140", "cp500", "cp1047", "cp273")
"""The code pages that are told apart, the likeliest first."""

_CP1047 = "cp1047"  # of Unix on mainframes; Python has no codec for it
_FROM_CP037 = str.maketrans("\u00dd\u00a8[]\u00ac^", "[]\u00dd\u00a8^\u00ac")


def is_ebcdic(data: bytes) -> bool:
    """Whether nearly all bytes are letters, digits and blanks of EBCDIC, and hardly any of ASCII."""
    if len(data) < _MIN_BYTES or b" " in data[:64]:
        return False
    common = len(data) - len(data.translate(None, _COMMON))
    letters = len(data) - len(data.translate(None, bytes(range(0x81, 0xFA))))
    return common / len(data) >= _MIN_SHARE and letters / len(data) > _MIN_LETTERS and b"@" in data


def holds_ebcdic_records(data: bytes) -> bool:
    """Whether bytes are records of EBCDIC text among numbers in packed or binary form.

    Of compressed or random bytes, runs of four letters, digits and blanks make up a hundredth; of machine code and
    pictures they may make up more, but then not words.
    """
    filled = len(data) - data.count(0)
    plain = len(data) - len(data.translate(None, _PLAIN))
    if len(data) < 2 * _MIN_BYTES or b"@" not in data or filled * 3 <= len(data) or plain < _MIN_RECORD_SHARE * filled:
        return False
    ascii_words = len(_ASCII_TEXT.findall(data))
    in_runs = sum(map(len, _PLAIN_RUN.findall(data)))
    return (
        ascii_words * 1_024 <= _MANY_WORDS_A_KILOBYTE * len(data)
        and in_runs >= _MIN_RECORD_SHARE * filled
        and len(set(_WORD.findall(data))) >= _MIN_WORDS
    )


def has_line_ends(data: bytes) -> bool:
    """Whether EBCDIC text is in lines: no byte below the characters but those that end or indent them."""
    others = data.translate(None, _LAYOUT)
    return (b"\x15" in data or b"\x25" in data) and (not others or min(others) >= _FIRST_CHARACTER)


def code_page(sample: bytes) -> str:
    """The code page in which letters stand among letters and brackets come in pairs."""
    strange = sample.translate(None, _COMMON + bytes(range(0x40)))
    if not strange:
        return PAGES[0]
    return max(PAGES, key=lambda page: (_plausibility(decoded(sample, page)), -PAGES.index(page)))


def decoded(data: bytes, page: str) -> str:
    """The text of bytes in a code page, with the line ends of mainframes made plain."""
    text = data.decode("cp037" if page == _CP1047 else page, errors="replace")
    if page == _CP1047:
        text = text.translate(_FROM_CP037)
    return text.replace("\x85", "\n")


def is_page(encoding: str) -> bool:
    """Whether an encoding is one of mainframes."""
    return encoding in PAGES


def _plausibility(text: str) -> int:
    pairs = sum(len(pattern.findall(text)) for pattern in _PAIRS)
    halves = len(_HALVES.findall(text)) - 2 * pairs
    strange = len(_BROKEN.findall(text)) + len(_ODD.findall(text)) + halves
    return 2 * pairs + len(_INSIDE.findall(text)) + text.count("€") - 2 * strange
