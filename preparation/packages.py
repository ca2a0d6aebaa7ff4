"""What kind of document a zip or an OLE package is, by what lies inside it."""

import re
import warnings
import zlib
from collections.abc import Collection
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from preparation import media_types as types

_MAX_CONTENT_TYPES_BYTES = 4 * 1024 * 1024
_LOCAL_NAME = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)

_OPEN_XML_MAIN_PARTS: tuple[tuple[bytes, str], ...] = (
    (b"sheet.macroEnabled.main", types.XLSM),
    (b"ms-excel.template.macroEnabled.main", types.XLSM),
    (b"sheet.binary.macroEnabled.main", types.XLSB),
    (b"spreadsheetml.sheet.main", types.XLSX),
    (b"spreadsheetml.template.main", types.XLSX),
    (b"presentationml.", types.PPTX),
    (b"ms-powerpoint.", types.PPTX),
    (b"wordprocessingml.", types.DOCX),
    (b"ms-word.", types.DOCX),
    (b"ms-visio.drawing", "application/vnd.ms-visio.drawing"),
    (b"package.xps", "application/vnd.ms-xpsdocument"),
)
_OPEN_XML_FOLDERS = (("xl/", types.XLSX), ("word/", types.DOCX), ("ppt/", types.PPTX))
_IWORK = ("application/vnd.apple.pages", "application/vnd.apple.numbers", "application/vnd.apple.keynote")

_IWORK_PARTS = ("Index.zip", "index.apxl", "buildVersionHistory.plist", "Metadata/BuildVersionHistory.plist")

_OLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", types.ENCRYPTED_OFFICE),
    ("WordDocument", "application/msword"),
    ("Workbook", types.XLS),
    ("Book", types.XLS),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", types.OUTLOOK),
    ("VisioDocument", "application/vnd.visio"),
)


def zip_kind(path: Path, head: bytes, hint: str | None) -> tuple[str, str]:
    """The kind of a zip file; a zip archive where it is no known package."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # doubled names are the reader's business
            with ZipFile(path) as package:
                names = set(package.namelist())
                return _package_kind(package, names, hint)
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return _kind_by_names(_local_names(head), hint) or (types.ZIP, "zip signature; its directory cannot be read")


def _package_kind(package: ZipFile, names: Collection[str], hint: str | None) -> tuple[str, str]:
    declared = _small_member(package, names, "mimetype").strip().decode("latin-1")
    if re.fullmatch(r"[\w.+-]+/[\w.+-]+", declared):
        declared = declared.removesuffix("-template")
        return types.ALIASES.get(declared, declared), "declared in its member mimetype"
    content_types = _small_member(package, names, "[Content_Types].xml")
    for part, media_type in _OPEN_XML_MAIN_PARTS:
        if part in content_types:
            return media_type, f"its content types name {part.decode()}"
    manifest = _small_member(package, names, "META-INF/manifest.xml")
    if root := re.search(rb'media-type="(application/vnd\.oasis\.opendocument[\w.+-]+)"', manifest):
        return root[1].decode(), "declared in its manifest"
    return _kind_by_names(names, hint) or (types.ZIP, f"zip of {len(names)} members")


def _kind_by_names(names: Collection[str], hint: str | None) -> tuple[str, str] | None:
    if "META-INF/container.xml" in names:
        return "application/epub+zip", "it has META-INF/container.xml"
    if any(name.endswith((".iwa", ".iwph")) or name in _IWORK_PARTS for name in names):
        return _iwork_kind(names, hint), "it has iWork parts"
    if "[Content_Types].xml" in names or "_rels/.rels" in names:
        for folder, media_type in _OPEN_XML_FOLDERS:
            if any(name.startswith(folder) for name in names):
                return media_type, f"it has Open XML parts in {folder}"
    if "META-INF/MANIFEST.MF" in names:
        return "application/java-archive", "it has META-INF/MANIFEST.MF"
    return None


def _iwork_kind(names: Collection[str], hint: str | None) -> str:
    """Which of the three: only Keynote has slides; else the extension decides, as all may hold tables."""
    if any("/Slide" in name or "MasterSlide" in name or name == "index.apxl" for name in names):
        return _IWORK[2]
    return hint if hint in _IWORK else _IWORK[0]


def _small_member(package: ZipFile, names: Collection[str], name: str) -> bytes:
    if name not in names:
        return b""
    try:
        with package.open(name) as member:
            return member.read(_MAX_CONTENT_TYPES_BYTES)
    except (BadZipFile, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        return b""


def _local_names(head: bytes) -> list[str]:
    """The names in the local headers of a zip whose directory is lost."""
    found = []
    for header in _LOCAL_NAME.finditer(head):
        length = int.from_bytes(header[1], "little")
        found.append(head[header.end() : header.end() + length].decode("utf-8", errors="replace"))
    return found


def ole_kind(path: Path) -> tuple[str, str]:
    """The kind of an OLE compound file by its streams."""
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as ole:
            entries = {"/".join(entry) for entry in ole.listdir()}
    except (OSError, ValueError, IndexError, TypeError, RecursionError):
        return "application/x-ole-storage", "OLE signature; its directory cannot be read"
    for stream, media_type in _OLE_STREAMS:
        if stream in entries:
            return media_type, f"OLE file with a stream {stream}"
    return "application/x-ole-storage", "OLE file of no known kind"
