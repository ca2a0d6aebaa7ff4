"""Pictures, sound and a short film, drawn and computed."""

import io
import math
import struct
import wave
from collections.abc import Iterator
from datetime import timedelta

from pipeline.sample_files.sample import NOW, Sample, seeded

_RATE = 8000
_FRAMES = 24
_MODIFIED_AT = 306  # the EXIF tag DateTime


def media() -> Iterator[Sample]:
    """Images, audio and video."""
    yield Sample("media/pier.png", "image", _picture("PNG"))
    yield Sample("media/pier.jpg", "image", _picture("JPEG"))
    yield Sample("media/receipt_scan.tiff", "image", _receipt())
    yield Sample("media/two_tones.wav", "audio", _tones(("A4", 440.0), ("E5", 659.25)))
    yield Sample("media/bell.wav", "audio", _tones(("A5", 880.0)))
    yield Sample("media/lighthouse.mp4", "video", _film())


def _picture(kind: str) -> bytes:
    """A pier at dusk: a graded sky, water, posts and a lamp."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (480, 300))
    draw = ImageDraw.Draw(image)
    for y in range(180):
        draw.line((0, y, 480, y), fill=(30 + y // 2, 40 + y // 3, 90 + y // 4))
    draw.rectangle((0, 180, 480, 300), fill=(18, 44, 66))
    rng = seeded("media/pier")
    for _ in range(60):
        x, y = rng.randint(0, 470), rng.randint(190, 295)
        draw.line((x, y, x + rng.randint(6, 24), y), fill=(70, 110, 140))
    for x in range(60, 420, 50):
        draw.rectangle((x, 160, x + 8, 240), fill=(60, 44, 34))
    draw.rectangle((40, 152, 440, 164), fill=(92, 66, 48))
    draw.ellipse((402, 96, 422, 116), fill=(255, 222, 140))
    draw.line((412, 116, 412, 152), fill=(30, 30, 30), width=3)
    sink = io.BytesIO()
    exif = Image.Exif()
    if kind == "JPEG":  # as a camera writes it
        exif[_MODIFIED_AT] = f"{NOW - timedelta(days=3):%Y:%m:%d %H:%M:%S}"
    image.save(sink, kind, exif=exif)
    return sink.getvalue()


def _receipt() -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("L", (360, 260), 250)
    draw = ImageDraw.Draw(image)
    lines = (
        "HOLLOW OAK BAKERY",
        "2026-11-19 08:12",
        "2 x Rye loaf      7.80",
        "1 x Coffee        3.20",
        "TOTAL            11.00",
    )
    for number, line in enumerate(lines):
        draw.text((40, 30 + 40 * number), line, fill=20, font_size=20)
    sink = io.BytesIO()
    image.save(sink, "TIFF", compression="tiff_lzw")
    return sink.getvalue()


def _tones(*notes: tuple[str, float]) -> bytes:
    """Each note for a second, fading."""
    samples = [
        int(12_000 * math.exp(-3 * at / _RATE) * math.sin(2 * math.pi * pitch * at / _RATE))
        for _, pitch in notes
        for at in range(_RATE)
    ]
    sink = io.BytesIO()
    with wave.open(sink, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return _dated(sink.getvalue())


def _dated(sound: bytes) -> bytes:
    """A WAV with the day of the recording in an INFO list, as recorders write it."""
    day = f"{NOW - timedelta(days=2):%Y-%m-%d}\0\0".encode()
    listed = b"INFOICRD" + struct.pack("<I", len(day)) + day
    whole = sound + b"LIST" + struct.pack("<I", len(listed)) + listed
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def _film() -> bytes:
    """One second of a lighthouse's beam going round; one thread, so that the bytes are always the same."""
    import av
    import numpy as np
    from PIL import Image, ImageDraw

    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        container.metadata["creation_time"] = f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        stream = container.add_stream("mpeg4", rate=_FRAMES)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.thread_count = 1
        for number in range(_FRAMES):
            image = Image.new("RGB", (160, 120), (16, 24, 48))
            draw = ImageDraw.Draw(image)
            angle = 2 * math.pi * number / _FRAMES
            tip = (80 + 90 * math.cos(angle), 50 + 90 * math.sin(angle))
            draw.line((80, 50, *tip), fill=(255, 240, 170), width=7)
            draw.rectangle((74, 44, 86, 110), fill=(220, 220, 215))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")))
        container.mux(stream.encode())
    return sink.getvalue()
