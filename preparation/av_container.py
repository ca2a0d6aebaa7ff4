"""Sound and film files, opened by PyAV; what is wrong with them, in words."""

from pathlib import Path
from typing import Any

_WAV = b"RIFF"
_ONE_PACKET = {"max_probe_packets": "1"}


def open_container(path: Path) -> Any:
    """The container, a context manager; FFmpeg's own words go nowhere.

    PCM in a WAV may be DTS in disguise, for which FFmpeg searches 2,500 packets: 70 ms for ten seconds of sound.
    Where there is DTS, the first packet has it.
    """
    import av

    av.logging.set_level(av.logging.PANIC)
    with path.open("rb") as file:
        options = _ONE_PACKET if file.read(len(_WAV)) == _WAV else {}
    return av.open(str(path), metadata_errors="replace", options=options)


def complaint_of(error: Exception) -> str:
    """What a library says is wrong with a file, in one line."""
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0][:200] if text else type(error).__name__
