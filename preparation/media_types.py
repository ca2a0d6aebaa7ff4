"""The media types that detection gives, in words, and the hints that a file name may add."""

EMPTY = "application/x-empty"
OPAQUE = "application/octet-stream"
PLAIN = "text/plain"
CSV = "text/csv"
TSV = "text/tab-separated-values"
JSON = "application/json"
NDJSON = "application/x-ndjson"
GEOJSON = "application/geo+json"
FHIR = "application/fhir+json"
XML = "application/xml"
HTML = "text/html"
RTF = "application/rtf"
X12 = "application/edi-x12"
EDIFACT = "application/edifact"
HL7 = "application/hl7-v2"
SYSLOG = "text/x-syslog"
ACCESS_LOG = "text/x-access-log"
LOG = "text/x-log"
CHAT = "text/x-chat"
EMAIL = "message/rfc822"
MBOX = "application/mbox"
OUTLOOK = "application/vnd.ms-outlook"
PDF = "application/pdf"
ZIP = "application/zip"
TAR = "application/x-tar"
GZIP = "application/gzip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSM = "application/vnd.ms-excel.sheet.macroenabled.12"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ENCRYPTED_OFFICE = "application/x-ms-encrypted-package"
EBCDIC = "text/x-ebcdic"

MEDIA_TYPES: dict[str, str] = {
    # tables and records
    CSV: "delimited table",
    TSV: "tab-separated table",
    JSON: "JSON",
    NDJSON: "JSON Lines",
    GEOJSON: "GeoJSON",
    FHIR: "FHIR resource",
    XML: "XML",
    "application/yaml": "YAML",
    "application/toml": "TOML",
    "text/x-ini": "INI settings",
    "application/vnd.apache.parquet": "Parquet",
    "application/vnd.apache.arrow.file": "Arrow IPC file",
    "application/vnd.apache.arrow.stream": "Arrow IPC stream",
    "application/x-feather": "Feather, version 1",
    "application/avro": "Avro container",
    "application/x-orc": "ORC",
    "application/vnd.sqlite3": "SQLite database",
    # interchange and logs
    X12: "X12 interchange",
    EDIFACT: "EDIFACT interchange",
    HL7: "HL7 version 2",
    SYSLOG: "syslog",
    ACCESS_LOG: "web access log",
    LOG: "log lines",
    # mail
    EMAIL: "e-mail",
    MBOX: "mailbox",
    OUTLOOK: "Outlook message",
    "application/pkcs7-signature": "signed message",
    "application/pkcs7-mime": "encrypted or signed message",
    "text/vcard": "address card",
    "text/calendar": "calendar",
    # documents
    PDF: "PDF",
    DOCX: "Word document",
    PPTX: "PowerPoint presentation",
    XLSX: "Excel workbook",
    XLSM: "Excel workbook with macros",
    XLSB: "binary Excel workbook",
    XLS: "old Excel workbook",
    ODS: "OpenDocument spreadsheet",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument presentation",
    "application/vnd.oasis.opendocument.graphics": "OpenDocument drawing",
    "application/vnd.oasis.opendocument.formula": "OpenDocument formula",
    "application/msword": "old Word document",
    "application/vnd.ms-powerpoint": "old PowerPoint presentation",
    "application/vnd.visio": "old Visio drawing",
    "application/vnd.ms-visio.drawing": "Visio drawing",
    "application/vnd.ms-xpsdocument": "XPS document",
    "application/vnd.apple.pages": "Pages document",
    "application/vnd.apple.numbers": "Numbers spreadsheet",
    "application/vnd.apple.keynote": "Keynote presentation",
    ENCRYPTED_OFFICE: "encrypted Office document",
    "application/x-ole-storage": "OLE storage",
    RTF: "rich text",
    "application/epub+zip": "e-book",
    "application/x-fictionbook+xml": "FictionBook e-book",
    "application/docbook+xml": "DocBook",
    "application/jats+xml": "JATS article",
    "application/tei+xml": "TEI text",
    "application/vnd.ms-htmlhelp": "compiled help",
    "application/postscript": "PostScript",
    "application/x-ipynb+json": "Jupyter notebook",
    # markup and prose
    HTML: "HTML",
    "application/xhtml+xml": "XHTML",
    "text/markdown": "Markdown",
    "text/x-rst": "reStructuredText",
    "text/x-org": "Org",
    "application/x-tex": "TeX",
    "text/asciidoc": "AsciiDoc",
    "text/x-typst": "Typst",
    "text/x-opml": "OPML outline",
    "text/vtt": "WebVTT captions",
    "application/x-subrip": "SubRip captions",
    PLAIN: "plain text",
    EBCDIC: "EBCDIC records",
    # archives
    ZIP: "zip archive",
    TAR: "tar archive",
    GZIP: "gzip",
    "application/x-bzip2": "bzip2",
    "application/x-xz": "xz",
    "application/zstd": "Zstandard",
    "application/x-7z-compressed": "7z archive",
    "application/vnd.rar": "RAR archive",
    "application/x-lz4": "LZ4",
    "application/x-lzip": "lzip",
    "application/java-archive": "Java archive",
    # the rest
    "application/vnd.tcpdump.pcap": "network capture",
    "application/dicom": "DICOM image",
    "application/x-hdf5": "HDF5",
    "application/x-npy": "NumPy array",
    EMPTY: "empty",
    OPAQUE: "unknown binary",
}
"""Every kind that detection names itself, in words; images, audio and video bear libmagic's names."""

ALIASES: dict[str, str] = {
    "application/csv": CSV,
    "application/ogg": "audio/ogg",
    "application/vnd.ms-excel.sheet.macroEnabled.12": XLSM,
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12": XLSB,
    "application/x-gzip": GZIP,
    "application/x-rar": "application/vnd.rar",
    "application/x-sqlite3": "application/vnd.sqlite3",
    "application/x-zip-compressed": ZIP,
    "audio/x-aac": "audio/aac",
    "audio/x-flac": "audio/flac",
    "audio/x-hx-aac-adif": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/x-ms-bmp": "image/bmp",
    "inode/x-empty": EMPTY,
    "text/rtf": RTF,
    "text/x-tex": "application/x-tex",
    "text/xml": XML,
}
"""What libmagic and packages call a type, and what Penstock calls it."""

EXTENSIONS: dict[str, str] = {
    "csv": CSV,
    "tsv": TSV,
    "tab": TSV,
    "json": JSON,
    "jsonl": NDJSON,
    "ndjson": NDJSON,
    "geojson": GEOJSON,
    "xml": XML,
    "eml": EMAIL,
    "mbox": MBOX,
    "html": HTML,
    "htm": HTML,
    "md": "text/markdown",
    "markdown": "text/markdown",
    "rst": "text/x-rst",
    "org": "text/x-org",
    "tex": "application/x-tex",
    "latex": "application/x-tex",
    "adoc": "text/asciidoc",
    "asciidoc": "text/asciidoc",
    "typ": "text/x-typst",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "toml": "application/toml",
    "ini": "text/x-ini",
    "rtf": RTF,
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "log": LOG,
    "txt": PLAIN,
    "pages": "application/vnd.apple.pages",
    "numbers": "application/vnd.apple.numbers",
    "key": "application/vnd.apple.keynote",
}
"""What an extension hints at; used only between kinds that the content allows."""


def hint_of(name: str) -> str | None:
    """The media type that a file name's extension hints at, or None."""
    stem, dot, extension = name.rpartition(".")
    return EXTENSIONS.get(extension.lower()) if dot and stem else None
