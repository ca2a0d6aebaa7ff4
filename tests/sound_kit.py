"""Sounds and films made of numbers."""

import io
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from preparation.extraction import Options, Source

RATE = 16_000
PICTURES_A_SECOND = 10


def tone(seconds: float, pitch: float = 440.0, amplitude: float = 0.5) -> NDArray[np.float64]:
    """A sine."""
    return amplitude * np.sin(2 * np.pi * pitch * np.arange(int(seconds * RATE)) / RATE)


def wav(samples: NDArray[np.float64]) -> bytes:
    """Samples from -1 to 1 as 16-bit WAV."""
    sink = io.BytesIO()
    with wave.open(sink, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes((samples * 32_767).astype("<i2").tobytes())
    return sink.getvalue()


def film(pictures: Iterable[NDArray[np.uint8]], *, key_every: int = PICTURES_A_SECOND, **tags: str) -> bytes:
    """Ten pictures a second; every so many is a key frame."""
    import av

    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as container:
        container.metadata.update(tags)
        stream = container.add_stream("mpeg4", rate=PICTURES_A_SECOND, options={"g": str(key_every)})
        for number, picture in enumerate(pictures):
            if not number:
                stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return sink.getvalue()


def recording(folder: Path, content: bytes, media_type: str, options: Options | None = None) -> Source:
    """A recording without a telling name."""
    file = folder / "blob"
    file.write_bytes(content)
    return Source(file, "blob", media_type, len(content), options=options or Options())
