"""Readers: from one blob of a known media type to all that can be found in it.

`read` is the only way in. A reader is a module with a function ``read(source) -> Extraction``; it is imported when
a blob of its kind is first met.
"""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from preparation import media_types as types
from preparation.extraction import Extraction, Source

__all__ = ["READERS", "read", "reader_of"]

_DELIMITED = "preparation.readers.delimited:read"
_JSON = "preparation.readers.json_records:read"
_XML = "preparation.readers.xml_records:read"
_SHEETS = "preparation.readers.spreadsheets:read"
_COLUMNAR = "preparation.readers.columnar:read"
_DATABASES = "preparation.readers.databases:read"
_ARCHIVES = "preparation.readers.archives:read"
_OPAQUE = "preparation.readers.opaque:read"
_LOCKED = "preparation.readers.locked_office:read"
_SETTINGS_TEXT = "preparation.readers.opaque:read_text"
_PDF = "preparation.readers.pdf:read"
_OFFICE = "preparation.readers.office:read"
_MARKUP = "preparation.readers.markup:read"
_MAIL = "preparation.readers.mail:read"
_MEDIA = "preparation.readers.media:read"
_LOGS = "preparation.readers.logs:read"
_CHATS = "preparation.readers.chats:read"
_WEB_LOGS = "preparation.readers.web_logs:read"
_X12 = "preparation.readers.x12:read"
_HL7 = "preparation.readers.hl7:read"

READERS: dict[str, str] = {
    types.CSV: _DELIMITED,
    types.TSV: _DELIMITED,
    types.JSON: _JSON,
    types.NDJSON: _JSON,
    types.GEOJSON: _JSON,
    types.FHIR: _JSON,
    types.XML: _XML,
    "application/rss+xml": _XML,
    "application/atom+xml": _XML,
    "application/yaml": _SETTINGS_TEXT,
    "application/toml": _SETTINGS_TEXT,
    "text/x-ini": _SETTINGS_TEXT,
    types.EDIFACT: _SETTINGS_TEXT,
    types.EBCDIC: "preparation.readers.mainframe:read",
    types.XLSX: _SHEETS,
    types.XLSM: _SHEETS,
    types.XLSB: _SHEETS,
    types.XLS: _SHEETS,
    types.ODS: _SHEETS,
    "application/vnd.apache.parquet": _COLUMNAR,
    "application/vnd.apache.arrow.file": _COLUMNAR,
    "application/vnd.apache.arrow.stream": _COLUMNAR,
    "application/x-feather": _COLUMNAR,
    "application/avro": _COLUMNAR,
    "application/x-orc": _COLUMNAR,
    "application/vnd.sqlite3": _DATABASES,
    types.X12: _X12,
    types.HL7: _HL7,
    types.SYSLOG: _LOGS,
    types.LOG: _LOGS,
    types.CHAT: _CHATS,
    types.ACCESS_LOG: _WEB_LOGS,
    types.EMAIL: _MAIL,
    types.MBOX: _MAIL,
    types.OUTLOOK: _MAIL,
    "application/pkcs7-signature": _MAIL,
    "application/pkcs7-mime": _MAIL,
    "text/vcard": _MAIL,
    "text/calendar": _MAIL,
    types.PDF: _PDF,
    types.DOCX: _OFFICE,
    types.PPTX: _OFFICE,
    "application/vnd.oasis.opendocument.text": _OFFICE,
    "application/vnd.oasis.opendocument.presentation": _OFFICE,
    "application/vnd.oasis.opendocument.graphics": _OFFICE,
    "application/vnd.oasis.opendocument.formula": _OFFICE,
    "application/msword": _OFFICE,
    "application/vnd.ms-powerpoint": _OFFICE,
    "application/vnd.visio": _OPAQUE,
    "application/vnd.ms-visio.drawing": _OPAQUE,
    "application/vnd.ms-xpsdocument": _OPAQUE,
    "application/vnd.apple.pages": _OFFICE,
    "application/vnd.apple.numbers": _OFFICE,
    "application/vnd.apple.keynote": _OFFICE,
    types.ENCRYPTED_OFFICE: _LOCKED,
    "application/x-ole-storage": _OPAQUE,
    types.RTF: _OFFICE,
    "application/epub+zip": _OFFICE,
    "application/x-fictionbook+xml": _MARKUP,
    "application/docbook+xml": _MARKUP,
    "application/jats+xml": _MARKUP,
    "application/tei+xml": _MARKUP,
    "application/vnd.ms-htmlhelp": _OPAQUE,
    "application/postscript": _OPAQUE,
    "application/x-ipynb+json": _MARKUP,
    types.HTML: _MARKUP,
    "application/xhtml+xml": _MARKUP,
    "text/markdown": _MARKUP,
    "text/x-rst": _MARKUP,
    "text/x-org": _MARKUP,
    "application/x-tex": _MARKUP,
    "text/asciidoc": _MARKUP,
    "text/x-typst": _MARKUP,
    "text/x-opml": _MARKUP,
    "text/vtt": _MARKUP,
    "application/x-subrip": _MARKUP,
    types.PLAIN: _MARKUP,
    "audio/midi": "preparation.readers.midi:read",
    types.ZIP: _ARCHIVES,
    types.TAR: _ARCHIVES,
    types.GZIP: _ARCHIVES,
    "application/x-bzip2": _ARCHIVES,
    "application/x-xz": _ARCHIVES,
    "application/zstd": _ARCHIVES,
    "application/x-7z-compressed": _ARCHIVES,
    "application/vnd.rar": _ARCHIVES,
    "application/x-lz4": _ARCHIVES,
    "application/x-lzip": _ARCHIVES,
    "application/java-archive": _ARCHIVES,
    "application/vnd.tcpdump.pcap": _OPAQUE,
    "application/dicom": _OPAQUE,
    "application/x-hdf5": _OPAQUE,
    "application/x-npy": _OPAQUE,
    types.EMPTY: _OPAQUE,
    types.OPAQUE: _OPAQUE,
}
"""Which reader opens a media type: closed, a ``module:function`` each."""

PREFIXES: tuple[tuple[str, str], ...] = (
    ("image/", _MEDIA),
    ("audio/", _MEDIA),
    ("video/", _MEDIA),
    ("text/", _MARKUP),
)
"""Which reader opens the types that the table does not name."""


def reader_of(media_type: str) -> str:
    """The ``module:function`` that opens blobs of this media type."""
    named = READERS.get(media_type)
    return named or next((target for prefix, target in PREFIXES if media_type.startswith(prefix)), _OPAQUE)


def read(source: Source) -> Extraction:
    """All that can be found in one blob; a blob that its reader cannot open comes back with a fault, not an error."""
    if source.size == 0:
        return Extraction(kind="data", note="The file is empty.")
    module, _, function = reader_of(source.media_type).partition(":")
    reader = cast("Callable[[Source], Extraction]", getattr(import_module(module), function))
    found = reader(source)
    if not source.options.is_full_text:
        return found
    from preparation.readers.full_text import with_full_text

    return with_full_text(source, found)
