"""Outlook messages (.msg): property streams of an OLE file, by MS-OXMSG."""

import io
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from core.prepared import Child
from preparation.encodings import decode
from preparation.readers.mail_parts import Letter, safe_name
from preparation.readers.markup_xml import html_text
from preparation.readers.rich_text_format import rtf_text
from preparation.readers.rtf_lzfu import decompressed

_SUBJECT, _BODY, _HTML, _RTF = "0037", "1000", "1013", "1009"
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = "0C1A", "0C1F", "5D01"
_TO, _CC, _MESSAGE_ID, _IN_REPLY_TO = "0E04", "0E03", "1035", "1042"
_NAME, _ADDRESS, _SMTP = "3001", "3003", "39FE"
_LONG_FILE, _FILE, _MIME, _DATA = "3707", "3704", "370E", "3701"
_SENT, _DELIVERED, _RECIPIENT_KIND = 0x0039, 0x0E06, 0x0C15
_TIME_TYPE, _INT_TYPE = 0x0040, 0x0003
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TO_KIND, _CC_KIND = 1, 2
_ENTRY_BYTES = 16
_ROOT_HEADER, _CHILD_HEADER = 32, 8


class OutlookError(ValueError):
    """The OLE file is damaged or holds no message."""


def outlook_letter(data: bytes) -> Letter:
    """Takes an Outlook message apart.

    Raises:
        OutlookError: If the file is damaged or is no message.
    """
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if not ole.exists("__properties_version1.0"):
                raise OutlookError("the OLE file holds no message")
            return _letter(ole)
    except (OSError, struct.error, IndexError, TypeError, UnicodeError) as error:
        raise OutlookError(str(error) or type(error).__name__) from error


def _letter(ole: Any) -> Letter:
    letter = Letter(
        message_id=_string(ole, "", _MESSAGE_ID) or None,
        sender=_sender(ole),
        recipients=_people(ole, _TO_KIND) or _string(ole, "", _TO) or None,
        cc=_people(ole, _CC_KIND) or _string(ole, "", _CC) or None,
        subject=_string(ole, "", _SUBJECT),
        in_reply_to=_string(ole, "", _IN_REPLY_TO) or None,
        body=_body(ole),
    )
    fixed = _fixed(ole, "", _ROOT_HEADER)
    moment = fixed.get((_SENT, _TIME_TYPE)) or fixed.get((_DELIVERED, _TIME_TYPE))
    if moment:
        letter.sent_at = (_EPOCH + timedelta(microseconds=moment // 10)).isoformat().replace("+00:00", "Z")
    for storage in _storages(ole, "__attach_version1.0_#"):
        if child := _attachment(ole, storage, len(letter.attachments)):
            letter.attachments.append(child)
        else:
            letter.notes.append("An embedded object among the attachments could not be taken out.")
    return letter


def _sender(ole: Any) -> str | None:
    name = _string(ole, "", _SENDER_NAME)
    address = _string(ole, "", _SENDER_SMTP) or _string(ole, "", _SENDER_ADDRESS)
    return _person(name, address) or None


def _person(name: str, address: str) -> str:
    if name and address and name != address:
        return f"{name} <{address}>"
    return address or name


def _people(ole: Any, kind: int) -> str:
    people = []
    for storage in _storages(ole, "__recip_version1.0_#"):
        told = _fixed(ole, storage, _CHILD_HEADER).get((_RECIPIENT_KIND, _INT_TYPE), _TO_KIND)
        if told & 0xF == kind:
            address = _string(ole, storage, _SMTP) or _string(ole, storage, _ADDRESS)
            people.append(_person(_string(ole, storage, _NAME), address))
    return ", ".join(person for person in people if person)


def _body(ole: Any) -> str:
    if plain := _string(ole, "", _BODY).strip("\x00 \r\n"):
        return plain.replace("\r\n", "\n")
    if rich := _binary(ole, "", _HTML):
        return html_text(decode(rich).text)[0]
    if packed := _binary(ole, "", _RTF):
        return rtf_text(decompressed(packed))[0]
    return ""


def _attachment(ole: Any, storage: str, position: int) -> Child | None:
    content = _binary(ole, storage, _DATA)
    if content is None:
        return None
    name = _string(ole, storage, _LONG_FILE) or _string(ole, storage, _FILE) or _string(ole, storage, _NAME)
    return Child(safe_name(name, position, _string(ole, storage, _MIME)), content)


def _storages(ole: Any, prefix: str) -> list[str]:
    return sorted({entry[0] for entry in ole.listdir(streams=True, storages=True) if entry[0].startswith(prefix)})


def _string(ole: Any, storage: str, tag: str) -> str:
    """A string property: UTF-16 (type 001F), or bytes of an unnamed code page (001E)."""
    if (wide := _stream(ole, storage, f"{tag}001F")) is not None:
        return wide.decode("utf-16-le", "replace").rstrip("\x00")
    if (narrow := _stream(ole, storage, f"{tag}001E")) is not None:
        return decode(narrow.rstrip(b"\x00")).text if narrow else ""
    return ""


def _binary(ole: Any, storage: str, tag: str) -> bytes | None:
    return _stream(ole, storage, f"{tag}0102")


def _stream(ole: Any, storage: str, tag: str) -> bytes | None:
    path = [part for part in (storage, f"__substg1.0_{tag}") if part]
    if ole.get_type(path) != 2:  # noqa: PLR2004 - olefile.STGTY_STREAM
        return None
    return bytes(ole.openstream(path).read())


def _fixed(ole: Any, storage: str, header: int) -> dict[tuple[int, int], int]:
    """The properties of fixed size: (tag, type) → the eight bytes as a number."""
    path = [part for part in (storage, "__properties_version1.0") if part]
    if not ole.exists(path):
        return {}
    data = ole.openstream(path).read()
    found = {}
    for at in range(header, len(data) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        kind, tag, _flags, value = struct.unpack_from("<HHIQ", data, at)
        found[(tag, kind)] = value & 0xFFFFFFFF if kind == _INT_TYPE else value
    return found
