"""The prose of LaTeX: what is typeset, with the author's own short commands put in and formulas as they are written."""

import re
import unicodedata
from collections.abc import Iterator

from preparation.readers.markup_plain import light_title, plain_text

_COMMENT = re.compile(r"(?<!\\)%[^\n]*(?:\n[ \t]*)?")
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|providecommand|DeclareMathOperator|DeclareRobustCommand)\*?\s*\{?\s*\\([A-Za-z]+)\s*\}?"
    r"\s*(\[\d\])?(?:\[[^\]]*\])?|\\(?:g|e|x)?def\s*\\([A-Za-z]+)\s*([^{\n]*)"
)
_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_HEAD = re.compile(r"\\(title|author|date|abstract)\s*(?:\[[^\]]*\])?\s*(?=\{)")
_VERBATIM = re.compile(
    r"\\begin\{((?:verbatim|lstlisting|minted|Verbatim)\*?)\}(?:\[[^\]\n]*\])?(?:\{[^{}\n]*\})?|\\verb\*?([^\w\s])"
)
_MATH = re.compile(
    r"(?<!\\)\$\$.{1,2000}?\$\$|(?<!\\)\$(?:[^$\\]|\\.){1,2000}\$|(?<!\\)\\\[.{1,2000}?\\\]|\\\(.{1,2000}?\\\)",
    re.DOTALL,
)
_MATH_ENVIRONMENT = re.compile(
    r"\\begin\{((?:equation|align|gather|multline|eqnarray|displaymath|math)\*?)\}(.{0,4000}?)\\end\{\1\}", re.DOTALL
)
_ARGUED = frozenset(
    ("tabular", "tabular*", "tabularx", "array", "longtable", "minipage", "wrapfigure", "thebibliography", "multicols")
)
_BEGIN = re.compile(r"\\begin\{([^{}]*)\}(?:\[[^\]]*\])*")
_SILENT = re.compile(
    r"\\looseness\s*=\s*-?\d+|\\(?:usepackage|documentclass|documentstyle|bibliographystyle|bibliography|label"
    r"|pagestyle|thispagestyle|vspace|hspace|setlength|addtolength|setcounter|input|include|hypersetup|newtheorem|theoremstyle|graphicspath|definecolor|color"
    r"|cmidrule|cline|multirow|fontsize|selectfont|rule|bibitem|pagenumbering|numberwithin|captionsetup|nocite|index)"
    r"(?![A-Za-z])\*?(?:\([^)]*\))?(?:\[[^\]]*\])*(?:\{[^{}]*\})*"
)
_PICTURE = re.compile(r"\\includegraphics\*?\s*(?:\[[^\]]*\])*\s*\{[^{}]*\}")
_KEYED = re.compile(
    r"\\(?:[Cc]ite[a-z]*|(?:paren|text|auto)cite|[Cc]?ref|[Aa]utoref|eqref|pageref)\*?(?:\[[^\]]*\])*\{([^{}]*)\}"
)
_LINK = re.compile(r"\\href\s*\{([^{}]*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}|\\(?:url|nolinkurl)\s*\{([^{}]*)\}")
_LENGTH = re.compile(
    r"\\(?:resizebox|scalebox|makebox|parbox|raisebox|textcolor|colorbox|rowcolor|multicolumn)\*?\s*(?=[\[{])"
)
_SECTION = re.compile(r"\\(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph|caption)\*?\s*(?:\[[^\]]*\])?\s*(?=\{)")
_BRACKETS = re.compile(r"[ \t]*\[[^\[\]\n]{0,200}\]")
_FOOTNOTE = re.compile(r"\s*\\footnote\s*(?:\[[^\]]*\])?(?=\{)")
_XSPACE = re.compile(r"\\xspace(?![A-Za-z])\s*(?:([^\s.,;:!?)'\ue000-])|)")
_COMMAND = re.compile(r"\\([A-Za-z@]+)\*?(?:\[[^\[\]]*\])?[ \t]?")
_ESCAPE = re.compile(r"\\([%&$#_{} ])")
_ACCENT = re.compile(
    r"""\\(['"`^~=.])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))"""
    r"""|\\([uvHcdbkr])\s*\{\s*\\?([A-Za-z])\s*\}"""
)
_COMBINING = {
    "'": "\u0301",
    '"': "\u0308",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "d": "\u0323",
    "b": "\u0331",
    "k": "\u0328",
    "r": "\u030a",
}
_LETTERS = dict(zip(("ss", "o", "O", "ae", "AE", "oe", "OE", "aa", "AA", "l", "L"), "ßøØæÆœŒåÅłŁ", strict=True))
_LETTER = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|[oOlL])(?:\{\}|(?![A-Za-z]))[ \t]?")
_KEPT = re.compile("\ue000(\\d+)\ue001")
_MAX_MACROS = 500
_MAX_PASSES = 3
_MAX_GROWTH = 4
_OPEN, _CLOSE = "{", "}"


def latex_text(text: str) -> tuple[str, dict[str, str]]:
    """The text of a document, and its title."""
    facts = light_title(text[:8_192])
    kept: list[str] = []
    source = _COMMENT.sub("", "".join(_without_code(plain_text(text), kept)))
    source, macros = _definitions(source)
    whole = _DOCUMENT.search(source)
    body = whole[1] if whole else source
    if whole:
        body = "\n\n".join([*_head(source[: whole.start()]), body])
    body = _PICTURE.sub(lambda _: f" {_keep('[image]', kept)} ", _expanded(body, macros))
    body = _MATH_ENVIRONMENT.sub(lambda found: _keep(f"$${_spaced(found[2])}$$", kept), body)
    body = _MATH.sub(lambda found: _keep(_spaced(found[0]), kept), body)
    lines = (" ".join(line.split(" ")).strip() for line in _shown(body).split("\n"))
    shown = "\n".join(re.sub(r"[ \t]*\t[ \t]*", "\t", re.sub(r" {2,}", " ", line)) for line in lines)
    for _ in range(_MAX_PASSES):  # a formula may lie in what was kept, and be kept itself
        shown = _KEPT.sub(lambda found: kept[int(found[1])] if int(found[1]) < len(kept) else "", shown)
    return re.sub(r"\n{3,}", "\n\n", shown), facts


def _shown(body: str) -> str:
    body = _LINK.sub(lambda found: f"[{found[2]}]({found[1]})" if found[2] else found[3] or found[1], body)
    body = _KEYED.sub(r"[\1]", _SILENT.sub(" ", body))
    body = "".join(_without_arguments(body))
    body = _ACCENT.sub(_accented, body)
    body = _LETTER.sub(lambda found: _LETTERS[found[1]], body)
    body = _items("".join(_with_footnotes(body)))
    body = _SECTION.sub("\n\n", body)
    body = body.replace("\\\\", "\n").replace(r"\&", "\ue002").replace("&", "\t")
    body = _COMMAND.sub(" ", _ESCAPE.sub(r"\1", _XSPACE.sub(_space_before_words, body)))
    body = body.replace("\ue002", "&").replace("~", " ").replace("``", "“").replace("''", "”")
    return body.replace("{", "").replace("}", "")


def _keep(text: str, kept: list[str]) -> str:
    """A mark in the place of a text that is not to be touched."""
    kept.append(text.strip("\n"))
    return f"\ue000{len(kept) - 1}\ue001"


def _without_code(source: str, kept: list[str]) -> Iterator[str]:
    """Program code is kept as it is; one without an end is none."""
    at = 0
    endless: set[str] = set()
    for found in _VERBATIM.finditer(source):
        end_mark = f"\\end{{{found[1]}}}" if found[1] else found[2]
        if found.start() < at or end_mark in endless:
            continue
        end = source.find(end_mark, found.end())
        if end < 0:
            endless.add(end_mark)
            continue
        yield source[at : found.start()]
        yield _keep(source[found.end() : end], kept)
        at = end + len(end_mark)
    yield source[at:]


def _spaced(formula: str) -> str:
    return " ".join(formula.split())


def _definitions(source: str) -> tuple[str, dict[str, str]]:
    """The source without definitions, and what the commands without arguments stand for."""
    pieces: list[str] = []
    macros: dict[str, str] = {}
    at = 0
    for found in _DEFINITION.finditer(source):
        if found.start() < at:
            continue
        start = source.find(_OPEN, found.end())
        if start < 0 or source[found.end() : start].strip():
            continue
        end = _end_of_group(source, start)
        pieces.append(source[at : found.start()])
        has_arguments = bool(found[2]) or "#" in (found[4] or "")
        if not has_arguments and len(macros) < _MAX_MACROS:
            macros[found[1] or found[3]] = source[start + 1 : end - 1]
        at = end
    return "".join([*pieces, source[at:]]), macros


def _expanded(body: str, macros: dict[str, str]) -> str:
    if not macros:
        return body
    used = re.compile(rf"\\({'|'.join(sorted(map(re.escape, macros), key=len, reverse=True))})(?![A-Za-z])(?:\{{\}})?")
    most = _MAX_GROWTH * len(body) + 10_000
    for _ in range(_MAX_PASSES):
        fuller = used.sub(lambda found: macros[found[1]], body)
        if fuller == body or len(fuller) > most:
            break
        body = fuller
    return body


def _head(preamble: str) -> Iterator[str]:
    """What a title page shows."""
    for found in _HEAD.finditer(preamble):
        yield preamble[found.end() + 1 : _end_of_group(preamble, found.end()) - 1].replace("\\and", "\n")


def _without_arguments(body: str) -> Iterator[str]:
    """Without the widths, colours and columns that commands and environments are given before their content."""
    at = 0
    found = sorted([*_BEGIN.finditer(body), *_LENGTH.finditer(body)], key=lambda match: match.start())
    for match in found:
        if match.start() < at:
            continue
        yield body[at : match.start()]
        at = match.end()
        if match.re is _BEGIN:
            name = match[1]
            groups = (2 if name in ("tabular*", "tabularx", "wrapfigure") else 1) if name in _ARGUED else 0
            yield f"\\begin{{{name}}}"
        else:
            groups = 2 if match[0].startswith((r"\resizebox", r"\multicolumn")) else 1
            groups = 0 if match[0].startswith(r"\makebox") else groups
        at = _past_brackets(body, at)
        for _ in range(groups):
            if body[at : at + 1] == _OPEN:
                at = _past_brackets(body, _end_of_group(body, at))
    yield body[at:]


def _past_brackets(body: str, at: int) -> int:
    """The place behind what an environment may be told in square brackets."""
    while found := _BRACKETS.match(body, at):
        at = found.end()
    return at


def _with_footnotes(body: str) -> Iterator[str]:
    """Footnotes in brackets where they are called."""
    at = 0
    for found in _FOOTNOTE.finditer(body):
        if found.start() < at:
            continue
        end = _end_of_group(body, found.end())
        yield f"{body[at : found.start()]} ({body[found.end() + 1 : end - 1].strip()})"
        at = end
    yield body[at:]


def _space_before_words(found: re.Match[str]) -> str:
    return f" {found[1]}" if found[1] else ""


def _items(body: str) -> str:
    """Items of lists with their bullets and numbers; begins and ends of environments as line ends."""
    lists: list[int | None] = []

    def mark(found: re.Match[str]) -> str:
        if found[1]:
            if found[1] in ("itemize", "enumerate", "description"):
                lists.append(0 if found[1] == "enumerate" else None)
            return "\n"
        if found[2]:
            if found[2] in ("itemize", "enumerate", "description") and lists:
                lists.pop()
            return "\n"
        indent = "    " * max(len(lists) - 1, 0)
        if found[3]:
            return f"\n{indent}- {found[3]} "
        if not lists or lists[-1] is None:
            return f"\n{indent}- "
        lists[-1] += 1
        return f"\n{indent}{lists[-1]}. "

    return re.sub(r"\\begin\{([^{}]*)\}|\\end\{([^{}]*)\}|\\item(?![A-Za-z])\s*(?:\[([^\]]*)\])?\s*", mark, body)


def _accented(found: re.Match[str]) -> str:
    letter = found[2] or found[3] or found[5]
    return unicodedata.normalize("NFC", letter + _COMBINING[found[1] or found[4]])


def _end_of_group(text: str, start: int) -> int:
    """The place behind the brace that closes the one at `start`, or the end of the text."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start):
        depth += (found[0] == _OPEN) - (found[0] == _CLOSE)
        if depth == 0:
            return found.end()
    return len(text)
