"""Pictures, sound and film: what they are, how large, how long, and what is in them."""

from preparation.extraction import Extraction, Source, unreadable
from preparation.readers.media_image import image_facts
from preparation.readers.media_sound import Facts
from preparation.readers.media_written import with_written
from preparation.readers.recording import read_recording

_ASK_AGAIN = "Check that it opens in a player or viewer; if not, ask the sender for it again."
_IMAGE = "image"


def read(source: Source) -> Extraction:
    """Reads a picture or recording; a file of which no stream or header can be read is a fault.

    Raises:
        ModelNeededError: If OCR or speech recognition must read it, and works elsewhere.
    """
    if source.size == 0:
        return unreadable("The file is empty: 0 bytes.", _ASK_AGAIN, kind=_kind(source))
    if _kind(source) == _IMAGE:
        return _image(source)
    return read_recording(source, _kind(source))


def _kind(source: Source) -> str:
    family = source.media_type.split("/")[0]
    if source.media_type == "video/x-mng":  # a Multiple-image Network Graphic
        return _IMAGE
    return family if family in ("image", "audio", "video") else "video"


def _image(source: Source) -> Extraction:
    facts, complaint = image_facts(source.path, source.media_type)
    if complaint:
        return unreadable(f"The image is damaged: {complaint}.", _ASK_AGAIN, kind=_IMAGE)
    pages = facts.get("frames")
    found = Extraction(kind=_IMAGE, metadata=facts, text=_words(facts), pages=pages if isinstance(pages, int) else None)
    return with_written(found, source)


def _words(facts: Facts) -> str:
    """What a person may search for: titles, artists, descriptions."""
    wanted = ("title", "artist", "album", "comment", "description", "genre", "copyright")
    return "\n".join(str(facts[name]) for name in wanted if facts.get(name))
