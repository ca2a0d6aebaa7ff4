"""Sound, decoded piece by piece into what speech models hear: 16 kHz, one channel, floats from -1 to 1."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preparation.av_container import complaint_of, open_container

SAMPLE_RATE = 16_000
MAX_SECONDS = 12 * 3600
_BLOCK = 10 * SAMPLE_RATE
_SAMPLES_AT_ONCE = 16384
Samples = NDArray[np.float32]


class SoundTrack:
    """The first sound track of a file.

    A damaged packet is passed over; only where the container itself can be read no further does the sound end.

    Args:
        path: The file.

    Attributes:
        complaint: What of it is missing, and why, or ""; known once `blocks` is through.
        seconds: How much was decoded.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._damaged_packets = 0
        self.complaint = ""
        self.seconds = 0.0

    def blocks(self) -> Iterator[Samples]:
        """Its samples in blocks of ten seconds, the last one shorter; an hour needs no more memory than a minute."""
        import av

        try:
            with open_container(self._path) as container:
                yield from self._bounded(_blocks(_resampled(self._frames(container))))
        except (av.FFmpegError, ValueError, OSError, IndexError, OverflowError) as error:
            self.complaint = f"Its sound breaks off after {self.seconds:.0f} s: {complaint_of(error)}."
        if self._damaged_packets and not self.complaint:
            self.complaint = f"Damaged pieces of its sound were passed over: {self._damaged_packets}."

    def _bounded(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        for block in blocks:
            yield block
            self.seconds += len(block) / SAMPLE_RATE
            if self.seconds >= MAX_SECONDS:
                self.complaint = f"Only its first {MAX_SECONDS // 3600} hours were listened to."
                return

    def _frames(self, container: Any) -> Iterator[Any]:
        import av

        for packet in container.demux(container.streams.audio[0]):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                self._damaged_packets += 1


def _resampled(frames: Iterator[Any]) -> Iterator[Samples]:
    import av

    resampler, form = None, None
    for frame in _joined(frames):
        found = _form(frame)
        if found != form:  # joined streams change their rate in the middle, which a resampler refuses
            yield from _drained(resampler)
            resampler, form = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE), found
        frame.pts = None  # time stamps that jump would make it fill in silence without end
        for piece in resampler.resample(frame) if resampler else ():
            yield piece.to_ndarray()[0]
    yield from _drained(resampler)


def _drained(resampler: Any) -> Iterator[Samples]:
    for piece in resampler.resample(None) if resampler else ():
        yield piece.to_ndarray()[0]


def _joined(frames: Iterator[Any]) -> Iterator[Any]:
    """The frames, some in a row as one: to resample the 430 of ten seconds one by one takes 10 ms, not 3."""
    for _, alike in groupby(frames, _form):
        held: list[Any] = []
        for frame in alike:
            held.append(frame)
            if frame.samples * len(held) >= _SAMPLES_AT_ONCE:
                yield from _as_one(held)
                held = []
        yield from _as_one(held)


def _form(frame: Any) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _as_one(frames: list[Any]) -> list[Any]:
    from av.audio.frame import AudioFrame, format_dtypes

    if len(frames) <= 1 or frames[0].format.name not in format_dtypes:
        return frames
    form, layout, rate = _form(frames[0])
    whole = AudioFrame.from_ndarray(np.concatenate([each.to_ndarray() for each in frames], axis=1), form, layout)
    whole.sample_rate = rate
    return [whole]


def _blocks(pieces: Iterator[Samples]) -> Iterator[Samples]:
    held: list[Samples] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _BLOCK:
            yield _clean(np.concatenate(held))
            held, size = [], 0
    if held:
        yield _clean(np.concatenate(held))


def _clean(samples: Samples) -> Samples:
    """Floats in WAV files may be anything, no number included."""
    return np.clip(np.nan_to_num(samples, nan=0.0), -1.0, 1.0)
