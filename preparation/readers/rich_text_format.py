"""RTF: its text with each font in the font's own code page, markers of lists, links, tables, footnotes and powers.

kreuzberg reads all fonts in one code page (Greek and Russian come out as accents) and leaves out markers and addresses.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from preparation.readers.prose import Prose

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>[^A-Za-z])"
    rb"|(?P<brace>[{}])|(?P<plain>[^\\{}\r\n]+)"
)
_OF_CHARSET = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
_OF_SYSTEM = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_SILENT_LIST = (
    "colortbl stylesheet pict object objdata nonshppict sp datafield filetbl listtable listoverridetable "
    "revtbl rsidtbl generator xmlnstbl themedata colorschememapping latentstyles datastore background pgptbl "
    "xe tc rxe mmathPr fchars lchars pnseclvl template bkmkstart bkmkend atnid atnauthor atnref atndate "
    "annotation keywords operator company comment"
)
_SILENT = frozenset(_SILENT_LIST.split())
_OPENED = frozenset(("shpinst", "shppict", "fldinst", "pnseclvl", "shptxt", "footnote", "pn", "pntext", "nonesttables"))
_FACTS = {"title": "title", "author": "author", "subject": "subject"}
_CHARACTERS = {
    "emdash": "\u2014",
    "endash": "\u2013",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "bullet": "\u2022",
    "tab": " ",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "zwj": "\u200d",
    "zwnj": "\u200c",
}
_FRAMES = frozenset(("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"))
_BREAKS = frozenset(("par", "line", "sect", "page", "row", "nestrow", "column"))
_LINK = re.compile(r'\s*HYPERLINK\s+"?([^"\s\\]+)"?')
_MAX_LEVELS = 1_000


@dataclass(slots=True)
class _Field:
    """A field: the rule that makes its text."""

    rule: str = ""


@dataclass(slots=True)
class _State:
    """What holds within a group."""

    font: int = -1
    skipped_after_unicode: int = 1
    is_silent: bool = False
    is_hidden: bool = False
    is_in_table: bool = False
    destination: str = ""
    raised_from: int | None = None
    link_from: int | None = None
    field: _Field | None = None
    font_number: int = -1


@dataclass(slots=True)
class _Reader:
    """One walk over a file."""

    codec: str = "cp1252"
    prose: Prose = field(default_factory=Prose)
    facts: dict[str, str] = field(default_factory=dict)
    _fonts: dict[int, str] = field(default_factory=dict)
    _states: list[_State] = field(default_factory=lambda: [_State()])
    _bytes: bytearray = field(default_factory=bytearray)
    _units: list[str] = field(default_factory=list)
    _left_out: int = 0
    _is_optional: bool = False

    def read(self, data: bytes) -> None:
        at = 0
        while found := _TOKEN.search(data, at):
            at = found.end()
            if found["word"]:
                number = int(found["number"]) if found["number"] else None
                word = found["word"].decode("ascii")
                if word == "bin":
                    at += max(number or 0, 0)
                else:
                    self._word(word, number)
            elif found["brace"]:
                self._brace(found["brace"])
            elif found["byte"]:
                self._raw(bytes.fromhex(found["byte"].decode("ascii")))
            elif found["plain"]:
                self._raw(found["plain"])
            else:
                self._sign(found["sign"])
        self._flush()
        while len(self._states) > 1:
            self._close(self._states.pop())

    @property
    def _state(self) -> _State:
        return self._states[-1]

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._left_out = 0
        self._is_optional = False
        if brace == b"{":
            if len(self._states) < _MAX_LEVELS:
                self._states.append(replace(self._state, raised_from=None, link_from=None))
        elif len(self._states) > 1:
            self._close(self._states.pop())

    def _close(self, state: _State) -> None:
        if state.raised_from is not None:
            self.prose.raise_up(state.raised_from)
        if state.link_from is not None and state.field and (link := _LINK.match(state.field.rule)):
            self.prose.link(state.link_from, link[1])
        if state.destination == "footnote" and self._state.destination != "footnote":
            self.prose.add(") ")
        if state.destination in _FRAMES and state.destination != self._state.destination:
            self.prose.add_break()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._is_optional = True
        elif sign in (b"\n", b"\r"):
            self._word("par", None)
        elif sign in (b"\\", b"{", b"}"):
            self._raw(sign)
        elif sign in (b"~", b"_"):
            self._flush()
            self._text(" " if sign == b"~" else "-")

    def _word(self, word: str, number: int | None) -> None:
        is_optional, self._is_optional = self._is_optional, False
        if word == "u":
            self._unicode(number or 0)
            return
        self._flush()
        state = self._state
        if word == "pict" and not state.is_silent:
            self.prose.add_picture("")
        if word in _SILENT or (is_optional and word not in _OPENED):
            state.is_silent = True
        elif word in _BREAKS:
            if not state.is_silent:
                self.prose.add(" ") if word == "par" and state.is_in_table else self.prose.add_break()
        elif word in ("cell", "nestcell"):
            self.prose.add_cell()
        elif word in _CHARACTERS:
            self._text(_CHARACTERS[word])
        elif word in _OF_SYSTEM:
            self.codec = _OF_SYSTEM[word]
        else:
            self._format(state, word, number)

    def _format(self, state: _State, word: str, number: int | None) -> None:
        if word == "ansicpg":
            self.codec = _known(f"cp{number}") or self.codec
        elif word == "uc":
            state.skipped_after_unicode = max(number or 0, 0)
        elif word == "f":
            state.font = state.font_number = number if number is not None else -1
        elif word in ("fcharset", "cpg") and state.destination == "fonttbl":
            codec = _OF_CHARSET.get(number or 0) if word == "fcharset" else _known(f"cp{number}")
            if codec and not (word == "fcharset" and number == 0):
                self._fonts[state.font_number] = codec
        elif word in ("v", "deleted", "htmlrtf"):  # the last is the RTF beside HTML that is kept in RTF
            state.is_hidden = number != 0
        elif word in ("super", "nosupersub", "plain", "sub"):
            self._raise(state, is_begun=word == "super" and number != 0)
            state.is_hidden = state.is_hidden and word != "plain"
        elif word in ("intbl", "pard"):
            state.is_in_table = word == "intbl"
        else:
            self._destination(state, word)

    def _destination(self, state: _State, word: str) -> None:
        if word == "field":
            state.field = _Field()
        elif word == "fldrslt":
            state.link_from = self.prose.mark()
        elif word == "footnote":
            state.destination = word
            self.prose.add(" (")
        elif word in _FRAMES:
            state.destination = word
            self.prose.add_break()
        elif word in ("fonttbl", "info", "fldinst") or (word in _FACTS and state.destination == "info"):
            state.destination = word

    def _raise(self, state: _State, *, is_begun: bool) -> None:
        if state.raised_from is not None:
            self.prose.raise_up(state.raised_from)
        state.raised_from = self.prose.mark() if is_begun else None

    def _raw(self, data: bytes) -> None:
        if self._left_out:  # what old programs show in the place of a character beyond their code page
            left_out = min(self._left_out, len(data))
            self._left_out -= left_out
            data = data[left_out:]
        if data:
            self._add_units()
            self._bytes += data

    def _unicode(self, number: int) -> None:
        self._add_bytes()
        self._units.append(chr(number & 0xFFFF))
        self._left_out = self._state.skipped_after_unicode

    def _flush(self) -> None:
        self._add_bytes()
        self._add_units()

    def _add_bytes(self) -> None:
        if self._bytes:
            codec = self._fonts.get(self._state.font, self.codec)
            data = bytes(self._bytes)
            self._bytes.clear()
            self._text(data.decode(codec, "replace"))

    def _add_units(self) -> None:
        if self._units:
            text = "".join(self._units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            self._units.clear()
            self._text(text)

    def _text(self, text: str) -> None:
        state = self._state
        if state.is_silent or state.is_hidden or state.destination in ("fonttbl", "info"):
            return
        if state.destination == "fldinst":
            if state.field:
                state.field.rule += text
        elif state.destination in _FACTS:
            self.facts[_FACTS[state.destination]] = (self.facts.get(state.destination, "") + text).strip()
        else:
            self.prose.add(text)


def rtf_text(data: bytes) -> tuple[str, dict[str, str]]:
    """The text of an RTF file and the facts that it tells of itself."""
    reader = _Reader()
    reader.read(data)
    return reader.prose.text(), {key: value for key, value in reader.facts.items() if value}


def _known(codec: str) -> str | None:
    try:
        return codecs.lookup(codec).name
    except LookupError:
        return None
