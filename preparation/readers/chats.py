"""Chats as messengers export them to a text: one post a message, lines without a head belong to the message before."""

import re
from collections.abc import Sequence

import polars as pl

from preparation.encodings import decode
from preparation.extraction import Extraction, RawTable, Source
from preparation.readers.log_format import LEVEL

_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:[\s\u202f]?[AaPp]\.?\s?[Mm]\.?)?"
_HEAD = re.compile(
    rf"^[\u200e\u200f]?(?:\[(?P<day>{_DAY}),\s(?P<clock>{_CLOCK})\]\s|(?P<day2>{_DAY}),\s(?P<clock2>{_CLOCK})\s-\s)"
    r"(?:(?P<author>[^:\n]{1,80}?):\s(?P<text>.*)|(?P<notice>.*))$"
)
_HALF = re.compile(r"[\s\u202f]?([AaPp])\.?\s?[Mm]\.?$")
_LOGGED = re.compile(rf" - |^\W*(?:{LEVEL})\b", re.IGNORECASE)  # a log has levels where a chat has names
_MIN_SHARE, _MIN_POSTS = 0.3, 2


def are_chat(lines: Sequence[str]) -> bool:
    """Whether the first lines of a text are of a chat: enough have a moment and an author, the first has a moment."""
    filled = [line for line in lines if line.strip()]
    if not filled or not _head(filled[0]):
        return False
    authors = [found["author"] for found in map(_head, filled) if found and found["author"]]
    posts = sum(not _LOGGED.search(author) for author in authors)
    return posts >= _MIN_POSTS and posts >= _MIN_SHARE * len(filled)


def read(source: Source) -> Extraction:
    """The messages of a chat; notices of the messenger itself have no author."""
    decoded = decode(source.path.read_bytes())
    posts: list[dict[str, str | None]] = []
    for line in decoded.text.lstrip("\ufeff").splitlines():
        found = _head(line)
        if found:
            said = found["text"] if found["author"] else found["notice"]
            posted = f"{found['day'] or found['day2']} {_plain(found['clock'] or found['clock2'])}"
            posts.append({"posted_at": posted, "author": found["author"], "text": said.strip()})
        elif posts and line.strip():
            posts[-1]["text"] = f"{posts[-1]['text']}\n{line}"
    frame = pl.DataFrame(posts, schema={"posted_at": pl.String, "author": pl.String, "text": pl.String})
    frame = frame.with_columns(pl.lit("WhatsApp").alias("platform"))
    table = RawTable(frame, dataset="social_post", why=f"{len(posts)} messages of a chat", has_header=False)
    return Extraction(kind="table", tables=(table,), metadata={"encoding": decoded.encoding, "format": "chat"})


def _plain(clock: str) -> str:
    """A time of day as dates are read: ``9:15 PM``."""
    return _HALF.sub(lambda found: f" {found[1].upper()}M", clock)


def _head(line: str) -> re.Match[str] | None:
    return _HEAD.match(line[:2_000]) if line[:1] in "[\u200e\u200f0123456789" else None
