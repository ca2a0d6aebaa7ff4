"""Facts of audio and video: streams by PyAV, tags by tinytag."""

from pathlib import Path
from typing import Any

from preparation.av_container import complaint_of, open_container

Facts = dict[str, str | int | float | bool]
MAX_TAG_CHARS = 2_000
_COVER = 0x0400  # AV_DISPOSITION_ATTACHED_PIC: cover art is no moving picture
_MICROSECONDS = 1_000_000
_MAX_PACKETS_COUNTED = 500_000
_GUESSED_LENGTHS = ("aac", "h264", "hevc", "mpegvideo")  # raw streams: the library guesses from the first bit rate
_PICTURES = ("_pipe", "image2")
_TAGS = ("title", "artist", "album", "composer", "genre", "year", "comment", "track")


def stream_facts(path: Path) -> tuple[Facts, str]:
    """Facts of the container and its first sound and moving picture, and a complaint where it does not open.

    ``width`` is there if and only if there is a moving picture.
    """
    import av

    try:
        with open_container(path) as container:
            if container.format.name.endswith(_PICTURES):
                return {}, "it is a picture, neither sound nor moving picture"
            facts = _container(container)
            sounds = list(container.streams.audio)
            pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
            if sounds:
                facts |= _sound(sounds[0])
            if pictures:
                facts |= _picture(pictures[0]) | {"has_audio": bool(sounds)}
            if "duration_seconds" not in facts or container.format.name in _GUESSED_LENGTHS:
                facts |= _measured(container)
            return facts, ""
    except (av.FFmpegError, ValueError, OSError, IndexError, OverflowError) as error:
        return {}, complaint_of(error)


def _container(container: Any) -> Facts:
    facts: Facts = {"container": container.format.name}
    if container.duration and container.duration > 0:
        facts["duration_seconds"] = round(container.duration / _MICROSECONDS, 3)
    if container.bit_rate:
        facts["bitrate"] = int(container.bit_rate)
    for key, value in container.metadata.items():
        if key.lower() in (*_TAGS, "description", "copyright", "creation_time") and value.strip():
            facts[key.lower()] = value.strip()[:MAX_TAG_CHARS]
    return facts


def _is_cover(stream: Any) -> bool:
    return bool(int(stream.disposition) & _COVER)


def _sound(stream: Any) -> Facts:
    context = stream.codec_context
    facts: Facts = {"audio_codec": context.name} if context else {}
    if context and context.sample_rate:
        facts["sample_rate"] = int(context.sample_rate)
    if context and getattr(context, "channels", 0):
        facts["channels"] = int(context.channels)
    return facts | _length(stream)


def _picture(stream: Any) -> Facts:
    context = stream.codec_context
    # a stream of an unknown codec has no size
    facts: Facts = {"width": int(getattr(stream, "width", 0)), "height": int(getattr(stream, "height", 0))}
    if context:
        facts["codec"] = context.name
    if stream.average_rate:
        facts["fps"] = round(float(stream.average_rate), 3)
    if stream.frames:
        facts["frames"] = int(stream.frames)
    return facts | _length(stream)


def _length(stream: Any) -> Facts:
    if stream.duration and stream.time_base:
        return {"duration_seconds": round(float(stream.duration * stream.time_base), 3)}
    return {}


def _measured(container: Any) -> Facts:
    """The length by the time stamps of the packets, where neither container nor stream tells it rightly."""
    last = 0.0
    streams = [*container.streams.audio, *container.streams.video]
    for count, packet in enumerate(container.demux(streams) if streams else ()):
        if count >= _MAX_PACKETS_COUNTED:
            break
        if packet.pts is not None and packet.time_base:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return {"duration_seconds": round(last, 3)}


def tag_facts(path: Path) -> Facts:
    """What the tags of an audio file say; empty where there are none."""
    import tinytag

    try:
        with path.open("rb") as file:
            tag = tinytag.TinyTag.get(file_obj=file)
    except (
        tinytag.TinyTagException,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        OverflowError,
        UnicodeError,
        MemoryError,
    ):
        return {}
    facts: Facts = {name: str(value)[:MAX_TAG_CHARS] for name in _TAGS if (value := getattr(tag, name, None))}
    if tag.duration:
        facts["duration_seconds"] = round(float(tag.duration), 3)
    if tag.samplerate:
        facts["sample_rate"] = int(tag.samplerate)
    if tag.channels:
        facts["channels"] = int(tag.channels)
    if tag.bitrate:
        facts["bitrate"] = int(tag.bitrate * 1000)
    return facts
