"""Text of the markup languages that people read as they are, and of subtitles."""

import re

_TITLE_LINES = (
    re.compile(r"^\s*(?:\\title|\.TH)\s*[{ ]\s*([^}\n]+)", re.M),
    re.compile(r"\A---\n(?:.*\n)*?title:\s*[\"']?([^\n\"']+)"),
    re.compile(r"^#\+TITLE:\s*(.+)$", re.M | re.I),
    re.compile(r"\A\s*#\s+(.+?)\s*#*$", re.M),
    re.compile(r"\A\s*=\s+(.+)$", re.M),
    re.compile(r"#set document\([^)]*title:\s*\"([^\"]+)\""),
    re.compile(r"\A\s*(?:[=\-~#*^]{3,}\n)?([^\n]{1,200})\n[=\-~#*^]{3,}\s*$", re.M),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CUE_TIME = re.compile(r"^\s*(?:\d{1,3}:)?\d{1,2}:\d\d[.,]\d{3}\s+-->")
_CUE_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang|font|\d\d:)[^>]*>", re.I)


def plain_text(text: str) -> str:
    """The text itself, line ends made one kind and control characters left out."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"))


def light_title(head: str) -> dict[str, str]:
    """The title by the heading syntax of Markdown, rST, Org, AsciiDoc, Typst, LaTeX or front matter."""
    for pattern in _TITLE_LINES:
        if match := pattern.search(head.replace("\r\n", "\n")):
            return {"title": match.group(1).strip()}
    return {}


def subtitle_text(text: str) -> tuple[str, dict[str, str]]:
    """What is said, without cue times, numbers, notes and styles."""
    said: list[str] = []
    for block in re.split(r"\n\s*\n", plain_text(text)):
        lines = block.split("\n")
        start = next((i + 1 for i, line in enumerate(lines) if _CUE_TIME.match(line)), None)
        if start is not None:
            said += [_CUE_TAG.sub("", line).strip() for line in lines[start:]]
    return "\n".join(line for line in said if line), {}
