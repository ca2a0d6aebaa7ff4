"""Images, audio and video: what they are, how large, how long, and what their tags say."""

from preparation.extraction import Extraction, Source, unreadable
from preparation.readers.media_image import image_facts
from preparation.readers.media_sound import Facts, stream_facts, tag_facts

_ASK_AGAIN = "Check that it opens in a player or viewer; if not, ask the sender for it again."
_IMAGE = "image"
_VIDEO_CONTAINERS = ("video/mp4", "video/quicktime", "video/x-msvideo")  # sound alone has brands of its own: M4A


def read(source: Source) -> Extraction:
    """Reads facts, not content; a file of which no stream or header can be read is a fault."""
    if source.size == 0:
        return unreadable("The file is empty: 0 bytes.", _ASK_AGAIN, kind=_kind(source))
    if _kind(source) == _IMAGE:
        return _image(source)
    return _recording(source)


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
    return Extraction(kind=_IMAGE, metadata=facts, text=_words(facts), pages=pages if isinstance(pages, int) else None)


def _recording(source: Source) -> Extraction:
    facts, complaint = stream_facts(source.path)
    tags = tag_facts(source.path)
    merged = {**tags, **facts}
    if complaint and "duration_seconds" not in tags:
        reason = f"The {_kind(source)} is damaged or of an unknown format: {complaint}."
        return unreadable(reason, _ASK_AGAIN, kind=_kind(source))
    has_streams = "width" in facts or "audio_codec" in facts
    is_video_file = source.media_type in _VIDEO_CONTAINERS if has_streams else _kind(source) == "video"
    moving = "width" in facts or is_video_file
    note = f"Only its tags could be read: {complaint}." if complaint else None
    if not has_streams and not note:
        note = "It holds no sound and no moving picture."
    return Extraction(kind="video" if moving else "audio", metadata=merged, text=_words(merged), note=note)


def _words(facts: Facts) -> str:
    """What a person may search for: titles, artists, descriptions."""
    wanted = ("title", "artist", "album", "comment", "description", "genre", "copyright")
    return "\n".join(str(facts[name]) for name in wanted if facts.get(name))
