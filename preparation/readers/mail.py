"""E-mail: RFC 5322 messages, mailboxes, Outlook messages; and the cards and calendars that travel with them."""

import email
import email.policy
import re
from collections.abc import Iterable, Sequence

import polars as pl

from core.prepared import Child
from preparation.encodings import decode
from preparation.extraction import Extraction, Limits, RawTable, Source, unreadable
from preparation.readers.mail_outlook import OutlookError, outlook_letter
from preparation.readers.mail_parts import Letter, letter_of
from preparation.readers.markup_plain import plain_text
from preparation.text_kinds import CALENDAR_BEGINS

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MBOX_LINE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]+\r?\n")
_CARD = re.compile(rf"\s*(?:(BEGIN:VCARD)\b|{CALENDAR_BEGINS})", re.I)
_FOLD = re.compile(r"\n[ \t]")
_HEADER = re.compile(rb"^[!-9;-~]+[ \t]*:", re.M)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ASK_AGAIN = "Ask the sender for it again, or export it from the mail program as .eml."
_SCHEMA = {
    "message_id": pl.String(),
    "sent_at": pl.String(),
    "sender": pl.String(),
    "recipients": pl.String(),
    "cc": pl.String(),
    "subject": pl.String(),
    "body": pl.String(),
    "attachments": pl.Int64(),
    "in_reply_to": pl.String(),
}


def read(source: Source) -> Extraction:
    """Reads one message or a mailbox, a row a message; attachments are children."""
    data = source.path.read_bytes()
    if not data.strip(b"\x00 \t\r\n"):
        return unreadable(f"The e-mail is empty: {len(data)} bytes, all blank.", _ASK_AGAIN, kind="email")
    if data.startswith(_OLE_MAGIC):
        return _outlook(data, source.limits)
    data = _narrow(data)
    if _CARD.match(decode(data[:200]).text):
        return _card(data, source.limits)
    starts = [match.end() for match in _MBOX_LINE.finditer(data)] if data.startswith(b"From ") else []
    if starts:
        return _gathered([letter_of(_parsed(part)) for part in _between(data, starts)], source.limits, is_mailbox=True)
    if not _HEADER.search(data[:65_536]):
        return unreadable("This is no e-mail: no header line such as 'From:' is in it.", _ASK_AGAIN, kind="email")
    return _gathered([letter_of(_parsed(data))], source.limits)


def _narrow(data: bytes) -> bytes:
    """UTF-16 and UTF-8 with a mark as plain UTF-8, as the parser wants it; all else as it is."""
    if data.startswith(_WIDE) or data[:2].count(0) == 1:
        return decode(data).text.lstrip("\ufeff").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")


def _parsed(data: bytes) -> "email.message.EmailMessage":
    return email.message_from_bytes(data, policy=email.policy.default)


def _between(data: bytes, starts: Sequence[int]) -> Iterable[bytes]:
    """The messages of a mailbox, each from the end of its separator to the next separator."""
    ends = [data.rfind(b"From ", 0, start) for start in starts[1:]] + [len(data)]
    for start, end in zip(starts, ends, strict=True):
        yield data[start:end].replace(b"\n>From ", b"\nFrom ")


def _outlook(data: bytes, limits: Limits) -> Extraction:
    try:
        letter = outlook_letter(data)
    except OutlookError as error:
        return unreadable(f"The Outlook message cannot be read: {error}.", _ASK_AGAIN, kind="email")
    return _gathered([letter], limits)


def _gathered(letters: list[Letter], limits: Limits, *, is_mailbox: bool = False) -> Extraction:
    rows = [letter.row() for letter in letters]
    frame = pl.DataFrame({name: [row[name] for row in rows] for name in _SCHEMA}, schema=_SCHEMA)
    why = "a mailbox of e-mail messages" if is_mailbox else "an e-mail message"
    children, left_out = _children(letters, limits)
    text = "\n\n".join(f"{letter.subject}\n{letter.body}".strip() for letter in letters)
    notes = [*dict.fromkeys(note for letter in letters for note in letter.notes)][:20]
    if left_out:
        notes.append(f"{left_out} attachments are left out: too many or too large together.")
    if len(text) > limits.max_text_chars:
        notes.append(f"Only the first {limits.max_text_chars} characters of the text are kept for search.")
    first = letters[0]
    metadata: dict[str, str | int | float | bool] = {"messages": len(letters), "attachments": len(children)}
    if not is_mailbox and first.subject:
        metadata["title"] = first.subject[:500]
    return Extraction(
        kind="email",
        text=text[: limits.max_text_chars],
        tables=(RawTable(frame, dataset="email", why=why, has_header=False),),
        children=children,
        metadata=metadata,
        note=" ".join(notes) or None,
    )


def _children(letters: list[Letter], limits: Limits) -> tuple[tuple[Child, ...], int]:
    kept: list[Child] = []
    size = left_out = 0
    for letter in letters:
        for child in letter.attachments:
            size += len(child.content)
            if len(kept) >= limits.max_children or size > limits.max_child_bytes:
                left_out += 1
                continue
            kept.append(child)
    return tuple(kept), left_out


def _card(data: bytes, limits: Limits) -> Extraction:
    """A vCard or iCalendar file as text, its folded lines made whole."""
    decoded = decode(data)
    text = _FOLD.sub("", plain_text(decoded.text))
    kind = _CARD.match(text)
    metadata: dict[str, str | int | float | bool] = {"encoding": decoded.encoding}
    if kind and kind.group(1):
        metadata |= {"form": "vcard", "entries": text.upper().count("BEGIN:VCARD")}
    else:
        metadata |= {"form": "icalendar", "entries": text.upper().count("BEGIN:VEVENT")}
    note = None
    if len(text) > limits.max_text_chars:
        note = f"Only the first {limits.max_text_chars} of {len(text)} characters are kept."
    return Extraction(kind="document", text=text[: limits.max_text_chars], metadata=metadata, note=note)
