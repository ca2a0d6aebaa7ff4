"""A zipped document of XML parts: its parts, the ties between them, and the facts it tells of itself."""

import posixpath
import zipfile
from typing import Any

from lxml import etree

from preparation.encodings import decode
from preparation.readers.markup_html import page_root
from preparation.readers.markup_tree import local_name

_FACTS = {
    "title": "title",
    "subject": "subject",
    "creator": "author",
    "initial-creator": "author",
    "created": "created_at",
    "creation-date": "created_at",
    "modified": "modified_at",
    "date": "modified_at",
}
_MAX_FACT_CHARS = 1_000
_MAX_PART_BYTES = 256 * 1024 * 1024


class TooLargeError(Exception):
    """The parts of the document unpack to more than any document holds."""


class Package:
    """The parts of a zipped document by their names.

    Args:
        archive: The open zip.
        max_bytes: What its parts may unpack to, together.

    Attributes:
        names: Of all parts.
        damages: What was wrong with parts that were read.
    """

    def __init__(self, archive: zipfile.ZipFile, max_bytes: int) -> None:
        self._archive = archive
        self._room = max_bytes
        self.names = frozenset(archive.namelist())
        self.damages: list[str] = []

    def root(self, name: str) -> Any:
        """The parsed part, or None where there is none or it is no XML.

        Raises:
            TooLargeError: If the parts read so far unpack to more than they may.
        """
        return self.parsed(name, self.content(name))

    def content(self, name: str) -> bytes:
        """The bytes of a part; none where there is none.

        Raises:
            TooLargeError: If the parts read so far unpack to more than they may.
        """
        if name not in self.names:
            return b""
        self._take(name)
        return self._archive.read(name)

    def parsed(self, name: str, content: bytes) -> Any:
        """The root of a part of this name and content, or None; what is wrong with it is noted."""
        if not content:
            return None
        parser = _parser()
        root = etree.fromstring(content, parser)
        fatal = next((each for each in parser.error_log if each.level == etree.ErrorLevels.FATAL), None)
        if fatal is not None:
            self.damages.append(f"{name} is damaged at line {fatal.line} ({fatal.message.strip()})")
        return root

    def page(self, name: str) -> Any:
        """The part parsed as HTML, which need not be well-formed; None where there is none or it is blank."""
        if name not in self.names:
            return None
        self._take(name)
        return page_root(decode(self._archive.read(name)).text.encode(), encoding="utf-8")

    def ties(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part of an Open XML document refers to: kind and target of each identity; parts by their full name."""
        folder, file = posixpath.split(part)
        root = self.root(posixpath.join(folder, "_rels", f"{file}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for tie in root if root is not None else ():
            target = tie.get("Target") or ""
            if tie.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join(folder, target)) if target[:1] != "/" else target[1:]
            found[tie.get("Id") or ""] = (tie.get("Type") or "").rsplit("/", 1)[-1], target
        return found

    def _take(self, name: str) -> None:
        size = self._archive.getinfo(name).file_size
        self._room -= size
        if self._room < 0 or size > _MAX_PART_BYTES:
            raise TooLargeError

    def main_part(self, default: str) -> str:
        """The part that an Open XML document is opened by."""
        ties = self.ties("").values()
        return next((target for kind, target in ties if kind == "officeDocument" and target in self.names), default)

    def facts(self) -> dict[str, Any]:
        """Title, author and times, as the document tells them."""
        facts: dict[str, Any] = {}
        index = next((name for name in sorted(self.names) if name.endswith(".opf")), "")
        for part in ("docProps/core.xml", "meta.xml", index):
            root = self.root(part)
            for element in root.iter("*") if root is not None else ():
                key, value = _FACTS.get(local_name(element)), " ".join((element.text or "").split())
                if key and value and key not in facts:
                    facts[key] = value[:_MAX_FACT_CHARS]
        return facts

    def pages(self) -> int | None:
        """How many pages or slides the document says it has."""
        told = self.root("docProps/app.xml")
        counts = [told.findtext("{*}" + name) for name in ("Slides", "Pages")] if told is not None else []
        meta = self.root("meta.xml")
        for counted in meta.iter("{*}document-statistic") if meta is not None else ():
            counts += [value for key, value in counted.attrib.items() if key.endswith("}page-count")]
        return next((int(count) for count in counts if count and count.strip().isdecimal()), None)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True, remove_comments=True
    )
