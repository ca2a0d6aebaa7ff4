"""Which markup a text is written in, by counting the marks that only it uses."""

import re
import tomllib
from collections.abc import Sequence
from itertools import islice

from preparation import media_types as types

_MULTI = re.MULTILINE
_HEADING = 1.5, re.compile(r"^#{1,6} \S", _MULTI)
_COMMENT_BLOCK = re.compile(r"^# .*\n# ", _MULTI)  # headings do not follow one another, lines of a comment do
_MOST_COUNTED = 3
_MARKS: dict[str, tuple[tuple[float, re.Pattern[str]], ...]] = {
    "application/x-tex": (
        (4, re.compile(r"\\documentclass|\\begin\{document\}|\\starttext")),
        (2, re.compile(r"\\(?:begin|end)\{[a-z*]+\}|\\(?:usepackage|maketitle|newcommand)\b")),
        (1, re.compile(r"\\(?:sub)*section\*?\{|\\(?:textbf|emph|textit|cite|ref|label|item)\b")),
    ),
    "text/x-typst": (
        (3, re.compile(r"^#(?:set|show|let|import)\s+\w+", _MULTI)),
        (1, re.compile(r"^#\w+(?:\.\w+)*[\[(]", _MULTI)),
        (0.3, re.compile(r"^=+ \S", _MULTI)),
    ),
    "text/x-org": (
        (3, re.compile(r"^#\+[A-Za-z_]+:|^#\+(?:begin|end)_\w+", _MULTI | re.IGNORECASE)),
        (2, re.compile(r"^\|[-+]{3,}\+[-+]*\|$|^:PROPERTIES:", _MULTI)),
        (0.5, re.compile(r"^\*+ (?:TODO|DONE|\S)|\[\[[^\[\]]{1,300}\]\[", _MULTI)),
    ),
    "text/x-rst": (
        (3, re.compile(r"^\.\. [\w-]+::|^\.\. _[^:\n]+:|:(?:ref|doc|class|func|mod|meth|math):`", _MULTI)),
        (2, re.compile(r"^([^\s\w<>|{}\[\]-])\1{3,}\r?\n.+\r?\n\1{4,}\s*$", _MULTI)),
        (1.2, re.compile(r"^(?=\S)([^\n|]{3,})\r?\n([=\-~^\"'`#*+])\2{2,}\s*$", _MULTI)),
        (0.7, re.compile(r"``[^`\n]+``|`[^`<\n]{1,300} <[^>\n]{1,300}>`_|^:[A-Z]\w+: \S", _MULTI)),
    ),
    "text/asciidoc": (
        (2, re.compile(r"^:[\w-]+:(?: |$)|^\[(?:source|NOTE|TIP|IMPORTANT|WARNING|cols|id|%)[^\]]*\]$", _MULTI)),
        (1.5, re.compile(r"^={1,5} \S.*$", _MULTI)),
        (1, re.compile(r"^(?:image|include|xref|link)::?\S+\[|^\|===|^(?:NOTE|TIP): ", _MULTI)),
    ),
    "text/markdown": (
        _HEADING,
        (2, re.compile(r"^(?:```|~~~)", _MULTI)),
        (1, re.compile(r"!?\[[^\[\]\n]{0,300}\]\([^)\s]{1,500}[^)\n]{0,300}\)", _MULTI)),
        (2, re.compile(r"^\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)+\|?\s*$", _MULTI)),
        (0.5, re.compile(r"\*\*[^*\n]+\*\*|^> \S|^[*-] \S|^\d+\. \S|(?<!`)`[^`\n]+`(?!`)", _MULTI)),
        (1, re.compile(r"^\S.*\r?\n(?:={3,}|-{3,})\s*$", _MULTI)),
    ),
}
_FRONT_MATTER = re.compile(r"---\r?\n.{1,8000}?\r?\n(?:---|\.\.\.)\r?\n\s*\S", re.DOTALL)
_YAML_LINE = re.compile(r"\s*(?:- )?(?:[\w./$-]+|\"[^\"]+\"|'[^']+'):(?: .*|$)|\s*- \S.*$|\s*#.*$|---$|\.\.\.$")
_YAML_KEY = re.compile(r"[\w./$-]+:(?: |$)", _MULTI)
_INDENTED_OR_BARE = re.compile(r"^(?:\s+(?:- )?[\w.-]+:|\w[\w.-]*:$|\s*- )", _MULTI)
_INI_SECTION = re.compile(r"^\[[\w .:\"'-]+\]\s*$", _MULTI)
_TOML_TABLES = re.compile(r"^\[\[[\w.\"-]+\]\]\s*$", _MULTI)
_INI_PAIR = re.compile(r"^[\w.\"-]+\s*=\s*(\S.*)?$", _MULTI)
_TOML_VALUE = re.compile(r"^[\w.\"-]+ = (?:\"|'|\[|\{|true|false|\d{4}-)", _MULTI)
_MAX_LINES = 2000
_MAX_LINE_CHARS = 1000
_ENOUGH = 1.9
_YAML_SHARE, _NAMED_YAML_SHARE = 0.95, 0.5  # of lines with a key; the rest are texts of many lines
_LEAST = 0.5


def markup_kind(text: str, hint: str | None) -> tuple[str, str] | None:
    """The markup that `text` is written in, or None where it is plain.

    Args:
        text: The start of the text.
        hint: What the file's name suggests; decides where its marks are there but few, or another's are too.
    """
    text = _abridged(text)
    settings = _settings_kind(text, hint)
    if settings:
        return settings
    if text.startswith("#!"):
        return None  # a script
    scores = {kind: _score(text, kind) for kind in _MARKS}
    if len(_COMMENT_BLOCK.findall(text)) > 1:
        scores["text/markdown"] -= _HEADING[0] * len([*islice(_HEADING[1].finditer(text), _MOST_COUNTED)])
    if _FRONT_MATTER.match(text):
        scores["text/markdown"] += 8  # what stands in it may well be TeX
    if scores["text/x-typst"] < 3:  # noqa: PLR2004 - one #set; equals signs alone are AsciiDoc
        scores["text/x-typst"] = 0
    if hint in scores and (scores[hint] >= _LEAST or max(scores.values()) < _ENOUGH):
        return hint, "named so, and its marks do not speak against it"
    best = max(scores, key=lambda kind: scores[kind])
    if scores[best] < _ENOUGH:
        return None
    return best, f"{types.MEDIA_TYPES[best]} marks"


def has_toml_tables(text: str) -> bool:
    """Whether arrays of tables stand in it, as lock files have them: their lists of packages split at commas."""
    return bool(_TOML_TABLES.search(text) and _TOML_VALUE.search(text))


def _is_toml(lines: Sequence[str], text: str) -> bool:
    """Whether it is TOML from its first line to its last, with a value that INI has not."""
    first = next((line for line in lines if not line.startswith("#")), "")
    if not (_INI_SECTION.match(first) or _INI_PAIR.match(first)) or not _TOML_VALUE.search(text):
        return False
    try:
        return bool(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False


def _abridged(text: str) -> str:
    """`text` with its lines cut and at most one blank line at a time.

    Patterns that look ahead for the end of a mark take the square of the length of what has none: 300,000 dashes
    in one line, or as many blank lines, took half a minute.
    """
    lines = [line[:_MAX_LINE_CHARS].rstrip() for line in text.splitlines()[:_MAX_LINES]]
    return "\n".join(line for before, line in zip(["", *lines], lines, strict=False) if line or before) + "\n"


def _score(text: str, kind: str) -> float:
    """Marks found, each pattern counted up to three times, so that one habit does not outweigh the rest."""
    return sum(
        weight * sum(1 for _ in islice(pattern.finditer(text), _MOST_COUNTED)) for weight, pattern in _MARKS[kind]
    )


def _settings_kind(text: str, hint: str | None) -> tuple[str, str] | None:
    lines = [line for line in text.splitlines() if line.strip()][:300]
    return (_of_sections(text, lines, hint) or _of_keys(text, lines, hint)) if lines else None


def _of_sections(text: str, lines: Sequence[str], hint: str | None) -> tuple[str, str] | None:
    if _INI_SECTION.search(text) and len(_INI_PAIR.findall(text)) >= 0.5 * len(lines):
        is_toml = hint == "application/toml" or (hint != "text/x-ini" and bool(_TOML_VALUE.search(text)))
        return ("application/toml" if is_toml else "text/x-ini"), "sections and pairs"
    if hint != "text/x-ini" and (has_toml_tables(text) or _is_toml(lines, text)):
        return "application/toml", "tables and typed values"
    return None


def _of_keys(text: str, lines: Sequence[str], hint: str | None) -> tuple[str, str] | None:
    if _FRONT_MATTER.match(text) and hint != "application/yaml":
        return None
    share = _NAMED_YAML_SHARE if hint == "application/yaml" else _YAML_SHARE
    if sum(bool(_YAML_LINE.match(line)) for line in lines) < share * len(lines):
        return None
    keys = len(_YAML_KEY.findall(text))
    nested = _INDENTED_OR_BARE.search(text) is not None and keys > 1
    spoken = any(len(line) > 200 for line in lines) or re.search(r"^#{1,6} \S.*\n\n", text, _MULTI)  # noqa: PLR2004
    if keys and (hint == "application/yaml" or (nested and keys >= 3 and not spoken)):  # noqa: PLR2004
        return "application/yaml", "keys and values, indented"
    return None
