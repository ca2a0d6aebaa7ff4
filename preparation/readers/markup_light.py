"""Text of Markdown with the HTML that stands in it shown as a browser would, and of Typst without its code."""

import re
from html import unescape

from preparation.readers.markup_plain import light_title, plain_text

_INLINE_LIST = (
    "a abbr b body cite code col colgroup del em font form head html i img input ins kbd li main mark nav picture q s "
    "samp small source span strike strong style sub sup tbody td tfoot th thead tt u var video"
)
_BLOCK_LIST = (
    "address article aside blockquote br caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 "
    "h6 header hr ol p pre section summary table tr ul"
)
_HTML_BLOCKS = frozenset(_BLOCK_LIST.split())
_HTML = frozenset(_INLINE_LIST.split()) | _HTML_BLOCKS
_CODE = re.compile(r"(^(`{3,}|~{3,})[^\n]*\n.*?(?:^\2[`~]*[ \t]*$|\Z)|``[^`]+``|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SILENT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"""<a\s[^<>]*?href\s*=\s*["']([^"'<>]*)["'][^<>]*>(.*?)</a>""", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>")
_ALT = re.compile(r"""\balt\s*=\s*["']([^"'<>]*)["']""", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")

_TYPST_COMMENT = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)
_TYPST_RULE = re.compile(r"^[ \t]*#(?:set|show|let|import|include)\b[^\n(\[{]*", re.MULTILINE)
_TYPST_LINK = re.compile(r'#link\("([^"\n]*)"\)(?:\[([^\]\n]*)\])?')
_TYPST_CALL = re.compile(r"#[a-z][\w.-]*(?=[\[(])|#(?:pagebreak|linebreak|v|h)\([^)]*\)")
_TYPST_ARGUMENT = re.compile(r"\b[a-z][a-z-]*:\s*(?:\([^()\n]*\)|\"[^\"\n]*\"|[\w.%-]+)\s*,?")
_TYPST_EMPHASIS = re.compile(r"(?<![\w\\])([_*])(?=\S)([^\n]+?)(?<=\S)\1(?!\w)")
_TYPST_NUMBERED = re.compile(r"^([ \t]*)\+ ", re.MULTILINE)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def markdown_text(text: str) -> tuple[str, dict[str, str]]:
    """Markdown as it is written; its HTML without tags, and its entities as the characters they stand for."""
    written = plain_text(text)
    facts = light_title(written[:8_192])
    if "<" not in written and "&" not in written:
        return written, facts
    pieces, at = [], 0
    for code in _CODE.finditer(written):
        pieces += [_shown(written[at : code.start()]), code[0]]
        at = code.end()
    pieces.append(_shown(written[at:]))
    return _BLANK_LINES.sub("\n\n", "".join(pieces)), facts


def _shown(text: str) -> str:
    if "<" in text:
        text = _SILENT.sub("", _COMMENT.sub("", text))
        text = _LINK.sub(r"[\2](\1)", text)
        text = _TAG.sub(_instead, text)
    return unescape(text) if "&" in text else text


def _instead(tag: re.Match[str]) -> str:
    """What is shown in the place of a tag; what is no tag of HTML stays."""
    name, is_start = tag[1].lower(), tag[0][1] != "/"
    if name not in _HTML:
        return tag[0]
    if name == "img":
        alt = _ALT.search(tag[0])
        return f"[image: {alt[1]}]" if alt and alt[1].strip() else "[image]"
    if name in ("td", "th"):
        return "\t" if is_start else ""
    if name == "li":
        return "\n- " if is_start else ""
    return "\n" if name in _HTML_BLOCKS else ""


def typst_text(text: str) -> tuple[str, dict[str, str]]:
    """The prose of a Typst file: rules and the names of functions left out, their content kept."""
    written = plain_text(text)
    facts = light_title(written[:8_192])
    pieces, at = [], 0
    for code in _CODE.finditer(written):
        pieces += [_typst_shown(written[at : code.start()]), code[0]]
        at = code.end()
    pieces.append(_typst_shown(written[at:]))
    return _BLANK_LINES.sub("\n\n", "".join(pieces)), facts


def _typst_shown(text: str) -> str:
    text = _without_rules(_TYPST_COMMENT.sub("", text))
    text = _TYPST_LINK.sub(lambda link: f"[{link[2]}]({link[1]})" if link[2] else link[1], text)
    text = _without_calls(text)
    text = _TYPST_EMPHASIS.sub(r"\2", _TYPST_EMPHASIS.sub(r"\2", text))
    lines, number = [], 0
    for line in text.split("\n"):
        found = _TYPST_NUMBERED.match(line)
        number = number + 1 if found else 0 if line.strip() else number
        lines.append(f"{found[1]}{number}. {line[found.end() :]}" if found else line)
    return "\n".join(lines)


def _without_rules(text: str) -> str:
    """Without what sets the page, defines and imports, brackets and all."""
    pieces, at = [], 0
    for rule in _TYPST_RULE.finditer(text):
        if rule.start() < at:
            continue
        pieces.append(text[at : rule.start()])
        at = rule.end()
        while text[at : at + 1] in _CLOSING:
            at = _end_of_bracket(text, at)
    return "".join([*pieces, text[at:]])


def _without_calls(text: str) -> str:
    """The content of functions without their names and named arguments; a cell a piece, parted by tabs."""
    pieces, at = [], 0
    for call in _TYPST_CALL.finditer(text):
        if call.start() < at:
            continue
        pieces.append(text[at : call.start()])
        at = call.end()
        if text[at : at + 1] == "(":
            end = _end_of_bracket(text, at)
            inner = _TYPST_ARGUMENT.sub("", text[at + 1 : end - 1])
            pieces.append(inner.replace("],", "]\t").replace("[", "").replace("]", ""))
            at = end
    return "".join([*pieces, text[at:]])


def _end_of_bracket(text: str, at: int) -> int:
    """The place behind the bracket that closes the one at `at`, or the end."""
    opening, closing = text[at], _CLOSING[text[at]]
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place + 1
    return len(text)
