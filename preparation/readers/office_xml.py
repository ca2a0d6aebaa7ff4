"""Text out of the XML parts of a zipped document, for packages that no library reads."""

import io
import re
import zipfile
import zlib
from collections import Counter

from lxml import etree

DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    SyntaxError,
    RuntimeError,
    NotImplementedError,
)
"""What opening a damaged package may raise."""
_WORD = re.compile(r"[^\W_]+")
_TEXT_PART = re.compile(
    r"(?:word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml|ppt/(?:slides|notesSlides|comments)/[^/]+\.xml"
    r"|(?:word|ppt)/(?:charts/chart|diagrams/data)\d*\.xml|content\.xml|.*\.x?html?|.*\.opf|.*\.fb2)$",
    re.IGNORECASE,
)
_BREAKS = {"v", "p", "h", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "br", "div", "row", "table-row", "list-item"}
_GAPS = {"tab", "tc", "td", "th", "table-cell", "s"}
_SILENT = {"script", "style", "instrText", "delText", "tracked-changes", "Fallback", "formatCode", "f"}


def package_text(data: bytes, max_bytes: int) -> str:
    """The text of every part that holds text, a paragraph a line.

    Raises:
        ValueError: If the parts unpacked together pass `max_bytes`.
        zipfile.BadZipFile: If the package is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = sorted(
            (i for i in package.infolist() if _TEXT_PART.match(i.filename)), key=lambda i: _order(i.filename)
        )
        if sum(part.file_size for part in parts) > max_bytes:
            raise ValueError(f"its parts unpack to more than {max_bytes} bytes")
        return "\n".join(filter(None, (xml_text(package.read(part)) for part in parts)))


def xml_text(content: bytes) -> str:
    """The text of one XML document with a line a block; "" where it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root is None:
        return ""
    pieces: list[str] = []
    _gather(root, pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def missing_lines(text: str, fuller: str) -> list[str]:
    """The lines of `fuller` that hold a word which `text` has not, or has less often."""
    left = Counter(_WORD.findall(text.lower()))
    missing = []
    for line in fuller.split("\n"):
        words = Counter(_WORD.findall(line.lower()))
        if any(count > left[word] for word, count in words.items()):
            missing.append(line)
        for word, count in words.items():  # `left -= words` goes through all of `left`: 1.6 s of a long book
            left[word] -= count
    return missing


def _gather(root: etree._Element, pieces: list[str]) -> None:
    """Walks without recursion: a hostile document may nest deeper than the stack."""
    silence = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""
        if event == "start":
            silence += name in _SILENT
            if not silence:
                pieces.append(_opening(name) + (element.text or ""))
            continue
        silence -= name in _SILENT
        if not silence:
            pieces.append(_closing(name) + (element.tail or ""))


def _opening(name: str) -> str:
    return "\n" if name in _BREAKS else " " if name in _GAPS else ""


def _closing(name: str) -> str:
    return "\n" if name in _BREAKS else ""


def _order(name: str) -> tuple[str, int]:
    number = re.search(r"(\d+)\D*$", name)
    return re.sub(r"\d+", "", name), int(number.group(1)) if number else 0
