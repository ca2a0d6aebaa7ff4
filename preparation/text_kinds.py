"""What kind of text it is, by what its first characters say of themselves."""

import json
import re

from preparation import media_types as types
from preparation.xml_kinds import xml_kind

Kind = tuple[str, str]
"""A media type, and why."""

_HEAD_CHARS = 4096
_WORD = re.compile(r"\S+")
_X12_ENVELOPE = re.compile(
    r"(?<![A-Za-z0-9])(?:ISA([^A-Za-z0-9\s])\d\d\1[^\n]{60,}|GS([^A-Za-z0-9\s])[A-Z]{2}\2[^\n]{20,}"
    r"|ST([^A-Za-z0-9\s])[1-9]\d\d\3\w{2,})"
)
_EDIFACT = re.compile(r"\s*(?:UNA.{6}\s*)?UNB\+\w{4}:\d\+")
_HL7 = re.compile(r"[\x0b\x0c\s]*(?:(?:FHS|BHS)\|[^\r\n]*[\r\n]+)*MSH([^\w\s])([^\w\s])([^\w\s])([^\w\s]?)([^\w\s]?)\1")
_MBOX = re.compile(r"From \S+.{0,40}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d.*\r?\n[\w-]+:")
_MAIL_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?: |\t|\r?\n[ \t]|\r?$)")
_MAIL_NAMES = frozenset(
    _WORD.findall("""
        from to cc bcc subject date message-id mime-version received return-path delivered-to reply-to sender
        in-reply-to references content-type content-transfer-encoding content-disposition x-mailer x-originating-ip
        dkim-signature user-agent envelope-to authentication-results arc-seal list-id list-unsubscribe resent-from
        resent-date
    """)
)
CALENDAR_BEGINS = r"BEGIN:V(?:CALENDAR|EVENT|TODO|JOURNAL|ALARM|TIMEZONE|FREEBUSY)\b"
"""How a calendar begins, or a part of one that came without it; in any letter case."""
_FRAMES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"BEGIN:VCARD", re.IGNORECASE), "text/vcard"),
    (re.compile(CALENDAR_BEGINS, re.IGNORECASE), "text/calendar"),
    (re.compile(r"WEBVTT(?=[ \t\r\n]|$)"), "text/vtt"),
    (re.compile(r"(?:\d+\r?\n)?\d\d:\d\d:\d\d[,.]\d{3} --> \d\d:\d\d:\d\d[,.]\d{3}"), "application/x-subrip"),
    (re.compile(r"\{\\rtf"), types.RTF),
    (re.compile(r"%!PS"), "application/postscript"),
    (re.compile(r"#define \w+_width \d+\s+#define \w+_height \d+"), "image/x-xbitmap"),
    (re.compile(r"/\* XPM \*/"), "image/x-xpixmap"),
    (re.compile(r"-----BEGIN (?:PKCS7|CMS)-----"), "application/pkcs7-mime"),
)
_RTF_BODY = re.compile(r"\{\\(?:pard|rtf|fonttbl|colortbl|stylesheet)\b")
_JSON_START = re.compile(r'\s*(?:\{\s*(?:"(?:[^"\\]|\\.){0,500}"\s*:|\})|\[\s*(?:["\[{\]\d-]|true|false|null))')
_JSON_SCALAR = re.compile(r'"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null')
_FHIR = re.compile(r'"resourceType"\s*:\s*"[A-Z]\w+"')
_GEO = re.compile(r'"type"\s*:\s*"(?:FeatureCollection|Feature)"')
_NOTEBOOK = re.compile(r'"nbformat"\s*:\s*\d|"cell_type"\s*:\s*"(?:code|markdown|raw)"')
_MIN_MAIL_HEADERS = 2


def declared_kind(text: str, *, complete: bool, hint: str | None) -> Kind | None:
    """The kind that the text declares by its form: EDI, mail, captions, XML, HTML, JSON.

    Args:
        text: The start of the text.
        complete: Whether it is the whole text.
        hint: What the file's name suggests; decides only over JSON that does not parse.
    """
    head = text.lstrip("\ufeff \t\r\n\x00")
    if not head:
        return None
    return (
        _interchange_kind(text, head)
        or _framed_kind(head)
        or _mail_kind(head)
        or xml_kind(head, hint)
        or _json_kind(head, complete=complete, hint=hint)
    )


def _interchange_kind(text: str, head: str) -> Kind | None:
    start = text[:_HEAD_CHARS]
    if _HL7.match(start):
        return types.HL7, "an MSH segment with its delimiters"
    if _EDIFACT.match(start):
        return types.EDIFACT, "a UNB segment"
    for found in _X12_ENVELOPE.finditer(start):
        mark = found[1] or found[2] or found[3]
        is_cell = start[: found.start()].endswith(mark)  # of a table with a column GS: a segment never begins so
        if not is_cell and not head.startswith(("<", "{", "[")) and start.count(mark) > 10:  # noqa: PLR2004 - a claim has hundreds
            return types.X12, f"an X12 segment {found[0][:6]!r}"
    return None


def _framed_kind(head: str) -> Kind | None:
    for pattern, media_type in _FRAMES:
        if found := pattern.match(head):
            return media_type, f"it begins with {found[0][:20].strip()!r}"
    if _RTF_BODY.match(head) and head[:_HEAD_CHARS].count("\\par") > 2:  # noqa: PLR2004
        return types.RTF, "RTF control words"
    return None


def _mail_kind(head: str) -> Kind | None:
    if _MBOX.match(head):
        return types.MBOX, "a From line and headers"
    body = head.split("\n", 1)[1] if head.startswith("From ") and "\n" in head else head
    known, signed = 0, False
    for line in body.splitlines()[:200]:
        if not line.strip():
            break
        if line[0] in " \t":
            signed = signed or ("multipart/signed" in line)
            continue
        found = _MAIL_HEADER.match(line)
        if not found:
            known = known if known > _MIN_MAIL_HEADERS else 0  # one broken line among many is a damaged mail
            break
        known += found[1].lower() in _MAIL_NAMES
        signed = signed or (found[1].lower() == "content-type" and "multipart/signed" in line)
    only_mime = re.match(r"mime-version:\s*1\.0", body, re.IGNORECASE) is not None
    if known < _MIN_MAIL_HEADERS and not (only_mime and known):
        return None
    if signed and not re.search(r"^(?:from|received|subject):", body[:_HEAD_CHARS], re.IGNORECASE | re.MULTILINE):
        return "application/pkcs7-signature", "a signed MIME message without mail headers"
    return types.EMAIL, f"{known} mail headers"


def _json_kind(head: str, *, complete: bool, hint: str | None) -> Kind | None:
    if head[0] not in "{[":
        return _json_scalar_kind(head, hint) if complete else None
    if not _JSON_START.match(head):
        return None
    lines = [line for line in head.splitlines() if line.strip()]
    if len(lines) > 1 and _parses(lines[0]) and _is_record(lines[1], cut=len(lines) == 2 and not complete):  # noqa: PLR2004
        return types.NDJSON, "a JSON value on each line"
    if complete and not _parses(head):
        named = hint in (types.JSON, types.NDJSON, types.GEOJSON)
        return (hint, "begins as JSON, and is named so, though it does not parse") if hint and named else None
    return _json_vocabulary(head)


def _json_vocabulary(head: str) -> Kind:
    start = head[:_HEAD_CHARS]
    if _FHIR.search(start):
        return types.FHIR, "JSON with a resourceType"
    if _GEO.search(start):
        return types.GEOJSON, "JSON of GeoJSON features"
    if _NOTEBOOK.search(head) and '"cells"' in head:
        return "application/x-ipynb+json", "JSON of notebook cells"
    return types.JSON, "it begins as JSON"


def _json_scalar_kind(head: str, hint: str | None) -> Kind | None:
    """A text that is one number, string, ``true``, ``false`` or ``null``, unless its name says that it is prose."""
    is_value = _JSON_SCALAR.fullmatch(head.rstrip()) is not None and _parses(head)
    return (types.JSON, "a single JSON value") if is_value and hint in (None, types.JSON) else None


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return False
    except ValueError:
        return True  # well-formed, with a number of more digits than Python converts
    return True


def _is_record(line: str, *, cut: bool) -> bool:
    return bool(_JSON_START.match(line)) and (cut or _parses(line) or line.startswith("{"))
