"""One e-mail message taken apart: who, when, what it says, what it carries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

from core.prepared import Child
from preparation.encodings import decode
from preparation.readers.markup_xml import html_text

MAX_NAME_CHARS = 120
MAX_DEPTH = 50
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\/]+')
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
}


@dataclass(slots=True)
class Letter:
    """A message, its texts decoded.

    Attributes:
        sent_at: ISO 8601 in UTC, or None where the message tells no date that can be read.
        notes: What is wrong with it, in words.
    """

    message_id: str | None = None
    sent_at: str | None = None
    sender: str | None = None
    recipients: str | None = None
    cc: str | None = None
    subject: str = ""
    body: str = ""
    in_reply_to: str | None = None
    attachments: list[Child] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """The message as a record of the dataset ``email``."""
        return {
            "message_id": self.message_id,
            "sent_at": self.sent_at,
            "sender": self.sender,
            "recipients": self.recipients,
            "cc": self.cc,
            "subject": self.subject or None,
            "body": self.body or None,
            "attachments": len(self.attachments),
            "in_reply_to": self.in_reply_to,
        }


def letter_of(message: Message) -> Letter:
    """Takes a parsed message apart; broken headers, dates and encodings never raise."""
    letter = Letter(
        message_id=_header(message, "Message-ID") or None,
        sender=_header(message, "From") or _header(message, "Sender") or None,
        recipients=_header(message, "To") or None,
        cc=_header(message, "Cc") or None,
        subject=_header(message, "Subject"),
        in_reply_to=_header(message, "In-Reply-To") or None,
    )
    _date(message, letter)
    plain: list[str] = []
    rich: list[str] = []
    for part in _leaves(message, 0):
        kind = part.get_content_type()
        if _is_body(part, kind):
            (plain if kind == "text/plain" else rich).append(_text(part))
        else:
            letter.attachments.append(_attachment(part, len(letter.attachments)))
    body = "\n".join(plain).strip() or "\n".join(html_text(text)[0] for text in rich).strip()
    letter.body = body.replace("\r\n", "\n")
    if message.get_content_type() == "multipart/encrypted":
        letter.notes.append("The message is encrypted; only its headers could be read.")
    return letter


def safe_name(name: str, position: int, media_type: str = "") -> str:
    """A relative name without separators or control characters, never empty."""
    cleaned = _UNSAFE.sub("_", name).strip(" ._")[-MAX_NAME_CHARS:]
    return cleaned or f"attachment_{position + 1}{_EXTENSIONS.get(media_type, '')}"


def _header(message: Message, name: str) -> str:
    """The header decoded and unfolded; the stdlib's parser raises on some malformed ones, then it is taken raw."""
    try:
        value = message.get(name)
    except Exception:  # noqa: BLE001 - IndexError, AttributeError, ValueError … by the kind of damage
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    text = str(value or "").encode("utf-8", "surrogateescape")
    return " ".join(decode(text).text.split()) if text else ""


def _date(message: Message, letter: Letter) -> None:
    written = _header(message, "Date")
    if not written:
        return
    try:
        moment = parsedate_to_datetime(written)
        letter.sent_at = _utc(moment)
    except (ValueError, TypeError, IndexError, OverflowError):
        letter.notes.append(f"The date {written[:80]!r} cannot be read.")


def _utc(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _leaves(message: Message, depth: int) -> Iterator[Message]:
    """The parts that hold content; an enclosed message counts as one part."""
    if message.get_content_maintype() != "multipart" or depth > MAX_DEPTH:
        yield message
        return
    payload = message.get_payload()
    for part in payload if isinstance(payload, list) else ():
        if isinstance(part, Message):
            yield from _leaves(part, depth + 1)


def _is_body(part: Message, kind: str) -> bool:
    if kind not in ("text/plain", "text/html"):
        return False
    return part.get_content_disposition() != "attachment" and not _file_name(part)


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        return ""


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, UnicodeError):
        payload = None
    return payload if isinstance(payload, bytes) else str(part.get_payload() or "").encode("utf-8", "surrogateescape")


def _text(part: Message) -> str:
    payload = _payload(part)
    charset = part.get_param("charset") if part.get("content-type") else None
    try:
        return payload.decode(str(charset)) if isinstance(charset, str) else decode(payload).text
    except (LookupError, UnicodeError, ValueError):
        return decode(payload).text


def _attachment(part: Message, position: int) -> Child:
    kind = part.get_content_type()
    payload = part.get_payload()
    if part.get_content_maintype() == "message" and isinstance(payload, list) and payload:
        return Child(safe_name(_file_name(part), position, "message/rfc822"), _as_bytes(payload[0]))
    return Child(safe_name(_file_name(part), position, kind), _payload(part))


def _as_bytes(message: Any) -> bytes:
    try:
        return bytes(message.as_bytes())
    except (ValueError, LookupError, AttributeError, TypeError, UnicodeError):
        return str(message.get_payload()).encode("utf-8", "replace")
